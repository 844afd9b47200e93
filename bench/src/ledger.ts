// The ledger: durable appends, proofs of one record, and verifying an export of a million records.
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '@plombe/model';
import {
  createLedger,
  exportLines,
  folderStore,
  InclusionChecker,
  loadMap,
  mapKey,
  mapRootOf,
  openReader,
  openWriter,
  readKeys,
  type LedgerReader,
  type NewRecord,
} from '@plombe/trust';
import type { Figure } from './figure.ts';
import { runOnce } from './measure.ts';
import type { Programs } from './programs.ts';

/** Records of the large export; `PLOMBE_BENCH_RECORDS` for a shorter run, whose time is scaled. */
const million = 1_000_000;
/** An image has some ten records in its life; a base image that is scanned daily has hundreds. */
const recordsPerDigest = 100;
const proofs = 2000;

const clock = { nowMs: () => Date.now() };

function digestOf(number: number): Digest {
  return `sha256:${number.toString(16).padStart(64, '0')}` as Digest;
}

/** Measures with a ledger in the folder for temporary files; a million records take 3 GB there. */
export async function measureLedger(programs: Programs): Promise<readonly Figure[]> {
  const records = Number(process.env['PLOMBE_BENCH_RECORDS'] ?? million);
  const digests = Math.max(1, Math.floor(records / recordsPerDigest));
  const folder = mkdtempSync(join(tmpdir(), 'plombe-bench-'));
  try {
    const path = join(folder, 'ledger');
    const store = folderStore(path);
    await createLedger(store, 'example.com/bench', clock);
    const appendS = await fill(path, records, digests);
    const proof = await timeProofs(
      await openReader(store),
      Array.from({ length: proofs }, (_, i) => digestOf((i * 7919) % digests)),
    );
    const one = await writeExport(path, [digestOf(0)], join(folder, 'one.jsonl'));
    const file = join(folder, 'all.jsonl');
    const size = await writeExport(
      path,
      Array.from({ length: digests }, (_, i) => digestOf(i)),
      file,
    );
    const verified = await runOnce(
      programs.plombe('custody', 'verify', file, '--vkey', join(path, 'ledger.vkey'), '-o', 'json'),
    );
    const subject = `${records} records`;
    return [
      {
        name: 'durable append',
        subject: 'batches of 1023',
        value: (appendS / records) * 1e3,
        unit: 'ms',
        limit: 0.5,
        detail: `${Math.round(records / appendS)} a second`,
      },
      { name: 'inclusion and map proof, made', subject, value: proof.makeMs, unit: 'ms', limit: 1 },
      { name: 'inclusion and map proof, verified', subject, value: proof.verifyMs, unit: 'ms', limit: 1 },
      {
        name: 'export of one digest',
        subject: `${recordsPerDigest} records`,
        value: one / 1024 / 1024,
        unit: 'MiB',
        detail: `${Math.round(one / recordsPerDigest)} bytes per record`,
      },
      {
        name: 'export of a million, verified',
        subject,
        value: (verified.wallS * million) / records,
        unit: 's',
        limit: 60,
        detail: `wall; ${verified.cpuS.toFixed(1)} s CPU, ${verified.peakMiB.toFixed(0)} MiB, ${(size / 2 ** 30).toFixed(2)} GiB`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(path: string, records: number, digests: number): Promise<number> {
  const writer = await openWriter(folderStore(path), clock);
  const startedMs = performance.now();
  for (let from = 0, count = 0; from < records; from += count) {
    // As `custody record --from` batches them.
    count = Math.min(writer.batchRecords, records - from);
    await writer.append(
      Array.from({ length: count }, (_, i): NewRecord => ({
        digest: digestOf((from + i) % digests),
        kind: 'scan',
        content: { findings: i },
      })),
    );
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await writer.close();
  return seconds;
}

async function writeExport(path: string, digests: readonly Digest[], file: string): Promise<number> {
  const store = folderStore(path);
  const { log } = await readKeys(store);
  const out = openSync(file, 'w');
  let pending = '';
  for await (const line of exportLines(await openReader(store), { digests, logKey: log })) {
    pending += line;
    if (pending.length < 1 << 20) continue;
    writeSync(out, pending);
    pending = '';
  }
  writeSync(out, pending);
  closeSync(out);
  return statSync(file).size;
}

/** Makes and verifies both proofs of the last record of each digest. Returns the mean times. */
async function timeProofs(
  ledger: LedgerReader,
  digests: readonly Digest[],
): Promise<{ readonly makeMs: number; readonly verifyMs: number }> {
  const { size, root } = ledger.checkpoint;
  const map = await loadMap(ledger.store, size);
  const mapRoot = map.root();
  let [makeMs, verifyMs] = [0, 0];
  for (const digest of digests) {
    const startedMs = performance.now();
    const key = mapKey(digest);
    const value = map.get(key);
    const index = map.indexOf(key) ?? -1;
    const path = (await ledger.tiles.audit(index)).map((hash) => hash.toString('base64'));
    const proof = map.prove(key);
    const madeMs = performance.now();
    const included = new InclusionChecker(size, root).holds(index, value?.head ?? Buffer.alloc(32), path);
    const complete = mapRootOf(key, value, proof)?.equals(mapRoot);
    verifyMs += performance.now() - madeMs;
    makeMs += madeMs - startedMs;
    if (!included || complete !== true) throw new Error(`The proofs of ${digest} do not hold.`);
  }
  return { makeMs: makeMs / digests.length, verifyMs: verifyMs / digests.length };
}
