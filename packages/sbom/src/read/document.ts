// What every format is read into: components with what is said of them, before it is known what they are for Plombe.
import { maskCredentials, withoutCredentials } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';

/** Facts by name, in the document's order: CycloneDX properties, SPDX annotations. */
export type Facts = ReadonlyMap<string, readonly string[]>;

/** Where a component was found. A layer is named by its index or its diffID, where the document names it. */
export interface Place {
  readonly path: string;
  readonly layerIndex?: number;
  readonly diffID?: string;
}

/**
 * `package`: to be compared. `system`: the distribution. `image`: a container. `file`: a file or data, which no advisory is about. `group`: what a tool only
 * gathers packages under, as a lock file.
 */
export type ComponentKind = 'package' | 'system' | 'image' | 'file' | 'group';

export interface SbomComponent {
  readonly kind: ComponentKind;
  /** The type or purpose as the document has it, lower case: `library`, `application` … */
  readonly type?: string;
  /** `bom-ref`, SPDXID or spdxId; empty where there is none. */
  readonly ref: string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  /** As written, valid or not. */
  readonly purl?: string;
  /** CPE 2.3 formatted strings. */
  readonly cpes: readonly string[];
  readonly supplier?: string;
  readonly description?: string;
  readonly licences: readonly string[];
  readonly places: readonly Place[];
  /** `ref` of the component that its files belong to, where the document says so. */
  readonly owner?: string;
  readonly facts: Facts;
}

export interface SbomDocument {
  /** `CycloneDX 1.6`, `SPDX-2.3`. */
  readonly format: string;
  /** Names of the tools that made it, lower case. */
  readonly tools: readonly string[];
  /** What the document is about, where it says so. */
  readonly subject?: SbomComponent;
  readonly components: readonly SbomComponent[];
  /** Facts about the document itself. */
  readonly facts: Facts;
  /** False where the document itself says that something is missing. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The first value of a fact. */
export function factOf({ facts }: Pick<SbomComponent, 'facts'>, name: string): string | undefined {
  return facts.get(name)?.[0];
}

/** Collects facts, without the credentials that tools copy out of images and lock files. (T24) */
export class FactList {
  readonly facts = new Map<string, string[]>();

  add(name: string, written: string): void {
    const value = name.endsWith(':createdBy') ? maskCredentials(written) : withoutCredentials(written);
    const known = this.facts.get(name);
    if (known === undefined) this.facts.set(name, [value]);
    else known.push(value);
  }
}

/** Whether the comment of a relationship says, in Syft's words, that the files of one package belong to another. */
export function saysOwnership(comment: string | undefined): boolean {
  return comment?.startsWith('ownership-by-file-overlap') === true;
}
