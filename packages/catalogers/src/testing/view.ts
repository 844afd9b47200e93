// Views made of literals, so that a test of a cataloger reads like the image it is about.
import type { FileHeader, RawFile } from '@plombe/model';
import type { FileInterest, FileView, Want } from '../cataloger.ts';
import { fileView } from '../file-view.ts';

/** Text, bytes, a symlink, or a file with more said about it. */
export type FileSpec =
  | string
  | Uint8Array
  | { readonly link: string; readonly layerIndex?: number }
  | { readonly content: string | Uint8Array; readonly mode?: number; readonly layerIndex?: number };

/** Small, so that examples come in several chunks; the buffer is used again, as in a layer. */
const chunkBytes = 16_384;

export type FileSpecs = Readonly<Record<string, FileSpec>>;

/** Returns a file that was written as text; empty where it is none. */
export function textIn(specs: FileSpecs, name: string): string {
  const spec = specs[name];
  return typeof spec === 'string' ? spec : '';
}

/**
 * Returns the view a cataloger would get of these files. With `interest`, only what it wants is in the view, cut or distilled
 * as it asks; without, everything is there whole.
 */
export function viewOf(specs: FileSpecs, interest?: FileInterest): FileView {
  return fileView(rawFiles(specs, interest));
}

/** Returns the files of `viewOf` in the order written. */
export function rawFiles(specs: FileSpecs, interest?: FileInterest): readonly RawFile[] {
  const files: RawFile[] = [];
  for (const [path, spec] of Object.entries(specs)) {
    const file = rawFile(path, spec);
    const kept = interest === undefined ? file : keep(file, interest);
    if (kept !== undefined) files.push(kept);
  }
  return files;
}

function rawFile(path: string, spec: FileSpec): RawFile {
  const plain = typeof spec === 'string' || spec instanceof Uint8Array ? { content: spec } : spec;
  const layerIndex = plain.layerIndex ?? 0;
  if ('link' in plain) {
    const content = new Uint8Array(0);
    const linkTarget = plain.link;
    return { path, type: 'symlink', layerIndex, sizeBytes: 0, mode: 0o777, content, truncated: false, linkTarget };
  }
  const content = typeof plain.content === 'string' ? new TextEncoder().encode(plain.content) : plain.content;
  const mode = plain.mode ?? 0o644;
  return { path, type: 'file', layerIndex, sizeBytes: content.length, mode, content, truncated: false };
}

function keep(file: RawFile, interest: FileInterest): RawFile | undefined {
  const { path, type, sizeBytes, mode, linkTarget } = file;
  const header: FileHeader = { path, type, sizeBytes, mode, uid: 0, gid: 0, ...(linkTarget && { linkTarget }) };
  const want = interest.wants(header);
  if (want === undefined) return undefined;
  if (type === 'symlink') return file;
  const content = reduce(file.content, want);
  if (content === undefined) return undefined;
  const cut = want.kind === 'whole' && content.length < file.content.length;
  return { ...file, content, truncated: cut };
}

function reduce(content: Uint8Array, want: Want): Uint8Array | undefined {
  if (want.kind === 'link') return undefined;
  if (want.kind !== 'distill') return content.subarray(0, want.maxBytes);
  const distiller = want.create();
  const chunk = new Uint8Array(chunkBytes);
  for (let at = 0; at < content.length; at += chunkBytes) {
    const part = content.subarray(at, at + chunkBytes);
    chunk.set(part);
    if (!distiller.write(chunk.subarray(0, part.length))) break;
  }
  chunk.fill(0xaa);
  return distiller.finish();
}
