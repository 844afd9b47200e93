// What catalogers of declared packages have in common: wanted base names, the files of a view, manifests that only say more.
import { decodeText, isObject, type JsonObject } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import type { Cataloger, FileView, PathTerms, Want } from '../cataloger.ts';
import { DeclaredPackages } from './declared-packages.ts';
import { baseName, isFile, isInstalled } from './read.ts';

/** What tells the files of a cataloger: `where` of a cataloger, and the limit of one whose terms are met; undefined where it is none. */
export interface Wanted {
  readonly where: PathTerms;
  readonly want: (path: string) => Want | undefined;
}

/** Wants files by base name alone. */
export function byBaseName(wanted: Readonly<Record<string, Want>>): Wanted {
  const wants = new Map(Object.entries(wanted));
  return { where: { names: [...wants.keys()] }, want: (path) => wants.get(baseName(path)) };
}

/** Makes a cataloger of declared packages of what reads its files, sorted by path. */
export function declaring(
  id: string,
  { where, want }: Wanted,
  read: (files: readonly RawFile[], into: DeclaredPackages) => void,
): Cataloger {
  return {
    id,
    version: 4,
    wantsVersion: 1,
    attribution: 'file',
    owner: false,
    declares: true,
    where,
    wants: (header: FileHeader) => (isFile(header) && !isInstalled(header.path) ? want(header.path) : undefined),
    catalog: (view) => {
      const into = new DeclaredPackages();
      read(filesOf(view), into);
      return into.result();
    },
  };
}

/** A link is the file that it leads to, at its own path. */
function filesOf(view: FileView): readonly RawFile[] {
  return view.files().flatMap(({ path }) => {
    const file = view.get(path);
    return file === undefined ? [] : [{ ...file, path }];
  });
}

/** Returns the value of a file that only says more of what another declares; undefined, and not told, where it cannot be read. */
export function quietly(file: RawFile | undefined, parse: (text: string) => unknown): JsonObject | undefined {
  if (file === undefined || file.truncated) return undefined;
  try {
    const text = decodeText(file.content);
    const value = parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the path of a file beside another. */
export function beside(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}
