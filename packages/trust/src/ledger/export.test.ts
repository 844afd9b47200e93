import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@plombe/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatCheckpoint } from './checkpoint.ts';
import { openReader, ownSignatures } from './reader.ts';
import { parseVerifierKey, type VerifierKey } from './note.ts';
import type { LedgerStore } from './store.ts';
import { custodyKinds } from './statements.ts';
import { digestOf, exportText, makeLedger, record, temporaryFolder, tickingClock } from './testing/ledgers.ts';
import { verifyExport, type ExportVerdict, type VerifyOptions } from './verify.ts';

const folder = temporaryFolder();
afterAll(() => folder.end());

const image = digestOf(0xa);
const other = digestOf(0xb);
const clock = tickingClock();
const checkpoints: string[] = [];
let store: LedgerStore;
let logKey: VerifierKey;

beforeAll(async () => {
  store = await makeLedger(folder.path, [], { clock });
  for (const kind of custodyKinds) {
    await record(
      store,
      [
        [
          { digest: image, kind, content: { kind } },
          { digest: other, kind },
        ],
      ],
      clock,
    );
    checkpoints.push(readFileSync(join(folder.path, 'checkpoint'), 'utf8'));
  }
  const key = parseVerifierKey(readFileSync(join(folder.path, 'ledger.vkey'), 'utf8').trim());
  if (key === undefined) throw new Error('no key');
  logKey = key;
});

