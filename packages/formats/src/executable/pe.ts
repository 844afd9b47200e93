// PE section headers (Microsoft PE Format, "Section Table"): which ranges of the file are loaded, and how.
import { maxParts, type ProgramLayout, type ProgramPart, sortedParts } from './section.ts';

const memoryExecute = 0x2000_0000;
const memoryWrite = 0x8000_0000;

/** True for the two bytes that every DOS and Windows program begins with. */
export function isPe(head: Uint8Array): boolean {
  return head[0] === 0x4d && head[1] === 0x5a;
}

/** Reads the layout from the first bytes of a PE file; undefined where it is none or its headers are not within `head`. */
export function parsePe(head: Uint8Array): ProgramLayout | undefined {
  if (!isPe(head) || head.length < 64) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const at = view.getUint32(60, true);
  if (at + 24 + 32 > head.length || view.getUint32(at, true) !== 0x4550) return undefined;
  const count = view.getUint16(at + 6, true);
  const optionalSize = view.getUint16(at + 20, true);
  const optional = at + 24;
  const wide = view.getUint16(optional, true) === 0x20b;
  const table = optional + optionalSize;
  if (count === 0 || count > maxParts || table + count * 40 > head.length) return undefined;
  const base = wide ? Number(view.getBigUint64(optional + 24, true)) : view.getUint32(optional + 28, true);
  const parts: ProgramPart[] = [];
  for (let section = table; section < table + count * 40; section += 40) {
    const flags = view.getUint32(section + 36, true);
    parts.push({
      offset: view.getUint32(section + 20, true),
      sizeBytes: view.getUint32(section + 16, true),
      address: base + view.getUint32(section + 12, true),
      writable: (flags & memoryWrite) !== 0,
      executable: (flags & memoryExecute) !== 0,
    });
  }
  return { format: 'pe', littleEndian: true, pointerBytes: wide ? 8 : 4, parts: sortedParts(parts), madeByGo: false };
}
