// The central directory of a zip archive: found at the end, zip64 included, and refused where it could be read two ways (APPNOTE 6.3.10).
import { concatBytes, decodePath, mebibyte, PlombeError } from '@plombe/kit';
import type { RandomAccess } from './random-access.ts';

/** One file of a zip archive as the central directory has it. */
export interface ZipEntry {
  /** As written; nothing is ever resolved or created by it. */
  readonly name: string;
  /** 0 stored, 8 deflate; others cannot be read. */
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Where the local header starts. */
  readonly offset: number;
  readonly nameBytes: number;
}

/** Four million entries: OSV's largest ecosystem has 250,000. 512 MiB: 128 bytes for each of them. */
export const zipLimits = { entries: 4_000_000, directoryBytes: 512 * mebibyte };

const endBytes = 22;
const maxCommentBytes = 0xffff;
const end64Bytes = 56;
const locatorBytes = 20;
const fileBytes = 46;

interface Directory {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly count: number;
}

/** Reads all entries, in directory order. Throws `archive/corrupt` or `archive/limit`. */
export async function readDirectory(file: RandomAccess): Promise<ZipEntry[]> {
  const directory = await locate(file);
  if (directory.count > zipLimits.entries || directory.sizeBytes > zipLimits.directoryBytes) {
    throw new PlombeError('archive/limit', `The zip archive has ${directory.count} entries, more than its limit.`);
  }
  const bytes = await file.read(directory.offset, directory.sizeBytes);
  const entries = parseEntries(bytes, directory);
  refuseOverlaps(entries, directory.offset);
  return entries;
}

async function locate(file: RandomAccess): Promise<Directory> {
  const tailAt = Math.max(0, file.sizeBytes - endBytes - maxCommentBytes - end64Bytes - locatorBytes);
  const tail = Buffer.from(concatBytes([await file.read(tailAt, file.sizeBytes - tailAt)]));
  const found: number[] = [];
  for (let i = tail.length - endBytes; i >= 0; i--) {
    if (tail.readUInt32LE(i) === 0x06054b50 && i + endBytes + tail.readUInt16LE(i + 20) === tail.length) found.push(i);
  }
  const at = found[0];
  if (at === undefined) throw corrupt('has no end of central directory');
  if (found.length > 1) throw corrupt('has two ends of central directory');
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0) throw corrupt('is split over several files');
  const directory = {
    count: tail.readUInt16LE(at + 10),
    sizeBytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const locator = at - locatorBytes;
  const is64 = locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50;
  const needs64 = directory.count === 0xffff || directory.sizeBytes === 0xffffffff || directory.offset === 0xffffffff;
  if (!is64) return bounded(directory, tailAt + at);
  if (!needs64) throw corrupt('has a zip64 directory beside a plain one');
  const end64 = exact(tail.readBigUInt64LE(locator + 8));
  const record = Buffer.from(await file.read(end64, end64Bytes));
  if (record.readUInt32LE(0) !== 0x06064b50) throw corrupt('has no zip64 end of central directory where it says');
  if (end64 + exact(record.readBigUInt64LE(4)) + 12 !== tailAt + locator)
    throw corrupt('has bytes between its directory and its end');
  const count = exact(record.readBigUInt64LE(32));
  const sizeBytes = exact(record.readBigUInt64LE(40));
  return bounded({ count, sizeBytes, offset: exact(record.readBigUInt64LE(48)) }, end64);
}

/** A directory that does not end where its end record starts could hide a second one. */
function bounded(directory: Directory, end: number): Directory {
  if (directory.offset + directory.sizeBytes !== end)
    throw corrupt('has bytes around its central directory that belong to nothing');
  return directory;
}

function parseEntries(directory: Uint8Array, { count }: Directory): ZipEntry[] {
  const bytes = Buffer.from(directory.buffer, directory.byteOffset, directory.length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  while (at < bytes.length) {
    if (at + fileBytes > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
      throw corrupt('has a damaged central directory');
    const nameBytes = bytes.readUInt16LE(at + 28);
    const extraAt = at + fileBytes + nameBytes;
    const next = extraAt + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (next > bytes.length) throw corrupt('has a damaged central directory');
    const name = decodePath(bytes.subarray(at + fileBytes, extraAt));
    if (names.has(name)) throw corrupt(`has two entries of one name, ${name.slice(0, 200)}`);
    if (name.includes('\0')) throw corrupt('has a name with a NUL in it');
    names.add(name);
    entries.push({
      name,
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc32: bytes.readUInt32LE(at + 16),
      nameBytes,
      ...sizesOf(bytes, at, extraAt, extraAt + bytes.readUInt16LE(at + 30)),
    });
    at = next;
  }
  if (entries.length !== count) throw corrupt(`has ${entries.length} entries where it states ${count}`);
  return entries;
}

/** Sizes and offset, from the zip64 extra field where the plain ones are all ones (4.5.3). */
function sizesOf(bytes: Buffer, at: number, extraAt: number, extraEnd: number) {
  const plain = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
  if (plain.includes(0xffffffff)) {
    for (let i = extraAt; i + 4 <= extraEnd;) {
      const end = i + 4 + bytes.readUInt16LE(i + 2);
      if (end > extraEnd) throw corrupt('has a damaged extra field');
      if (bytes.readUInt16LE(i) === 1) {
        let field = i + 4;
        plain.forEach((value, index) => {
          if (value !== 0xffffffff) return;
          if (field + 8 > end) throw corrupt('has a damaged zip64 field');
          plain[index] = exact(bytes.readBigUInt64LE(field));
          field += 8;
        });
        break;
      }
      i = end;
    }
  }
  const [sizeBytes = 0, compressedBytes = 0, offset = 0] = plain;
  return { sizeBytes, compressedBytes, offset };
}

/** No two entries may share bytes, nor reach into the directory (T09). */
function refuseOverlaps(entries: readonly ZipEntry[], end: number): void {
  const byOffset = Float64Array.from(entries, (entry) => entry.offset).sort();
  const ends = new Map<number, number>();
  for (const entry of entries) {
    if (ends.has(entry.offset)) throw corrupt('has entries that share their bytes');
    ends.set(entry.offset, entry.offset + 30 + entry.nameBytes + entry.compressedBytes);
  }
  byOffset.forEach((offset, i) => {
    if ((ends.get(offset) ?? 0) > (byOffset[i + 1] ?? end)) throw corrupt('has entries that share their bytes');
  });
}

function exact(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt('states an impossible size');
  return Number(value);
}

/** The error for an archive that is damaged or could be read two ways. */
export function corrupt(what: string): PlombeError {
  return new PlombeError('archive/corrupt', `The zip archive ${what}.`);
}
