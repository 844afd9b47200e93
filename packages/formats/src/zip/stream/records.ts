// The records a zip archive is made of, read at a position of bytes that hold them whole (APPNOTE 6.3.10, 4.3).

/** Signatures as little-endian numbers; each begins with `PK`. */
export const signatures = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  central: 0x02014b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  end: 0x06054b50,
} as const;

export const localBytes = 30;
export const centralBytes = 46;
export const endBytes = 22;
export const end64Bytes = 56;
export const locatorBytes = 20;
/** A data descriptor with its signature and zip64 sizes. */
export const maxDescriptorBytes = 24;

const flagDescriptor = 8;
const unknown32 = 0xffffffff;
/** Methods APPNOTE names end at 99; a header in the midst of junk that states another is none. */
const maxMethod = 99;

/** What a local header says of its entry. */
export interface LocalHeader {
  readonly nameAt: number;
  readonly nameBytes: number;
  readonly method: number;
  readonly flags: number;
  /** Length of header, name and extra field. */
  readonly headerBytes: number;
  /** Undefined where only a data descriptor behind the data says it. */
  readonly compressedBytes: number | undefined;
}

/** One entry as the central directory has it; `offset` is relative to the archive's start. */
export interface CentralHeader {
  readonly nameAt: number;
  readonly nameBytes: number;
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly offset: number;
  readonly headerBytes: number;
}

/** Where the directory is, as the end record or its zip64 twin says. */
export interface EndRecord {
  readonly count: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
  readonly commentBytes: number;
}

/** Returns the header at `at`, undefined where the bytes end before it does. */
export function readLocal(bytes: Buffer, at: number): LocalHeader | undefined {
  if (at + localBytes > bytes.length) return undefined;
  const nameBytes = bytes.readUInt16LE(at + 26);
  const extraBytes = bytes.readUInt16LE(at + 28);
  const headerBytes = localBytes + nameBytes + extraBytes;
  if (at + headerBytes > bytes.length) return undefined;
  const flags = bytes.readUInt16LE(at + 6);
  const stated = bytes.readUInt32LE(at + 18);
  const extraAt = at + localBytes + nameBytes;
  const sizes = [bytes.readUInt32LE(at + 22), stated];
  const compressed = stated === unknown32 ? zip64Fields(bytes, extraAt, extraAt + extraBytes, sizes)?.[1] : stated;
  const follows = (flags & flagDescriptor) !== 0 && (compressed === undefined || compressed === 0);
  const compressedBytes = follows ? undefined : compressed;
  return {
    nameAt: at + localBytes,
    nameBytes,
    method: bytes.readUInt16LE(at + 8),
    flags,
    headerBytes,
    compressedBytes,
  };
}

/** True where the bytes look like a local header and not like chance: for finding the next one behind junk. */
export function isLikelyLocal(bytes: Buffer, at: number): boolean {
  return bytes.readUInt16LE(at + 26) > 0 && bytes.readUInt16LE(at + 8) <= maxMethod && (bytes[at + 4] as number) <= 63;
}

/** Returns the header at `at`, undefined where the bytes end before it does. */
export function readCentral(bytes: Buffer, at: number): CentralHeader | undefined {
  if (at + centralBytes > bytes.length) return undefined;
  const nameBytes = bytes.readUInt16LE(at + 28);
  const extraBytes = bytes.readUInt16LE(at + 30);
  const headerBytes = centralBytes + nameBytes + extraBytes + bytes.readUInt16LE(at + 32);
  if (at + headerBytes > bytes.length) return undefined;
  const extraAt = at + centralBytes + nameBytes;
  const stated = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
  const [sizeBytes = 0, compressedBytes = 0, offset = 0] = stated.includes(unknown32)
    ? (zip64Fields(bytes, extraAt, extraAt + extraBytes, stated) ?? stated)
    : stated;
  return {
    nameAt: at + centralBytes,
    nameBytes,
    method: bytes.readUInt16LE(at + 10),
    flags: bytes.readUInt16LE(at + 8),
    crc32: bytes.readUInt32LE(at + 16),
    compressedBytes,
    sizeBytes,
    offset,
    headerBytes,
  };
}

/** Reads the end of central directory, 22 bytes. */
export function readEnd(bytes: Buffer, at: number): EndRecord {
  return {
    count: bytes.readUInt16LE(at + 10),
    directoryBytes: bytes.readUInt32LE(at + 12),
    directoryOffset: bytes.readUInt32LE(at + 16),
    commentBytes: bytes.readUInt16LE(at + 20),
  };
}

/** Reads the zip64 end of central directory, of which 56 bytes must be there. */
export function readEnd64(bytes: Buffer, at: number): EndRecord & { readonly recordBytes: number } {
  return {
    count: number64(bytes, at + 32),
    directoryBytes: number64(bytes, at + 40),
    directoryOffset: number64(bytes, at + 48),
    commentBytes: 0,
    recordBytes: number64(bytes, at + 4) + 12,
  };
}

/** Reads 64 bits; over 2^53 it comes out inexact and so fits no archive. */
export function number64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** The values that are all ones replaced by those of the zip64 extra field, in its order (4.5.3). */
function zip64Fields(bytes: Buffer, from: number, end: number, stated: readonly number[]): number[] | undefined {
  for (let at = from; at + 4 <= end;) {
    const next = at + 4 + bytes.readUInt16LE(at + 2);
    if (bytes.readUInt16LE(at) === 1 && next <= end) {
      let field = at + 4;
      const values = stated.map((value) => {
        if (value !== unknown32 || field + 8 > next) return value;
        field += 8;
        return number64(bytes, field - 8);
      });
      return values;
    }
    at = next;
  }
  return undefined;
}
