// The one pass over a layer: verify, walk, keep. A second pass fetches the targets of wanted hard links, which is rare.
import type { FileInterest } from '@plombe/catalogers';
import { readLayer, type LayerRead } from '@plombe/formats';
import { inert, type LayerLimits } from '@plombe/kit';
import type { ContentSink, Diagnostic, EntryConsumer, FileHeader, ImageLayer } from '@plombe/model';
import { LayerCollector, type PendingLink } from './collector.ts';
import type { LayerRecord } from './record.ts';

export interface CollectOptions {
  readonly interests: readonly FileInterest[];
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  /** Called with the stored bytes read so far. */
  onProgress?(doneBytes: number): void;
}

/**
 * Reads a layer once and returns what was wanted of it. Content whose digest is wrong is dropped: nothing is claimed from it.
 * Throws only where the source itself fails (`registry/…`, `source/…`) or the signal aborts.
 */
export async function collectLayer(layer: ImageLayer, options: CollectOptions): Promise<LayerRecord> {
  if (layer.content.kind === 'absent') return absentRecord(layer, layer.content.cause);
  const collector = new LayerCollector(options);
  const read = await walk(layer, collector, options);
  if (!read.verified) return unverifiedRecord(read);
  if (collector.pending.length > 0) await collectLinks(layer, collector, options);
  return {
    ...(read.diffID === undefined ? {} : { diffID: read.diffID }),
    ...(read.digest === undefined ? {} : { digest: read.digest }),
    files: collector.files,
    rootLinks: collector.rootLinks,
    whiteouts: collector.whiteouts,
    opaques: collector.opaques,
    nonDirectories: collector.nonDirectories.finish(),
    directories: collector.directories.finish(),
    entries: read.entries,
    storedBytes: read.storedBytes,
    uncompressedBytes: read.uncompressedBytes,
    diagnostics: [...read.diagnostics, ...collector.diagnostics],
    complete: read.complete && collector.complete,
  };
}

type Walk = Partial<Pick<LayerRead, 'digest' | 'diffID'>> & Omit<LayerRead, 'digest' | 'diffID' | 'compression'>;

async function walk(layer: ImageLayer, consumer: EntryConsumer, options: CollectOptions): Promise<Walk> {
  const { content } = layer;
  if (content.kind === 'tar') {
    return await readLayer(content.open({ signal: options.signal }), consumer, {
      mediaType: layer.mediaType,
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
  const diagnostics = problems.map((problem): Diagnostic => ({
    code: 'source/unreadable',
    level: 'warning',
    path: problem.path,
    message: `${inert(problem.path)} could not be read: ${inert(problem.cause)}.`,
  }));
  return {
    storedBytes: 0,
    uncompressedBytes: 0,
    entries: counter.entries,
    diagnostics,
    complete: true,
    verified: true,
  };
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

/** Reads the layer again for the targets of hard links, and keeps them under the links' own paths. */
async function collectLinks(layer: ImageLayer, collector: LayerCollector, options: CollectOptions): Promise<void> {
  const byTarget = new Map<string, PendingLink[]>();
  for (const link of collector.pending) {
    const links = byTarget.get(link.target);
    if (links === undefined) byTarget.set(link.target, [link]);
    else links.push(link);
  }
  await walk(
    layer,
    {
      entry(header) {
        const links = header.type === 'file' ? byTarget.get(header.path) : undefined;
        if (links === undefined) return undefined;
        byTarget.delete(header.path);
        const sinks = links.flatMap((link) => {
          const own = { ...header, path: link.header.path };
          return collector.sink(link.interest, link.want, own) ?? [];
        });
        return {
          write: (chunk) => sinks.map((sink) => sink.write(chunk)).includes(true),
          end: () => sinks.forEach((sink) => sink.end()),
        };
      },
    },
    { ...options, onProgress: () => undefined },
  );
  for (const link of [...byTarget.values()].flat()) collector.keepUnresolved(link);
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

function absentRecord(layer: ImageLayer, cause: string): LayerRecord {
  const message = `Layer ${layer.index} (${layer.digest ?? layer.mediaType}) is not there to be read: ${inert(cause)}.`;
  const diagnostics: Diagnostic[] = [{ code: 'archive/unsupported', level: 'error', message }];
  return { ...nothing, entries: 0, storedBytes: 0, uncompressedBytes: 0, diagnostics };
}

function unverifiedRecord(read: Walk): LayerRecord {
  const { entries, storedBytes, uncompressedBytes, diagnostics } = read;
  return { ...nothing, entries, storedBytes, uncompressedBytes, diagnostics };
}
