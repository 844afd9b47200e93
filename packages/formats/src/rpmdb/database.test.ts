// The three formats of the rpm database: made by code, by rpm itself, and real ones; then everything that can be broken in them.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { sharedPath } from '@plombe/kit/testing';
import { describe, expect, test } from 'vitest';
import { hashFile, insertPackages, ndbFile, rpmHeaderBlob, sqliteFile, sqliteFiles } from '../testing/rpm.ts';
import { readRpmDatabase } from './database.ts';
import type { RpmHeader } from './header.ts';
import { rpmTags } from './tags.ts';

function read(bytes: Uint8Array, wal?: Uint8Array): { headers: RpmHeader[]; problems: string[] } {
  const problems: string[] = [];
  const onProblem = (sentence: string): undefined => void problems.push(sentence);
  return { headers: [...readRpmDatabase(bytes, { onProblem, ...(wal && { wal }) })], problems };
}

const named = (header: RpmHeader): string => `${header.text(rpmTags.name)}-${header.text(rpmTags.version)}`;
const blobs = [
  rpmHeaderBlob({ name: 'a', version: '1', release: '1', epoch: 2, files: ['/usr/bin/a', '/usr/lib/a/METADATA'] }),
  rpmHeaderBlob({ name: 'b', version: '2', release: '1', licence: 'x'.repeat(20_000), vendor: 'Müller' }),
  rpmHeaderBlob({ name: 'c', version: '3', release: '1', files: [] }),
];

const formats: readonly (readonly [string, Uint8Array])[] = [
  ['Berkeley DB', hashFile(blobs)],
  ['Berkeley DB of a big-endian machine', hashFile(blobs, { bigEndian: true, pageBytes: 512 })],
  ['NDB', ndbFile(blobs)],
  ['SQLite', sqliteFile(blobs)],
];

describe.each(formats)('%s', (_name, bytes) => {
  test('yields every package with its values', () => {
    const { headers, problems } = read(bytes);
    expect(problems).toEqual([]);
    expect(headers.map(named)).toEqual(['a-1', 'b-2', 'c-3']);
    expect(headers[0]?.number(rpmTags.epoch)).toBe(2);
    expect([...(headers[0]?.paths() ?? [])]).toEqual(['usr/bin/a', 'usr/lib/a/METADATA']);
    expect(headers[1]?.text(rpmTags.vendor)).toBe('Müller');
    expect(headers[1]?.text(rpmTags.licence)).toHaveLength(20_000);
    expect(headers[1]?.number(rpmTags.epoch)).toBeUndefined();
    expect([...(headers[2]?.paths() ?? [])]).toEqual([]);
  });

  test('T13 T14 cut at any place it yields a part, tells so, and never throws', () => {
    for (let size = 0; size < bytes.length; size += 509) {
      const { headers, problems } = read(bytes.subarray(0, size));
      expect(headers.length).toBeLessThanOrEqual(3);
      if (headers.map(named).join() !== 'a-1,b-2,c-3') expect(problems.length).toBeGreaterThan(0);
    }
  });

  test('T13 T14 changed bytes never throw, hang or multiply packages', () => {
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(changes, (pairs) => {
        const copy = new Uint8Array(bytes);
        for (const [at, value] of pairs) copy[at] = value;
        const { headers } = read(copy);
        expect(headers.length).toBeLessThan(300);
        for (const header of headers) expect([...header.paths()].length).toBeLessThan(30_000);
      }),
      { numRuns: 300 },
    );
  });

  test('T13 T14 changed words of the structure never throw or hang', () => {
    const words = fc.constantFrom(0, 1, 2, 3, 0x7fffffff, 0xffffffff, 0x01000000, 0x10, 0xff00);
    const changes = fc.array(fc.tuple(fc.nat((bytes.length >> 2) - 1), words, fc.boolean()), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(changes, (edits) => {
        const copy = new Uint8Array(bytes);
        const view = new DataView(copy.buffer);
        for (const [at, word, little] of edits) view.setUint32(at * 4, word, little);
        for (const header of read(copy).headers) expect([...header.paths()].length).toBeLessThan(30_000);
      }),
      { numRuns: 300 },
    );
  });
});

test('T13 random bytes, with or without a magic number, never throw', () => {
  const magics = [[0x52, 0x70, 0x6d, 0x50], [...Buffer.from('SQLite format 3\0')], []];
  fc.assert(
    fc.property(
      fc.constantFrom(...magics),
      fc.uint8Array({ maxLength: 3000 }),
      fc.uint8Array({ maxLength: 200 }),
      (magic, tail, wal) => {
        read(Uint8Array.from([...magic, ...tail]), wal);
      },
    ),
    { numRuns: 300 },
  );
});

