// rpm's own NDB format, file `Packages.db`: a table of slots, each pointing at a checksummed blob.
import type { ProblemSink } from '../problem.ts';

const slotMagic = 0x746f6c53;
const headMagic = 0x53626c42;
const tailMagic = 0x45626c42;
const headerBytes = 32;
const slotBytes = 16;
const pageBytes = 4096;
const blockBytes = 16;
const headBytes = 16;
const tailBytes = 12;

/**
 * Yields the blob of each used slot in slot order (layout: rpm's `lib/backend/ndb/rpmpkg.c`, all numbers little-endian). A blob with a
 * wrong checksum is yielded and told; one that leaves the file or claims bytes of another is told and left out.
 */
export function* readNdbBlobs(bytes: Uint8Array, onProblem: ProblemSink): Iterable<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < headerBytes) return onProblem('the header is cut short');
  const slotEnd = view.getUint32(12, true) * pageBytes;
  if (slotEnd === 0) return onProblem('there is no slot table');
  if (slotEnd > bytes.length) onProblem('the slot table is cut short');
  let budget = bytes.length;
  for (let at = headerBytes; at + slotBytes <= Math.min(slotEnd, bytes.length); at += slotBytes) {
    if (view.getUint32(at, true) !== slotMagic) return onProblem('the slot table is corrupt');
    const id = view.getUint32(at + 4, true);
    const start = view.getUint32(at + 8, true) * blockBytes;
    const size = view.getUint32(at + 12, true) * blockBytes;
    if (id === 0 || start === 0) {
      // rpm writes zeros over all of a slot that it frees.
      if (id !== start || size !== 0) onProblem('a slot is used in part');
      continue;
    }
    budget -= size;
    if (budget < 0) return onProblem('blobs overlap');
    const blob = readBlob(bytes, view, { id, start, size }, onProblem);
    if (blob !== undefined) yield blob;
  }
  if (slotEnd + 4 <= bytes.length && view.getUint32(slotEnd, true) === slotMagic) {
    onProblem('the slot table goes on behind its end');
  }
}

interface Slot {
  readonly id: number;
  readonly start: number;
  readonly size: number;
}

function readBlob(
  bytes: Uint8Array,
  view: DataView,
  { id, start, size }: Slot,
  onProblem: ProblemSink,
): Uint8Array | undefined {
  const end = start + size;
  if (end > bytes.length || size < headBytes + tailBytes) {
    return onProblem(`package ${id} lies outside the file`);
  }
  const length = view.getUint32(start + 12, true);
  const headOk = view.getUint32(start, true) === headMagic && view.getUint32(start + 4, true) === id;
  if (!headOk || length > size - headBytes - tailBytes) {
    return onProblem(`package ${id} has no valid blob`);
  }
  const tail = end - tailBytes;
  const checksum = adler32(bytes.subarray(start, tail));
  if (view.getUint32(tail + 8, true) !== tailMagic || view.getUint32(tail, true) !== checksum) {
    onProblem(`package ${id} does not have the checksum it states`);
  }
  return bytes.subarray(start + headBytes, start + headBytes + length);
}

/** RFC 1950, section 8.2. 5,552 is the most bytes whose sums fit in 32 bits before the remainder is taken. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += 5552) {
    const end = Math.min(start + 5552, bytes.length);
    for (let i = start; i < end; i++) {
      low += bytes[i] as number;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}
