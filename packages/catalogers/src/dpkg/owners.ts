// Which package owns a path: dpkg's file lists (deb-control, dpkg-query --listfiles) and diversions (dpkg-divert(1)).
import { decodePath, decodeText } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { FileView } from '../cataloger.ts';
import { diversionsPath, listFolder, statusFolder } from './paths.ts';
import type { Installed } from './status.ts';

export interface Ownership {
  /** Path → index of the package. */
  readonly owners: ReadonlyMap<string, number>;
  /** The file lists of no installed package. */
  readonly orphaned: readonly RawFile[];
}

/** `/bin`, `/lib` and `/sbin` are links into `/usr` since Debian 12; lists may still name the old place. */
const mergedFolders = /^(?:bin|sbin|lib|lib32|lib64|libx32)\//;

/** Joins the file lists to the installed packages, by package name or `name:architecture`. */
export function ownedPaths(view: FileView, installed: readonly Installed[]): Ownership {
  const indexes = new Map<string, number>();
  installed.forEach(({ found, stem }, index) => {
    indexes.set(`${stem}:${found.architecture ?? ''}`, index);
    if (!indexes.has(stem)) indexes.set(stem, index);
    if (!indexes.has(found.name)) indexes.set(found.name, index);
  });
  const diverted = diversions(view);
  const owners = new Map<string, number>();
  const merged = new Map<string, number>();
  const orphaned: RawFile[] = [];
  for (const file of view.files()) {
    const stem = stemOf(file.path);
    if (stem === undefined || file.type !== 'file') continue;
    const index = indexes.get(stem);
    if (index === undefined) {
      orphaned.push(file);
      continue;
    }
    const name = installed[index]?.found.name;
    for (const listed of splitPaths(file.content)) {
      const diversion = diverted.get(listed);
      const path = diversion === undefined || diversion.by === name ? listed : diversion.to;
      owners.set(path, index);
      if (mergedFolders.test(path)) merged.set(`usr/${path}`, index);
    }
  }
  for (const [path, index] of merged) if (!owners.has(path)) owners.set(path, index);
  return { owners, orphaned };
}

/** Returns the name of the package, `:architecture` behind it where several are installed, whose file list is at the path. */
export function stemOf(path: string): string | undefined {
  if (path.startsWith(listFolder) && path.endsWith('.list')) return path.slice(listFolder.length, -'.list'.length);
  if (!path.startsWith(statusFolder) || !path.endsWith('.md5sums')) return undefined;
  return path.slice(statusFolder.length, -'.md5sums'.length);
}

function splitPaths(content: Uint8Array): readonly string[] {
  return decodePath(content).split('\n').filter(Boolean);
}

/** Three lines each: path, where it was put instead, and the package whose own file stays at the path (`:` for none). */
function diversions(view: FileView): ReadonlyMap<string, { readonly to: string; readonly by: string }> {
  const diverted = new Map<string, { to: string; by: string }>();
  const file = view.get(diversionsPath);
  const lines = file === undefined ? [] : decodeText(file.content).split('\n');
  for (let i = 0; i + 2 < lines.length; i += 3) {
    const [from, to, by] = lines.slice(i, i + 3) as [string, string, string];
    diverted.set(from.replace(/^\//, ''), { to: to.replace(/^\//, ''), by });
  }
  return diverted;
}
