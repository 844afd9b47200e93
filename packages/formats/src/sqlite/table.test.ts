// Tables that SQLite itself wrote, in every page size and with every kind of value, and files it would refuse.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sqliteFiles } from '../testing/rpm.ts';
import { readVarint } from './record.ts';
import { readSqliteTable, type SqliteRow } from './table.ts';

function read(bytes: Uint8Array, table = 't', wal?: Uint8Array): { rows: SqliteRow[]; problems: string[] } {
  const problems: string[] = [];
  const onProblem = (sentence: string): undefined => void problems.push(sentence);
  return { rows: [...readSqliteTable(bytes, table, { onProblem, ...(wal && { wal }) })], problems };
}

const value = fc.oneof(
  fc.constantFrom(null, 0, 1, -1, 127, 128, -32_768, 2 ** 23, 2 ** 31 - 1, 2 ** 40, -(2 ** 47), 2 ** 52, 0.5, -1e300),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed().replaceAll('\0', '')),
  fc.integer({ min: 0, max: 5000 }).map((size) => new Uint8Array(size).fill(size)),
);

test.each([512, 1024, 4096, 65_536])('every value comes back from pages of %i bytes', (pageBytes) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 40 }), (rows) => {
      const { file } = sqliteFiles((database) => {
        database.exec(`PRAGMA page_size=${pageBytes}`);
        database.exec('CREATE TABLE t (a, b)');
        const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
        database.exec('BEGIN');
        for (const row of rows) insert.run(...row);
        database.exec('COMMIT');
      });
      const expected = rows.map(([a, b], i) => ({ rowid: i + 1, values: [plain(a), plain(b)] }));
      const { rows: found, problems } = read(file);
      expect(found.map(({ rowid, values }) => ({ rowid, values: values.map(plain) }))).toEqual(expected);
      expect(problems).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

/** Blobs as arrays of numbers, so that Buffer and Uint8Array compare. */
function plain(given: unknown): unknown {
  return given instanceof Uint8Array ? [...given] : given;
}

describe('a log over random transactions holds what SQLite sees', () => {
  const step = fc.oneof(
    fc.record({ insert: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ remove: fc.integer({ min: 1, max: 30 }) }),
    fc.constant({ rollback: true as const }),
  );
  test.each([512, 4096])('page size %i', (pageBytes) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let expected: unknown[] = [];
        const { file, wal } = sqliteFiles((database) => {
          database.exec(`PRAGMA page_size=${pageBytes}; PRAGMA journal_mode=wal; CREATE TABLE t (a)`);
          for (const change of steps) {
            if ('insert' in change) database.prepare('INSERT INTO t VALUES (zeroblob(?))').run(change.insert);
            else if ('remove' in change) database.prepare('DELETE FROM t WHERE rowid = ?').run(change.remove);
            else database.exec('BEGIN; INSERT INTO t VALUES (1); ROLLBACK');
          }
          expected = database
            .prepare('SELECT rowid, length(a) AS size FROM t')
            .all()
            .map((row) => [row['rowid'], row['size']]);
        });
        const { rows, problems } = read(file, 't', wal);
        expect(rows.map(({ rowid, values }) => [rowid, (values[0] as Uint8Array).length])).toEqual(expected);
        expect(problems).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

test('a database in UTF-16 is told, not misread', () => {
  const { file } = sqliteFiles((database) => database.exec("PRAGMA encoding='UTF-16le'; CREATE TABLE t (a)"));
  expect(read(file)).toEqual({ rows: [], problems: ['the text encoding is not UTF-8'] });
});

test('a table that is not there is told', () => {
  const { file } = sqliteFiles((database) => database.exec('CREATE TABLE other (a)'));
  expect(read(file)).toEqual({ rows: [], problems: ['there is no table t'] });
});

test('T14 a page that is its own child ends there', () => {
  const { file } = sqliteFiles((database) => {
    database.exec('PRAGMA page_size=512; CREATE TABLE t (a)');
    for (let i = 0; i < 200; i++) database.exec('INSERT INTO t VALUES (zeroblob(100))');
  });
  const copy = new Uint8Array(file);
  const root = 512;
  expect(copy[root]).toBe(5);
  new DataView(copy.buffer).setUint32(root + 8, 2);
  const { rows, problems } = read(copy);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(200);
  expect(problems).toEqual(['a page is missing, shared or nested too deep']);
});

test('T14 a row that claims four thousand million gigabytes takes what is there', () => {
  const { file } = sqliteFiles((database) => database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100))'));
  const copy = new Uint8Array(file);
  const cell = 4096 + new DataView(copy.buffer).getUint16(4096 + 8);
  copy.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], cell);
  expect(read(copy).problems.length).toBeGreaterThan(0);
});

test.each([
  [[0x00], 0],
  [[0x7f], 127],
  [[0x81, 0x00], 128],
  [[0xff, 0x7f], 16_383],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x05], 5],
  [[0x81], undefined],
  [[], undefined],
])('variable-length integer %j', (bytes, expected) => {
  expect(readVarint(Uint8Array.from(bytes), 0)?.value).toBe(expected);
});
