// Layers with a table of contents, made of literals; a test may bend the table before it is written.
import { gzipSync } from 'node:zlib';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { digestOf } from './images.ts';

/** One entry of the table as it is written, in JSON. */
export type TocLine = Record<string, unknown>;

export interface LayerWithToc {
  readonly blob: Buffer;
  readonly tar: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

const typeNames: Readonly<Record<string, string>> = { directory: 'dir', symlink: 'symlink', hardlink: 'hardlink' };
const chunkBytes = 65_536;
const zeros = Buffer.alloc(512);

/** Writes an eStargz layer (containerd/stargz-snapshotter, docs/estargz.md): a gzip member for each chunk, the table, the footer. */
export function writeEstargz(
  entries: readonly TarEntry[],
  bend: (lines: TocLine[]) => TocLine[] | string = (lines) => lines,
): LayerWithToc {
  const tars: Buffer[] = [];
  const members: Buffer[] = [];
  let at = 0;
  const put = (bytes: Buffer): number => {
    const [member, start] = [gzipSync(bytes), at];
    tars.push(bytes);
    members.push(member);
    at += member.length;
    return start;
  };
  const lines: TocLine[] = [];
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const whole = writeTar([entry]);
    put(whole.subarray(0, 512));
    const type = typeNames[entry.type ?? 'file'] ?? 'reg';
    const line: TocLine = { name: entry.path, type, mode: entry.mode ?? 0o644, uid: 0, gid: 0 };
    if (entry.linkTarget !== undefined) line['linkName'] = entry.linkTarget;
    if (type !== 'reg' || content.length === 0) {
      lines.push(type === 'reg' ? { ...line, size: 0 } : line);
      continue;
    }
    for (let from = 0; from < content.length; from += chunkBytes) {
      const chunk = content.subarray(from, from + chunkBytes);
      const last = from + chunkBytes >= content.length;
      const padding = last ? zeros.subarray(0, (512 - (content.length % 512)) % 512) : Buffer.alloc(0);
      const offset = put(Buffer.concat([chunk, padding]));
      const own = { offset, chunkOffset: from, chunkSize: chunk.length, chunkDigest: digestOf(chunk) };
      lines.push(
        from === 0
          ? { ...line, size: content.length, digest: digestOf(content), ...own }
          : { name: entry.path, type: 'chunk', ...own },
      );
    }
  }
  const bent = bend(lines);
  const json = Buffer.from(
    typeof bent === 'string' ? bent : JSON.stringify({ version: 1, entries: bent }, undefined, '\t'),
  );
  const table = put(writeTar([{ path: 'stargz.index.json', content: json }]));
  const extra = Buffer.from(`SG\u0016\0${table.toString(16).padStart(16, '0')}STARGZ`, 'latin1');
  const size = Buffer.from([extra.length, 0]);
  const footer = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]),
    size,
    extra,
    Buffer.from([1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]);
  return {
    blob: Buffer.concat([...members, footer]),
    tar: Buffer.concat(tars),
    annotations: { 'containerd.io/snapshot/stargz/toc.digest': digestOf(json) },
  };
}
