// ELF program headers (System V ABI, "Program Header"): which ranges of the file are loaded, and how.
import { maxParts, type ProgramLayout, type ProgramPart, sortedParts } from './section.ts';

const typeLoad = 1;
const typeNote = 4;
const flagExecutable = 1;
const flagWritable = 2;

/** True for the four bytes that every ELF file begins with. */
export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/**
 * Reads the layout from the first bytes of an ELF file; undefined where the header is not valid or its program headers are not
 * within `head` (tools that rewrite programs may move them to the end).
 */
export function parseElf(head: Uint8Array): ProgramLayout | undefined {
  const wide = head[4] === 2;
  if (!isElf(head) || (!wide && head[4] !== 1) || head.length < (wide ? 64 : 52)) return undefined;
  const littleEndian = head[5] === 1;
  if (!littleEndian && head[5] !== 2) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const word = (at: number): number =>
    wide ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const tableAt = word(wide ? 32 : 28);
  const sectionsAt = word(wide ? 40 : 32);
  const size = view.getUint16(wide ? 54 : 42, littleEndian);
  const count = view.getUint16(wide ? 56 : 44, littleEndian);
  if (count === 0 || count > maxParts || size < (wide ? 56 : 32) || tableAt + size * count > head.length)
    return undefined;
  const parts: ProgramPart[] = [];
  let madeByGo = sectionsAt > 0 && sectionsAt < 4096;
  for (let at = tableAt; at < tableAt + size * count; at += size) {
    const type = view.getUint32(at, littleEndian);
    const flags = view.getUint32(at + (wide ? 4 : 24), littleEndian);
    const offset = word(at + (wide ? 8 : 4));
    const sizeBytes = word(at + (wide ? 32 : 16));
    if (type === typeNote) madeByGo ||= holdsGoNote(head, offset, sizeBytes);
    if (type !== typeLoad) continue;
    const address = word(at + (wide ? 16 : 8));
    parts.push({
      offset,
      sizeBytes,
      address,
      writable: (flags & flagWritable) !== 0,
      executable: (flags & flagExecutable) !== 0,
    });
  }
  return { format: 'elf', littleEndian, pointerBytes: wide ? 8 : 4, parts: sortedParts(parts), madeByGo };
}

/** Go's build id is a note of type 4 by `Go\0\0`. Its linker also writes the section headers right behind the program headers. */
function holdsGoNote(head: Uint8Array, offset: number, sizeBytes: number): boolean {
  const end = Math.min(offset + sizeBytes, head.length);
  for (let at = offset; at + 16 <= end; at += 4) {
    if (head[at + 12] === 0x47 && head[at + 13] === 0x6f && head[at + 14] === 0 && head[at + 15] === 0) return true;
  }
  return false;
}
