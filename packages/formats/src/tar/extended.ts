// Extended headers: what PAX records and GNU long names say of the entry that follows them.

/** What the extended headers before an entry say of it; names as raw bytes. */
export interface Extended {
  path?: Uint8Array | undefined;
  linkPath?: Uint8Array | undefined;
  sizeBytes?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** In hex; empty where a later record takes an earlier one back. */
  capabilities?: string;
  sparse?: SparseRecords;
}

/** GNU's sparse records in PAX headers: 0.0 lists pairs, 0.1 has one map, 1.0 puts the map before the data. */
export interface SparseRecords {
  major?: number;
  minor?: number;
  realBytes?: number;
  name?: Uint8Array;
  /** Offset and length in turn. */
  map?: number[];
}

/** Linux takes 12, 20 or 24 bytes of capabilities and refuses every other length (include/uapi/linux/capability.h). */
const maxCapabilityBytes = 64;

const newline = 0x0a;
const equals = 0x3d;
const space = 0x20;

/** Reads PAX records (POSIX.1-2017, pax, "Extended Header") into `into`. Answers false where they are malformed; those before count. */
export function readPaxRecords(bytes: Buffer, into: Extended): boolean {
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    let i = at;
    for (; i < bytes.length && i < at + 10; i++) {
      const digit = (bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    const end = at + length;
    // GNU tar, bsdtar and Go all pad the last block; NULs there are no record.
    if (length === 0) return bytes.subarray(at).every((byte) => byte === 0);
    if (bytes[i] !== space || end > bytes.length || bytes[end - 1] !== newline) return false;
    const eq = bytes.indexOf(equals, i + 1);
    if (eq < 0 || eq >= end || eq === i + 1) return false;
    if (!readRecord(bytes, i + 1, eq, end - 1, into)) return false;
    at = end;
  }
  return true;
}

function readRecord(bytes: Buffer, from: number, eq: number, end: number, into: Extended): boolean {
  // Times are by far the most common records and mean nothing here.
  const first = bytes[from] as number;
  if (first === 0x6d || first === 0x61 || first === 0x63) return true;
  const key = bytes.toString('latin1', from, eq);
  if (key.startsWith('GNU.sparse.')) return readSparse(key, bytes.subarray(eq + 1, end), into);
  switch (key) {
    case 'path':
      into.path = nameValue(bytes, eq + 1, end);
      return !bytes.subarray(eq + 1, end).includes(0);
    case 'linkpath':
      into.linkPath = nameValue(bytes, eq + 1, end);
      return !bytes.subarray(eq + 1, end).includes(0);
    case 'size':
    case 'uid':
    case 'gid':
      return readNumber(key, bytes.toString('latin1', eq + 1, end), into);
    case 'SCHILY.xattr.security.capability':
      into.capabilities = bytes.toString('hex', eq + 1, Math.min(end, eq + 1 + maxCapabilityBytes));
      return true;
    case 'LIBARCHIVE.xattr.security.capability':
      into.capabilities = Buffer.from(bytes.toString('latin1', eq + 1, Math.min(end, eq + 129)), 'base64')
        .subarray(0, maxCapabilityBytes)
        .toString('hex');
      return true;
    default:
      return true;
  }
}

/** An empty value takes an earlier record back; one with a NUL is no name. */
function nameValue(bytes: Buffer, from: number, to: number): Uint8Array | undefined {
  return to > from && !bytes.subarray(from, to).includes(0)
    ? Uint8Array.prototype.slice.call(bytes, from, to)
    : undefined;
}

function readNumber(key: 'size' | 'uid' | 'gid', text: string, into: Extended): boolean {
  const value = text === '' ? undefined : decimal(text);
  if (key === 'size') into.sizeBytes = value;
  else into[key] = value;
  return value !== undefined || text === '' || (key !== 'size' && /^-\d+$/.test(text));
}

function readSparse(key: string, value: Uint8Array, into: Extended): boolean {
  const sparse = (into.sparse ??= {});
  const text = Buffer.from(value).toString('latin1');
  const number = decimal(text);
  switch (key.slice('GNU.sparse.'.length)) {
    case 'major':
      sparse.major = number ?? 0;
      return number !== undefined;
    case 'minor':
      sparse.minor = number ?? 0;
      return number !== undefined;
    case 'size':
    case 'realsize':
      if (number !== undefined) sparse.realBytes = number;
      return number !== undefined;
    case 'name':
      sparse.name = Uint8Array.from(value);
      return !value.includes(0);
    case 'offset':
    case 'numbytes':
      if (number !== undefined) (sparse.map ??= []).push(number);
      return number !== undefined;
    case 'map': {
      const map = text === '' ? [] : text.split(',').map(decimal);
      if (map.includes(undefined)) return false;
      sparse.map = map as number[];
      return true;
    }
    default:
      return true;
  }
}

/** Returns a decimal number within ±2^53, a fraction cut off; undefined for anything else. */
export function decimal(text: string): number | undefined {
  if (!/^\d{1,16}(\.\d*)?$/.test(text)) return undefined;
  const value = Math.trunc(Number(text));
  return Number.isSafeInteger(value) ? value : undefined;
}
