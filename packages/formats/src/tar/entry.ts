// One header block plus the extended headers before it → the entry it describes.
import type { FileHeader, FileType } from '@plombe/model';
import { decodePath, type ErrorCode, type LayerLimits } from '@plombe/kit';
import type { Extended } from './extended.ts';
import { at, headerName, parseNumber, prefixAt, textLength } from './header.ts';
import { depthOf, layerNameOf, normalisePath, plainPath, type LayerName } from './path.ts';

/** An entry ready to hand on, or why it is not: `ignored` needs no word, `lost` says what is missing. */
export type EntryReading =
  | { readonly kind: 'entry'; readonly header: FileHeader; readonly escapes: boolean }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'lost'; readonly code: ErrorCode; readonly message: string };

const ignored: EntryReading = { kind: 'ignored' };
/** The root is a directory; GNU tar takes an empty name for it too and fails to write the entry there. */
const unnamed = lost('archive/corrupt', 'An entry that is no directory has no name; it was left out.');
const plain: LayerName = { kind: 'plain' };

const fileTypes: Readonly<Record<string, FileType>> = {
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
  D: 'directory',
};

/** Returns the type of an entry; unknown type flags are files (POSIX.1-2017 pax, "typeflag"). */
export function fileTypeOf(flag: number, block: Buffer, offset: number): FileType {
  if (flag === 0x30) return 'file';
  if (flag !== 0) return fileTypes[String.fromCharCode(flag)] ?? 'file';
  const length = textLength(block, offset + at.name, 100);
  return length > 0 && block[offset + length - 1] === 0x2f ? 'directory' : 'file';
}

/** Reads the entry of the block at `offset`. `sizeBytes` is that of the whole file, holes included; `literalNames` knows no whiteouts. */
export function readEntry(
  block: Buffer,
  offset: number,
  type: FileType,
  sizeBytes: number,
  extended: Extended | undefined,
  limits: LayerLimits,
  literalNames: boolean,
): EntryReading {
  const name = readName(block, offset, extended, limits);
  if (name === undefined) {
    return lost('archive/limit', `A name is longer than ${limits.pathBytes} bytes; the entry was left out.`);
  }
  if (name.path.length >= limits.pathDepth * 2 - 1 && depthOf(name.path) > limits.pathDepth) {
    return lost('archive/limit', `A path is deeper than ${limits.pathDepth} parts; the entry was left out.`);
  }
  const meaning = literalNames ? plain : layerNameOf(name.path);
  if (meaning.kind === 'ignored') return ignored;
  if (name.path === '' && meaning.kind === 'plain') return type === 'directory' ? ignored : unnamed;
  const hides = meaning.kind === 'whiteout' || meaning.kind === 'opaque';
  const base = {
    path: hides ? meaning.path : name.path,
    type: hides ? meaning.kind : type,
    sizeBytes: type === 'file' ? sizeBytes : 0,
    mode: (parseNumber(block, offset + at.mode, 8) ?? 0) & 0o7777,
    uid: extended?.uid ?? parseNumber(block, offset + at.uid, 8) ?? 0,
    gid: extended?.gid ?? parseNumber(block, offset + at.gid, 8) ?? 0,
  };
  if (type !== 'symlink' && type !== 'hardlink' && (extended?.capabilities ?? '') === '') {
    return { kind: 'entry', header: base, escapes: name.escapes };
  }
  return { kind: 'entry', ...readLink(block, offset, base, extended), escapes: name.escapes };
}

function lost(code: ErrorCode, message: string): EntryReading {
  return { kind: 'lost', code, message };
}

function readLink(
  block: Buffer,
  offset: number,
  base: FileHeader,
  extended: Extended | undefined,
): { header: FileHeader } {
  const capabilities = extended?.capabilities ?? '';
  const capable = capabilities === '' ? {} : { hasCapabilities: true, capabilities };
  if (base.type !== 'symlink' && base.type !== 'hardlink') return { header: { ...base, ...capable } };
  const start = offset + at.link;
  const bytes = extended?.linkPath ?? block.subarray(start, start + textLength(block, start, 100));
  const linkTarget = base.type === 'symlink' ? decodePath(bytes) : normalisePath(bytes).path;
  return { header: { ...base, linkTarget, ...capable } };
}

/** Undefined where the name is longer than the limit. */
function readName(
  block: Buffer,
  offset: number,
  extended: Extended | undefined,
  limits: LayerLimits,
): { readonly path: string; readonly escapes: boolean } | undefined {
  const given = extended?.sparse?.name ?? extended?.path;
  if (given !== undefined) return given.length > limits.pathBytes ? undefined : normalise(Buffer.from(given));
  if (block[offset + prefixAt] !== 0) return normalise(headerName(block, offset));
  return normalise(block, offset, offset + textLength(block, offset, 100));
}

function normalise(bytes: Buffer, from = 0, to = bytes.length): { readonly path: string; readonly escapes: boolean } {
  const path = plainPath(bytes, from, to);
  return path === undefined ? normalisePath(bytes.subarray(from, to)) : { path, escapes: false };
}
