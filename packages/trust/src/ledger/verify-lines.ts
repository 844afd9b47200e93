// Verifies the lines of an export in their order: a program that asks for one line after another and compares each with what it must be.
import { createPublicKey } from 'node:crypto';
import { inert } from '@plombe/kit';
import { Broken } from './broken.ts';
import { parseCheckpoint, signatureProblem, type Checkpoint } from './checkpoint.ts';
import { recordKeyOf, type RecordKey } from './entry.ts';
import { spans } from './history.ts';
import {
  checkpointLine,
  consistencyLine,
  exportVersion,
  headerLine,
  sealLine,
  trustRootLine,
  type Header,
} from './lines.ts';
import { CompactRange, coverOf } from './merkle.ts';
import { parseVerifierKey, type VerifierKey } from './note.ts';
import { InclusionChecker } from './paths.ts';
import {
  countOf,
  hashOf,
  readEntry,
  requireText,
  take,
  textOf,
  textsOf,
  type LineSource,
  type Reading,
} from './read-lines.ts';
import { genesisKeys } from './reader.ts';
import { sealProblem } from './seal.ts';
import { readDigest, type ProvedDigest } from './verify-chain.ts';

/** What the verifier trusts and knows from elsewhere. */
export interface Known {
  readonly logKey: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints of this log seen before; their signatures have been verified. */
  readonly checkpoints: readonly Checkpoint[];
}

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
  if (map.type !== 'map' || map.origin !== header.origin) {
    throw new Broken('format', 'The last entry of the log is not the root of its map.');
  }
  if (map.timeMs < genesis.statement.timeMs) {
    throw new Broken('time', 'The last entry of the log is of a time before its first.');
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

function* readHeader(logKey: VerifierKey): Reading<Header> {
  const { text, value } = yield* take('header');
  if (value['version'] !== exportVersion)
    throw new Broken('format', `The export is not of version ${exportVersion} of the format.`);
  const header = {
    origin: textOf(value['origin']),
    size: countOf(value['size']),
    digests: countOf(value['digests']),
    records: countOf(value['records']),
  };
  requireText(text, headerLine(header));
  if (header.origin !== logKey.name)
    throw new Broken('key', `The export is of the log ${inert(header.origin)}, the key of ${inert(logKey.name)}.`);
  return header;
}

interface TrustKeys {
  readonly cosigner: VerifierKey;
  readonly record: RecordKey;
}

function* readTrustRoot(logKey: VerifierKey): Reading<TrustKeys> {
  const { text, value } = yield* take('trustRoot');
  const cosigner = parseVerifierKey(textOf(value['cosignerKey']));
  const record = recordKeyOfPem(textOf(value['recordKey']));
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
  const note = textOf(value['note']);
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

function* readSeal(source: LineSource, logKey: VerifierKey): Reading<void> {
  const { text, value } = yield* take('seal');
  const note = textOf(value['note']);
  requireText(text, sealLine(note));
  const wrong = sealProblem(note, source.digestBefore(), logKey);
  if (wrong !== undefined) throw new Broken('seal', `Rejected: ${wrong}.`);
}
