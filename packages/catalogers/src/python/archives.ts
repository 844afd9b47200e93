// Distributions in archives: wheels and eggs kept as files, and applications that are one file (PEP 441).
import { ZipStream, type EntryWant, type ZipContents, type ZipProblem } from '@plombe/formats';
import { decodeText, field, inert, isObject, mebibyte, objectsField, textField } from '@plombe/kit';
import type { Diagnostic, FoundPackage, RawFile } from '@plombe/model';
import type { Distiller } from '../cataloger.ts';
import { parseMetadata } from './metadata.ts';
import { isMetadata, maxHeaderBytes } from './paths.ts';

/** A description behind the headers may be long: the longest of the 5,000 most used has 800 KiB. */
const keepMetadata: EntryWant = { kind: 'keep', maxBytes: 4 * mebibyte };
const openArchive: EntryWant = { kind: 'archive' };

function wantedEntry(name: string): EntryWant | undefined {
  if (isMetadata(name)) return keepMetadata;
  return name.endsWith('.whl') || name.endsWith('.egg') ? openArchive : undefined;
}

interface Entry {
  /** In the archive, with `!/` before what is in one inside. */
  readonly name: string;
  /** The headers of its metadata. */
  readonly text: string;
}

/** Keeps the headers of the metadata in an archive, as JSON, so that the cache holds them. */
export class ArchiveDistiller implements Distiller {
  readonly #stream = new ZipStream({ wants: wantedEntry });

  write(chunk: Uint8Array): boolean {
    this.#stream.write(chunk);
    return true;
  }

  finish(): Uint8Array {
    const contents = this.#stream.finish();
    const entries: Entry[] = [];
    const problems: { readonly place: string; readonly kind: ZipProblem['kind']; readonly what: string }[] = [];
    const visit = (at: ZipContents, prefix: string): void => {
      for (const { name, content } of at.files) entries.push({ name: prefix + name, text: headersOf(content) });
      for (const problem of at.problems) problems.push({ place: prefix, ...problem });
      for (const { name, contents: inner } of at.archives) visit(inner, `${prefix}${name}!/`);
    };
    visit(contents, '');
    return Buffer.from(JSON.stringify({ isZip: contents.isZip, entries, problems }));
  }
}

/** Linux reads 256 bytes of the line that names an interpreter (execve(2)). */
const maxInterpreterBytes = 512;

/** Reads a program that is an archive behind a line `#!…` (PEP 441), whatever its name; all others are left at their head. */
export class ApplicationDistiller implements Distiller {
  #head: Buffer = Buffer.alloc(0);
  #archive: ArchiveDistiller | undefined;

  write(chunk: Uint8Array): boolean {
    if (this.#archive !== undefined) return this.#archive.write(chunk);
    if (this.#head.length === 0 && chunk.length >= 2 && (chunk[0] !== 0x23 || chunk[1] !== 0x21)) return false;
    this.#head = Buffer.concat([this.#head, chunk]);
    const line = this.#head.indexOf('\n');
    const isUndecided = line < 0 ? this.#head.length < maxInterpreterBytes : this.#head.length < line + 5;
    if (isUndecided) return this.#head.length < 2 || this.#head.toString('latin1', 0, 2) === '#!';
    if (line < 0 || this.#head.toString('latin1', line + 1, line + 5) !== 'PK\x03\x04') return false;
    if (this.#head.toString('latin1', 0, 2) !== '#!') return false;
    this.#archive = new ArchiveDistiller();
    return this.#archive.write(this.#head);
  }

  finish(): Uint8Array | undefined {
    this.#head = Buffer.alloc(0);
    return this.#archive?.finish();
  }
}

function headersOf(content: Uint8Array): string {
  const text = decodeText(content.subarray(0, maxHeaderBytes));
  const end = /\n\r?\n/.exec(text);
  return end === null ? text : text.slice(0, end.index + 1);
}

const codes = {
  ambiguous: 'archive/corrupt',
  corrupt: 'archive/corrupt',
  limit: 'archive/limit',
  unsupported: 'archive/unsupported',
} as const;

/** Returns the distributions in an archive, and whether all could be read. */
export function archivePackages(file: RawFile): {
  readonly packages: readonly FoundPackage[];
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
} {
  const { path, layerIndex } = file;
  const kept = decode(file.content);
  const diagnostics: Diagnostic[] = [];
  const tell = (code: Diagnostic['code'], level: Diagnostic['level'], place: string, saying: string): void => {
    diagnostics.push({ code, level, message: `${inert(place)} ${inert(saying)}.`, path, layerIndex });
  };
  if (kept === undefined) {
    tell('package/metadata-invalid', 'warning', path, 'could not be read; its packages are not in the inventory');
    return { packages: [], diagnostics, complete: false };
  }
  if (!kept.isZip) {
    tell('archive/unsupported', 'note', path, 'is no archive, whatever its name says');
    return { packages: [], diagnostics, complete: true };
  }
  for (const { place, kind, what } of kept.problems) tell(codes[kind], 'warning', placeOf(path, place), what);
  let complete = kept.problems.length === 0;
  const packages: FoundPackage[] = [];
  for (const { name, text } of kept.entries) {
    const place = `${path}!/${name}`;
    const found = parseMetadata({ ...file, path: place, content: Buffer.from(text) });
    if (found === undefined) {
      tell(
        'package/metadata-invalid',
        'warning',
        place,
        'names no valid package and version; the package is not in the inventory',
      );
      complete = false;
    } else packages.push(withPlace(found, place));
  }
  return { packages, diagnostics, complete };
}

function placeOf(path: string, inside: string): string {
  return inside === '' ? path : `${path}!/${inside.replace(/!\/$/, '')}`;
}

/** A wheel is a parcel that pip would unpack; an egg on the path, an application and what pex packed beside one are used as they are. */
function withPlace(found: FoundPackage, place: string): FoundPackage {
  const outer = place.slice(0, place.indexOf('!/'));
  const isParcel = outer.endsWith('.whl') && !outer.includes('.deps/');
  const facts = {
    ...found.facts,
    ...(isParcel ? { embedded: 'true' } : { packedIn: outer.slice(outer.lastIndexOf('/') + 1) }),
  };
  return { ...found, ...(isParcel ? { weak: true } : {}), facts };
}

function decode(content: Uint8Array):
  | {
      readonly isZip: boolean;
      readonly entries: readonly Entry[];
      readonly problems: readonly (ZipProblem & { readonly place: string })[];
    }
  | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(content));
    if (!isObject(value)) return undefined;
    const entries = objectsField(value, 'entries').map((one) => ({
      name: textField(one, 'name') ?? '',
      text: textField(one, 'text') ?? '',
    }));
    const problems = objectsField(value, 'problems').map((one) => ({
      place: textField(one, 'place') ?? '',
      kind: kindOf(textField(one, 'kind')),
      what: textField(one, 'what') ?? 'is damaged',
    }));
    return { isZip: field(value, 'isZip') === true, entries, problems };
  } catch {
    return undefined;
  }
}

function kindOf(text: string | undefined): ZipProblem['kind'] {
  return text === 'ambiguous' || text === 'limit' || text === 'unsupported' ? text : 'corrupt';
}
