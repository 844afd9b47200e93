// Writes the whole history of some digests as one file that proves itself, docs/custody.md.
import { createHash, type KeyObject } from 'node:crypto';
import { inert, PlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { formatCheckpoint } from './checkpoint.ts';
import { chooseSizes, coverHashes } from './history.ts';
import {
  bundleLine,
  checkpointLine,
  consistencyLine,
  headerLine,
  inclusionLine,
  mapLine,
  recordLine,
  sealLine,
  trustRootLine,
} from './lines.ts';
import { mapKey } from './map.ts';
import { type VerifierKey } from './note.ts';
import { chainIndexes, damaged, loadMap, type LedgerReader } from './reader.ts';
import { formatSeal } from './seal.ts';

export interface ExportOptions {
  readonly digests: readonly Digest[];
  /** Seals the export. */
  readonly logKey: KeyObject;
  /** Their cosignatures go into the checkpoint; throws `ledger/witness` where one is not there. */
  readonly witnesses?: readonly VerifierKey[];
  /** Sizes of checkpoints that the export must be consistent with, besides those it chooses itself. */
  readonly since?: readonly number[];
}

/** Returns the lines of an export with their line ends, in order. Throws `ledger/damaged` where something of it does not hold. */
export async function* exportLines(ledger: LedgerReader, options: ExportOptions): AsyncGenerator<string> {
  const hash = createHash('sha256');
  for await (const line of contentLines(ledger, options)) {
    hash.update(line).update('\n');
    yield `${line}\n`;
  }
  yield `${sealLine(formatSeal(hash.digest(), ledger.keys.log, options.logKey))}\n`;
}

async function* contentLines(ledger: LedgerReader, options: ExportOptions): AsyncGenerator<string> {
  const { checkpoint, keys, store } = ledger;
  const { size, origin } = checkpoint;
  const map = await loadMap(store, size);
  const digests = [...new Set(options.digests)].sort();
  const records = digests.reduce((sum, digest) => sum + (map.get(mapKey(digest))?.count ?? 0), 0);
  yield headerLine({ origin, size, digests: digests.length, records });
  yield trustRootLine(keys.log.text, keys.cosigner.text, keys.record);
  yield checkpointLine(noteFor(ledger, options.witnesses ?? []));
  yield* entryLines(ledger, 0);
  yield* entryLines(ledger, size - 1);
  const sizes = await chooseSizes(ledger, records, options.since ?? []);
  yield consistencyLine(sizes, (await coverHashes(ledger, sizes)).map(base64));
  for (const digest of digests) {
    for (const index of await chainIndexes(ledger, map, digest)) yield* entryLines(ledger, index);
    const key = mapKey(digest);
    yield mapLine(digest, map.get(key), map.prove(key));
  }
}

async function* entryLines(ledger: LedgerReader, index: number): AsyncGenerator<string> {
  const { entry, statement } = await ledger.entry(index);
  if (statement.type === 'custody') yield recordLine(index, statement);
  yield bundleLine(entry, ledger.keys.record);
  yield inclusionLine(index, (await ledger.tiles.audit(index)).map(base64));
}

function noteFor({ checkpoint, store }: LedgerReader, witnesses: readonly VerifierKey[]): string {
  const { signatures } = checkpoint.note;
  if (signatures.length < 2) throw damaged(store, 'its checkpoint is not signed');
  const cosignatures = witnesses.map(
    ({ name, id }) =>
      signatures.find((one) => one.name === name && one.id === id) ??
      raise(`The checkpoint of size ${checkpoint.size} carries no cosignature by ${inert(name)}.`),
  );
  return formatCheckpoint(checkpoint, [...signatures.slice(0, 2), ...cosignatures]);
}

function raise(message: string): never {
  throw new PlombeError('ledger/witness', message, {
    remedy: 'Ask the witness first: plombe ledger witness --url URL --witness VKEY.',
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
