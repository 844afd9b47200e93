// Tampers with exports and ledgers 10,000 times, as a seed says; not one may pass.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLedger } from './audit.ts';
import { openReader } from './reader.ts';
import type { VerifierKey } from './note.ts';
import type { LedgerStore } from './store.ts';
import {
  digestOf,
  exportText,
  makeLedger,
  randomOf,
  record,
  temporaryFolder,
  tickingClock,
} from './testing/ledgers.ts';
import { verifyExport } from './verify.ts';

const seed = Number(process.env['PLOMBE_SEED'] ?? 20_260_101);
const random = randomOf(seed);
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

const folder = temporaryFolder();
const twin = temporaryFolder();
afterAll(() => {
  folder.end();
  twin.end();
});

const [image, second, absent] = [digestOf(1), digestOf(2), digestOf(3)];
let store: LedgerStore;
let logKey: VerifierKey;
/** Genuine exports that are to be tampered with, and genuine lines of others to put into them. */
let exports: readonly string[];
let foreign: readonly string[];

beforeAll(async () => {
  const clock = tickingClock();
  store = await makeLedger(folder.path, [], { clock });
  const early: string[] = [];
  for (const kind of ['build', 'scan', 'sign', 'deploy'] as const) {
    await record(
      store,
      [
        [
          { digest: image, kind, content: { kind, n: [1, 'é'] } },
          { digest: second, kind },
        ],
      ],
      clock,
    );
    early.push(await exportText(store, [image]));
  }
  logKey = (await openReader(store)).keys.log;
  exports = [await exportText(store, [image]), await exportText(store, [second, absent])];
  const other = await makeLedger(twin.path, [[{ digest: image, kind: 'build' }]]);
  foreign = [...early, await exportText(other, [image]), ...exports].flatMap(linesOf);
});

const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

async function judge(bytes: Uint8Array) {
  const source = (async function* () {
    yield bytes;
  })();
  return verifyExport(source, { logKey });
}

