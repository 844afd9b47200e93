// Rpm databases made by code, so that a test says in words what is in them. Layouts as in the readers' references.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One package; absent values get no tag. */
export interface RpmSpec {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number;
  readonly architecture?: string;
  readonly sourceRpm?: string;
  readonly vendor?: string;
  readonly licence?: string;
  readonly modularityLabel?: string;
  /** Absolute paths. */
  readonly files?: readonly string[];
}

type TagValue = string | readonly string[] | readonly number[];

/** Returns the header blob of a package, with a region tag first as rpm writes it. */
export function rpmHeaderBlob(spec: RpmSpec): Uint8Array {
  const directories = [...new Set((spec.files ?? []).map((path) => path.slice(0, path.lastIndexOf('/') + 1)))];
  const values: readonly (readonly [number, TagValue | undefined])[] = [
    [1000, spec.name],
    [1001, spec.version],
    [1002, spec.release],
    [1003, spec.epoch === undefined ? undefined : [spec.epoch]],
    [1011, spec.vendor],
    [1014, spec.licence],
    [1022, spec.architecture],
    [1044, spec.sourceRpm],
    [1116, spec.files?.map((path) => directories.indexOf(path.slice(0, path.lastIndexOf('/') + 1)))],
    [1117, spec.files?.map((path) => path.slice(path.lastIndexOf('/') + 1))],
    [1118, spec.files && directories],
    [5096, spec.modularityLabel],
  ];
  return headerOf(values.filter((pair): pair is [number, TagValue] => pair[1] !== undefined));
}

function headerOf(values: readonly (readonly [number, TagValue])[]): Uint8Array {
  const data: Buffer[] = [];
  const index: Buffer[] = [];
  let offset = 0;
  const add = (tag: number, type: number, count: number, bytes: Buffer): void => {
    index.push(words(tag, type, offset, count));
    data.push(bytes);
    offset += bytes.length;
  };
  for (const [tag, value] of values) {
    if (typeof value === 'string') add(tag, 6, 1, Buffer.from(`${value}\0`));
    else if (isNumbers(value)) {
      const padding = Buffer.alloc((4 - (offset % 4)) % 4);
      data.push(padding);
      offset += padding.length;
      add(tag, 4, value.length, words(...value));
    } else add(tag, 8, value.length, Buffer.from(value.map((text) => `${text}\0`).join('')));
  }
  const region = words(63, 7, offset, 16);
  const trailer = words(63, 7, -(index.length + 1) * 16, 16);
  return Buffer.concat([words(index.length + 1, offset + 16), region, ...index, ...data, trailer]);
}

function isNumbers(value: readonly string[] | readonly number[]): value is readonly number[] {
  return typeof value[0] === 'number';
}

/** Big-endian, as everything in a header is. */
function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, i * 4);
  return bytes;
}

/** Returns an NDB file (`Packages.db`) of these blobs. */
export function ndbFile(blobs: readonly Uint8Array[]): Uint8Array {
  const slots = Buffer.alloc(4096);
  slots.write('RpmP');
  slots.writeUInt32LE(1, 12);
  for (let at = 32; at < slots.length; at += 16) slots.write('Slot', at);
  const parts: Buffer[] = [slots];
  let block = 256;
  for (const [i, blob] of blobs.entries()) {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const bytes = Buffer.alloc(blocks * 16);
    bytes.write('BlbS');
    bytes.writeUInt32LE(i + 1, 4);
    bytes.writeUInt32LE(blob.length, 12);
    bytes.set(blob, 16);
    bytes.writeUInt32LE(adler(bytes.subarray(0, -12)), bytes.length - 12);
    bytes.writeUInt32LE(blob.length, bytes.length - 8);
    bytes.write('BlbE', bytes.length - 4);
    slots.writeUInt32LE(i + 1, 36 + i * 16);
    slots.writeUInt32LE(block, 40 + i * 16);
    slots.writeUInt32LE(blocks, 44 + i * 16);
    parts.push(bytes);
    block += blocks;
  }
  return Buffer.concat(parts);
}

