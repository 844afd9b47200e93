// The streaming reader against the Java runtime and Info-ZIP, on archives that are right, odd, and made to mislead.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { writeZip, type ZipEdits, type ZipPart } from '../../testing/write-zip.ts';
import type { ZipContents, ZipStreamOptions } from './contents.ts';
import { ZipStream } from './reader.ts';

const wantAll: ZipStreamOptions = {
  wants: (name) =>
    name.endsWith('.jar')
      ? { kind: 'archive' }
      : name.endsWith('.class')
        ? undefined
        : { kind: 'keep', maxBytes: 1_000_000 },
};

/** Reads an archive in pieces through one buffer that is used again, as a layer's walker does. */
function read(archive: Uint8Array, pieceBytes = 65_536, options = wantAll): ZipContents {
  const stream = new ZipStream(options);
  const buffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < archive.length; at += pieceBytes) {
    const piece = archive.subarray(at, at + pieceBytes);
    buffer.set(piece);
    stream.write(buffer.subarray(0, piece.length));
    buffer.fill(0xaa);
  }
  return stream.finish();
}

const filesOf = (contents: ZipContents): Record<string, string> =>
  Object.fromEntries(contents.files.map(({ name, content }) => [name, Buffer.from(content).toString()]));
const kindsOf = (contents: ZipContents): string[] => contents.problems.map(({ kind }) => kind);

const a: ZipPart = { name: 'a', content: 'aaaaaaaaaaaaaaaaaaaa' };
const b: ZipPart = { name: 'b', content: 'b'.repeat(3000) };
const code: ZipPart = { name: 'X.class', content: 'PK\x03\x04'.repeat(50) };
const right = { a: 'a'.repeat(20), b: 'b'.repeat(3000) };

describe('reads', () => {
  test.each<[string, readonly ZipPart[], ZipEdits]>([
    ['deflated and stored', [a, code, { ...b, method: 0 }], {}],
    [
      'descriptors',
      [
        { ...a, descriptor: 'signed' },
        { ...code, descriptor: 'signed' },
        { ...b, descriptor: 'signed' },
      ],
      {},
    ],
    [
      'descriptors without signature',
      [
        { ...a, descriptor: 'bare' },
        { ...code, descriptor: 'bare' },
        { ...b, descriptor: 'bare' },
      ],
      {},
    ],
    [
      'wide descriptors',
      [
        { ...a, descriptor: 'wide' },
        { ...code, descriptor: 'wide' },
        { ...b, descriptor: 'wide' },
      ],
      {},
    ],
    [
      'stored with descriptors',
      [{ ...a, descriptor: 'signed', method: 0 }, { ...code, method: 0, descriptor: 'signed' }, b],
      {},
    ],
    ['zip64 sizes and ends', [{ ...a, zip64: true }, code, { ...b, zip64: true, descriptor: 'wide' }], { zip64: true }],
    ['a script in front, offsets shifted', [a, b], { prefix: Buffer.from('#!/bin/sh\nexec PK java\n'), shifted: true }],
    ['a script in front, offsets counted', [a, b], { prefix: Buffer.from('#!/bin/sh\nPK\x03\x04'.repeat(3)) }],
    ['padding between entries', [a, { ...b, before: Buffer.alloc(4096) }], {}],
    ['a comment', [a, b], { comment: Buffer.from('PK is what it says') }],
    ['zeros behind the end', [a, b], { trailer: Buffer.alloc(512) }],
    ['an entry that was deleted', [a, { name: 'gone', content: 'x', only: 'local' }, b], {}],
    ['an archive behind another', [a, b], { prefix: writeZip([{ name: 'old', content: 'old' }]) }],
    ['an empty entry before a descriptor', [{ name: 'e.class', content: '', descriptor: 'signed' }, a, b], {}],
  ])('%s', (_, parts, edits) => {
    const archive = writeZip(parts, edits);
    for (const pieceBytes of [65_536, 1000, 61, 7, 1]) {
      const contents = read(archive, pieceBytes);
      expect([filesOf(contents), contents.problems, contents.hasDirectory]).toEqual([
        expect.objectContaining(right),
        [],
        true,
      ]);
      expect(contents.sha1).toBe(createHash('sha1').update(archive).digest('hex'));
      expect(contents.sizeBytes).toBe(archive.length);
    }
  });

  test('archives in archives, stored, deflated and of unknown length', () => {
    const jar = writeZip([a, b]);
    const war = writeZip([
      { name: 'lib/1.jar', content: jar, method: 0, descriptor: 'signed' },
      { name: 'lib/2.jar', content: jar },
    ]);
    const ear = writeZip([{ name: 'w.jar', content: war, descriptor: 'signed' }]);
    for (const pieceBytes of [65_536, 13]) {
      const contents = read(ear, pieceBytes);
      const inner = contents.archives[0]?.contents.archives ?? [];
      expect(inner.map(({ name, contents: one }) => [name, filesOf(one)])).toEqual([
        ['lib/1.jar', right],
        ['lib/2.jar', right],
      ]);
      expect(contents.problems).toEqual([]);
    }
  });

  test('no archive at all, and an empty one', () => {
    expect(read(Buffer.from('version https://git-lfs.github.com'))).toMatchObject({ isZip: false, problems: [] });
    expect(read(writeZip([]))).toMatchObject({ isZip: true, hasDirectory: true, entries: 0, problems: [] });
  });

  test('a cut archive in the order of its entries, and says so', () => {
    const archive = writeZip([a, b, code]);
    const contents = read(archive.subarray(0, archive.length - 30));
    expect([filesOf(contents), kindsOf(contents), contents.hasDirectory]).toEqual([right, ['corrupt'], false]);
  });
});

