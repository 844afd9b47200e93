// Tar archives of feeds, file by file: a convenience over the walker for archives whose files are small and all wanted.
import { concatBytes, PlombeError, type LayerLimits } from '@plombe/kit';
import type { Diagnostic, FileHeader } from '@plombe/model';
import { decompress } from '../compression/decompress.ts';
import { createTarWalker } from './walker.ts';

export interface ReadTarOptions {
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  /** Files beyond it come with their first bytes and `truncated`. */
  readonly maxEntryBytes: number;
  /** Answers false for entries not wanted; default all. */
  wants?(header: FileHeader): boolean;
}

/** One entry of an archive; `content` is empty for anything but a file. */
export interface TarFile {
  readonly header: FileHeader;
  readonly content: Uint8Array;
  readonly truncated: boolean;
}

/**
 * Yields the entries of a plain, gzip or zstd tar archive in order. Throws `archive/corrupt`, `archive/limit` or `archive/unsupported` after
 * the entries before the fault.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>, options: ReadTarOptions): AsyncGenerator<TarFile> {
  const { signal, limits, maxEntryBytes } = options;
  const ready: TarFile[] = [];
  let fault: Diagnostic | undefined;
  const walker = createTarWalker(
    {
      entry(header) {
        if (options.wants?.(header) === false) return undefined;
        return collect(header, maxEntryBytes, (file) => ready.push(file));
      },
    },
    limits,
    (diagnostic) => {
      if (diagnostic.level === 'error') fault ??= diagnostic;
    },
    { literalNames: true },
  );
  for await (const chunk of decompress(source, { signal, limits, subject: 'The archive' })) {
    walker.write(chunk);
    yield* ready.splice(0);
    if (!walker.complete) break;
  }
  walker.end();
  yield* ready.splice(0);
  if (fault !== undefined) throw new PlombeError(codeOf(fault), fault.message);
}

function codeOf(fault: Diagnostic): 'archive/corrupt' | 'archive/limit' {
  return fault.code === 'archive/limit' ? 'archive/limit' : 'archive/corrupt';
}

function collect(header: FileHeader, maxBytes: number, done: (file: TarFile) => void) {
  const chunks: Uint8Array[] = [];
  let left = maxBytes;
  let truncated = false;
  return {
    write(chunk: Uint8Array): boolean {
      truncated = chunk.length > left;
      chunks.push(new Uint8Array(chunk.subarray(0, left)));
      left -= Math.min(left, chunk.length);
      return !truncated;
    },
    end(): void {
      done({ header, content: chunks.length === 0 ? new Uint8Array() : concatBytes(chunks), truncated });
    },
  };
}
