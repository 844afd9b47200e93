// Unpacks an archive of feeds (tar, plain or compressed) into a folder of its own, as somebody carried it to a machine without network.
import { closeSync, createReadStream, openSync, utimesSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTarWalker, decompress } from '@plombe/formats';
import { chunkBytes, defaultLayerLimits, gibibyte, inert, makeFolder, messageOf, PlombeError } from '@plombe/kit';
import type { ContentSink, FileHeader } from '@plombe/model';
import { endBytes, zerosAtEnd } from '../documents/archive.ts';

/** All feeds of all publishers have some 30 GB unpacked; a mirror of every feed has under 300 files. */
const limits = { ...defaultLayerLimits, layerBytes: 64 * gibibyte, keptBytes: 64 * gibibyte, entries: 100_000 };

/**
 * Writes the files of the archive below the folder, with the times that the archive names: they say how old the data is. Links and devices are left out.
 * Throws `source/not-found`, `source/unreadable` for what is no whole archive, and where the disk is full.
 */
export async function unpackFeeds(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  let problem: string | undefined;
  let seconds = 0;
  const walker = createTarWalker(
    { entry: (header) => (header.type === 'file' ? fileSink(folder, header, seconds) : undefined) },
    limits,
    ({ level, message }) => {
      if (level === 'error') problem ??= message;
    },
    { literalNames: true, onTime: (time) => (seconds = time) },
  );
  let zeros = 0;
  try {
    const source = createReadStream(archive, { highWaterMark: chunkBytes, signal });
    for await (const chunk of decompress(source, { signal, limits, subject: 'The archive' })) {
      walker.write(chunk);
      zeros = zerosAtEnd(chunk, zeros);
    }
    walker.end();
  } catch (thrown) {
    signal.throwIfAborted();
    throw unreadable(archive, messageOf(thrown), thrown);
  }
  if (problem !== undefined) throw unreadable(archive, problem);
  if (!walker.complete || walker.entries === 0 || zeros < endBytes) {
    throw unreadable(archive, 'it is cut off, or no tar archive at all.');
  }
}

function unreadable(archive: string, why: string, cause?: unknown): PlombeError {
  const message = `${inert(archive)} is no folder, and cannot be unpacked as an archive of feeds: ${why}`;
  return new PlombeError('source/unreadable', message, {
    remedy: 'Give a folder of feeds, or a tar archive of one, plain or with gzip, zstd, xz or bzip2.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Writes a file as its bytes come; paths of headers lead nowhere outside. */
function fileSink(folder: string, { path }: FileHeader, seconds: number): ContentSink {
  const target = join(folder, path.toWellFormed());
  makeFolder(dirname(target));
  const file = openSync(target, 'w', 0o600);
  return {
    write(chunk) {
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      return true;
    },
    end() {
      closeSync(file);
      utimesSync(target, seconds, seconds);
    },
  };
}
