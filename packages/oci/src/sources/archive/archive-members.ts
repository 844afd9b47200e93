// An archive file as named files: found by one pass over its headers, each read later from where it is.
import type { OpenOptions } from '@plombe/model';
import { detectCompression, type Compression } from '@plombe/formats';
import { inert, PlombeError } from '@plombe/kit';
import { indexArchive, type ArchiveIndex, type Member } from './archive-index.ts';
import { fileCursor, streamCursor } from './cursor.ts';
import { readDecompressed } from './decompressed.ts';
import { ForwardStreams } from './forward-streams.ts';
import { openRegularFile, readFileBytes } from './file-bytes.ts';
import type { Members } from './members.ts';

/** An archive of which the kind is known: what its names say it is. */
export interface OpenedArchive {
  readonly kind: 'oci' | 'docker-archive' | 'tar';
  readonly compression: Compression;
  readonly members: Members;
}

/** Links in docker archives lead to another layer's file; more than eight in a row is a loop. */
const maxLinks = 8;

/**
 * Indexes an archive file. A plain one is read header by header, and its files are byte ranges. A compressed one is decompressed
 * once to find its files, and small ones are kept; a larger one is decompressed again, going on from the one before where it lies behind
 * it: nothing is unpacked to disk, and memory stays bounded. With `anyKind` reading stops where the names tell a root file system.
 */
export async function openArchive(
  path: string,
  options: OpenOptions & { readonly anyKind: boolean },
): Promise<OpenedArchive> {
  const file = await openRegularFile(path);
  try {
    const start = Buffer.alloc(512);
    const { bytesRead } = await file.read(start, 0, 512, 0);
    const compression = detectCompression(start.subarray(0, bytesRead));
    const indexOptions = { signal: options.signal, stopAtForeign: options.anyKind, keepSmall: compression !== 'none' };
    let index: ArchiveIndex;
    if (compression === 'none') {
      index = await indexArchive(fileCursor(file, (await file.stat()).size), path, indexOptions);
    } else {
      const chunks = readDecompressed(path, options);
      try {
        index = await indexArchive(streamCursor(chunks), path, indexOptions);
      } finally {
        await chunks.return(undefined);
      }
    }
    return { kind: kindOf(index), compression, members: archiveMembers(path, compression, index) };
  } finally {
    await file.close();
  }
}

function kindOf(index: ArchiveIndex): OpenedArchive['kind'] {
  if (index.foreignName !== undefined) return 'tar';
  if (index.members.has('oci-layout') && index.members.has('index.json')) return 'oci';
  return index.members.has('manifest.json') || index.members.has('repositories') ? 'docker-archive' : 'tar';
}

function archiveMembers(path: string, compression: Compression, index: ArchiveIndex): Members {
  const find = (name: string): Extract<Member, { kind: 'file' }> | undefined => {
    let member = index.members.get(name);
    let target = name;
    for (let hops = 0; member?.kind === 'link' && hops < maxLinks; hops++) {
      target = member.target;
      member = index.members.get(target);
    }
    if (!index.repeated.has(target)) return member?.kind === 'file' ? member : undefined;
    throw new PlombeError(
      'registry/manifest-invalid',
      `${inert(path)} is ambiguous: it has two files ${inert(target)}.`,
    );
  };
  const streams = new ForwardStreams(path);
  return {
    path,
    sizeOf: (name) => find(name)?.sizeBytes,
    close: () => streams.close(),
    open: (name, options) => {
      const member = find(name);
      if (member === undefined)
        throw new PlombeError('source/not-found', `There is no ${inert(name)} in ${inert(path)}.`);
      if (compression === 'none') return readFileBytes(path, options, member);
      return member.kept === undefined ? streams.read(member, options) : once(member.kept);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
