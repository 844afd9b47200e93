// Reading a whole archive in a test: every entry, the content of every file, and what was said on the way.
import { defaultLayerLimits, type LayerLimits } from '@plombe/kit';
import type { Diagnostic, FileHeader } from '@plombe/model';
import { createTarWalker } from '../tar/walker.ts';

/** An archive as a test sees it. `content` is absent where the file was cut off. */
export interface WalkedTar {
  readonly headers: readonly FileHeader[];
  readonly content: ReadonlyMap<string, Uint8Array>;
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
  readonly entries: number;
}

/** Pushes an archive through the walker in pieces of `pieceBytes`, keeping at most `keepBytes` of each file. */
export function walkTar(
  archive: Uint8Array,
  options: { readonly limits?: Partial<LayerLimits>; readonly pieceBytes?: number; readonly keepBytes?: number } = {},
): WalkedTar {
  const headers: FileHeader[] = [];
  const content = new Map<string, Uint8Array>();
  const diagnostics: Diagnostic[] = [];
  const keepBytes = options.keepBytes ?? 64 * 1024 * 1024;
  const walker = createTarWalker(
    {
      entry(header) {
        headers.push(header);
        if (header.type !== 'file') return undefined;
        const chunks: Uint8Array[] = [];
        let left = keepBytes;
        return {
          write(chunk) {
            chunks.push(chunk.slice(0, left));
            left -= Math.min(left, chunk.length);
            return left > 0;
          },
          end: () => void content.set(header.path, Buffer.concat(chunks)),
        };
      },
    },
    { ...defaultLayerLimits, ...options.limits },
    (diagnostic) => diagnostics.push(diagnostic),
  );
  const pieceBytes = options.pieceBytes ?? archive.length;
  for (let i = 0; i < archive.length; i += pieceBytes) walker.write(archive.subarray(i, i + pieceBytes));
  walker.end();
  return { headers, content, diagnostics, complete: walker.complete, entries: walker.entries };
}
