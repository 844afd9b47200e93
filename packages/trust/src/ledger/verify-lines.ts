// Verifies the lines of an export in their order: a program that asks for one line after another and compares each with what it must be.
import { createPublicKey } from 'node:crypto';
import { field, inert, isObject, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import { Broken } from './broken.ts';
import { parseCheckpoint, signatureProblem, type Checkpoint } from './checkpoint.ts';
import { entryLeaf, recordKeyOf, signedBytes, type RecordKey, type SignedEntry } from './entry.ts';
import { spans } from './history.ts';
import {
  bundleLine,
  checkpointLine,
  consistencyLine,
  exportVersion,
  hashText,
  headerLine,
  inclusionLine,
  mapLine,
  recordLine,
  sealLine,
  trustRootLine,
  type Header,
} from './lines.ts';
import { mapKey, mapRootOf, type MapPath, type MapValue } from './map.ts';
import { CompactRange, coverOf } from './merkle.ts';
import { parseVerifierKey, type VerifierKey } from './note.ts';
import { InclusionChecker } from './paths.ts';
import { genesisKeys } from './reader.ts';
import { sealProblem } from './seal.ts';
import { parseStatement, type CustodyStatement, type LedgerStatement, type MapStatement } from './statements.ts';

/** What the verifier trusts and knows from elsewhere. */
export interface Known {
  readonly logKey: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints of this log seen before; their signatures have been verified. */
  readonly checkpoints: readonly Checkpoint[];
}

/** What an export proves about a digest: so many records, and no others up to that time. */
export interface ProvedDigest {
  readonly digest: Digest;
  readonly records: number;
  /** ISO 8601, UTC. */
  readonly asOf: string;
}

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
type Reading<T> = Generator<void, T, string | undefined>;

/** Judges a whole export. Throws `Broken` at the first line that is not what it must be. */
export function* verifyLines(source: LineSource, known: Known): Reading<readonly ProvedDigest[]> {
  source.link = 'header';
  const header = yield* readHeader(known.logKey);
  source.link = 'trust root';
  const keys = yield* readTrustRoot(known.logKey);
  source.link = 'checkpoint';
  const checkpoint = yield* readCheckpoint(header, [known.logKey, keys.cosigner, ...known.witnesses], known);
  const log = { source, checker: new InclusionChecker(checkpoint.size, checkpoint.root), record: keys.record };
  source.link = 'genesis';
  const genesis = yield* readEntry(log, 0);
  if (genesis.statement.type !== 'genesis' || !sameKeys(genesisKeys(genesis.statement, known.logKey), keys)) {
    throw new Broken('key', 'The genesis entry does not bind the keys of the trust root.');
  }
  source.link = 'map root';
  const { statement: map } = yield* readEntry(log, checkpoint.size - 1);
  if (map.type !== 'map' || map.origin !== header.origin || map.timeMs < genesis.statement.timeMs) {
    throw new Broken('format', 'The last entry of the log is not the root of its map.');
  }
  source.link = 'history';
  yield* readHistory(checkpoint, known.checkpoints);
  const proved: ProvedDigest[] = [];
  let records = 0;
  for (let i = 0; i < header.digests; i++) {
    const one = yield* readDigest(log, header, map, proved.at(-1)?.digest ?? '');
    proved.push(one);
    records += one.records;
  }
  if (records !== header.records)
    throw new Broken('completeness', `The header names ${header.records} records, ${records} are there.`);
  source.link = 'seal';
  yield* readSeal(source, known.logKey);
  source.link = 'end';
  if ((yield) !== undefined) throw new Broken('end', 'There is a line behind the seal.');
  return proved;
}

interface Log {
  readonly source: LineSource;
  readonly checker: InclusionChecker;
  readonly record: RecordKey;
}

/** Takes the next line, which must be of that type. */
function* take(type: string): Reading<{ readonly text: string; readonly value: JsonObject }> {
  const line = parseLine(yield, type);
  if (field(line.value, 'type') !== type) throw otherLine(line.text, type);
  return line;
}

function parseLine(text: string | undefined, type: string): { readonly text: string; readonly value: JsonObject } {
  if (text === undefined) throw new Broken('end', `The file ends where a line of type ${type} must be.`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { text, value };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
  }
  throw new Broken('encoding', 'The line is not a JSON object.');
}

function requireText(text: string, expected: string): void {
  if (text !== expected) throw new Broken('encoding', 'The line differs from the one spelling that its content has.');
}

function* readHeader(logKey: VerifierKey): Reading<Header> {
  const { text, value } = yield* take('header');
  if (value['version'] !== exportVersion)
    throw new Broken('format', `Version ${inert(String(value['version']))} of the format is not known.`);
  const header = {
    origin: String(value['origin']),
    size: countOf(value['size']),
    digests: countOf(value['digests']),
    records: countOf(value['records']),
  };
  requireText(text, headerLine(header));
  if (header.origin !== logKey.name)
    throw new Broken('key', `The export is of the log ${inert(header.origin)}, the key of ${inert(logKey.name)}.`);
  return header;
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

interface TrustKeys {
  readonly cosigner: VerifierKey;
  readonly record: RecordKey;
}

function* readTrustRoot(logKey: VerifierKey): Reading<TrustKeys> {
  const { text, value } = yield* take('trustRoot');
  const cosigner = parseVerifierKey(String(value['cosignerKey']));
  const record = recordKeyOfPem(String(value['recordKey']));
  if (cosigner === undefined || record === undefined) throw new Broken('key', 'A key of the trust root is not valid.');
  if (value['logKey'] !== logKey.text)
    throw new Broken('key', 'The log is signed with another key than the one given.');
  requireText(text, trustRootLine(logKey.text, cosigner.text, record));
  return { cosigner, record };
}

function recordKeyOfPem(pem: string): RecordKey | undefined {
  try {
    return recordKeyOf(createPublicKey(pem).export({ format: 'der', type: 'spki' }));
  } catch {
    return undefined;
  }
}

function sameKeys(a: TrustKeys | undefined, b: TrustKeys): boolean {
  return a !== undefined && a.cosigner.text === b.cosigner.text && a.record.spki.equals(b.record.spki);
}

function* readCheckpoint(header: Header, signers: readonly VerifierKey[], { checkpoints }: Known): Reading<Checkpoint> {
  const { text, value } = yield* take('checkpoint');
  const note = String(value['note']);
  requireText(text, checkpointLine(note));
  const checkpoint = parseCheckpoint(note);
  if (checkpoint === undefined) throw new Broken('format', 'The checkpoint is not a signed note of a tree head.');
  const wrong = signatureProblem(checkpoint, signers);
  if (wrong !== undefined) throw new Broken('signature', `In the checkpoint ${inert(wrong)}.`);
  if (checkpoint.origin !== header.origin || checkpoint.size !== header.size || checkpoint.size < 2) {
    throw new Broken('format', 'The checkpoint is of another log or size than the header names.');
  }
  const newer = checkpoints.find(({ size }) => size > checkpoint.size);
  if (newer !== undefined) {
    throw new Broken(
      'freshness',
      `The export is of tree size ${checkpoint.size}, a checkpoint of size ${newer.size} is known: it is older, or the log was put back.`,
    );
  }
  return checkpoint;
}

/** Reads a bundle and its inclusion proof. */
function* readEntry(
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
  source.check(signedBytes(entry.payload), entry.signature, record);
  const proof = yield;
  const path = pathOf(proof);
  if (path === undefined || proof !== inclusionLine(path.index, path.hashes)) throw otherLine(proof, 'inclusionProof');
  const leaf = entryLeaf(entry, record);
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
        `A line of type ${type} is missing: here is one of type ${inert(String(found).slice(0, 40))}.`,
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

/** Cuts index and hashes out of a line; each hash is judged where it is used. */
function pathOf(text: string | undefined): { readonly index: number; readonly hashes: readonly string[] } | undefined {
  if (text?.startsWith(hashesMark) !== true) return undefined;
  const end = text.indexOf(indexMark);
  if (end < 0) return undefined;
  const index = Number.parseInt(text.slice(end + indexMark.length, end + indexMark.length + 17), 10);
  const list = text.slice(hashesMark.length, end);
  return { index, hashes: list === '' ? [] : list.slice(1, -1).split('","') };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Recomputes earlier roots on the way to the last and compares them with what is known from elsewhere. */
function* readHistory({ size, root }: Checkpoint, known: readonly Checkpoint[]): Reading<void> {
  const { text, value } = yield* take('consistencyProof');
  const sizes = Array.isArray(value['sizes']) ? value['sizes'].map(countOf) : [];
  const hashes = textsOf(value['hashes']);
  requireText(text, consistencyLine(sizes, hashes));
  if (sizes.some((one, i) => one <= (sizes[i - 1] ?? 0)) || (sizes.at(-1) ?? 0) >= size) {
    throw new Broken('format', 'The earlier sizes do not ascend below the size of the tree.');
  }
  const range = new CompactRange();
  const roots = new Map<number, Buffer>();
  let at = 0;
  for (const [from, to] of spans(sizes, size)) {
    for (const { level } of coverOf(from, to)) range.append(hashOf(hashes[at++]), level);
    roots.set(to, range.root());
  }
  if (at !== hashes.length || !range.root().equals(root))
    throw new Broken('consistency', 'The subtrees do not give the root of the checkpoint.');
  for (const before of known) {
    const found = roots.get(before.size);
    if (found === undefined) {
      throw new Broken(
        'consistency',
        `The export does not show consistency with the checkpoint of size ${before.size}; make it with --since and that checkpoint.`,
      );
    }
    if (!found.equals(before.root))
      throw new Broken('consistency', `The log has another history than the checkpoint of size ${before.size}.`);
  }
}

function hashOf(text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? '', 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text)
    throw new Broken('format', 'A hash is missing or is not 32 bytes in base64.');
  return bytes;
}

interface Chain {
  readonly last: CustodyStatement;
  readonly leaf: Buffer;
  readonly index: number;
}

/** Reads the records of one digest and the map proof that there are no others. */
function* readDigest(log: Log, header: Header, map: MapStatement, after: string): Reading<ProvedDigest> {
  let chain: Chain | undefined;
  for (;;) {
    log.source.link =
      chain === undefined ? `record 1 of the digest after ${after === '' ? 'the history' : after}` : nextLink(chain);
    const { text, value } = parseLine(yield, chain === undefined ? 'record' : 'mapProof');
    if (field(value, 'type') === 'mapProof') {
      const digest = parseDigest(String(value['digest']));
      if (digest === undefined || digest <= after)
        throw new Broken('format', 'The digest of a map proof is none or not in its order.');
      checkMapProof(log.source, text, value, { digest, chain, map });
      return { digest, records: chain?.last.sequence ?? 0, asOf: new Date(map.timeMs).toISOString() };
    }
    if (field(value, 'type') !== 'record')
      throw new Broken('format', 'Here must be a record or the map proof of its digest.');
    chain = yield* readRecord(log, header, { text, value, after, map }, chain);
  }
}

function nextLink({ last }: Chain): string {
  return `record ${last.sequence + 1} of ${last.digest}`;
}

function* readRecord(
  log: Log,
  header: Header,
  {
    text,
    value,
    after,
    map,
  }: { readonly text: string; readonly value: JsonObject; readonly after: string; readonly map: MapStatement },
  chain: Chain | undefined,
): Reading<Chain> {
  const digest = parseDigest(String(value['digest'])) ?? '';
  const sequence = countOf(value['sequence']);
  if (chain !== undefined && digest !== chain.last.digest) {
    throw new Broken(
      'completeness',
      `The map proof of ${chain.last.digest} is missing.`,
      `map proof of ${chain.last.digest}`,
    );
  }
  if (digest <= after) throw new Broken('format', 'The digests are not in their order, or one is there twice.');
  const expected = (chain?.last.sequence ?? 0) + 1;
  log.source.link = `record ${expected} of ${digest}`;
  if (sequence !== expected) {
    throw new Broken('sequence', `Record ${expected} is missing: here is record ${sequence}.`);
  }
  const { statement, leaf, index } = yield* readEntry(log);
  if (statement.type !== 'custody' || statement.origin !== header.origin)
    throw new Broken('format', 'The bundle is not a custody record of this log.');
  requireText(text, recordLine(index, statement));
  const previous = chain === undefined ? undefined : hashText(chain.leaf);
  if (statement.previous !== previous)
    throw new Broken('chain', 'The record does not name the record before it by its hash.');
  if (chain !== undefined && index <= chain.index)
    throw new Broken('chain', 'The record is in the log before the record it follows.');
  if (statement.timeMs < (chain?.last.timeMs ?? 0) || statement.timeMs > map.timeMs) {
    throw new Broken('time', 'The record is of a time before the record it follows, or after the checkpoint.');
  }
  return { last: statement, leaf, index };
}

function checkMapProof(
  source: LineSource,
  text: string,
  value: JsonObject,
  { digest, chain, map }: { readonly digest: Digest; readonly chain: Chain | undefined; readonly map: MapStatement },
): void {
  if (chain !== undefined && chain.last.digest !== digest) {
    throw new Broken(
      'completeness',
      `The map proof of ${chain.last.digest} is missing.`,
      `map proof of ${chain.last.digest}`,
    );
  }
  const count = countOf(value['count']);
  const found = chain?.last.sequence ?? 0;
  if (count > found) {
    source.link = `record ${found + 1} of ${digest}`;
    throw new Broken(
      'completeness',
      `Record ${found + 1} is missing: the log has ${count} records of the digest, ${found} are here.`,
    );
  }
  source.link = `map proof of ${digest}`;
  const path: MapPath = {
    siblings: textsOf(value['siblings']).map((one) => (one === '' ? Buffer.alloc(0) : hashOf(one))),
    ...otherOf(value),
  };
  const proved: MapValue | undefined = chain === undefined ? undefined : { head: chain.leaf, count: found };
  requireText(text, mapLine(digest, proved, path));
  if (mapRootOf(mapKey(digest), proved, path)?.toString('hex') !== map.root) {
    throw new Broken('completeness', 'The proof does not show that these are all records of the digest.');
  }
}

function otherOf(value: JsonObject): Pick<MapPath, 'other'> {
  const other = field(value, 'other');
  if (!isObject(other)) return {};
  const head = Buffer.from(String(other['head']).replace(/^sha256:/, ''), 'hex');
  const key = Buffer.from(String(other['key']), 'hex');
  if (head.length !== 32 || key.length !== 32)
    throw new Broken('format', 'The other leaf of a map proof is not valid.');
  return { other: { key, head, count: countOf(other['count']) } };
}

function* readSeal(source: LineSource, logKey: VerifierKey): Reading<void> {
  const { text, value } = yield* take('seal');
  const note = String(value['note']);
  requireText(text, sealLine(note));
  const wrong = sealProblem(note, source.digestBefore(), logKey);
  if (wrong !== undefined) throw new Broken('seal', `Rejected: ${wrong}.`);
}
