// Which stored bytes the wanted files of a layer need, and whether asking for them is less than reading the layer.
import type { FileInterest } from '@plombe/catalogers';
import { kibibyte, mebibyte } from '@plombe/kit';
import { InterestIndex } from '../interest-index.ts';
import type { Region, TocTable } from './table.ts';

/** Ranges of a layer to fetch, in the order of the blob, none touching another. */
export interface RangePlan {
  readonly ranges: readonly Region[];
  readonly storedBytes: number;
}

/** Chunks up to this are decompressed: one has to be in memory whole before its digest is known. Writers make chunks of 4 MiB at most. */
export const maxChunkBytes = 32 * mebibyte;
/**
 * Ranges nearer to each other than this part of the layer are one: a request costs time, and bytes in between cost bytes. At most 16 KiB, which is
 * what a request costs at 100 Mbit/s and 1 ms.
 */
const joinShare = 1 / 32_768;
const maxJoinBytes = 16 * kibibyte;
/** And are not made larger than this by joining. */
const joinUpTo = 4 * mebibyte;
/** Requests for one layer: with more, one long answer is faster. */
const maxRanges = 2000;

/** Plans the first pass. Undefined where it would read more than `maxStoredBytes`, or in too many pieces: then all of the layer is better read. */
export function planRanges(
  table: TocTable,
  interests: readonly FileInterest[],
  { layerBytes, maxStoredBytes }: { readonly layerBytes: number; readonly maxStoredBytes: number },
): RangePlan | undefined {
  const index = new InterestIndex(interests);
  const regions: Region[] = [];
  let storedBytes = 0;
  for (const { header, chunks } of table.entries()) {
    if (header.type !== 'file') continue;
    let wantedBytes = 0;
    for (const interest of index.of(header.path)) {
      const want = interest.wants(header);
      if (want === undefined || want.kind === 'link') continue;
      wantedBytes = Math.max(
        wantedBytes,
        want.kind === 'distill' ? header.sizeBytes : Math.min(header.sizeBytes, want.maxBytes),
      );
    }
    for (const chunk of chunks) {
      if (chunk.offset >= wantedBytes || chunk.zeros) continue;
      const region = table.region(chunk);
      regions.push(region);
      storedBytes += region.end - region.at;
      if (storedBytes > maxStoredBytes || chunk.skip + chunk.sizeBytes > maxChunkBytes) return undefined;
    }
  }
  const ranges = joined(regions, Math.min(maxJoinBytes, layerBytes * joinShare));
  const total = ranges.reduce((sum, { at, end }) => sum + end - at, 0);
  return total > maxStoredBytes || ranges.length > maxRanges ? undefined : { ranges, storedBytes: total };
}

function joined(regions: Region[], joinWithin: number): readonly Region[] {
  regions.sort((a, b) => a.at - b.at || a.end - b.end);
  const ranges: { at: number; end: number }[] = [];
  for (const { at, end } of regions) {
    const last = ranges.at(-1);
    if (last !== undefined && (at < last.end || (at - last.end <= joinWithin && end - last.at <= joinUpTo))) {
      last.end = Math.max(last.end, end);
    } else ranges.push({ at, end });
  }
  return ranges;
}