describe('T09 tells what could be read in two ways', () => {
  const evil: ZipPart = { name: 'a', content: 'evil' };
  const fake = writeZip([evil]);
  test.each<[string, Buffer]>([
    ['one name twice', writeZip([a, evil])],
    ['an end in the comment', writeZip([a], { comment: writeZip([]) })],
    ['a whole archive in the comment', writeZip([a], { comment: fake })],
    ['another size in the directory', writeZip([{ ...a, central: (h) => h.writeUInt32LE(3, 20) }])],
    ['another method in the directory', writeZip([{ ...a, central: (h) => h.writeUInt16LE(0, 10) }])],
    [
      'entries that share their bytes',
      writeZip([b, { ...a, only: 'central', central: (h) => h.writeUInt32LE(0, 42) }]),
    ],
    [
      'an entry inside another',
      writeZip([
        { name: 'X.class', content: fake, method: 0 },
        { ...evil, only: 'central', central: (h) => h.writeUInt32LE(37, 42) },
      ]),
    ],
    ['fewer entries than stated', writeZip([a], { end: (end) => end.writeUInt16LE(2, 10) })],
    ['an entry that is nowhere', writeZip([b, { ...a, only: 'central', central: (h) => h.writeUInt32LE(9, 42) }])],
  ])('%s', (_, archive) => {
    for (const pieceBytes of [65_536, 5]) expect(kindsOf(read(archive, pieceBytes))).toContain('ambiguous');
  });

  test('damaged, encrypted and foreign entries', () => {
    expect(kindsOf(read(writeZip([{ ...a, central: (h) => h.writeUInt32LE(1, 16) }])))).toEqual(['corrupt']);
    expect(kindsOf(read(writeZip([{ ...b, data: (d) => Buffer.from(d).fill(0xff, 2) }])))).toEqual(['corrupt']);
    expect(kindsOf(read(writeZip([{ ...a, flags: 1 }])))).toEqual(['unsupported']);
    expect(kindsOf(read(writeZip([{ ...a, method: 12 }])))).toEqual(['unsupported']);
  });
});

