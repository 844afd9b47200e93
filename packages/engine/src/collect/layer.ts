// The one pass over a layer: verify, walk, keep. Another fetches the targets of wanted hard links, which is rare.
import type { FileInterest } from '@plombe/catalogers';
import { readLayer, tocEntries, type LayerRead } from '@plombe/formats';
import { inert, type LayerLimits } from '@plombe/kit';
import type {
  ContentSink,
  Diagnostic,
  EntryConsumer,
  FileHeader,
  ImageLayer,
  LayerContent,
  TreeProblem,
} from '@plombe/model';
import type { Budget } from './budget.ts';
import { LayerCollector } from './collector.ts';
import { resolveLinks } from './hard-links.ts';
import { collectLazily } from './lazy/collect.ts';
import { TocComparer } from './lazy/compare.ts';
import { openTocs, type OpenedToc } from './lazy/open.ts';
import { keepLowerLinks } from './lower-links.ts';
import type { LayerRecord } from './record.ts';

export interface CollectOptions {
  readonly interests: readonly FileInterest[];
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  /** Shared by the layers of an image; default: one of this layer's own. */
  readonly budget?: Budget;
  /** True: a layer whose manifest vouches for its table of contents may be read by that, where it spares most of it. Default false. */
  readonly lazily?: boolean;
  /** Called with the stored bytes read so far. */
  onProgress?(doneBytes: number): void;
}

/**
 * Reads a layer once and returns what was wanted of it. Content whose digest is wrong is dropped: nothing is claimed from it.
 * Throws only where the source itself fails (`registry/…`, `source/…`) or the signal aborts.
 */
export async function collectLayer(layer: ImageLayer, options: CollectOptions): Promise<LayerRecord> {
  if (layer.content.kind === 'absent') return absentRecord(layer, layer.content);
  const tocs = await openTocs(layer, options.limits, options.signal);
  const lazy = options.lazily === true ? await collectLazily(layer, tocs, options) : undefined;
  return lazy ?? collectWhole(layer, tocs, options);
}

async function collectWhole(
  layer: ImageLayer,
  tocs: readonly OpenedToc[],
  options: CollectOptions,
): Promise<LayerRecord> {
  const collector = new LayerCollector(options);
  const comparison = compareTocs(collector, tocs, options.limits);
  const read = await walk(layer, comparison.consumer, options);
  if (!read.verified) return unverifiedRecord(read);
  const compared = comparison.end();
  const nonDirectories = collector.nonDirectories.finish();
  const again = await collectLinks(layer, collector, nonDirectories, options);
  if (again?.verified === false) return unverifiedRecord(again);
  collector.end();
  return {
    ...(read.diffID === undefined ? {} : { diffID: read.diffID }),
    ...(read.digest === undefined ? {} : { digest: read.digest }),
    ...(tocs.length === 0 ? {} : { tocs: tocs.map(({ pointer }) => pointer.digest) }),
    files: collector.kept.all(),
    rootLinks: collector.rootLinks,
    whiteouts: collector.whiteouts,
    opaques: collector.opaques,
    nonDirectories,
    directories: collector.directories.finish(),
    entries: read.entries,
    storedBytes: read.storedBytes,
    uncompressedBytes: read.uncompressedBytes,
    diagnostics: [...read.diagnostics, ...compared, ...collector.diagnostics, ...(again?.diagnostics ?? [])],
    complete:
      read.complete && collector.complete && again === undefined && !compared.some(({ level }) => level === 'error'),
  };
}

/** Puts a comparer for each table of contents before the collector; `end` tells what differs. */
function compareTocs(
  collector: EntryConsumer,
  tocs: readonly OpenedToc[],
  limits: LayerLimits,
): { readonly consumer: EntryConsumer; end(): readonly Diagnostic[] } {
  const comparers: TocComparer[] = [];
  let consumer = collector;
  for (const { pointer, document } of tocs) {
    if (document === undefined) continue;
    const comparer = new TocComparer(consumer, pointer.kind, tocEntries(document.bytes, limits));
    comparers.push(comparer);
    consumer = comparer;
  }
  const end = (): readonly Diagnostic[] => {
    for (const comparer of comparers) comparer.end();
    return [...tocs.flatMap(({ problem }) => problem ?? []), ...comparers.flatMap(({ diagnostics }) => diagnostics)];
  };
  return { consumer, end };
}

type Walk = Partial<Pick<LayerRead, 'digest' | 'diffID'>> & Omit<LayerRead, 'digest' | 'diffID' | 'compression'>;

