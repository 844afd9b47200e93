// The version resource of a PE file: the resource directory, and VS_VERSIONINFO in it (Microsoft, "Version Information").

/** Texts of a version resource: `ProductVersion`, `FileVersion`, `OriginalFilename` … */
export type VersionTexts = ReadonlyMap<string, string>;

const typeVersion = 16;
const subdirectory = 0x8000_0000;
/** Real ones have twenty texts of under 300 characters. */
const maxTexts = 64;
const maxKeyLength = 128;
const maxTextLength = 1024;
const maxEntries = 4096;
/** VS_VERSIONINFO, StringFileInfo, StringTable, String. */
const maxDepth = 4;

/** Returns the texts of the first version resource; undefined where `resources`, which begins at `rva`, has none that can be read. */
export function parseVersionResource(resources: Uint8Array, rva: number): VersionTexts | undefined {
  const view = new DataView(resources.buffer, resources.byteOffset, resources.length);
  const type = entryOf(view, 0, typeVersion);
  const id = type === undefined ? undefined : entryOf(view, type, undefined);
  const language = id === undefined ? undefined : leafOf(view, id);
  if (language === undefined || language + 8 > view.byteLength) return undefined;
  const start = view.getUint32(language, true) - rva;
  const size = view.getUint32(language + 4, true);
  if (start < 0 || start + size > view.byteLength) return undefined;
  const texts = new Map<string, string>();
  readBlock(new DataView(resources.buffer, resources.byteOffset + start, size), 0, size, 0, texts);
  return texts.size === 0 ? undefined : texts;
}

/** Offset of the directory below one; `id` undefined takes the first entry. */
function entryOf(view: DataView, directory: number, id: number | undefined): number | undefined {
  const target = targetOf(view, directory, id);
  return target === undefined || target < subdirectory ? undefined : target - subdirectory;
}

/** Offset of the first data entry of a directory of languages, or of what stands in its place. */
function leafOf(view: DataView, directory: number): number | undefined {
  const target = targetOf(view, directory, undefined);
  return target === undefined || target >= subdirectory ? undefined : target;
}

function targetOf(view: DataView, directory: number, id: number | undefined): number | undefined {
  if (directory + 16 > view.byteLength) return undefined;
  const count = Math.min(view.getUint16(directory + 12, true) + view.getUint16(directory + 14, true), maxEntries);
  for (let entry = directory + 16; entry < directory + 16 + 8 * count && entry + 8 <= view.byteLength; entry += 8) {
    if (id === undefined || view.getUint32(entry, true) === id) return view.getUint32(entry + 4, true);
  }
  return undefined;
}

/** Reads one block (length, length of its value, kind, name, value, blocks inside) and adds the texts in it. */
function readBlock(view: DataView, at: number, end: number, depth: number, texts: Map<string, string>): number {
  const length = at + 6 <= end ? view.getUint16(at, true) : 0;
  const stop = Math.min(at + length, end);
  if (length < 6 || depth >= maxDepth || texts.size >= maxTexts) return end;
  const valueLength = view.getUint16(at + 2, true);
  const isText = view.getUint16(at + 4, true) === 1;
  const key = textOf(view, at + 6, stop, maxKeyLength);
  const value = aligned(at + 6 + 2 * (key.length + 1));
  if (depth === 3) {
    // Some linkers count the value's bytes, others its characters: it ends at its zero or the block's end.
    const text = valueLength === 0 ? '' : textOf(view, value, stop, maxTextLength).trim();
    if (text !== '' && !texts.has(key)) texts.set(key, text);
    return aligned(stop);
  }
  let child = aligned(value + (isText ? 2 * valueLength : valueLength));
  while (child + 6 <= stop) child = readBlock(view, child, stop, depth + 1, texts);
  return aligned(stop);
}

function aligned(at: number): number {
  return (at + 3) & ~3;
}

/** UTF-16 text up to its zero. */
function textOf(view: DataView, at: number, end: number, maxLength: number): string {
  let text = '';
  for (let i = at; i + 2 <= end && text.length < maxLength; i += 2) {
    const unit = view.getUint16(i, true);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}
