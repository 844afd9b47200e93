// The build info block that Go's linker writes at a 16-byte border of the data segment (debug/buildinfo in Go's source).
import { kibibyte, mebibyte } from '@plombe/kit';

/** The 14 bytes a block begins with; pointer size and flags follow. */
export const blockMagic = Buffer.from('\xff Go buildinf:', 'latin1');
export const blockAlignment = 16;
/** Magic, pointer size, flags and, before Go 1.18, two pointers. */
export const blockHeaderBytes = 32;

/** Toolchain versions have under 100 bytes, with the longest vendor suffix we know of. */
export const maxVersionBytes = kibibyte;
/** The largest module list we know of has 60 KiB (1,000 modules); 4 MiB is 70,000. */
export const maxModulesBytes = 4 * mebibyte;

export type BlockReading =
  | { readonly kind: 'invalid' }
  /** Not before this many bytes of the block can more be said. */
  | { readonly kind: 'incomplete'; readonly needBytes: number }
  /** Go 1.18 and later: both texts stand in the block. */
  | { readonly kind: 'inline'; readonly version: Uint8Array; readonly modules: Uint8Array }
  /** Before Go 1.18: addresses of two Go string headers. */
  | {
      readonly kind: 'pointers';
      readonly pointerBytes: 4 | 8;
      readonly littleEndian: boolean;
      readonly version: number;
      readonly modules: number;
    };

/** Reads a block from its magic on, as far as the bytes reach; lengths over the limits are `invalid` (T12). */
export function readBlock(bytes: Uint8Array): BlockReading {
  if (bytes.length < blockHeaderBytes) return { kind: 'incomplete', needBytes: blockHeaderBytes };
  const flags = bytes[15] as number;
  if (flags > 3) return { kind: 'invalid' };
  return (flags & 2) === 0 ? readPointers(bytes, (flags & 1) === 0) : readInline(bytes);
}

function readPointers(bytes: Uint8Array, littleEndian: boolean): BlockReading {
  const pointerBytes = bytes[14];
  if (pointerBytes !== 4 && pointerBytes !== 8) return { kind: 'invalid' };
  const version = readPointer(bytes, 16, pointerBytes, littleEndian);
  const modules = readPointer(bytes, 16 + pointerBytes, pointerBytes, littleEndian);
  return { kind: 'pointers', pointerBytes, littleEndian, version, modules };
}

/** Reads an address or length; one over 2^53 comes out inexact and so fits no part of a file. */
export function readPointer(bytes: Uint8Array, at: number, pointerBytes: 4 | 8, littleEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return pointerBytes === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
}

function readInline(bytes: Uint8Array): BlockReading {
  const version = readText(bytes, blockHeaderBytes, maxVersionBytes);
  if ('kind' in version) return version;
  if (version.length === 0) return { kind: 'invalid' };
  const modules = readText(bytes, version.byteOffset - bytes.byteOffset + version.length, maxModulesBytes);
  if ('kind' in modules) return modules;
  return { kind: 'inline', version, modules: withoutSentinels(modules) };
}

/** A uvarint length and as many bytes. */
function readText(bytes: Uint8Array, start: number, max: number): Uint8Array | BlockReading {
  let length = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    if (shift > 28) return { kind: 'invalid' };
    if (at >= bytes.length) return { kind: 'incomplete', needBytes: at + 1 };
    const byte = bytes[at++] as number;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > max) return { kind: 'invalid' };
  const end = at + length;
  return end > bytes.length ? { kind: 'incomplete', needBytes: end } : bytes.subarray(at, end);
}

/** The module list stands between 16 bytes that mark its start and 16 that mark its end; anything else is none. */
function withoutSentinels(modules: Uint8Array): Uint8Array {
  const framed = modules.length >= 33 && modules[modules.length - 17] === 0x0a;
  return framed ? modules.subarray(16, modules.length - 16) : modules.subarray(0, 0);
}
