// Reads the lines of an export one by one: of the type that must come, in the one spelling that their content has.
import { field, inert, isObject, type JsonObject } from '@plombe/kit';
import { Broken } from './broken.ts';
import { entryLeaf, signedBytes, type RecordKey, type SignedEntry } from './entry.ts';
import { bundleLine, inclusionEnd } from './lines.ts';
import type { InclusionChecker } from './paths.ts';
import { parseStatement, type LedgerStatement } from './statements.ts';

/** The lines as they come: what is asked for while one is judged. */
export interface LineSource {
  /** Names the link that is being read, for what breaks. */
  link: string;
  /** SHA-256 of all bytes before the current line. */
  digestBefore(): Buffer;
  /** Verifies a signature at its leisure. */
  check(bytes: Uint8Array, signature: Uint8Array, key: RecordKey): void;
}

/** A generator that is given one line at a time, undefined at the end of the file. */
export type Reading<T> = Generator<void, T, string | undefined>;

/** What entries are judged by: the tree of the checkpoint, and the key that signs them. */
export interface Log {
  readonly source: LineSource;
  readonly checker: InclusionChecker;
  readonly record: RecordKey;
}

/** Takes the next line, which must be of that type. */
export function* take(type: string): Reading<{ readonly text: string; readonly value: JsonObject }> {
  const line = parseLine(yield, type);
  if (field(line.value, 'type') !== type) throw otherLine(line.text, type);
  return line;
}

/** Parses a line as a JSON object. Throws `Broken` for anything else, and for the end of the file. */
export function parseLine(
  text: string | undefined,
  type: string,
): { readonly text: string; readonly value: JsonObject } {
  if (text === undefined) throw new Broken('end', `The file ends where a line of type ${type} must be.`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { text, value };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new Broken('encoding', 'The line is not a JSON object.');
}

/** Throws `Broken` where a line is not what its content must look like. */
export function requireText(text: string, expected: string): void {
  if (text !== expected) throw new Broken('encoding', 'The line differs from the one spelling that its content has.');
}

/** Returns a whole number from 0; −1 for anything else, which no line has. */
export function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

/** Returns a text that has a canonical form; nothing for anything else, which no line has. */
export function textOf(value: unknown): string {
  return typeof value === 'string' && value.isWellFormed() ? value : '';
}

/** Returns the texts of a list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Returns 32 bytes of canonical base64. Throws `Broken` for anything else. */
export function hashOf(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? '', 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text)
    throw new Broken('format', 'A hash is missing or is not 32 bytes in base64.');
  return bytes;
}

/** Reads a bundle and its inclusion proof. */
export function* readEntry(
  log: Log,
  index?: number,
): Reading<{ entry: SignedEntry; leaf: Buffer; index: number; statement: LedgerStatement }> {
  const { source, record, checker } = log;
  const bundle = yield;
  const entry = entryOf(bundle);
  if (entry === undefined || bundle !== bundleLine(entry, record)) throw otherLine(bundle, 'bundle');
  const statement = parseStatement(entry.payload.toString());
  if (statement === undefined) {
    throw new Broken('encoding', 'The payload is not a statement of a ledger in its one spelling.');
  }
  const covered = signedBytes(entry.payload);
  source.check(covered, entry.signature, record);
  const proof = yield;
  const path = pathOf(proof);
  if (path === undefined) throw otherLine(proof, 'inclusionProof');
  const leaf = entryLeaf(entry, record, covered);
  if (index !== undefined && path.index !== index) {
    throw new Broken('inclusion', `The entry is at index ${path.index}, it must be at ${index}.`);
  }
  if (!checker.holds(path.index, leaf, path.hashes)) {
    throw new Broken('inclusion', `The proof does not show that the entry is leaf ${path.index} of the log.`);
  }
  return { entry, leaf, index: path.index, statement };
}

/** Why a line is not the one of that type that it must be: missing, of another type, or spelled otherwise. */
function otherLine(text: string | undefined, type: string): Broken {
  const { value } = parseLine(text, type);
  const found = field(value, 'type');
  return found === type
    ? new Broken('encoding', 'The line differs from the one spelling that its content has.')
    : new Broken(
        'format',
        `A line of type ${type} is missing: here is one of type ${inert(textOf(found).slice(0, 40))}.`,
      );
}

const payloadMark = '{"bundle":{"dsseEnvelope":{"payload":"';
const signatureMark = '"signatures":[{"sig":"';

/** Cuts payload and signature out of a line; that all around them is as it must be is compared afterwards. */
function entryOf(text: string | undefined): SignedEntry | undefined {
  if (text?.startsWith(payloadMark) !== true) return undefined;
  const payloadEnd = text.indexOf('"', payloadMark.length);
  const signature = text.indexOf(signatureMark, payloadEnd) + signatureMark.length;
  const signatureEnd = text.indexOf('"', signature);
  if (payloadEnd < 0 || signature < signatureMark.length || signatureEnd < 0) return undefined;
  return {
    payload: Buffer.from(text.slice(payloadMark.length, payloadEnd), 'base64'),
    signature: Buffer.from(text.slice(signature, signatureEnd), 'base64'),
  };
}

const hashesMark = '{"hashes":[';
const indexMark = '],"index":';

/** Cuts index and hashes out of a line of that spelling; each hash is judged where it is used. Undefined for any other line. */
function pathOf(text: string | undefined): { readonly index: number; readonly hashes: readonly string[] } | undefined {
  if (text?.startsWith(hashesMark) !== true) return undefined;
  const end = text.indexOf(indexMark);
  if (end < 0) return undefined;
  const index = Number.parseInt(text.slice(end + indexMark.length, end + indexMark.length + 17), 10);
  const list = text.slice(hashesMark.length - 1, end + 1);
  const hashes = list === '[]' ? [] : list.slice(2, -2).split('","');
  // As in `inclusionLine`, without joining what was just split.
  const isList = list === '[]' || (list.length > 3 && list.startsWith('["') && list.endsWith('"]'));
  return isList && text.slice(end + 1) === inclusionEnd(index) ? { index, hashes } : undefined;
}
