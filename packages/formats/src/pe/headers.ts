// Headers of a PE file (Microsoft PE Format): its sections, and where resources and the CLI header (ECMA-335, II.25.3.3) are.

/** A range of the file that a data directory names. */
export interface PeRange {
  /** Offset in the file, bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly rva: number;
}

export interface PeHeaders {
  readonly resources?: PeRange;
  readonly cli?: PeRange;
  /** Offset in the file of a relative virtual address; undefined where no section has it. */
  offsetOf(rva: number): number | undefined;
}

/** Real files have under 40 sections. */
const maxSections = 96;
const resourceDirectory = 2;
const cliDirectory = 14;

/** Reads the headers from the first bytes of a PE file; undefined where it is none or they are not within `head`. */
export function parsePeHeaders(head: Uint8Array): PeHeaders | undefined {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.length < 64) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const at = view.getUint32(60, true);
  if (at + 24 + 112 > head.length || view.getUint32(at, true) !== 0x4550) return undefined;
  const count = view.getUint16(at + 6, true);
  const optional = at + 24;
  const table = optional + view.getUint16(at + 20, true);
  if (count === 0 || count > maxSections || table + count * 40 > head.length) return undefined;
  const sections = Array.from({ length: count }, (_, index) => {
    const section = table + 40 * index;
    return {
      rva: view.getUint32(section + 12, true),
      sizeBytes: view.getUint32(section + 16, true),
      offset: view.getUint32(section + 20, true),
    };
  });
  const offsetOf = (rva: number): number | undefined => {
    const section = sections.find((one) => rva >= one.rva && rva < one.rva + one.sizeBytes);
    return section === undefined ? undefined : section.offset + rva - section.rva;
  };
  const directories = optional + (view.getUint16(optional, true) === 0x20b ? 112 : 96);
  const range = (index: number): PeRange | undefined => {
    const entry = directories + 8 * index;
    if (index >= view.getUint32(directories - 4, true) || entry + 8 > table) return undefined;
    const rva = view.getUint32(entry, true);
    const sizeBytes = view.getUint32(entry + 4, true);
    const offset = rva === 0 || sizeBytes === 0 ? undefined : offsetOf(rva);
    return offset === undefined ? undefined : { offset, sizeBytes, rva };
  };
  const resources = range(resourceDirectory);
  const cli = range(cliDirectory);
  return { ...(resources && { resources }), ...(cli && { cli }), offsetOf };
}