describe('T05 T08 bounds', () => {
  test('a thousand archives in one another end at the depth that is read', () => {
    let archive = writeZip([a]);
    for (let i = 0; i < 1000; i++) archive = writeZip([{ name: 'x.jar', content: archive, method: 0 }]);
    let contents = read(archive);
    let depth = 0;
    const problems: string[] = [];
    for (; contents.archives[0] !== undefined; contents = contents.archives[0].contents, depth++)
      problems.push(...kindsOf(contents));
    expect([depth, problems.concat(kindsOf(contents))]).toEqual([8, ['limit']]);
  });

  test('an archive of zeros in an archive stops at a hundred times its size', () => {
    const bomb = writeZip([
      { name: 'x.jar', content: writeZip([{ name: 'X.class', content: Buffer.alloc(100_000_000), method: 0 }]) },
    ]);
    expect(bomb.length).toBeLessThan(150_000);
    expect(kindsOf(read(bomb))).toEqual(['limit']);
  });

  test('an entry larger than its limit is named and not held', () => {
    expect(kindsOf(read(writeZip([{ name: 'a', content: Buffer.alloc(2_000_000) }, b])))).toEqual(['limit']);
  });
});

const hasJava = spawnSync('java', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'plombe-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What java.util.zip.ZipFile sees of each archive: names with the SHA-1 of their bytes; undefined where it refuses the archive. */
function javaSees(archives: readonly Uint8Array[]): (Map<string, string> | undefined)[] {
  const paths = archives.map((archive, index) => {
    const path = join(folder, `${index}.zip`);
    writeFileSync(path, archive);
    return path;
  });
  const source = join(import.meta.dirname, '../../testing/JavaZip.java');
  const run = spawnSync('java', [source], { input: `${paths.join('\n')}\n`, encoding: 'utf8', maxBuffer: 2 ** 28 });
  expect([run.stderr, run.status]).toEqual(['', 0]);
  const views: (Map<string, string> | undefined)[] = [];
  let view: Map<string, string> | undefined = new Map();
  for (const line of run.stdout.split('\n').slice(0, -1)) {
    if (line === '.') {
      views.push(view);
      view = new Map();
    } else if (line.startsWith('!')) view = undefined;
    else view?.set(line.slice(0, line.lastIndexOf('\t')), line.slice(line.lastIndexOf('\t') + 1));
  }
  expect(views).toHaveLength(archives.length);
  return views;
}

const names = fc.constantFrom('a', 'b', 'META-INF/MANIFEST.MF', 'X.class', 'd/Y.class', 'é');
const contents = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.constant('PK\x03\x04PK\x01\x02PK\x05\x06PK\x07\x08'),
  fc.constant('z'.repeat(9000)),
);
const field = fc.constantFrom<[number, 2 | 4]>([4, 2], [6, 2], [8, 2], [14, 4], [18, 4], [22, 4], [26, 2], [28, 2]);
const centralField = fc.constantFrom<[number, 2 | 4]>([8, 2], [10, 2], [16, 4], [20, 4], [24, 4], [30, 2], [42, 4]);
const lie = (fields: typeof field): fc.Arbitrary<((header: Buffer) => void) | undefined> =>
  fc.option(
    fc
      .tuple(fields, fc.oneof(fc.nat(120), fc.constant(0xffff)))
      .map(([[at, size], value]) => (header: Buffer): void => {
        header.writeUIntLE(value, at, size);
      }),
    { nil: undefined, freq: 8 },
  );
const part: fc.Arbitrary<ZipPart> = fc
  .record(
    {
      name: names,
      content: contents,
      method: fc.constantFrom(0, 8),
      descriptor: fc.constantFrom<ZipPart['descriptor']>('signed', 'bare', 'wide'),
      zip64: fc.boolean(),
      only: fc.constantFrom<ZipPart['only']>('local', 'central'),
      before: fc.constantFrom(Buffer.from('junk PK\x03\x04'), Buffer.from('PK\x01\x02')),
      local: lie(field),
      central: lie(centralField),
    },
    { requiredKeys: ['name', 'content'] },
  )
  .map((one) => ({
    ...one,
    // Rare, or no archive would be right.
    ...(one.only !== undefined && one.content.length % 5 !== 0 ? { only: undefined } : {}),
    ...(one.before !== undefined && one.content.length % 3 !== 0 ? { before: undefined } : {}),
  })) as fc.Arbitrary<ZipPart>;
