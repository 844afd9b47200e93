// The cache of layer records, one file per diffID and question asked.
import type { Digest } from '@plombe/model';
import type { LayerRecord } from '../collect/record.ts';
import { decodeRecord, packRecord } from './codec.ts';
import type { CacheFiles } from './files.ts';

/** Answers undefined for what is not there; never throws. */
export interface LayerCache {
  load(diffID: Digest): Promise<LayerRecord | undefined>;
  save(diffID: Digest, record: LayerRecord): Promise<void>;
  /** Records that were read by a table of contents, which has this digest: nothing verified them under a diffID. */
  loadByToc(toc: Digest): Promise<LayerRecord | undefined>;
  saveByToc(toc: Digest, record: LayerRecord): Promise<void>;
  /** Counts as a use: the record is kept as long as what was made of it. */
  touch(diffID: Digest): Promise<void>;
}

/** Layer records in the cache's files. `key` is the name of the question asked, from `interestsKey`. */
export function layerCacheIn(files: CacheFiles, key: string): LayerCache {
  const nameOf = (diffID: Digest): string => `${diffID.slice(diffID.indexOf(':') + 1)}.${key}`;
  const tocNameOf = (toc: Digest): string => `${nameOf(toc)}.toc`;
  return {
    loadByToc: (toc) =>
      files.load(tocNameOf(toc), (bytes) => {
        const record = decodeRecord(bytes);
        return record?.lazy === true && record.tocs?.[0] === toc ? record : undefined;
      }),
    async saveByToc(toc, record) {
      if (record.complete && record.lazy === true && record.tocs?.[0] === toc)
        await files.save(tocNameOf(toc), packRecord(record));
    },
    load: (diffID) =>
      files.load(nameOf(diffID), (bytes) => {
        const record = decodeRecord(bytes);
        return record?.diffID === diffID && record.lazy !== true ? record : undefined;
      }),
    async save(diffID, record) {
      if (record.complete && record.diffID === diffID && record.lazy !== true)
        await files.save(nameOf(diffID), packRecord(record));
    },
    touch: (diffID) => files.touch(nameOf(diffID)),
  };
}
