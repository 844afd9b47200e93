// Oracle's OVAL: criteria nested by release, architecture and module, whose comments say all that their tests do.
import type { XmlConsumer, XmlElement } from '@plombe/formats';

/** A package and the version before which it is affected, where the criteria around it say it is. */
export interface OracleFix {
  readonly name: string;
  readonly evr: string;
  readonly release?: string;
  readonly architecture?: string;
  readonly module?: string;
}

/** A definition: one erratum. */
export interface OracleDefinition {
  readonly id: string;
  title?: string;
  description?: string;
  severity?: string;
  issued?: string;
  readonly references: { readonly source: string; readonly id: string; readonly url: string }[];
  readonly fixes: OracleFix[];
}

interface Frame {
  readonly outer: Frame | undefined;
  release?: string;
  architecture?: string;
  module?: string;
}

/** Packages of one erratum, each release and architecture apart: a kernel's have some 200. */
const maxFixes = 50_000;
const maxReferences = 5000;

/** Gives each definition when its element ends. */
export class OracleReader implements XmlConsumer {
  readonly #push: (definition: OracleDefinition) => void;
  #definition: OracleDefinition | undefined;
  #frame: Frame | undefined;
  #found: { readonly name: string; readonly evr: string; readonly frame: Frame }[] = [];

  constructor(push: (definition: OracleDefinition) => void) {
    this.#push = push;
  }

  open({ name, attributes }: XmlElement): void {
    if (name === 'definition') {
      this.#definition = { id: attributes['id'] ?? '', references: [], fixes: [] };
      this.#found = [];
      this.#frame = undefined;
    } else if (name === 'criteria') this.#frame = { outer: this.#frame };
    else if (name === 'criterion' && this.#frame !== undefined) this.#read(attributes['comment'] ?? '', this.#frame);
    else if (name === 'reference' && this.#definition !== undefined) {
      const { source = '', ref_id: id = '', ref_url: url = '' } = attributes;
      if (this.#definition.references.length < maxReferences) this.#definition.references.push({ source, id, url });
    } else if (name === 'issued' && this.#definition !== undefined) this.#definition.issued = attributes['date'] ?? '';
  }

  close({ name, path, text }: XmlElement): void {
    if (name === 'criteria') this.#frame = this.#frame?.outer;
    const definition = this.#definition;
    if (definition === undefined) return;
    const parent = path.at(-1);
    if (name === 'title' && parent === 'metadata') definition.title = text;
    else if (name === 'description' && parent === 'metadata') definition.description = text;
    else if (name === 'severity' && parent === 'advisory') definition.severity = text;
    else if (name === 'definition') {
      for (const { frame, ...fix } of this.#found) definition.fixes.push({ ...fix, ...contextOf(frame) });
      this.#definition = undefined;
      this.#push(definition);
    }
  }

  #read(comment: string, frame: Frame): void {
    const [, name, evr] = /^(\S+) is earlier than (\S+)$/.exec(comment.trim()) ?? [];
    if (name !== undefined && evr !== undefined) {
      if (this.#found.length < maxFixes) this.#found.push({ name, evr, frame });
      return;
    }
    const release = /^Oracle Linux (\d+) is installed$/.exec(comment)?.[1];
    if (release !== undefined) frame.release = release;
    const architecture = /^Oracle Linux arch is (\w+)$/.exec(comment)?.[1];
    if (architecture !== undefined) frame.architecture = architecture;
    const module = /^Module (\S+:\S+) is enabled$/.exec(comment)?.[1];
    if (module !== undefined) frame.module = module;
  }
}

/** What the criteria around a package say, the innermost first. */
function contextOf(frame: Frame): Pick<OracleFix, 'release' | 'architecture' | 'module'> {
  const found: { release?: string; architecture?: string; module?: string } = {};
  for (let at: Frame | undefined = frame; at !== undefined; at = at.outer) {
    if (at.release !== undefined) found.release ??= at.release;
    if (at.architecture !== undefined) found.architecture ??= at.architecture;
    if (at.module !== undefined) found.module ??= at.module;
  }
  return found;
}
