// The files of a document that is an archive of records: zip, or tar with gzip, zstd or no compression.
import { type ContentSink, type FileHeader } from '@plombe/model';
import { PlombeError, concatBytes, defaultLayerLimits, gibibyte, isPlombeError, mebibyte } from '@plombe/kit';
import { accessBytes, accessFile, createTarWalker, decompress, openZip } from '@plombe/formats';
import { malformed, readBytes } from './json.ts';
import type { FeedDocument } from '../feed.ts';
import { open } from 'node:fs/promises';

/** One block of zeros is what the most careless writers end a tar with. */
export const endBytes = 512;

/** A file of an archive, or why it could not be read. */
export type ArchiveFile =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly cause: string };

export interface ArchiveOptions {
  /** Says by name which files to read. */
  wants(name: string): boolean;
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
}

/** A zip that is not a file of this machine is read into memory, up to this: OSV's largest, npm, has 142 MB. */
const maxZipBytes = 256 * mebibyte;

/** Text packs up to a hundred times; 64 GiB: Red Hat's VEX, the largest, has some 20. */
const limits = { ...defaultLayerLimits, layerBytes: 64 * gibibyte, keptBytes: 64 * gibibyte };

/**
 * Yields the files wanted, in the archive's order, one in memory at a time for zip and one chunk's worth for tar. Throws `feed/malformed`
 * where the archive itself is damaged; a damaged file in it is told as such.
 */
export async function* archiveFiles(document: FeedDocument, options: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  try {
    if (/\.zip$/i.test(document.name)) yield* zipFiles(document, options);
    else yield* tarFiles(document, options);
  } catch (cause) {
    if (isPlombeError(cause) && cause.code.startsWith('archive/'))
      throw malformed(document, `cannot be unpacked: ${cause.message}`, cause);
    throw cause;
  }
}

async function* zipFiles(document: FeedDocument, options: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const handle = document.path === undefined ? undefined : await open(document.path);
  try {
    const access =
      handle === undefined
        ? accessBytes(await readBytes(document, maxZipBytes, options.signal))
        : await accessFile(handle);
    const archive = await openZip(access);
    try {
      for (const entry of archive.entries()) {
        options.signal.throwIfAborted();
        if (!options.wants(entry.name)) continue;
        let file: ArchiveFile;
        try {
          file = { name: entry.name, bytes: await archive.read(entry, options.maxFileBytes) };
        } catch (cause) {
          if (!isPlombeError(cause)) throw cause;
          file = { name: entry.name, cause: cause.message };
        }
        yield file;
      }
    } finally {
      archive.close();
    }
  } finally {
    await handle?.close();
  }
}

async function* tarFiles(document: FeedDocument, options: ArchiveOptions): AsyncGenerator<ArchiveFile> {
  const ready: ArchiveFile[] = [];
  const entry = (header: FileHeader): ContentSink | undefined => {
    if (header.type !== 'file' || !options.wants(header.path)) return undefined;
    if (header.sizeBytes > options.maxFileBytes) {
      ready.push({ name: header.path, cause: `has ${header.sizeBytes} bytes, over ${options.maxFileBytes}` });
      return undefined;
    }
    const parts: Uint8Array[] = [];
    return {
      write(chunk) {
        parts.push(chunk.slice());
        return true;
      },
      end: () => void ready.push({ name: header.path, bytes: concatBytes(parts) }),
    };
  };
  let problem: string | undefined;
  const walker = createTarWalker({ entry }, limits, (diagnostic) => {
    if (diagnostic.level === 'error') problem ??= diagnostic.message;
  });
  let zeros = 0;
  for await (const chunk of decompress(document.open({ signal: options.signal }), { signal: options.signal, limits })) {
    walker.write(chunk);
    zeros = zerosAtEnd(chunk, zeros);
    yield* ready.splice(0);
  }
  walker.end();
  yield* ready.splice(0);
  if (!walker.complete || walker.entries === 0 || zeros < endBytes) {
    throw new PlombeError('archive/corrupt', problem ?? 'The archive is cut off or holds nothing.');
  }
}

/** Bytes of zeros at the end so far. A tar ends with two blocks of them (POSIX.1-2017, pax): without, files may be missing unnoticed. */
export function zerosAtEnd(chunk: Uint8Array, before: number): number {
  let at = chunk.length;
  while (at > 0 && chunk.length - at < endBytes && chunk[at - 1] === 0) at -= 1;
  return at === 0 ? before + chunk.length : chunk.length - at;
}