function adler(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

export interface HashOptions {
  readonly pageBytes?: number;
  /** As a database made on s390x or ppc64 has it. */
  readonly bigEndian?: boolean;
}

/**
 * Returns a Berkeley DB hash file (`Packages`) with one entry in each hash page: rpm's counter first, then the blobs, those under a
 * quarter of a page in the hash page itself and the others in overflow pages.
 */
export function hashFile(
  blobs: readonly Uint8Array[],
  { pageBytes = 4096, bigEndian = false }: HashOptions = {},
): Uint8Array {
  const pages: DataView<ArrayBuffer>[] = [];
  const little = !bigEndian;
  const addPage = (type: number): DataView<ArrayBuffer> => {
    const page = new DataView(new ArrayBuffer(pageBytes));
    page.setUint32(8, pages.length, little);
    page.setUint8(25, type);
    pages.push(page);
    return page;
  };
  const addEntry = (key: number, item: Uint8Array): void => {
    const page = addPage(13);
    const itemAt = pageBytes - 5 - item.length;
    page.setUint16(20, 2, little);
    page.setUint16(26, pageBytes - 5, little);
    page.setUint16(28, itemAt, little);
    page.setUint8(pageBytes - 5, 1);
    page.setUint32(pageBytes - 4, key, little);
    new Uint8Array(page.buffer).set(item, itemAt);
  };
  const meta = addPage(8);
  addEntry(0, Uint8Array.of(1, 9, 0, 0, 0));
  for (const [i, blob] of blobs.entries()) {
    if (blob.length < pageBytes / 4) {
      addEntry(i + 1, Uint8Array.of(1, ...blob));
      continue;
    }
    const item = new DataView(new ArrayBuffer(12));
    item.setUint8(0, 3);
    item.setUint32(4, pages.length + 1, little);
    item.setUint32(8, blob.length, little);
    addEntry(i + 1, new Uint8Array(item.buffer));
    for (let at = 0; at < blob.length; at += pageBytes - 26) {
      const part = blob.subarray(at, at + pageBytes - 26);
      const overflow = addPage(7);
      overflow.setUint16(22, part.length, little);
      new Uint8Array(overflow.buffer).set(part, 26);
      if (at + part.length < blob.length) overflow.setUint32(16, pages.length, little);
    }
  }
  meta.setUint32(12, 0x00061561, little);
  meta.setUint32(16, 9, little);
  meta.setUint32(20, pageBytes, little);
  meta.setUint32(32, pages.length - 1, little);
  return Buffer.concat(pages.map((page) => new Uint8Array(page.buffer)));
}

/** The two files of a SQLite database as they lie on disk while it is open. */
export interface SqliteFiles {
  readonly file: Uint8Array;
  readonly wal: Uint8Array;
}

/** Runs statements on a fresh SQLite database and returns its files; with `PRAGMA journal_mode=wal` the log holds what came after it. */
export function sqliteFiles(fill: (database: DatabaseSync) => void): SqliteFiles {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-sqlite-'));
  try {
    const path = join(folder, 'db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA synchronous=off');
    fill(database);
    const file = readFileSync(path);
    let wal: Uint8Array = new Uint8Array(0);
    try {
      wal = readFileSync(`${path}-wal`);
    } catch {
      // A database that is not in WAL mode has no log.
    }
    database.close();
    return { file, wal };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creates rpm's table of packages and inserts the blobs, numbered from `first`. */
export function insertPackages(database: DatabaseSync, blobs: readonly Uint8Array[], first = 1): void {
  database.exec("CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");
  const insert = database.prepare('INSERT INTO Packages VALUES (?, ?)');
  database.exec('BEGIN');
  for (const [i, blob] of blobs.entries()) insert.run(first + i, blob);
  database.exec('COMMIT');
}

/** Returns a SQLite file (`rpmdb.sqlite`) of these blobs. */
export function sqliteFile(blobs: readonly Uint8Array[]): Uint8Array {
  return sqliteFiles((database) => insertPackages(database, blobs)).file;
}
