// Header blocks of the archive that holds an image: only what finding its files by name needs.
import { decodePath } from '@plombe/kit';

/** One header block. `type` is the type flag's character. Names are as written. */
export interface HeaderBlock {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** Parses a 512-byte header (POSIX.1-2017 pax, "ustar Interchange Format", and GNU). Undefined where the checksum or size is wrong. */
export function parseHeaderBlock(block: Uint8Array): HeaderBlock | undefined {
  if (!hasChecksum(block)) return undefined;
  const sizeBytes = number(block.subarray(124, 136));
  if (sizeBytes === undefined) return undefined;
  const isPosix = block[262] === 0 && text(block.subarray(257, 262)) === 'ustar';
  const prefix = isPosix ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: text(block.subarray(157, 257)),
    type: String.fromCharCode(block[156] || 0x30),
    sizeBytes,
  };
}

/** True for a block of zeros, two of which end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Reads `path`, `linkpath` and `size` of PAX records. Undefined where a record is malformed. */
export function parsePaxRecords(bytes: Uint8Array): { name?: string; link?: string; sizeBytes?: number } | undefined {
  const found: { name?: string; link?: string; sizeBytes?: number } = {};
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 || space - at > 10 ? Number.NaN : Number(text(bytes.subarray(at, space)));
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > bytes.length) return undefined;
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    const key = text(record.subarray(0, Math.max(equals, 0)));
    const value = decodePath(record.subarray(equals + 1));
    if (key === 'path') found.name = value;
    if (key === 'linkpath') found.link = value;
    if (key === 'size') {
      if (!/^[0-9]{1,16}$/.test(value)) return undefined;
      found.sizeBytes = Number(value);
    }
    at += length;
  }
  return found;
}

/** Returns the name inside the archive without `./`, leading and doubled slashes; undefined where it has a `..` part (T01). */
export function memberName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts.join('/');
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodePath(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or a base-256 number of at most 53 bits as GNU tar writes for files over 8 GiB. */
function number(bytes: Uint8Array): number | undefined {
  if (((bytes[0] as number) & 0x80) === 0) {
    const digits = text(bytes).trim();
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
  }
  let value = (bytes[0] as number) & 0x7f;
  for (let i = 1; i < bytes.length; i++) value = value * 256 + (bytes[i] as number);
  return Number.isSafeInteger(value) && bytes[0] === 0x80 ? value : undefined;
}

function hasChecksum(block: Uint8Array): boolean {
  const stored = number(block.subarray(148, 156));
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += block[i] as number;
  return stored === sum;
}
