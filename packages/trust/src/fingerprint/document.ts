// A fingerprint as a document: a header that states counts and the Merkle root, then one line per entry in order.
import { field, isObject, listField, objectField, PlombeError, textField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import { canonicalJson, NotCanonical, parseCanonical } from '../ledger/canonical.ts';
import { CompactRange, leafHash } from '../ledger/merkle.ts';
import { comparePaths, formatEntry, parseEntry, type FingerprintEntry } from './entry.ts';

/** Type of the document and of the predicate that attests it, docs/predicates/fingerprint.md. */
export const fingerprintType = 'https://plombe.dev/fingerprint/v1';
/** Media type of the document as a blob. */
export const fingerprintMediaType = 'application/vnd.plombe.fingerprint.v1+jsonl';

/** What was read. Absent members: the source has none. */
export interface FingerprintSubject {
  /** Of the manifest. */
  readonly digest?: Digest;
  readonly configDigest?: Digest;
  readonly platform?: string;
}

/** One layer, bottom first. */
export interface FingerprintLayer {
  readonly diffID?: Digest;
  readonly digest?: Digest;
  /** Entries in the archive, whiteouts too. */
  readonly entries: number;
  /** Merkle root (RFC 6962) over the leaf hashes of the entries' lines, sorted by their bytes. Absent: nothing could be read. */
  readonly root?: string;
  readonly complete: boolean;
}

/** Why a fingerprint is not complete. */
export interface FingerprintCause {
  readonly code: string;
  readonly message: string;
}

/** The first line. */
export interface FingerprintHeader {
  readonly subject: FingerprintSubject;
  readonly state: 'complete' | 'partial';
  /** Empty exactly when the state is `complete`. */
  readonly causes: readonly FingerprintCause[];
  readonly layers: readonly FingerprintLayer[];
  /** Lines after this one. */
  readonly entries: number;
  /** Of them regular files, and the bytes of their content. */
  readonly files: number;
  readonly fileBytes: number;
  /** Merkle root (RFC 6962) over the lines after this one, each without its line end. */
  readonly root: string;
}

/** Adds up what a header states of its entries. */
export class FingerprintSum {
  readonly #range = new CompactRange();
  files = 0;
  fileBytes = 0;

  /** Takes the next entry, with its line. */
  add(entry: FingerprintEntry, line: string): void {
    this.#range.append(lineLeaf(line));
    if (entry.type !== 'file') return;
    this.files += 1;
    this.fileBytes += entry.sizeBytes ?? 0;
  }

  /** Returns what was added up. */
  result(): Pick<FingerprintHeader, 'entries' | 'files' | 'fileBytes' | 'root'> {
    const root = `sha256:${this.#range.root().toString('hex')}`;
    return { entries: this.#range.size, files: this.files, fileBytes: this.fileBytes, root };
  }
}

/** Returns the Merkle root of a layer's lines; `leaves` are their leaf hashes one after the other, 32 bytes each, in any order. */
export function layerRoot(leaves: Buffer): string {
  const order = Uint32Array.from({ length: leaves.length / 32 }, (_, index) => index * 32);
  order.sort((a, b) => leaves.compare(leaves, b, b + 32, a, a + 32));
  const range = new CompactRange();
  for (const at of order) range.append(leaves.subarray(at, at + 32));
  return `sha256:${range.root().toString('hex')}`;
}

/** Returns the leaf hash of a line, RFC 6962, 2.1. */
export function lineLeaf(line: string): Buffer {
  return leafHash(Buffer.from(line));
}

/** Renders the document line by line, each closed by LF. The same content gives the same bytes. */
export function* fingerprintLines(header: FingerprintHeader, entries: Iterable<FingerprintEntry>): Iterable<string> {
  yield `${formatHeader(header)}\n`;
  for (const entry of entries) yield `${formatEntry(entry)}\n`;
}

function formatHeader(header: FingerprintHeader): string {
  return canonicalJson({ ...header, type: fingerprintType });
}

/** An opened document: its header, and its entries, to be read once. */
export interface OpenFingerprint {
  readonly header: FingerprintHeader;
  /** Throws `fingerprint/invalid` where a line is wrong, out of order, or root or counts are not what the header states. */
  readonly entries: Iterable<FingerprintEntry>;
}

/** Opens a document from its lines without line ends. Throws `fingerprint/invalid` where the first is no header. */
export function openFingerprint(lines: Iterator<string>): OpenFingerprint {
  const first = lines.next();
  const header = first.done === true ? undefined : parseHeader(first.value);
  if (header === undefined) throw invalid('its first line is no header of this version');
  return { header, entries: checkedEntries(header, lines) };
}

function* checkedEntries(header: FingerprintHeader, lines: Iterator<string>): Iterable<FingerprintEntry> {
  const sum = new FingerprintSum();
  let last = '';
  let number = 1;
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    number += 1;
    const entry = parseEntry(next.value);
    if (entry === undefined) throw invalid(`line ${number} is no entry in its one spelling`);
    if (last !== '' && comparePaths(last, entry.path) >= 0) throw invalid(`line ${number} is out of order`);
    last = entry.path;
    sum.add(entry, next.value);
    yield entry;
  }
  const { entries, files, fileBytes, root } = sum.result();
  if (entries !== header.entries) throw invalid(`it has ${entries} entries where its header states ${header.entries}`);
  if (root !== header.root || files !== header.files || fileBytes !== header.fileBytes) {
    throw invalid('its entries do not give the root and sums of its header');
  }
}

function invalid(reason: string): PlombeError {
  return new PlombeError('fingerprint/invalid', `The fingerprint is not valid: ${reason}.`);
}

function parseHeader(line: string): FingerprintHeader | undefined {
  const value = parseCanonical(line);
  if (!isObject(value) || textField(value, 'type') !== fingerprintType) return undefined;
  const state = textField(value, 'state');
  const root = textField(value, 'root');
  const causes = listField(value, 'causes').map(readCause);
  const layers = listField(value, 'layers').map(readLayer);
  const subject = objectField(value, 'subject');
  const [entries, files, fileBytes] = ['entries', 'files', 'fileBytes'].map((key) => numberOf(value, key));
  if (state !== 'complete' && state !== 'partial') return undefined;
  if ((state === 'complete') !== (causes.length === 0) || causes.includes(undefined) || layers.includes(undefined)) {
    return undefined;
  }
  if (root === undefined || !isRoot(root) || subject === undefined) return undefined;
  if (entries === undefined || files === undefined || fileBytes === undefined) return undefined;
  const header: FingerprintHeader = {
    subject: readSubject(subject),
    state,
    causes: causes as FingerprintCause[],
    layers: layers as FingerprintLayer[],
    entries,
    files,
    fileBytes,
    root,
  };
  return spelled(header) === line ? header : undefined;
}

function spelled(header: FingerprintHeader): string | undefined {
  try {
    return formatHeader(header);
  } catch (thrown) {
    if (thrown instanceof NotCanonical) return undefined;
    throw thrown;
  }
}

function readSubject(value: JsonObject): FingerprintSubject {
  const [digest, configDigest] = ['digest', 'configDigest'].map((key) => parseDigest(textField(value, key) ?? ''));
  const platform = textField(value, 'platform');
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(configDigest === undefined ? {} : { configDigest }),
    ...(platform === undefined ? {} : { platform }),
  };
}

function readCause(value: unknown): FingerprintCause | undefined {
  if (!isObject(value)) return undefined;
  const [code, message] = [textField(value, 'code'), textField(value, 'message')];
  return code === undefined || message === undefined ? undefined : { code, message };
}

function readLayer(value: unknown): FingerprintLayer | undefined {
  if (!isObject(value)) return undefined;
  const [diffID, digest] = ['diffID', 'digest'].map((key) => parseDigest(textField(value, key) ?? ''));
  const root = textField(value, 'root');
  const complete = field(value, 'complete');
  const entries = numberOf(value, 'entries');
  if (typeof complete !== 'boolean' || entries === undefined) return undefined;
  return {
    ...(diffID === undefined ? {} : { diffID }),
    ...(digest === undefined ? {} : { digest }),
    entries,
    ...(root === undefined || !isRoot(root) ? {} : { root }),
    complete,
  };
}

function isRoot(text: string): boolean {
  return parseDigest(text)?.startsWith('sha256:') === true;
}

function numberOf(value: JsonObject, key: string): number | undefined {
  const number = field(value, key);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
