// One line of a fingerprint: an entry as a container sees it, in exactly one spelling (RFC 8785).
import { decodePath, encodePath, field, isObject, textField, type JsonObject } from '@plombe/kit';

/** What an entry can be. `device` stands for character and block devices; sockets are run-time only and never listed. */
export type FingerprintEntryType = 'file' | 'directory' | 'symlink' | 'device' | 'fifo';

/** An entry of a merged root file system. */
export interface FingerprintEntry {
  /** As model's `FileHeader`: no slash at either end, bytes that are not UTF-8 as lone surrogates. */
  readonly path: string;
  readonly type: FingerprintEntryType;
  /** Permission bits with setuid, setgid and sticky; 0 for a symlink, which has none. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of files. */
  readonly sizeBytes?: number;
  /** SHA-256 of a file's content in lower-case hex; absent in a file: the content could not be read. */
  readonly sha256?: string;
  /** Of symlinks, as written. */
  readonly linkTarget?: string;
  /** `security.capability` of a file in hex, as the kernel keeps it. */
  readonly capabilities?: string;
}

/** An entry of a layer as the archive has it: whiteouts and hard links are entries there. */
export type LayerEntry = Omit<FingerprintEntry, 'type'> & {
  readonly type: FingerprintEntryType | 'hardlink' | 'whiteout' | 'opaque';
};

const types: readonly string[] = ['file', 'directory', 'symlink', 'device', 'fifo'];

/** Renders an entry in canonical JSON, without line end. A name that is not UTF-8 is given as its bytes in base64. */
export function formatEntry(entry: LayerEntry): string {
  const { path, type, mode, uid, gid, sizeBytes, sha256, linkTarget, capabilities } = entry;
  const parts = [
    capabilities === undefined ? '' : `"capabilities":"${capabilities}",`,
    `"gid":${gid},`,
    linkTarget === undefined ? '' : `${nameField('link', linkTarget)},`,
    `"mode":"${mode.toString(8).padStart(4, '0')}",`,
    `${nameField('path', path)},`,
    sha256 === undefined ? '' : `"sha256":"${sha256}",`,
    sizeBytes === undefined ? '' : `"size":${sizeBytes},`,
    `"type":"${type}","uid":${uid}`,
  ];
  return `{${parts.join('')}}`;
}

function nameField(key: string, name: string): string {
  if (name.isWellFormed()) return `"${key}":${JSON.stringify(name)}`;
  return `"${key}Bytes":"${Buffer.from(encodePath(name)).toString('base64')}"`;
}

/** Parses one line; undefined for anything but the one spelling of an entry. */
export function parseEntry(line: string): FingerprintEntry | undefined {
  const value = parsedObject(line);
  if (value === undefined) return undefined;
  const path = nameOf(value, 'path');
  const type = textField(value, 'type');
  const mode = /^[0-7]{4}$/.test(textField(value, 'mode') ?? '') ? parseInt(String(value['mode']), 8) : undefined;
  const [uid, gid] = [countOf(value, 'uid'), countOf(value, 'gid')];
  if (path === undefined || !isPath(path) || type === undefined || !types.includes(type)) return undefined;
  if (mode === undefined || uid === undefined || gid === undefined) return undefined;
  const sha256 = textField(value, 'sha256');
  const sizeBytes = countOf(value, 'size');
  const linkTarget = nameOf(value, 'link');
  const capabilities = textField(value, 'capabilities');
  if ((type === 'file') !== (sizeBytes !== undefined) || (type === 'symlink') !== (linkTarget !== undefined)) {
    return undefined;
  }
  if (sha256 !== undefined && (type !== 'file' || !/^[0-9a-f]{64}$/.test(sha256))) return undefined;
  if (capabilities !== undefined && !/^(?:[0-9a-f]{2})+$/.test(capabilities)) return undefined;
  const entry: FingerprintEntry = {
    path,
    type: type as FingerprintEntryType,
    mode,
    uid,
    gid,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(capabilities === undefined ? {} : { capabilities }),
  };
  return formatEntry(entry) === line ? entry : undefined;
}

function parsedObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(value: JsonObject, key: string): string | undefined {
  const text = textField(value, key);
  const bytes = textField(value, `${key}Bytes`);
  return text ?? (bytes === undefined ? undefined : decodePath(Buffer.from(bytes, 'base64')));
}

function countOf(value: JsonObject, key: string): number | undefined {
  const number = field(value, key);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function isPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Compares two paths part by part, each by UTF-16 code unit: a directory is followed by all that is below it. Returns a negative, zero or
 * positive number.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    if (left === slash) return -1;
    if (right === slash) return 1;
    return left - right;
  }
  return a.length - b.length;
}

const slash = 0x2f;