const edits: fc.Arbitrary<ZipEdits> = fc.record(
  {
    prefix: fc.constantFrom(Buffer.from('#!/bin/sh\n'), writeZip([a]), Buffer.from('PK\x03\x04 no header')),
    shifted: fc.boolean(),
    comment: fc.constantFrom(Buffer.from('hello'), writeZip([]), writeZip([a])),
    trailer: fc.constantFrom(Buffer.from('\n'), writeZip([b])),
    zip64: fc.boolean(),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<ZipEdits>;

test.skipIf(!hasJava)('sees what the Java runtime sees, or says that it may be seen otherwise', () => {
  const archives = fc
    .sample(fc.tuple(fc.array(part, { maxLength: 5 }), edits), { numRuns: 3000, seed: 20_260 })
    .map(([parts, edit]) => writeZip(parts, edit));
  const views = javaSees(archives);
  let agreed = 0;
  archives.forEach((archive, index) => {
    const java = views[index];
    const seen = read(archive, 1 + (index % 97));
    if (java === undefined || seen.problems.length > 0) return;
    const mine = seen.files.map(
      ({ name, content }) => [name, createHash('sha1').update(content).digest('hex')] as const,
    );
    const theirs = [...java].filter(([name]) => !name.endsWith('.class'));
    expect([index, Object.fromEntries(mine)]).toEqual([index, Object.fromEntries(theirs)]);
    agreed += 1;
  });
  // Enough of them are right, or nothing was compared.
  expect(agreed).toBeGreaterThan(800);
});

test('bytes changed, cut or repeated end in a problem or in the right content, never in an exception', () => {
  const archive = writeZip([{ ...a, descriptor: 'signed' }, { name: 'n.jar', content: writeZip([a, b]) }, code, b], {
    zip64: true,
  });
  fc.assert(
    fc.property(fc.nat(archive.length - 1), fc.nat(255), fc.constantFrom('flip', 'cut', 'double'), (at, value, how) => {
      const copy = Buffer.from(archive);
      if (how === 'flip') copy[at] = value;
      const bytes =
        how === 'cut' ? copy.subarray(0, at) : how === 'double' ? Buffer.concat([copy, copy.subarray(at)]) : copy;
      const seen = read(bytes, 1 + (value % 50));
      if (seen.isZip && seen.problems.length === 0) expect(filesOf(seen)).toEqual(right);
    }),
    { numRuns: 1000 },
  );
});

const hasZip = spawnSync('zip', ['-v']).status === 0 && spawnSync('unzip', ['-v']).status === 0;
test.skipIf(!hasZip)('reads what Info-ZIP writes to a pipe and to a file, and lists as many entries as unzip', () => {
  const script =
    'cd "$1" && mkdir -p w && cd w && for i in 1 2 3; do seq $((i*1000)) > f$i; done && rm -f ../o.zip && zip -q -r ../o.zip . && zip -q -r - . | cat > ../p.zip';
  expect(spawnSync('sh', ['-c', script, 'sh', folder]).status).toBe(0);
  for (const name of ['o.zip', 'p.zip']) {
    const path = join(folder, name);
    const bytes = spawnSync('cat', [path], { maxBuffer: 2 ** 24 }).stdout;
    const seen = read(bytes, 4096);
    const listed = spawnSync('unzip', ['-Z1', path], { encoding: 'utf8' }).stdout.trim().split('\n');
    expect([seen.entries, seen.problems]).toEqual([listed.length, []]);
    expect(filesOf(seen)['f3']?.split('\n').length).toBe(3001);
  }
});
