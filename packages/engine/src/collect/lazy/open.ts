// Brings the tables of contents that a layer's manifest names, for going by them or for comparing them with the tar.
import { readTocDocument, type RangeReader, type TocDocument } from '@plombe/formats';
import { concatBytes, isPlombeError, PlombeError, type LayerLimits } from '@plombe/kit';
import type { Diagnostic, ImageLayer, LayerContent, TocPointer } from '@plombe/model';

/** A table of contents as far as it could be had. */
export interface OpenedToc {
  readonly pointer: TocPointer;
  readonly document: TocDocument | undefined;
  /** Why there is no document; `error` where there may be one that could not be looked at. */
  readonly problem: Diagnostic | undefined;
}

type TarContent = Extract<LayerContent, { kind: 'tar' }>;

/** Opens each table. Throws what the source throws. */
export async function openTocs(
  layer: ImageLayer,
  limits: LayerLimits,
  signal: AbortSignal,
): Promise<readonly OpenedToc[]> {
  const { content, tocs = [], sizeBytes } = layer;
  if (content.kind !== 'tar' || sizeBytes === undefined) return [];
  const opened: OpenedToc[] = [];
  for (const pointer of tocs) {
    try {
      const document = await readTocDocument(pointer, sizeBytes, rangeReader(content, signal), limits, signal);
      opened.push({ pointer, document, problem: undefined });
    } catch (thrown) {
      if (!isPlombeError(thrown) || !thrown.code.startsWith('archive/')) throw thrown;
      opened.push({ pointer, document: undefined, problem: problemOf(thrown) });
    }
  }
  return opened;
}

/** A table that is not there, or is another than the manifest says, no lazy puller goes by either; one that is too large some might. */
function problemOf({ code, message }: PlombeError): Diagnostic {
  return code === 'archive/limit'
    ? { code: 'archive/limit', level: 'error', message: `${message} It could not be compared with the layer.` }
    : { code: 'archive/toc-mismatch', level: 'warning', message };
}

/** Reads ranges where the source has them, and else out of the whole stream. */
function rangeReader(content: TarContent, signal: AbortSignal): RangeReader {
  return async (offset, sizeBytes) => {
    try {
      if (content.range !== undefined) return await content.range(offset, sizeBytes, { signal });
    } catch (thrown) {
      if (!isPlombeError(thrown, 'registry/invalid-answer')) throw thrown;
    }
    return cut(content.open({ signal }), offset, sizeBytes);
  };
}

async function cut(source: AsyncIterable<Uint8Array>, offset: number, sizeBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for await (const chunk of source) {
    const [from, to] = [Math.max(0, offset - at), Math.min(chunk.length, offset + sizeBytes - at)];
    if (to > from) pieces.push(Uint8Array.from(chunk.subarray(from, to)));
    at += chunk.length;
    if (at >= offset + sizeBytes) return concatBytes(pieces);
  }
  throw new PlombeError('archive/corrupt', 'The layer ends before its table of contents does.');
}
