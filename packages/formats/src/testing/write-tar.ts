// A small deterministic tar writer, so that tests and fixtures of every package build their archives in code.
import { encodePath } from '@plombe/kit';

/** One entry to write. Paths go out as given, so that tests can write hostile ones. */
export interface TarEntry {
  readonly path: string;
  /** Default `file`. `whiteout` writes `dir/.wh.name` and `opaque` writes `path/.wh..wh..opq` as empty files. */
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'whiteout' | 'opaque' | 'device' | 'fifo';
  /** Text is written as UTF-8. */
  readonly content?: string | Uint8Array;
  /** Default 0o644, 0o755 for directories. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkTarget?: string;
  /** Extra PAX records of this entry, as `SCHILY.xattr.security.capability`. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', device: '3', directory: '5', fifo: '6' } as const;

/**
 * Returns a POSIX ustar archive with PAX records where a name or link is longer than 100 bytes or not ASCII (POSIX.1-2017, pax).
 * Every time is 0. Ends with two zero blocks. U+DC80–U+DCFF in a path become the single bytes they stand for.
 */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) writeEntry(entry, blocks);
  blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

function writeEntry(entry: TarEntry, blocks: Uint8Array[]): void {
  const kind = entry.type ?? 'file';
  const type = kind === 'whiteout' || kind === 'opaque' ? 'file' : kind;
  const name = encodePath(
    kind === 'whiteout'
      ? entry.path.replace(/[^/]*$/, '.wh.$&')
      : kind === 'opaque'
        ? `${entry.path === '' ? '' : `${entry.path}/`}.wh..wh..opq`
        : type === 'directory' && !entry.path.endsWith('/')
          ? `${entry.path}/`
          : entry.path,
  );
  const link = encodePath(entry.linkTarget ?? '');
  const content = type === 'file' ? bytesOf(entry.content ?? '') : Buffer.alloc(0);
  const pax: Record<string, string | Uint8Array> = {
    ...(isPlain(name) ? {} : { path: name }),
    ...(isPlain(link) ? {} : { linkpath: link }),
    ...entry.pax,
  };
  if (Object.keys(pax).length > 0) {
    const records = Buffer.concat(Object.entries(pax).map(([key, value]) => paxRecord(key, bytesOf(value))));
    blocks.push(
      tarHeader({ name: Buffer.from('PaxHeaders/0'), type: 'x', sizeBytes: records.length }),
      ...padded(records),
    );
  }
  const mode = entry.mode ?? (type === 'directory' ? 0o755 : 0o644);
  const { uid, gid } = entry;
  blocks.push(
    tarHeader({ name, link, type: typeFlags[type], sizeBytes: content.length, mode, uid, gid }),
    ...padded(content),
  );
}

/** Fields of one header block; `type` is the type flag's character. */
export interface TarHeaderFields {
  readonly name: Uint8Array;
  readonly link?: Uint8Array;
  readonly type: string;
  readonly sizeBytes: number;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Returns one 512-byte ustar header with a valid checksum, for archives that `writeTar` would not write. Names are cut at 100 bytes. */
export function tarHeader(fields: TarHeaderFields): Buffer {
  const block = Buffer.alloc(512);
  block.set(fields.name.subarray(0, 100), 0);
  writeOctal(block, fields.mode ?? 0o644, 100, 8);
  writeOctal(block, fields.uid ?? 0, 108, 8);
  writeOctal(block, fields.gid ?? 0, 116, 8);
  writeOctal(block, fields.sizeBytes, 124, 12);
  writeOctal(block, 0, 136, 12);
  block.write(fields.type, 156, 'latin1');
  block.set((fields.link ?? new Uint8Array()).subarray(0, 100), 157);
  block.write('ustar\x0000', 257, 'latin1');
  return sealTarHeader(block);
}

/** Writes the checksum of a header block whose other fields are set, and returns it. */
export function sealTarHeader(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Returns one PAX record, `length key=value\n`, its length counted right. */
export function paxRecord(key: string, value: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

function writeOctal(block: Buffer, value: number, at: number, width: number): void {
  const digits = Math.trunc(value).toString(8);
  if (digits.length < width) {
    block.write(digits.padStart(width - 1, '0'), at, 'latin1');
    return;
  }
  block[at] = 0x80;
  block.writeUIntBE(value, at + width - 6, 6);
}

function padded(content: Uint8Array): Uint8Array[] {
  return [content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

function isPlain(bytes: Uint8Array): boolean {
  return bytes.length <= 100 && bytes.every((byte) => byte < 0x80);
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
