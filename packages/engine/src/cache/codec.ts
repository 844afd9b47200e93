// Layer records as bytes: a JSON head, the kept files, the path sets; sealed with SHA-256 so that a torn file is never believed.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, zstdDecompressSync } from 'node:zlib';
import { chunkBytes, concatBytes, isObject, kibibyte } from '@plombe/kit';

import type { KeptFile, LayerRecord } from '../collect/record.ts';

/** Raise when the layout below changes: older files are then ignored and pruned in time. */
const magic = 'PLOMBE-LAYER-3\n';
/** Inflated bytes of one record: the limit on kept bytes plus path sets of eight million entries. */
const maxInflatedBytes = 1024 * 1024 * 1024;
const sealBytes = 32;
/** The quickest: the default, 3, packs a record a tenth smaller in twice the time and five times the memory. */
const packLevel = 1;
/** Pieces of the body below this are joined. */
const joinTo = 256 * kibibyte;

interface Head {
  readonly record: Omit<LayerRecord, 'files' | 'rootLinks' | 'nonDirectories' | 'directories'>;
  readonly files: readonly (Omit<KeptFile, 'content'> & { readonly bytes: number })[];
  readonly rootLinks: readonly (readonly [string, string])[];
  readonly nonDirectories: number;
  readonly directories: number;
}

/** Yields the body of a record in pieces that are views of it: what a layer keeps is not copied to be written. */
function* bodyOf(record: LayerRecord): Generator<Uint8Array> {
  const { files, rootLinks, nonDirectories, directories, ...rest } = record;
  const head: Head = {
    record: rest,
    files: files.map(({ content, ...file }) => ({ ...file, bytes: content.length })),
    rootLinks: [...rootLinks],
    nonDirectories: nonDirectories.length,
    directories: directories.length,
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const start = Buffer.alloc(8);
  start.writeUInt32LE(headBytes.length);
  yield start;
  yield headBytes;
  // Eight-byte alignment, so that the path sets can be used where they lie.
  yield Buffer.alloc((8 - ((8 + headBytes.length) % 8)) % 8, 0x20);
  yield bytesOf(nonDirectories);
  yield bytesOf(directories);
  for (const { content } of files) yield content;
}

/** Joins small pieces, so that a record of a hundred thousand files is not as many calls of the compressor. */
function* joined(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    if (size + piece.length > joinTo) {
      yield concatBytes(small);
      small = [];
      size = 0;
    }
    if (piece.length >= joinTo) {
      for (let at = 0; at < piece.length; at += chunkBytes) yield piece.subarray(at, at + chunkBytes);
    } else {
      small.push(piece);
      size += piece.length;
    }
  }
  yield concatBytes(small);
}

/** Yields the body of a cache file for this record, packed. */
export function packRecord(record: LayerRecord): AsyncIterable<Uint8Array> {
  return pack(bodyOf(record));
}

/**
 * Yields the bytes of a cache file: what comes after its seal, packed with zstd. `sealOf` makes the beginning of the file, once all of that is
 * known.
 */
export async function* pack(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packer = createZstdCompress({
    chunkSize: 256 * kibibyte,
    params: { [constants.ZSTD_c_compressionLevel]: packLevel },
  });
  const fed = pipeline(Readable.from(joined(pieces), { objectMode: true, highWaterMark: 1 }), packer);
  fed.catch(() => undefined);
  for await (const chunk of packer) yield chunk as Uint8Array;
  await fed;
}

/** Bytes before the packed body of a cache file. */
export const sealedBytes = magic.length + sealBytes;

/** Returns the beginning of a cache file whose packed body has this SHA-256. */
export function sealOf(digest: Uint8Array): Uint8Array {
  return concatBytes([Buffer.from(magic), digest]);
}

/** Returns the packed body of a cache file, or undefined where its bytes are torn, altered or of another version. */
export function unseal(bytes: Uint8Array): Uint8Array | undefined {
  const start = sealedBytes;
  if (bytes.length < start || Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') !== magic)
    return undefined;
  const packed = bytes.subarray(start);
  const seal = createHash('sha256').update(packed).digest();
  return seal.equals(bytes.subarray(magic.length, start)) ? packed : undefined;
}

/** Returns the record, or undefined where the bytes are torn, altered or of another version. */
export function decodeRecord(bytes: Uint8Array): LayerRecord | undefined {
  const packed = unseal(bytes);
  if (packed === undefined) return undefined;
  try {
    return decodeBody(zstdDecompressSync(packed, { maxOutputLength: maxInflatedBytes, chunkSize: 512 * kibibyte }));
  } catch {
    return undefined;
  }
}

function decodeBody(body: Buffer): LayerRecord | undefined {
  const headLength = body.readUInt32LE(0);
  const head = JSON.parse(body.subarray(8, 8 + headLength).toString('utf8')) as unknown;
  if (!isHead(head)) return undefined;
  let at = Math.ceil((8 + headLength) / 8) * 8;
  // Before anything is made of the counts: what they name is all that follows.
  const counts = [head.nonDirectories * 8, head.directories * 8, ...head.files.map(({ bytes }) => bytes)];
  if (!counts.every(isCount) || counts.reduce((sum, count) => sum + count, at) !== body.length) return undefined;
  const numbers = (count: number): Float64Array => {
    const copy = new Float64Array(count);
    Buffer.from(copy.buffer).set(body.subarray(at, at + count * 8));
    at += count * 8;
    return copy;
  };
  const nonDirectories = numbers(head.nonDirectories);
  const directories = numbers(head.directories);
  const files = head.files.map(({ bytes, ...file }): KeptFile => {
    const content = body.subarray(at, at + bytes);
    at += bytes;
    return { ...file, content };
  });
  return { ...head.record, files, rootLinks: new Map(head.rootLinks), nonDirectories, directories };
}

function isHead(value: unknown): value is Head {
  // The seal proves that this program wrote it; only the outline is checked.
  return (
    isObject(value) &&
    isObject(value['record']) &&
    Array.isArray(value['files']) &&
    value['files'].every(isObject) &&
    Array.isArray(value['rootLinks'])
  );
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Returns a short stable name for what was asked of the layer: a cache file answers exactly that question. */
export function interestsKey(interests: readonly { readonly id: string; readonly wantsVersion: number }[]): string {
  const text = interests
    .map(({ id, wantsVersion }) => `${id}=${wantsVersion}`)
    .sort()
    .join(' ');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
