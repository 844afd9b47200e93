// Header blocks of an archive whose files are to be found by name, not walked: what one block says, as written.
import { decodePath } from '@plombe/kit';
import { readPaxRecords, type Extended } from './extended.ts';
import { at, blockBytes, hasValidSum, headerName, isZeroBlock, parseNumber, textLength } from './header.ts';

/** What a header block says. `type` is the type flag's character, `0` for the NUL of old archives. Names are not normalised. */
export interface TarMember {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** Parses a header block of 512 bytes (v7, ustar, GNU, star). Undefined where the check sum or the size is wrong, `end` for zeros. */
export function parseTarMember(bytes: Uint8Array): TarMember | 'end' | undefined {
  if (bytes.length < blockBytes) return undefined;
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, blockBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, blockBytes);
  if (isZeroBlock(view, 0)) return 'end';
  const sizeBytes = parseNumber(block, at.size, 12);
  if (!hasValidSum(block, view, 0) || sizeBytes === undefined || sizeBytes < 0) return undefined;
  return {
    name: decodePath(headerName(block, 0)),
    link: decodePath(block.subarray(at.link, at.link + textLength(block, at.link, 100))),
    type: String.fromCharCode(block[at.type] || 0x30),
    sizeBytes,
  };
}

/** Parses PAX records: the fields of the next member that they replace. Undefined where a record is malformed. */
export function parseTarRecords(bytes: Uint8Array): Partial<TarMember> | undefined {
  const extended: Extended = {};
  if (!readPaxRecords(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), extended)) return undefined;
  const { path, linkPath, sizeBytes } = extended;
  return {
    ...(path === undefined ? {} : { name: decodePath(path) }),
    ...(linkPath === undefined ? {} : { link: decodePath(linkPath) }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}
