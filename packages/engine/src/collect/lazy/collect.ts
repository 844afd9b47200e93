// The pass over a layer that reads as little as it can: its table of contents and the files that are wanted.
import { isPlombeError } from '@plombe/kit';
import type { Diagnostic, ImageLayer } from '@plombe/model';
import { Budget } from '../budget.ts';
import { LayerCollector, type CollectorOptions } from '../collector.ts';
import { resolveLinks } from '../hard-links.ts';
import { keepLowerLinks } from '../lower-links.ts';
import type { LayerRecord } from '../record.ts';
import type { OpenedToc } from './open.ts';
import { planRanges } from './plan.ts';
import { PlannedRanges } from './ranges.ts';
import { readByTable } from './read.ts';
import { TocTable } from './table.ts';

/** Of a layer's bytes: with more than this, one stream costs less than many answers, and tells the digests besides. */
const maxShare = 0.35;

export interface LazyOptions extends CollectorOptions {
  readonly signal: AbortSignal;
  onProgress?(doneBytes: number): void;
}

/** Reads a layer by its table of contents. Undefined where that is not to be had, or no gain: the layer is then to be read whole. */
export async function collectLazily(
  layer: ImageLayer,
  tocs: readonly OpenedToc[],
  options: LazyOptions,
): Promise<LayerRecord | undefined> {
  const { content, sizeBytes, digest } = layer;
  const [toc] = tocs;
  // Of two tables nobody can say which one a puller goes by.
  if (content.kind !== 'tar' || content.range === undefined || tocs.length !== 1 || toc?.document === undefined)
    return undefined;
  if (sizeBytes === undefined || digest === undefined || content.literalNames === true) return undefined;
  const read = content.range.bind(content);
  const { limits, signal } = options;
  const loan = (options.budget ?? new Budget(limits)).loan();
  try {
    const table = new TocTable(toc.pointer.kind, toc.document, limits);
    const plan = planRanges(table, options.interests, { layerBytes: sizeBytes, maxStoredBytes: maxShare * sizeBytes });
    if (plan === undefined) return undefined;
    let storedBytes = 0;
    const ranges = new PlannedRanges(
      (offset, size) => read(offset, size, { signal }),
      plan.ranges,
      (bytes) => {
        storedBytes += bytes;
        options.onProgress?.(storedBytes);
      },
    );
    const collector = new LayerCollector({ ...options, budget: loan });
    const entries = await readByTable(table, ranges, collector, signal);
    const nonDirectories = collector.nonDirectories.finish();
    const again = async (consumer: Parameters<typeof readByTable>[2]): Promise<void> => {
      await readByTable(table, ranges, consumer, signal);
    };
    const resolved = await resolveLinks(collector, again);
    const missing = collector.targets.missing(nonDirectories);
    if (missing.length > 0) await keepLowerLinks(collector, missing, again);
    if (!resolved || !collector.complete) {
      loan.giveBack();
      return undefined;
    }
    collector.end();
    return {
      digest,
      tocs: [toc.pointer.digest],
      lazy: true,
      files: collector.kept.all(),
      rootLinks: collector.rootLinks,
      whiteouts: collector.whiteouts,
      opaques: collector.opaques,
      nonDirectories,
      directories: collector.directories.finish(),
      entries,
      storedBytes,
      uncompressedBytes: 0,
      diagnostics: [note(layer, storedBytes), ...collector.diagnostics],
      complete: true,
    };
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever is wrong with the table, its chunks or the ranges: the whole layer says what it holds.
    if (!isPlombeError(thrown)) throw thrown;
    loan.giveBack();
    return undefined;
  }
}

function note({ index, sizeBytes = 0 }: ImageLayer, storedBytes: number): Diagnostic {
  const message =
    `Layer ${index} was read by its table of contents, as a lazy puller does: ${storedBytes} of ${sizeBytes} bytes. ` +
    'Its diffID was not verified; --verify full reads all of it.';
  return { code: 'archive/read-by-toc', level: 'note', message };
}
