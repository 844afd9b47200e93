// What the readers of ELF, PE and Mach-O headers answer: where in the file the parts of a program are.

/** A part of the file that is mapped to memory. */
export interface ProgramPart {
  /** Offset in the file, bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Address in memory of the first byte. */
  readonly address: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ProgramLayout {
  readonly format: 'elf' | 'pe' | 'macho';
  readonly littleEndian: boolean;
  readonly pointerBytes: 4 | 8;
  /** Sorted by offset. */
  readonly parts: readonly ProgramPart[];
  /** True where the header itself shows that Go's linker or compiler made the program. */
  readonly madeByGo: boolean;
}

/** Real programs have under 40 parts; a table of more is not read. */
export const maxParts = 512;

/** Keeps the parts that have bytes and whose numbers are exact in a double; drops the rest (T12). Sorted by offset. */
export function sortedParts(parts: readonly ProgramPart[]): readonly ProgramPart[] {
  return parts
    .filter((part) => part.sizeBytes > 0 && Number.isSafeInteger(part.offset + part.sizeBytes))
    .sort((a, b) => a.offset - b.offset);
}

/** A range of the file, `end` not in it. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

/** Returns the ranges of these parts without overlap, sorted, so that none is searched twice however many parts claim it (T12). */
export function rangesOf(parts: readonly ProgramPart[]): readonly FileRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { offset, sizeBytes } of sortedParts(parts)) {
    const last = ranges.at(-1);
    if (last !== undefined && offset <= last.end) last.end = Math.max(last.end, offset + sizeBytes);
    else ranges.push({ start: offset, end: offset + sizeBytes });
  }
  return ranges;
}