/** Ways to tamper with a file of lines. Answers undefined where chance left it as it was. */
const tamperings: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'flip a bit': (text) => flip(Buffer.from(text)),
  'change a byte': (text) => {
    const bytes = Buffer.from(text);
    bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  'insert a byte': (text) => {
    const at = random(Buffer.byteLength(text) + 1);
    const bytes = Buffer.from(text);
    return Buffer.concat([bytes.subarray(0, at), Buffer.of(random(256)), bytes.subarray(at)]);
  },
  'delete a byte': (text) => {
    const at = random(Buffer.byteLength(text));
    const bytes = Buffer.from(text);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  'cut off': (text) => text.slice(0, random(text.length)),
  'delete lines': (text) => spliced(text, 1 + random(4), []),
  'repeat a line': (text) => {
    const lines = linesOf(text);
    const at = random(lines.length);
    return lines.toSpliced(at, 0, lines[at] as string).join('');
  },
  'swap two lines': (text) => {
    const lines = linesOf(text);
    const [a, b] = [random(lines.length), random(lines.length)];
    return lines
      .with(a, lines[b] as string)
      .with(b, lines[a] as string)
      .join('');
  },
  'a line of another export': (text) => spliced(text, random(2), [pick(foreign)]),
  'three lines of another export': (text) => {
    const at = random(foreign.length - 2);
    return spliced(text, 3, foreign.slice(at, at + 3));
  },
  'space in a line': (text) => edited(text, (line) => line.replace(pick([/,/, /:/, /\{/]), (found) => `${found} `)),
  'keys in another order': (text) =>
    edited(text, (line) => JSON.stringify(Object.fromEntries(Object.entries(parsed(line)).reverse()))),
  'a field more': (text) => edited(text, (line) => JSON.stringify({ ...parsed(line), [pick(['zz', 'a', 'Note'])]: 1 })),
  'a field less': (text) =>
    edited(text, (line) => {
      const entries = Object.entries(parsed(line));
      return JSON.stringify(Object.fromEntries(entries.toSpliced(random(entries.length), 1)));
    }),
  'a field twice': (text) =>
    edited(text, (line) => line.replace('{', `{${pick(line.match(/"\w+":(?:"[^"]*"|\d+)/g) ?? ['"a":1'])},`)),
  'an escape': (text) =>
    edited(text, (line) =>
      line.replace(/"type":"(.)/, (_, c: string) => `"type":"\\u00${c.charCodeAt(0).toString(16)}`),
    ),
  'a number written otherwise': (text) =>
    edited(text, (line) => line.replace(/:(\d+)/, pick([':$1.0', ':$1e0', ':0$1', ':-$1', ':"$1"']))),
  'a number counted up': (text) =>
    edited(text, (line) => line.replace(/:(\d+)/g, (_, n: string) => `:${Number(n) + random(2)}`)),
  'base64 written otherwise': (text) => edited(text, (line) => line.replace(/=(?=["\\])/, pick(['', '==', '%3D']))),
  'slack bits of base64': (text) =>
    edited(text, (line) =>
      line.replace(/(\w)=(?=["\\])/, (_, c: string) => `${String.fromCharCode(c.charCodeAt(0) + 1)}=`),
    ),
  'other line ends': (text) =>
    pick([
      text.replaceAll('\n', '\r\n'),
      text.slice(0, -1),
      `${text}\n`,
      `\ufeff${text}`,
      `\n${text}`,
      text.replace('\n', '\n\n'),
    ]),
  'something behind': (text) => text + pick(foreign),
  'hashes of a proof swapped': (text) =>
    edited(text, (line) => {
      const value = parsed(line);
      const list = (value['hashes'] ?? value['siblings'] ?? []) as string[];
      const at = random(list.length || 1);
      const value2 = list.length > 1 ? list.toSpliced(at, 1).concat(list[at] ?? '') : list;
      return JSON.stringify({
        ...value,
        ...(value['hashes'] === undefined ? {} : { hashes: value2 }),
        ...(value['siblings'] === undefined ? {} : { siblings: value2 }),
      });
    }),
  'an envelope edited': (text) =>
    edited(text, (line) =>
      line.replace(
        /"payload":"([^"]+)"/,
        (_, payload: string) => `"payload":"${flip(Buffer.from(payload, 'base64')).toString('base64')}"`,
      ),
    ),
  'a signature edited': (text) =>
    edited(text, (line) =>
      line.replace(
        /"sig":"([^"]+)"/,
        (_, sig: string) => `"sig":"${flip(Buffer.from(sig, 'base64')).toString('base64')}"`,
      ),
    ),
};

function flip(bytes: Buffer): Buffer {
  const at = random(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random(8));
  return bytes;
}

function spliced(text: string, count: number, put: readonly string[]): string {
  const lines = linesOf(text);
  return lines.toSpliced(random(lines.length), count, ...put).join('');
}

function edited(text: string, edit: (line: string) => string): string {
  const lines = linesOf(text);
  const at = random(lines.length);
  return lines.with(at, `${edit((lines[at] as string).slice(0, -1))}\n`).join('');
}

function parsed(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

test(`9,000 tampered exports are rejected, seed ${seed}`, async () => {
  const names = Object.keys(tamperings);
  const passed: string[] = [];
  const checks = new Set<string>();
  let onlySealed = 0;
  for (let tried = 0; tried < 9000;) {
    const text = pick(exports);
    const name = pick(names);
    const bytes = Buffer.from((tamperings[name] as (text: string) => string | Buffer)(text));
    if (bytes.equals(Buffer.from(text))) continue;
    tried += 1;
    const verdict = await judge(bytes);
    if (verdict.verdict === 'verified') passed.push(`${name}, number ${tried}`);
    else {
      checks.add(verdict.firstBroken.check);
      // What is not in the seal's own line must break without it too.
      const untouched = bytes.toString().includes(linesOf(text).at(-1) as string);
      if (verdict.firstBroken.check === 'seal' && untouched) onlySealed += 1;
      expect(verdict.firstBroken.message).not.toBe('');
    }
  }
  expect(passed).toEqual([]);
  expect(onlySealed).toBe(0);
  expect([...checks].sort()).toEqual(
    expect.arrayContaining(['completeness', 'encoding', 'end', 'format', 'inclusion', 'seal', 'sequence', 'signature']),
  );
}, 240_000);

test(`1,500 tampered files of a ledger are found, seed ${seed}`, async () => {
  const paths = (await store.list('.')).filter((path) => !path.endsWith('.key') && path !== 'lock');
  const original = new Map(paths.map((path) => [path, readFileSync(join(folder.path, path))]));
  const { signal } = new AbortController();
  expect(await auditLedger(store, [], signal)).toMatchObject({ verdict: 'verified' });
  const passed: string[] = [];
  for (let tried = 0; tried < 1500; tried++) {
    const path = pick(paths);
    const bytes = original.get(path) as Buffer;
    const at = join(folder.path, path);
    const way = random(10);
    if (way === 0) rmSync(at);
    else if (way === 1) writeFileSync(at, bytes.subarray(0, random(bytes.length)));
    else if (way === 2) writeFileSync(at, pick([...original.values()].filter((one) => !one.equals(bytes))));
    else writeFileSync(at, flip(Buffer.from(bytes)));
    const verdict = await auditLedger(store, [], signal).catch((thrown: unknown) => ({ verdict: 'rejected', thrown }));
    const harmless = path === 'ledger.vkey' && readFileIfThere(at)?.trim() === bytes.toString().trim();
    if (verdict.verdict === 'verified' && !harmless && !isOldTile(path, way)) passed.push(`${path}, way ${way}`);
    writeFileSync(at, bytes);
  }
  expect(passed).toEqual([]);
}, 240_000);

/** Partial tiles of earlier checkpoints may be taken away (tlog-tiles, "Partial Tiles"). */
function isOldTile(path: string, way: number): boolean {
  return way === 0 && path.includes('.p/');
}

function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
