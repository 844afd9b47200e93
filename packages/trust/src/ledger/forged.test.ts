// Ledgers that their own key holder made wrong: everything is signed and proved, and still not a chain of custody.
import { afterAll, describe, expect, test } from 'vitest';
import { auditLedger } from './audit.ts';
import type { Edge } from './commit.ts';
import { folderStore } from './folder.ts';
import { formatPrivateKey, generateKeys, keyFiles, publicKeysOf, type LedgerKeys } from './keys.ts';
import { mapKey, MerkleMap } from './map.ts';
import { CompactRange } from './merkle.ts';
import { openReader } from './reader.ts';
import { digestOf, exportText, temporaryFolder } from './testing/ledgers.ts';
import { verifyExport } from './verify.ts';
import { LedgerWriter } from './writer.ts';

const folders: ReturnType<typeof temporaryFolder>[] = [];
afterAll(() => folders.forEach((folder) => folder.end()));

const image = digestOf(1);
const origin = 'example.com/forged';

interface Forger {
  readonly writer: LedgerWriter;
  /** The writer's own state, to be set to what never was. */
  readonly state: { timeMs: number; records: number; readonly map: MerkleMap };
  readonly clock: { nowMs: () => number };
}

/** Makes a ledger, lets it be forged, and answers what export and audit break at. */
async function forge(act: (forger: Forger) => Promise<unknown>, signWith?: (keys: LedgerKeys) => LedgerKeys) {
  const folder = temporaryFolder();
  folders.push(folder);
  const store = folderStore(folder.path);
  const keys = generateKeys();
  const publicKeys = publicKeysOf(origin, keys);
  const clock = { nowMs: () => Date.UTC(2026, 5, 1) };
  const edge: Edge = { size: 0, hashes: [], entries: [] };
  const state = {
    edge,
    range: new CompactRange(),
    map: new MerkleMap(),
    records: 0,
    checkpoints: 0,
    lastMap: -1,
    timeMs: 0,
    tail: { segment: 0, offset: 0 },
  };
  const release = (): void => undefined;
  const fixed = { store, publicKeys, origin, clock, release };
  const honest = new LedgerWriter({ ...fixed, keys }, state);
  await honest.begin();
  await honest.append([{ digest: image, kind: 'build' }]);
  const writer = signWith === undefined ? honest : new LedgerWriter({ ...fixed, keys: signWith(keys) }, state);
  await act({ writer, state, clock });
  const names = ['log', 'cosigner', 'record'] as const;
  const pem = publicKeys.record.key.export({ format: 'pem', type: 'spki' });
  await store.write([
    ...names.map((name) => ({ path: keyFiles[name], bytes: Buffer.from(formatPrivateKey(keys[name])) })),
    { path: 'record.pub', bytes: Buffer.from(pem) },
    { path: 'ledger.vkey', bytes: Buffer.from(`${publicKeys.log.text}\n`) },
  ]);
  const text = await exportText(store, [image]);
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  const verdict = await verifyExport(source, { logKey: (await openReader(store)).keys.log });
  const audit = await auditLedger(store, [], new AbortController().signal);
  const brokenOf = (one: typeof verdict | typeof audit) =>
    one.verdict === 'rejected' ? one.firstBroken.check : undefined;
  return { exported: brokenOf(verdict), audited: brokenOf(audit) };
}

const record = [{ digest: image, kind: 'scan' }] as const;

describe('a key holder', () => {
  test('who does nothing wrong passes', async () => {
    expect(await forge(({ writer }) => writer.append(record))).toEqual({ exported: undefined, audited: undefined });
  });

  test('T70 cannot date a record before the one it follows', async () => {
    const found = await forge(async ({ writer, state, clock }) => {
      state.timeMs = 0;
      clock.nowMs = () => Date.UTC(2025, 0, 1);
      await writer.append(record);
    });
    expect(found).toEqual({ exported: 'time', audited: 'time' });
  });

  test('cannot sign a record with another key than the one bound at the beginning', async () => {
    const found = await forge(
      ({ writer }) => writer.append(record),
      (keys) => ({ ...keys, record: generateKeys().record }),
    );
    expect(found).toEqual({ exported: 'signature', audited: 'signature' });
  });

  test('cannot name another record as the one before', async () => {
    const found = await forge(async ({ writer, state }) => {
      state.map.set(mapKey(image), { head: Buffer.alloc(32, 1), count: 1 }, 2);
      await writer.append(record);
    });
    expect(found).toEqual({ exported: 'chain', audited: 'chain' });
  });

  test('cannot leave a record out of the map', async () => {
    const found = await forge(async ({ writer, state }) => {
      const key = mapKey(image);
      const before = state.map.get(key);
      const head = Buffer.from(before?.head ?? []);
      await writer.append(record);
      state.map.set(key, { head, count: 1 }, 2);
      await writer.append([{ digest: digestOf(2), kind: 'build' }]);
    });
    expect(found).toEqual({ exported: 'completeness', audited: 'completeness' });
  });
});