test('an empty or foreign file is told, not taken for an empty database', () => {
  for (const bytes of [new Uint8Array(0), Buffer.from('hello, I am no database at all')]) {
    expect(read(bytes)).toMatchObject({ headers: [], problems: [/neither/] });
  }
});

describe('real databases', () => {
  test.each([
    ['rpmdb/cbl-mariner-2.0/rpmdb.sqlite', 129, 7269],
    ['rpmdb/libuuid/Packages', 1, 7],
    ['rpmdb/sle15-bci/Packages.db', 35, 2837],
  ])('%s', (name, packages, files) => {
    const path = sharedPath(name);
    if (path === undefined) return console.warn(`skipped: ${name} is not there`);
    const { headers, problems } = read(readFileSync(path));
    expect(problems).toEqual([]);
    expect(headers).toHaveLength(packages);
    expect(headers.flatMap((header) => [...header.paths()])).toHaveLength(files);
    for (const header of headers) expect(header.text(rpmTags.release)).toMatch(/./);
  });
});

describe('a write-ahead log', () => {
  const { file, wal } = sqliteFiles((database) => {
    database.exec('PRAGMA page_size=1024');
    database.exec('PRAGMA journal_mode=wal');
    insertPackages(database, blobs.slice(0, 2));
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.exec('DELETE FROM Packages WHERE hnum = 1');
    insertPackages(database, blobs.slice(2), 3);
  });

  test('replaces the pages it has committed', () => {
    expect(read(file).headers.map(named)).toEqual(['a-1', 'b-2']);
    expect(read(file, wal)).toMatchObject({ problems: [] });
    expect(read(file, wal).headers.map(named)).toEqual(['b-2', 'c-3']);
  });

  test('counts up to the last commit before a broken frame', () => {
    const frame = 24 + 1024;
    const lastFrame = new Uint8Array(wal);
    lastFrame[lastFrame.length - 1] = (lastFrame.at(-1) as number) ^ 1;
    expect(read(file, lastFrame).headers.map(named)).toEqual(['b-2']);
    expect(read(file, wal.subarray(0, wal.length - frame)).headers.map(named)).toEqual(['b-2']);
    const salted = new Uint8Array(wal);
    salted[32 + 8] = (salted[32 + 8] as number) ^ 1;
    expect(read(file, salted).headers.map(named)).toEqual(['a-1', 'b-2']);
  });

  test('T13 tells where it is damaged, and so packages may be missing', () => {
    const broken = (at: number): Uint8Array => {
      const copy = new Uint8Array(wal);
      copy[at] = (copy[at] as number) ^ 1;
      return copy;
    };
    for (const log of [broken(0), broken(9), broken(25), broken(32 + 17), broken(wal.length - 1)]) {
      expect(read(file, log).problems).toEqual(['the write-ahead log is damaged']);
    }
    expect(read(file, wal.subarray(0, -9)).problems).toEqual(['the write-ahead log is damaged']);
    // Frames of the log's last use, which SQLite leaves behind the new ones.
    expect(read(file, broken(32 + 8)).problems).toEqual([]);
    expect(read(file, new Uint8Array(0)).problems).toEqual([]);
  });

  test('may hold the whole database while the file is empty', () => {
    const whole = sqliteFiles((database) => {
      database.exec('PRAGMA journal_mode=wal');
      insertPackages(database, blobs);
    });
    expect(read(whole.file, whole.wal).headers.map(named)).toEqual(['a-1', 'b-2', 'c-3']);
  });

  test('T14 broken anywhere it never throws, and the file alone is what counts then', () => {
    fc.assert(
      fc.property(fc.nat(wal.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const copy = new Uint8Array(wal);
        copy[at] = (copy[at] as number) ^ mask;
        expect(['a-1,b-2', 'b-2', 'b-2,c-3']).toContain(read(file, copy).headers.map(named).join());
      }),
    );
  });
});

test('many packages: interior pages are walked in order', () => {
  const many = Array.from({ length: 3000 }, (_, i) => rpmHeaderBlob({ name: `p${i}`, version: '1', release: '1' }));
  for (const bytes of [sqliteFile(many), hashFile(many.slice(0, 500))]) {
    const { headers, problems } = read(bytes);
    expect(problems).toEqual([]);
    expect(headers.map((header) => header.text(rpmTags.name))).toEqual(
      many.slice(0, headers.length).map((_, i) => `p${i}`),
    );
  }
});

test('T14 triggers, views and virtual tables of the same name are not looked at', () => {
  const { file } = sqliteFiles((database) => {
    database.exec('CREATE TABLE other (a, b)');
    database.exec('CREATE VIEW Packages AS SELECT 1, load_extension(a) FROM other');
  });
  expect(read(file)).toMatchObject({ headers: [], problems: ['there is no table Packages'] });
});

