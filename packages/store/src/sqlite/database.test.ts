// What a database says of itself that is full or damaged, whoever asks it: the server, or a command beside it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPlombeError } from '@plombe/kit';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from './database.ts';

const migrations = [{ module: 'test', version: 1, sql: 'CREATE TABLE things (bytes BLOB NOT NULL, name TEXT UNIQUE)' }];
const large = new Uint8Array(100_000);

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function open(path: string): Database {
  const db = openDatabase(path, migrations);
  onTestFinished(() => db.close());
  return db;
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'fine';
  } catch (error) {
    return isPlombeError(error) ? error.code : 'another';
  }
}

test('full is store/full, outside and inside of a transaction, and over once there is room', () => {
  const db = open(join(folderOfTest(), 'state.db'));
  const insert = (): unknown => db.run('INSERT INTO things (bytes) VALUES (?)', large);
  db.run('PRAGMA max_page_count = 8');
  expect([codeOf(insert), codeOf(() => db.transaction(insert))]).toEqual(['store/full', 'store/full']);
  db.run('PRAGMA max_page_count = 1000000');
  expect([codeOf(insert), db.get('SELECT count(*) AS n FROM things')]).toEqual(['fine', { n: 1 }]);
});

test('damaged is store/unusable, and what was asked wrongly is a mistake of ours', () => {
  const path = join(folderOfTest(), 'state.db');
  const first = openDatabase(path, migrations);
  for (let row = 0; row < 20; row += 1) first.run('INSERT INTO things (bytes, name) VALUES (?, ?)', large, String(row));
  expect(codeOf(() => first.run('INSERT INTO things (bytes, name) VALUES (?, ?)', large, '1'))).toBe('another');
  expect(codeOf(() => first.all('SELECT nothing FROM things'))).toBe('another');
  first.close();
  const db = open(path);
  writeFileSync(path, Buffer.alloc(2_000_000, 0xff), { flag: 'r+' });
  expect(codeOf(() => db.all('SELECT * FROM things'))).toBe('store/unusable');
});

test('a table that is not there is the fault of the file, also while rows are read', () => {
  const db = open(join(folderOfTest(), 'state.db'));
  db.run('INSERT INTO things (bytes) VALUES (?)', new Uint8Array(1));
  for (const _ of db.iterate('SELECT bytes FROM things')) break;
  expect([...db.iterate('SELECT length(bytes) AS n FROM things')]).toEqual([{ n: 1 }]);
  db.run('DROP TABLE things');
  expect(codeOf(() => [...db.iterate('SELECT bytes FROM things')])).toBe('store/unusable');
  expect(codeOf(() => db.all('SELECT absent FROM things'))).toBe('store/unusable');
  expect(codeOf(() => db.run('SELEC'))).toBe('another');
});
