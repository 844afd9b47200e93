// Zip archives of feeds: hundreds of thousands of small files, read one after another without unpacking.
import { chunkBytes, encodePath, inert, kibibyte, PlombeError } from '@plombe/kit';
import { crc32, inflateRawSync } from 'node:zlib';
import { corrupt, readDirectory, type ZipEntry } from './directory.ts';
import type { RandomAccess } from './random-access.ts';

/** An open archive. Reading entries in directory order reads the file once, front to back. */
export interface ZipArchive {
  /** In directory order; directories are the names that end with a slash. */
  entries(): readonly ZipEntry[];
  /**
   * Returns the bytes of an entry, its check sum verified. Throws `archive/entry-too-large` over `maxBytes`, `archive/corrupt` where the local
   * header contradicts the directory or the data is damaged, `archive/unsupported` for encryption and other methods than stored and deflate.
   */
  read(entry: ZipEntry, maxBytes: number): Promise<Uint8Array>;
  /** Frees the window; the file is the caller's. */
  close(): void;
}

/**
 * Opens a zip archive (APPNOTE 6.3.10, zip64 included). Throws `archive/corrupt` where it is damaged or ambiguous (two directories, overlapping
 * entries, one name twice) and `archive/limit`.
 */
export async function openZip(file: RandomAccess): Promise<ZipArchive> {
  return new Archive(file, await readDirectory(file));
}

const localBytes = 30;
const flagEncrypted = 0x2041;
const flagDescriptor = 8;

class Archive implements ZipArchive {
  readonly #file: RandomAccess;
  readonly #entries: readonly ZipEntry[];
  #window: Uint8Array = new Uint8Array();
  #windowAt = 0;

  constructor(file: RandomAccess, entries: readonly ZipEntry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  entries(): readonly ZipEntry[] {
    return this.#entries;
  }

  async read(entry: ZipEntry, maxBytes: number): Promise<Uint8Array> {
    if ((entry.flags & flagEncrypted) !== 0 || (entry.method !== 0 && entry.method !== 8)) {
      throw new PlombeError(
        'archive/unsupported',
        `The entry ${inert(entry.name.slice(0, 200))} is encrypted or of compression method ${entry.method}.`,
      );
    }
    if (entry.sizeBytes > maxBytes) {
      throw new PlombeError(
        'archive/entry-too-large',
        `The entry ${inert(entry.name.slice(0, 200))} has ${entry.sizeBytes} bytes, over ${maxBytes}.`,
      );
    }
    const header = await this.#range(entry.offset, localBytes + entry.nameBytes);
    const dataAt = entry.offset + localBytes + entry.nameBytes + this.#checkLocal(header, entry);
    const stored = await this.#range(dataAt, entry.compressedBytes);
    const content = entry.method === 0 ? new Uint8Array(stored) : inflate(stored, entry);
    if (content.length !== entry.sizeBytes || crc32(content) !== entry.crc32) throw damaged(entry);
    return content;
  }

  close(): void {
    this.#window = new Uint8Array();
  }

  /** Compares the local header with the directory; returns the length of its extra field. */
  #checkLocal(header: Uint8Array, entry: ZipEntry): number {
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const agrees = (value: number, stated: number): boolean =>
      value === Math.min(stated, 0xffffffff) ||
      value === 0xffffffff ||
      (value === 0 && (entry.flags & flagDescriptor) !== 0);
    if (
      view.getUint32(0, true) !== 0x04034b50 ||
      ((view.getUint16(6, true) ^ entry.flags) & (flagEncrypted | flagDescriptor)) !== 0 ||
      view.getUint16(8, true) !== entry.method ||
      !agrees(view.getUint32(14, true), entry.crc32) ||
      !agrees(view.getUint32(18, true), entry.compressedBytes) ||
      !agrees(view.getUint32(22, true), entry.sizeBytes) ||
      view.getUint16(26, true) !== entry.nameBytes ||
      Buffer.from(header.subarray(localBytes)).compare(encodePath(entry.name)) !== 0
    ) {
      throw corrupt(`has a local header that contradicts its directory, for ${inert(entry.name.slice(0, 200))}`);
    }
    return view.getUint16(28, true);
  }

  /** Reads a range, small ones through a window that moves along. */
  async #range(offset: number, length: number): Promise<Uint8Array> {
    if (length > 256 * kibibyte) return this.#file.read(offset, length);
    if (offset < this.#windowAt || offset + length > this.#windowAt + this.#window.length) {
      const bytes = await this.#file.read(
        offset,
        Math.max(length, Math.min(chunkBytes, this.#file.sizeBytes - offset)),
      );
      this.#window = bytes;
      this.#windowAt = offset;
      return bytes.subarray(0, length);
    }
    return this.#window.subarray(offset - this.#windowAt, offset - this.#windowAt + length);
  }
}

/** Inflates all of an entry. Bytes left over, or more output than stated, are damage. */
function inflate(stored: Uint8Array, entry: ZipEntry): Uint8Array {
  try {
    const options = { chunkSize: Math.max(entry.sizeBytes, 64), maxOutputLength: Math.max(entry.sizeBytes, 1) };
    const { buffer, engine } = inflateRawSync(stored, { ...options, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === stored.length) return buffer;
  } catch {
    throw damaged(entry);
  }
  throw damaged(entry);
}

function damaged(entry: ZipEntry): PlombeError {
  return corrupt(`has a damaged entry, ${entry.name.slice(0, 200)}`);
}