test('T13 a value whose pages go in a circle ends there', () => {
  const bytes = new Uint8Array(hashFile(blobs));
  const view = new DataView(bytes.buffer);
  for (let page = 1; page < bytes.length / 4096; page++) {
    if (bytes[page * 4096 + 25] === 7) view.setUint32(page * 4096 + 16, page, true);
  }
  const { headers, problems } = read(bytes);
  expect(headers.map(named)).toEqual(['a-1', 'b-2', 'c-3']);
  expect(new Set(problems)).toEqual(
    new Set([
      'the pages of a value do not form a chain',
      'a package header ends early',
      'a page belongs to no package',
    ]),
  );
});

test('T13 four thousand entries that share one chain cost one reading of it', () => {
  const bytes = hashFile(blobs);
  const shared = bytes.subarray(3 * 4096, 4 * 4096);
  expect(shared[25]).toBe(13);
  const { headers, problems } = read(Buffer.concat([bytes, ...Array.from({ length: 4000 }, () => shared)]));
  expect(headers.map(named)).toEqual(['a-1', 'b-2', 'c-3']);
  expect(problems.filter((sentence) => sentence.includes('chain'))).toHaveLength(4000);
});

describe('T13 damage that takes packages away without breaking one is told', () => {
  const pageOf = (bytes: Uint8Array, wanted: (page: Uint8Array) => boolean): number => {
    for (let at = 0; at < bytes.length; at += 4096) if (wanted(bytes.subarray(at, at + 4096))) return at;
    throw new Error('the fixture has no such page');
  };
  const manyRows = sqliteFile(
    Array.from({ length: 99 }, (_, i) => rpmHeaderBlob({ name: `p${i}`, version: '1', release: '1' })),
  );
  const rows = (page: Uint8Array): boolean => page[0] === 0x0d && (page[4] as number) > 2;
  const cells = (bytes: Buffer, type: number, count: number): Buffer => {
    bytes.writeUInt16BE(count, pageOf(bytes, type === 0x0d ? rows : (page) => page[0] === type) + 3);
    return bytes;
  };
  const twice = (bytes: Buffer): Buffer => {
    const first = pageOf(bytes, rows);
    bytes.copy(bytes, first + 4096 + pageOf(bytes.subarray(first + 4096), rows), first, first + 4096);
    return bytes;
  };
  /** The hash page of `b`, whose header is in overflow pages. */
  const hashed = pageOf(hashFile(blobs), (page) => page[25] === 13 && page[4096 - 4] === 2);

  test.each<readonly [string, Uint8Array, (bytes: Buffer) => Uint8Array, string]>([
    ['a hash page of zeros', hashFile(blobs), (bytes) => bytes.fill(0, hashed, hashed + 4096), 'belongs to no package'],
    [
      'a key that is 0',
      hashFile(blobs),
      (bytes) => bytes.fill(0, hashed + 4092, hashed + 4096),
      'belongs to no package',
    ],
    ['a page of an unknown type', hashFile(blobs), (bytes) => bytes.fill(77, hashed + 25, hashed + 26), 'a type'],
    ['a page in the place of another', hashFile(blobs), (bytes) => bytes.fill(9, hashed + 8, hashed + 9), 'number'],
    [
      'bytes put in, which move all that follow',
      hashFile(blobs),
      (bytes) => Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(16), bytes.subarray(4096)]),
      'whole pages',
    ],
    ['an NDB whose slot table has no pages', ndbFile(blobs), (bytes) => bytes.fill(0, 12, 16), 'no slot table'],
    ['an NDB slot without an id', ndbFile(blobs), (bytes) => bytes.fill(0, 36, 40), 'a slot is used in part'],
    ['an NDB slot without a place', ndbFile(blobs), (bytes) => bytes.fill(0, 56, 60), 'a slot is used in part'],
    [
      'an NDB with more slots than its header says',
      ndbFile(blobs),
      (bytes) => Buffer.concat([bytes.subarray(0, 4096), Buffer.from('Slot'), bytes.subarray(4100)]),
      'goes on',
    ],
    ['a SQLite page with fewer cells', manyRows, (bytes) => cells(bytes, 0x0d, 1), 'does not add up'],
    ['a SQLite page with no cells', manyRows, (bytes) => cells(bytes, 0x0d, 0), 'does not add up'],
    ['a SQLite page with fewer children', manyRows, (bytes) => cells(bytes, 0x05, 1), 'does not add up'],
    ['a SQLite page that is there twice', manyRows, twice, 'not in order'],
  ])('%s', (_title, sound, damage, told) => {
    expect(read(sound).problems).toEqual([]);
    expect(read(damage(Buffer.from(sound))).problems.join()).toContain(told);
  });
});
