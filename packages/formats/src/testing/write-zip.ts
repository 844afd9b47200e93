// Writes zip archives for tests, right ones and such that lie: each field of each record can be said otherwise.
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** 0 stored, 8 deflate (the default). */
  readonly method?: number;
  readonly flags?: number;
  /** `signed` and `bare`: sizes follow the data, with and without a signature; `wide`: with 64 bits each. */
  readonly descriptor?: 'signed' | 'bare' | 'wide';
  /** Sizes in a zip64 extra field of both headers. */
  readonly zip64?: boolean;
  /** Not in the directory, or only there. */
  readonly only?: 'local' | 'central';
  readonly local?: (header: Buffer) => void;
  readonly central?: (header: Buffer) => void;
  readonly data?: (data: Buffer) => Buffer;
  /** Bytes in front of the local header. */
  readonly before?: Uint8Array;
}

export interface ZipEdits {
  /** Offsets of the directory count from behind it where `shifted`, else from the file's start. */
  readonly prefix?: Uint8Array;
  readonly shifted?: boolean;
  readonly comment?: Uint8Array;
  readonly trailer?: Uint8Array;
  readonly between?: Uint8Array;
  readonly zip64?: boolean;
  readonly end?: (end: Buffer) => void;
}

/** Returns the archive of these parts. */
export function writeZip(parts: readonly ZipPart[], edits: ZipEdits = {}): Buffer {
  const prefix = Buffer.from(edits.prefix ?? []);
  const files: Buffer[] = [prefix];
  const directory: Buffer[] = [];
  let at = prefix.length;
  let count = 0;
  for (const part of parts) {
    const { local, data, central } = recordsOf(
      part,
      (edits.shifted === true ? at - prefix.length : at) + (part.before?.length ?? 0),
    );
    if (part.only !== 'central') {
      const bytes = Buffer.concat([part.before ?? Buffer.alloc(0), local, data]);
      files.push(bytes);
      at += bytes.length;
    }
    if (part.only === 'local') continue;
    directory.push(central);
    count += 1;
  }
  const between = Buffer.from(edits.between ?? []);
  const directoryAt = edits.shifted === true ? at - prefix.length : at;
  const directoryBytes = Buffer.concat(directory).length;
  const tail = ends(count, directoryBytes, directoryAt, at + directoryBytes + between.length, edits);
  return Buffer.concat([...files, ...directory, between, ...tail]);
}

function recordsOf(part: ZipPart, offset: number): { local: Buffer; data: Buffer; central: Buffer } {
  const content = Buffer.from(part.content ?? '');
  const method = part.method ?? 8;
  const plain = method === 8 ? deflateRawSync(content) : content;
  const stored = part.data?.(plain) ?? plain;
  const name = Buffer.from(part.name);
  const sum = crc32(content);
  const flags = (part.flags ?? 0) | (part.descriptor === undefined ? 0 : 8);
  const wide = part.zip64 === true;
  const extra = wide ? Buffer.alloc(20) : Buffer.alloc(0);
  if (wide) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(content.length), 4);
    extra.writeBigUInt64LE(BigInt(stored.length), 12);
  }
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(wide ? 45 : 20, 4);
  local.writeUInt16LE(flags, 6);
  local.writeUInt16LE(method, 8);
  local.writeUInt32LE(sum, 14);
  local.writeUInt32LE(wide ? 0xffffffff : stored.length, 18);
  local.writeUInt32LE(wide ? 0xffffffff : content.length, 22);
  local.writeUInt16LE(name.length, 26);
  local.writeUInt16LE(extra.length, 28);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  local.copy(central, 6, 4, 30);
  central.writeUInt32LE(offset, 42);
  if (part.descriptor !== undefined) local.fill(0, 14, 26);
  part.local?.(local);
  part.central?.(central);
  const localExtra = part.descriptor === undefined ? extra : Buffer.alloc(extra.length);
  const data = Buffer.concat([stored, descriptorOf(part.descriptor, sum, stored.length, content.length)]);
  return { local: Buffer.concat([local, name, localExtra]), data, central: Buffer.concat([central, name, extra]) };
}

function descriptorOf(kind: ZipPart['descriptor'], sum: number, compressed: number, size: number): Buffer {
  if (kind === undefined) return Buffer.alloc(0);
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(sum, 4);
  if (kind === 'wide') {
    bytes.writeBigUInt64LE(BigInt(compressed), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
    return bytes;
  }
  bytes.writeUInt32LE(compressed, 8);
  bytes.writeUInt32LE(size, 12);
  return kind === 'signed' ? bytes.subarray(0, 16) : bytes.subarray(4, 16);
}

function ends(count: number, size: number, offset: number, position: number, edits: ZipEdits): Buffer[] {
  const comment = Buffer.from(edits.comment ?? []);
  const end = Buffer.alloc(22);
  const wide = edits.zip64 === true;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : count & 0xffff, 8);
  end.writeUInt16LE(wide ? 0xffff : count & 0xffff, 10);
  end.writeUInt32LE(wide ? 0xffffffff : size, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  edits.end?.(end);
  const tail = [end, comment, Buffer.from(edits.trailer ?? [])];
  if (!wide) return tail;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(position), 8);
  locator.writeUInt32LE(1, 16);
  return [end64, locator, ...tail];
}
