// Tables of contents that a layer's descriptor names: what lazy pullers of eStargz and zstd:chunked layers go by.
import { parseDigest, type Descriptor, type TocPointer } from '@plombe/model';

const estargzDigest = 'containerd.io/snapshot/stargz/toc.digest';
const chunkedDigest = 'io.github.containers.zstd-chunked.manifest-checksum';
const chunkedPosition = 'io.github.containers.zstd-chunked.manifest-position';

/**
 * Returns the tables of contents that the annotations of a layer name (containerd/stargz-snapshotter docs/estargz.md; containers/storage
 * pkg/chunked). One whose digest or position cannot be read is none: no puller can find it either.
 */
export function tocPointers({ annotations = {}, sizeBytes }: Descriptor): readonly TocPointer[] {
  const found: TocPointer[] = [];
  const digest = parseDigest(annotations[estargzDigest] ?? '');
  if (digest !== undefined) found.push({ kind: 'estargz', digest });
  const checksum = parseDigest(annotations[chunkedDigest] ?? '');
  // Offset, stored length, length of the document, and 1, which stands for this kind of document.
  const position = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):1$/.exec(annotations[chunkedPosition] ?? '');
  if (checksum === undefined || position === null) return found;
  const [offset = 0, storedBytes = 0, documentBytes = 0] = position.slice(1).map(Number);
  if (storedBytes > 0 && offset + storedBytes <= sizeBytes) {
    found.push({ kind: 'zstd-chunked', digest: checksum, offset, storedBytes, documentBytes });
  }
  return found;
}
