// Goes by a layer's table of contents instead of its tar: the entries in order, and of wanted files the chunks, each with its digest.
import { readTocChunk } from '@plombe/formats';
import { PlombeError } from '@plombe/kit';
import type { EntryConsumer } from '@plombe/model';
import { maxChunkBytes } from './plan.ts';
import type { PlannedRanges } from './ranges.ts';
import type { TocTable } from './table.ts';

/**
 * Hands the entries of a table to `consumer`, as the walk over the tar would, and reads what its sinks want. Returns how many there were. Throws what
 * `ranges` throws, and `archive/…` for a chunk that is not what the table says.
 */
export async function readByTable(
  table: TocTable,
  ranges: PlannedRanges,
  consumer: EntryConsumer,
  signal: AbortSignal,
): Promise<number> {
  let entries = 0;
  for (const { header, chunks } of table.entries()) {
    entries += 1;
    const sink = consumer.entry(header);
    if (sink === undefined) continue;
    for (const chunk of chunks) {
      signal.throwIfAborted();
      if (chunk.skip + chunk.sizeBytes > maxChunkBytes)
        throw new PlombeError('archive/limit', 'A chunk of the layer is too large.');
      const stored = chunk.zeros ? new Uint8Array(0) : await ranges.get(table.region(chunk));
      if (!sink.write(await readTocChunk(stored, table.kind, chunk))) break;
    }
    sink.end();
  }
  return entries;
}
