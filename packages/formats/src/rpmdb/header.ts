// An rpm header: the tagged values of one package, read only where asked for.
import { decodePath, decodeText } from '@plombe/kit';
import { rpmTags, type RpmTag } from './tags.ts';

/** Index entries of one header: rpm itself refuses more (`HEADER_TAGS_MAX` is 65,535). */
const maxEntries = 65_535;

/** Characters of one text such as a name or licence: the longest licence expression known has about 1,500. */
const maxTextBytes = 65_536;

/** Linux's PATH_MAX: a file in a longer directory cannot be opened, and joining such names takes quadratic time. */
const maxDirectoryLength = 4096;

const entryBytes = 16;
const typeInt8 = 2;
const typeInt16 = 3;
const typeInt32 = 4;
const typeInt64 = 5;
const typeString = 6;
const typeStringArray = 8;
const typeI18nString = 9;

/** The values of one installed package. Absent, mistyped and out-of-bounds values are undefined or empty. */
export interface RpmHeader {
  /** First string of a string tag. Bytes that are not UTF-8 become U+FFFD. */
  text(tag: RpmTag): string | undefined;
  /** First number of an integer tag. */
  number(tag: RpmTag): number | undefined;
  /** Path of every file the package owns, without the leading slash, in the order of the header. Decoded as it is asked for. */
  paths(): Iterable<string>;
  /** True where the bytes end before the header says, so that values may be missing. */
  readonly truncated: boolean;
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * Parses the header blob of an rpm database: two big-endian counts, the index and the data, as rpm's `header.c` imports it.
 * Undefined where the index is not there whole. Of a tag given twice the later one counts: rpm's own additions replace the signed ones.
 */
export function parseRpmHeader(blob: Uint8Array): RpmHeader | undefined {
  if (blob.length < 8) return undefined;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const entryCount = view.getUint32(0);
  const dataBytes = view.getUint32(4);
  const dataStart = 8 + entryCount * entryBytes;
  if (entryCount === 0 || entryCount > maxEntries || dataStart > blob.length) return undefined;
  const data = blob.subarray(dataStart, Math.min(blob.length, dataStart + dataBytes));
  return new HeaderReader(view, entryCount, data, data.length < dataBytes);
}

class HeaderReader implements RpmHeader {
  readonly #index: DataView;
  readonly #entryCount: number;
  readonly #data: Uint8Array;
  readonly #numbers: DataView;
  readonly truncated: boolean;

  constructor(index: DataView, entryCount: number, data: Uint8Array, truncated: boolean) {
    this.#index = index;
    this.#entryCount = entryCount;
    this.#data = data;
    this.#numbers = new DataView(data.buffer, data.byteOffset, data.length);
    this.truncated = truncated;
  }

  text(tag: RpmTag): string | undefined {
    const entry = this.#find(tag);
    if (entry === undefined || !isText(entry.type)) return undefined;
    const end = this.#data.subarray(0, entry.offset + maxTextBytes).indexOf(0, entry.offset);
    return end < 0 ? undefined : decodeText(this.#data.subarray(entry.offset, end));
  }

  number(tag: RpmTag): number | undefined {
    const entry = this.#find(tag);
    return entry === undefined || entry.count === 0 ? undefined : this.#number(entry, 0);
  }

  *paths(): Iterable<string> {
    const names = this.#find(rpmTags.baseNames);
    if (names === undefined) {
      for (const path of this.#texts(this.#find(rpmTags.oldFileNames))) yield stripSlash(path);
      return;
    }
    const directories = [...this.#texts(this.#find(rpmTags.directoryNames))].map(stripSlash);
    const indexes = this.#find(rpmTags.directoryIndexes);
    if (indexes === undefined) return;
    let position = 0;
    for (const name of this.#texts(names)) {
      const directory = directories[this.#number(indexes, position) ?? -1];
      position += 1;
      if (directory !== undefined && directory.length <= maxDirectoryLength) yield directory + name;
    }
  }

  #find(tag: RpmTag): Entry | undefined {
    for (let i = this.#entryCount - 1; i >= 0; i--) {
      const at = 8 + i * entryBytes;
      if (this.#index.getUint32(at) !== tag) continue;
      const type = this.#index.getUint32(at + 4);
      const offset = this.#index.getUint32(at + 8);
      const count = this.#index.getUint32(at + 12);
      return offset < this.#data.length ? { type, offset, count } : undefined;
    }
    return undefined;
  }

  #number(entry: Entry, position: number): number | undefined {
    const width = numberWidth(entry.type);
    const at = entry.offset + position * width;
    if (width === 0 || position >= entry.count || at + width > this.#data.length) return undefined;
    if (width === 1) return this.#numbers.getUint8(at);
    if (width === 2) return this.#numbers.getUint16(at);
    return width === 4 ? this.#numbers.getUint32(at) : Number(this.#numbers.getBigUint64(at));
  }

  /** At most one text per byte of data, whatever the count claims. */
  *#texts(entry: Entry | undefined): Iterable<string> {
    if (entry === undefined || !isText(entry.type)) return;
    let start = entry.offset;
    for (let i = 0; i < entry.count; i++) {
      const end = this.#data.indexOf(0, start);
      if (end < 0) return;
      yield decodePath(this.#data.subarray(start, end));
      start = end + 1;
    }
  }
}

function isText(type: number): boolean {
  return type === typeString || type === typeStringArray || type === typeI18nString;
}

function numberWidth(type: number): 0 | 1 | 2 | 4 | 8 {
  if (type === typeInt32) return 4;
  if (type === typeInt64) return 8;
  if (type === typeInt16) return 2;
  return type === typeInt8 ? 1 : 0;
}

function stripSlash(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}