async function* inChunks(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function judge(text: string, options: Partial<VerifyOptions> = {}): Promise<ExportVerdict> {
  return verifyExport(inChunks(text), { logKey, ...options });
}

describe('an export', () => {
  test('proves all records of its digests', async () => {
    const text = await exportText(store, [other, image, image]);
    const verdict = await judge(text);
    expect(verdict).toMatchObject({
      verdict: 'verified',
      digests: [
        { digest: image, records: custodyKinds.length },
        { digest: other, records: custodyKinds.length },
      ],
    });
  });

  test('of one digest with a record of each kind stays under 64 KiB', async () => {
    expect(Buffer.byteLength(await exportText(store, [image]))).toBeLessThan(64 * 1024);
  });

  test('is the same bytes each time', async () => {
    expect(await exportText(store, [image])).toBe(await exportText(store, [image]));
  });

  test('proves that there is no record', async () => {
    const verdict = await judge(await exportText(store, [digestOf(0xdead)]));
    expect(verdict).toMatchObject({ verdict: 'verified', digests: [{ digest: digestOf(0xdead), records: 0 }] });
  });

  test.each([1, 7, 4096, 1 << 20])('verifies in chunks of %i bytes', async (size) => {
    const text = await exportText(store, [image]);
    expect((await verifyExport(inChunks(text, size), { logKey })).verdict).toBe('verified');
  });

  test('is consistent with every checkpoint before', async () => {
    expect((await judge(await exportText(store, [image]), { checkpoints })).verdict).toBe('verified');
  });
});

describe('the first broken link is named', () => {
  const linesOf = async (): Promise<string[]> => (await exportText(store, [image, other])).split(/(?<=\n)/);
  const recordAt = (lines: readonly string[], sequence: number, digest: Digest = image): number =>
    lines.findIndex(
      (line) => line.includes('"type":"record"') && line.includes(digest) && line.includes(`"sequence":${sequence},`),
    );

  test('T70 a record deleted', async () => {
    const lines = await linesOf();
    const at = recordAt(lines, 5);
    expect(await judge(lines.toSpliced(at, 3).join(''))).toMatchObject({
      firstBroken: { line: at + 1, link: `record 5 of ${image}`, check: 'sequence' },
    });
  });

  test('T70 the last record deleted', async () => {
    const lines = await linesOf();
    const at = recordAt(lines, custodyKinds.length);
    expect(await judge(lines.toSpliced(at, 3).join(''))).toMatchObject({
      firstBroken: { line: at + 1, link: `record ${custodyKinds.length} of ${image}`, check: 'completeness' },
    });
  });

  test('T70 records reordered', async () => {
    const lines = await linesOf();
    const at = recordAt(lines, 3);
    const moved = lines.splice(at, 3);
    lines.splice(at + 3, 0, ...moved);
    expect(await judge(lines.join(''))).toMatchObject({
      firstBroken: { line: at + 1, link: `record 3 of ${image}`, check: 'sequence' },
    });
  });

  test('T70 a record edited', async () => {
    const lines = await linesOf();
    const at = recordAt(lines, 3);
    lines[at] = (lines[at] as string).replace('"scan"', '"sign"');
    expect(await judge(lines.join(''))).toMatchObject({
      firstBroken: { link: `record 3 of ${image}`, check: 'encoding' },
    });
  });

  test.each([
    ['the line before a bundle', 0, (line: string) => line.replace('"kind":"scan"', '"kind":"sign"'), 'encoding'],
    ['its time', 0, (line: string) => line.replace('.000Z', '.001Z'), 'encoding'],
    ['the bundle', 1, (line: string) => line.replace('"payload":"e', '"payload":"f'), 'encoding'],
    ['the proof', 2, (line: string) => line.replace(/"hashes":\["../, '"hashes":["//'), 'inclusion'],
  ])('T70 the line that was edited, not the one it disagrees with: %s', async (_, offset, edit, check) => {
    const lines = await linesOf();
    const at = recordAt(lines, 3) + offset;
    const edited = edit(lines[at] as string);
    expect(edited).not.toBe(lines[at]);
    expect(await judge(lines.with(at, edited).join(''))).toMatchObject({
      firstBroken: { line: at + 1, link: `record 3 of ${image}`, check },
    });
  });

  test('T70 truncated', async () => {
    const text = await exportText(store, [image]);
    const verdict = await judge(text.slice(0, text.length / 2));
    expect(verdict).toMatchObject({ verdict: 'rejected', firstBroken: { check: 'end' } });
    expect(await judge('')).toMatchObject({ firstBroken: { line: 0, link: 'header', check: 'end' } });
  });

  test('a digest left out', async () => {
    const lines = await linesOf();
    const at = recordAt(lines, 1, other);
    const without = lines.toSpliced(at, custodyKinds.length * 3 + 1).join('');
    expect((await judge(without)).verdict).toBe('rejected');
    const header = without
      .replace('"digests":2', '"digests":1')
      .replace(`"records":${custodyKinds.length * 2}`, `"records":${custodyKinds.length}`);
    expect(await judge(header)).toMatchObject({ firstBroken: { link: 'seal', check: 'seal' } });
  });

  test('T45 an export older than a checkpoint that is known', async () => {
    const text = await exportText(store, [image]);
    const copy = temporaryFolder();
    try {
      const later = await makeLedger(copy.path, []);
      const foreign = readFileSync(join(copy.path, 'checkpoint'), 'utf8');
      expect(await judge(text, { checkpoints: [foreign] })).toMatchObject({ firstBroken: { check: 'signature' } });
      const old = await exportText(later, [image]);
      await record(later, [[{ digest: image, kind: 'run' }]], tickingClock(Date.UTC(2026, 1, 1)));
      const known = readFileSync(join(copy.path, 'checkpoint'), 'utf8');
      const key = (await openReader(later)).keys.log;
      expect(await judge(old, { logKey: key, checkpoints: [known] })).toMatchObject({
        firstBroken: { line: 3, link: 'checkpoint', check: 'freshness' },
      });
      expect(await judge(old, { logKey: key, checkpoints: [known.replace(/^/, 'x')] })).toMatchObject({
        verdict: 'rejected',
      });
    } finally {
      copy.end();
    }
  });

  test('T40 the export of another log', async () => {
    const copy = temporaryFolder();
    try {
      const twin = await makeLedger(copy.path, [[{ digest: image, kind: 'run' }]]);
      expect(await judge(await exportText(twin, [image]))).toMatchObject({
        firstBroken: { link: 'trust root', check: 'key' },
      });
    } finally {
      copy.end();
    }
  });

  test('T23 a cosignature by nobody that was named', async () => {
    const reader = await openReader(store);
    const [own] = reader.checkpoint.note.signatures;
    if (own === undefined) throw new Error('not signed');
    const stranger = { ...own, name: 'witness.example/w' };
    const note = formatCheckpoint(reader.checkpoint, [...ownSignatures(reader.checkpoint).note.signatures, stranger]);
    const text = await exportText(store, [image]);
    const original = readFileSync(join(folder.path, 'checkpoint'), 'utf8');
    const swapped = text.replace(JSON.stringify(original), JSON.stringify(note));
    expect(await judge(swapped)).toMatchObject({ firstBroken: { link: 'checkpoint', check: 'signature' } });
  });

  test('T48 a line without end', async () => {
    expect(await judge('x'.repeat(5_000_000))).toMatchObject({ firstBroken: { line: 1, check: 'size' } });
  });

  test.each(['[]', 'null', '{"type":"header"}', `${'['.repeat(100_000)}`, '{"__proto__":{"type":"header"}}', '\u0000'])(
    'T73 hostile first line %#',
    async (line) => {
      expect((await judge(`${line}\n`)).verdict).toBe('rejected');
    },
  );
});

describe('two histories of one key', () => {
  test('T70 a folder put back to yesterday and written on is another history', async () => {
    const mine = temporaryFolder();
    try {
      const ledger = await makeLedger(mine.path, [[{ digest: image, kind: 'build' }]]);
      const saved = await readAllFiles(ledger);
      const later = tickingClock(Date.UTC(2026, 2, 1));
      await record(ledger, [[{ digest: image, kind: 'scan' }]], later);
      const known = readFileSync(join(mine.path, 'checkpoint'), 'utf8');
      for (const [path, bytes] of saved) writeFileSync(join(mine.path, path), bytes);
      const key = (await openReader(ledger)).keys.log;
      expect(await judge(await exportText(ledger, [image]), { logKey: key, checkpoints: [known] })).toMatchObject({
        firstBroken: { check: 'freshness' },
      });
      await record(ledger, [[{ digest: image, kind: 'retire' }], [{ digest: image, kind: 'run' }]], later);
      const forked = await exportText(ledger, [image]);
      expect((await judge(forked, { logKey: key })).verdict).toBe('verified');
      expect(await judge(forked, { logKey: key, checkpoints: [known] })).toMatchObject({
        firstBroken: { link: 'history', check: 'consistency' },
      });
    } finally {
      mine.end();
    }
  });
});

test('a line that has no canonical form is a broken link, not an error', async () => {
  const lines = (await exportText(store, [image])).split('\n');
  for (const value of ['"\\ud800"', '{"toString":1}', 'null']) {
    for (const [index, line] of lines.slice(0, -1).entries()) {
      for (const { 0: member } of line.matchAll(/"\w+":"[^"]*"/g)) {
        const bent = line.replace(member, `${member.slice(0, member.indexOf(':'))}:${value}`);
        const text = lines.with(index, bent).join('\n');
        expect((await verifyExport(inChunks(text), { logKey })).verdict).toBe('rejected');
      }
    }
  }
});

async function readAllFiles(ledger: LedgerStore): Promise<readonly (readonly [string, Buffer])[]> {
  const paths = (await ledger.list('.')).filter((path) => path !== 'lock');
  return Promise.all(paths.map(async (path) => [path, (await ledger.read(path)) ?? Buffer.alloc(0)] as const));
}
