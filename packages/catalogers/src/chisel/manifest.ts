// Chisel's manifest (documentation.ubuntu.com/chisel, "Chisel manifest"): a jsonwall, one JSON object in each line, in one zstd frame.
import { expandZstd } from '@plombe/formats';
import { decodePath, field, isObject, kibibyte, mebibyte, messageOf, textField, type JsonObject } from '@plombe/kit';
import { isOwnable } from '../ownable.ts';

export interface ChiselPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Names of its slices, sorted. */
  readonly slices: readonly string[];
}

export interface ManifestReading {
  readonly packages: readonly ChiselPackage[];
  /** Ownable path → name of its package. */
  readonly contents: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/** 20,000 files have 5 MiB. */
const maxBytes = 64 * mebibyte;
/** A path, and the slices that it is in. */
const maxLineLength = 32 * kibibyte;
const maxPackages = 50_000;
const maxProblems = 5;

const schemas: ReadonlySet<string> = new Set(['1.0']);

/** Debian Policy 5.6.7 and 5.6.12. */
const namePattern = /^[a-z0-9][a-z0-9+.-]{0,255}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;
const slicePattern = /^([a-z0-9][a-z0-9+.-]{0,255})_([a-z][a-z0-9-]{0,63})$/;

/** Reads a manifest. Never throws. */
export function readManifest(content: Uint8Array): ManifestReading {
  const wall = new Wall();
  try {
    let rest = '';
    for (const chunk of expandZstd(content, maxBytes)) {
      const lines = (rest + decodePath(chunk.slice())).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) wall.line(line);
      if (rest.length > maxLineLength) {
        wall.problem('a line is longer than 32 KiB');
        return wall.reading();
      }
    }
    if (rest !== '') wall.line(rest);
  } catch (thrown) {
    wall.problem(messageOf(thrown).replace(/\.$/, ''));
  }
  return wall.reading();
}

class Wall {
  readonly #packages = new Map<string, ChiselPackage>();
  readonly #slices = new Map<string, Set<string>>();
  readonly #contents = new Map<string, string>();
  readonly #problems: string[] = [];
  #lines = 0;
  #count: number | undefined;
  #isKnown = false;

  problem(text: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(text);
  }

  line(text: string): void {
    this.#lines += 1;
    if (this.#lines === 1) return this.#header(parse(text));
    // Most lines are of files; what is owned is in lines of contents.
    if (!this.#isKnown || text.startsWith('{"kind":"path"')) return;
    const value = parse(text);
    if (value === undefined) return this.problem(`line ${this.#lines} is no JSON object`);
    const kind = field(value, 'kind');
    if (kind === 'package') this.#package(value);
    else if (kind === 'slice') this.#slice(textField(value, 'name') ?? '');
    else if (kind === 'content') this.#content(value);
  }

  reading(): ManifestReading {
    if (this.#isKnown && this.#count !== undefined && this.#lines < this.#count) this.problem('it ends early');
    const packages = [...this.#packages.values()].map((one) => ({
      ...one,
      slices: [...(this.#slices.get(one.name) ?? [])].sort(),
    }));
    return { packages, contents: this.#contents, problems: this.#problems };
  }

  #header(value: JsonObject | undefined): void {
    const schema = value && textField(value, 'schema');
    this.#isKnown =
      value !== undefined && (textField(value, 'jsonwall') ?? '').startsWith('1.') && schemas.has(schema ?? '');
    if (!this.#isKnown) return this.problem('it is no jsonwall of a schema that is known');
    const count = value && field(value, 'count');
    if (typeof count === 'number') this.#count = count;
  }

  #package(value: JsonObject): void {
    const name = textField(value, 'name') ?? '';
    const version = textField(value, 'version') ?? '';
    const architecture = textField(value, 'arch') ?? '';
    if (!namePattern.test(name) || !versionPattern.test(version))
      return this.problem(`line ${this.#lines} is of a package without a valid name or version`);
    if (this.#packages.size >= maxPackages) return this.problem(`it lists more than ${maxPackages} packages`);
    const known = /^[a-z0-9-]{1,32}$/.test(architecture) ? { architecture } : {};
    this.#packages.set(name, { name, version, ...known, slices: [] });
  }

  #slice(name: string): void {
    const [, of, slice] = slicePattern.exec(name) ?? [];
    if (of === undefined || slice === undefined) return;
    const slices = this.#slices.get(of) ?? new Set();
    this.#slices.set(of, slices.add(slice));
  }

  #content(value: JsonObject): void {
    const path = (textField(value, 'path') ?? '').replace(/^\/+/, '');
    const of = slicePattern.exec(textField(value, 'slice') ?? '')?.[1];
    if (of !== undefined && path !== '' && !path.endsWith('/') && isOwnable(path)) this.#contents.set(path, of);
  }
}

function parse(text: string): JsonObject | undefined {
  if (text.length > maxLineLength) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
