// Mach-O segment commands (mach-o/loader.h): which ranges of the file are loaded, and how.
import { maxParts, type ProgramLayout, type ProgramPart, sortedParts } from './section.ts';

const commandSegment = 0x1;
const commandSegment64 = 0x19;

/** True for the magic numbers of thin Mach-O files, either width and byte order. */
export function isMachO(head: Uint8Array): boolean {
  const little = head[1] === 0xfa && head[2] === 0xed && head[3] === 0xfe && (head[0] === 0xce || head[0] === 0xcf);
  const big = head[0] === 0xfe && head[1] === 0xed && head[2] === 0xfa && (head[3] === 0xce || head[3] === 0xcf);
  return little || big;
}

/**
 * True for a universal file (mach-o/fat.h), several Mach-O files in one. A Java class file begins alike; what follows is its
 * version, 45 or more, where a universal file has the number of its parts.
 */
export function isUniversalMachO(head: Uint8Array): boolean {
  if (head[0] !== 0xca || head[1] !== 0xfe || head[2] !== 0xba || head[3] !== 0xbe || head.length < 8) return false;
  return head[4] === 0 && head[5] === 0 && head[6] === 0 && (head[7] as number) > 0 && (head[7] as number) < 45;
}

/** Reads the layout from the first bytes of a thin Mach-O file; undefined where its commands are not within `head`. */
export function parseMachO(head: Uint8Array): ProgramLayout | undefined {
  if (!isMachO(head) || head.length < 32) return undefined;
  const littleEndian = head[3] === 0xfe;
  const wide = (littleEndian ? head[0] : head[3]) === 0xcf;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const number = (at: number): number => view.getUint32(at, littleEndian);
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, littleEndian)) : number(at));
  const count = number(16);
  const step = wide ? 8 : 4;
  const parts: ProgramPart[] = [];
  let at = wide ? 32 : 28;
  if (count > maxParts || at + number(20) > head.length) return undefined;
  for (let i = 0; i < count; i++) {
    if (at + 8 > head.length) return undefined;
    const size = number(at + 4);
    if (size < 8 || at + size > head.length) return undefined;
    if (number(at) === (wide ? commandSegment64 : commandSegment) && size >= 24 + 4 * step + 16) {
      const protection = number(at + 24 + 4 * step + 4);
      parts.push({
        address: word(at + 24),
        offset: word(at + 24 + 2 * step),
        sizeBytes: word(at + 24 + 3 * step),
        writable: (protection & 2) !== 0,
        executable: (protection & 4) !== 0,
      });
    }
    at += size;
  }
  return { format: 'macho', littleEndian, pointerBytes: wide ? 8 : 4, parts: sortedParts(parts), madeByGo: false };
}
