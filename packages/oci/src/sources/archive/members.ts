// Named files that together hold images: a layout directory or an archive, read through one view.
import { statSync } from 'node:fs';
import type { OpenOptions } from '@plombe/model';
import { inert, PlombeError } from '@plombe/kit';
import { readFileBytes } from './file-bytes.ts';

/** Files by their name inside (`blobs/sha256/…`, `manifest.json`). */
export interface Members {
  /** Path of the directory or archive, for messages. */
  readonly path: string;
  /** Size in bytes of a regular file, undefined where there is none of that name. */
  sizeOf(name: string): number | undefined;
  /** Streams a file; a chunk is valid until the next is asked for. Throws `source/not-found` where it is not there (any more). */
  open(name: string, options: OpenOptions): AsyncIterable<Uint8Array>;
  /** Lets go of what is kept ready for the next file. Files may still be opened. */
  close(): Promise<void>;
}

/** Reads a whole member of at most `maxBytes`. Throws `source/not-found`, and `registry/manifest-invalid` where it is larger. */
export async function readMember(
  members: Members,
  name: string,
  maxBytes: number,
  options: OpenOptions,
): Promise<Uint8Array> {
  const size = members.sizeOf(name);
  const shown = `${inert(name.slice(0, 300))} in ${inert(members.path)}`;
  if (size === undefined) throw new PlombeError('source/not-found', `There is no ${shown}.`);
  if (size > maxBytes) {
    throw new PlombeError('registry/manifest-invalid', `${shown} has ${size} bytes; the limit is ${maxBytes}.`);
  }
  const bytes = Buffer.alloc(size);
  let at = 0;
  for await (const chunk of members.open(name, options)) {
    if (at + chunk.length > size) break;
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.subarray(0, at);
}

/** The files below a directory. Links are followed: build tools make layouts of links, and every blob is verified by digest. */
export function directoryMembers(path: string): Members {
  const pathOf = (name: string): string => `${path}/${name}`;
  return {
    path,
    sizeOf: (name) => {
      const stats = statSync(pathOf(name), { throwIfNoEntry: false });
      return stats?.isFile() ? stats.size : undefined;
    },
    open: (name, options) => readFileBytes(pathOf(name), options),
    close: async () => {},
  };
}
