// Hard links to what a distiller kept of a lower layer's file: a later pass over the layer keeps them, where there are any.
import type { ContentSink, EntryConsumer, FileHeader } from '@plombe/model';
import type { LayerCollector } from './collector.ts';
import { KeptFiles } from './kept-files.ts';
import { hashPath } from './path-set.ts';

/** Reads the layer again and keeps, marked as optional, the links among its entries that lead to a `missing` target. */
export async function keepLowerLinks(
  collector: LayerCollector,
  missing: readonly number[],
  walk: (consumer: EntryConsumer) => Promise<void>,
): Promise<void> {
  const reader = new LowerLinkReader(collector, missing);
  await walk(reader);
  for (const file of reader.kept.all()) collector.kept.add(file);
}

class LowerLinkReader implements EntryConsumer {
  readonly kept = new KeptFiles();
  readonly #collector: LayerCollector;
  /** Paths by hash that are a lower layer's as yet, or links to one, with its path. */
  readonly #below: Map<number, string | undefined>;

  constructor(collector: LayerCollector, missing: readonly number[]) {
    this.#collector = collector;
    this.#below = new Map(missing.map((hash) => [hash, undefined]));
  }

  entry(header: FileHeader): ContentSink | undefined {
    const { path, type, linkTarget = '' } = header;
    if (type === 'whiteout' || type === 'opaque' || (type === 'hardlink' && linkTarget === path)) return undefined;
    const target = type === 'hardlink' ? this.#lowerPath(linkTarget) : undefined;
    this.kept.replace(path, type === 'directory');
    const hash = hashPath(path);
    const files = target === undefined ? [] : this.#collector.lowerLink({ ...header, linkTarget: target });
    for (const file of files) this.kept.add(file);
    if (files.length > 0) this.#below.set(hash, target);
    else if (type !== 'directory') this.#below.delete(hash);
    return undefined;
  }

  #lowerPath(target: string): string | undefined {
    const hash = hashPath(target);
    return this.#below.has(hash) ? (this.#below.get(hash) ?? target) : undefined;
  }
}