async function walk(layer: ImageLayer, consumer: EntryConsumer, options: CollectOptions): Promise<Walk> {
  const { content } = layer;
  if (content.kind === 'tar') {
    return await readLayer(content.open({ signal: options.signal }), consumer, {
      mediaType: layer.mediaType,
      literalNames: content.literalNames ?? false,
      ...(layer.digest === undefined ? {} : { digest: layer.digest }),
      ...(layer.diffID === undefined ? {} : { diffID: layer.diffID }),
      ...(layer.sizeBytes === undefined ? {} : { sizeBytes: layer.sizeBytes }),
      limits: options.limits,
      signal: options.signal,
      onProgress: (storedBytes) => options.onProgress?.(storedBytes),
    });
  }
  const counter = new Counter(consumer);
  const problems = content.kind === 'tree' ? await content.walk(counter, { signal: options.signal }) : [];
  return {
    storedBytes: 0,
    uncompressedBytes: 0,
    entries: counter.entries,
    diagnostics: treeDiagnostics(problems),
    // Packages may be anywhere, so a folder that stayed closed is a gap.
    complete: problems.length === 0,
    verified: true,
  };
}

/** Each place is a warning; together they are one error, which is what a state names as its cause. */
function treeDiagnostics(problems: readonly TreeProblem[]): Diagnostic[] {
  const [first] = problems;
  if (first === undefined) return [];
  const code = 'source/unreadable';
  const others = problems.length === 1 ? '' : ` and ${problems.length - 1} more files or folders`;
  const message = `${inert(first.path)}${others} could not be read; what is in them is not in the inventory.`;
  return [
    { code, level: 'error', message },
    ...problems.map(({ path, cause }): Diagnostic => ({
      code,
      level: 'warning',
      path,
      message: `${inert(path)}: ${inert(cause)}.`,
    })),
  ];
}

class Counter implements EntryConsumer {
  entries = 0;
  readonly #consumer: EntryConsumer;

  constructor(consumer: EntryConsumer) {
    this.#consumer = consumer;
  }

  entry(header: FileHeader): ContentSink | undefined {
    this.entries += 1;
    return this.#consumer.entry(header);
  }
}

/** Reads the layer again where hard links want it. Answers the walk that did not give all of them: other bytes, or a chain too long. */
async function collectLinks(
  layer: ImageLayer,
  collector: LayerCollector,
  nonDirectories: Float64Array,
  options: CollectOptions,
): Promise<Walk | undefined> {
  let last: Walk | undefined;
  let failed: Walk | undefined;
  const walkAgain = async (consumer: EntryConsumer): Promise<void> => {
    last = await walk(layer, consumer, { ...options, onProgress: () => undefined });
    if (!last.verified) failed = last;
  };
  const resolved = await resolveLinks(collector, walkAgain);
  const missing = collector.targets.missing(nonDirectories);
  if (missing.length > 0) await keepLowerLinks(collector, missing, walkAgain);
  if (failed !== undefined || resolved || last === undefined) return failed;
  const message = 'Hard links lead to hard links more than three times; their files were not read.';
  return { ...last, diagnostics: [{ code: 'archive/limit', level: 'error', message }] };
}

const nothing = {
  files: [],
  rootLinks: new Map<string, string>(),
  whiteouts: [],
  opaques: [],
  nonDirectories: new Float64Array(0),
  directories: new Float64Array(0),
  complete: false,
} as const;

function absentRecord(layer: ImageLayer, content: Extract<LayerContent, { kind: 'absent' }>): LayerRecord {
  const { cause, damaged = false } = content;
  const code = damaged ? 'archive/corrupt' : 'archive/unsupported';
  const message = `Layer ${layer.index} (${layer.digest ?? layer.mediaType}) is not there to be read: ${inert(cause)}.`;
  const diagnostics: Diagnostic[] = [{ code, level: 'error', message }];
  return { ...nothing, entries: 0, storedBytes: 0, uncompressedBytes: 0, diagnostics };
}

/** The record of a layer that was read before, but is more than may be held of this image. */
export function overBudgetRecord({ index }: ImageLayer, record: LayerRecord): LayerRecord {
  const message = `Layer ${index} holds more package metadata or entries than the limit, with the layers read before; it was left out.`;
  const { entries, storedBytes, uncompressedBytes } = record;
  const diagnostics: Diagnostic[] = [{ code: 'archive/limit', level: 'error', message }];
  return { ...nothing, entries, storedBytes, uncompressedBytes, diagnostics };
}

function unverifiedRecord(read: Walk): LayerRecord {
  const { entries, storedBytes, uncompressedBytes, diagnostics } = read;
  return { ...nothing, entries, storedBytes, uncompressedBytes, diagnostics };
}
