// Small programs made of bytes: an ELF file with one read-only and one writable part, as Go's linker lays them out.

export interface ProgramOptions {
  readonly wide?: boolean;
  readonly littleEndian?: boolean;
  readonly readOnly: Uint8Array;
  readonly data: Uint8Array;
}

/** File offsets and addresses of the two parts; the address of a byte is its offset plus `skew`. */
export const skew = 0x40_0000;
export const readOnlyAt = 0x1000;

/** Offset of the writable part of a program with that much read-only data. */
export function dataAt(readOnlyBytes: number): number {
  return readOnlyAt + Math.ceil(readOnlyBytes / 4096) * 4096;
}

/** Returns the bytes of the program; its section headers are said to follow the program headers, as Go's linker has them. */
export function elfProgram({ wide = true, littleEndian = true, readOnly, data }: ProgramOptions): Buffer {
  const at = dataAt(readOnly.length);
  const file = Buffer.alloc(at + data.length + 4096);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const word = (offset: number, value: number): void =>
    wide ? view.setBigUint64(offset, BigInt(value), littleEndian) : view.setUint32(offset, value, littleEndian);
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1]);
  word(wide ? 32 : 28, 64);
  word(wide ? 40 : 32, 512);
  view.setUint16(wide ? 54 : 42, wide ? 56 : 32, littleEndian);
  view.setUint16(wide ? 56 : 44, 2, littleEndian);
  const header = (index: number, flags: number, offset: number, size: number): void => {
    const start = 64 + index * (wide ? 56 : 32);
    view.setUint32(start, 1, littleEndian);
    view.setUint32(start + (wide ? 4 : 24), flags, littleEndian);
    word(start + (wide ? 8 : 4), offset);
    word(start + (wide ? 16 : 8), offset + skew);
    word(start + (wide ? 32 : 16), size);
  };
  header(0, 4, readOnlyAt, readOnly.length);
  header(1, 6, at, data.length);
  file.set(readOnly, readOnlyAt);
  file.set(data, at);
  return file;
}
