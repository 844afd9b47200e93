// Documents of lock files and manifests as values, what cannot be read told once.
import { parsePlainYaml, parseToml, parseYaml } from '@plombe/formats';
import { decodeText, isObject, kibibyte, mebibyte, type JsonObject } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import type { Want } from '../cataloger.ts';
import type { DeclaredPackages } from './declared-packages.ts';

/** The lock files of the largest monorepos have 20 MiB; JSON of 32 MiB takes some 250 MiB for half a second. */
export const lockFile: Want = { kind: 'whole', maxBytes: 32 * mebibyte };

/** Manifests are written by hand; the largest known to us have 200 KiB. */
export const manifestFile: Want = { kind: 'whole', maxBytes: 2 * mebibyte };

/** Returns the last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Returns the folder of a path without trailing slash, `''` for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/**
 * Resolves a path written in a file of `folder`. Undefined where it leads out of the tree or is absolute: nothing outside is ever looked at (T01).
 */
export function pathWithin(folder: string, written: string): string | undefined {
  if (written.startsWith('/') || written.includes('\0') || /^[A-Za-z]:/.test(written)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of written.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Folders of what is installed: a lock file that a package ships speaks for its makers' tree, not for this one. */
const installedFolders: ReadonlySet<string> = new Set(['node_modules', 'site-packages', 'dist-packages', '.git']);

/** True where a path lies in a folder of installed packages, or of git. */
export function isInstalled(path: string): boolean {
  if (!path.includes('/')) return false;
  return folderOf(path)
    .split('/')
    .some((name) => installedFolders.has(name));
}

/** True for a regular file or a link that may be one. */
export function isFile({ type }: FileHeader): boolean {
  return type === 'file' || type === 'symlink' || type === 'hardlink';
}

/** Returns the text of a file, without a byte order mark. Bytes that are no UTF-8 become U+FFFD. */
export function textOf(file: RawFile): string {
  const text = decodeText(file.content);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Returns the object that a JSON file holds; undefined, and told, where it does not. */
export function jsonOf(file: RawFile, into: DeclaredPackages): JsonObject | undefined {
  return objectOf(file, into, 'JSON', (text) => JSON.parse(text) as unknown);
}

/** Returns the table that a TOML file holds; undefined, and told, where it does not. */
export function tomlOf(file: RawFile, into: DeclaredPackages): JsonObject | undefined {
  return objectOf(file, into, 'TOML', parseToml);
}

/** A reader of all of YAML takes 5 s and 350 MiB for each MiB. */
const maxFullYaml = 256 * kibibyte;

/**
 * Returns the mapping that a YAML text of the file holds; undefined, and told, where it does not. Plain scalars are texts (`1.10`), but in files that a
 * person wrote with other means than programs use: those are read up to 256 KiB. A key that is there twice is a mistake, unless `onRepeated` is there.
 */
export function yamlOf(
  file: RawFile,
  into: DeclaredPackages,
  text?: string,
  onRepeated?: (key: string) => void,
): JsonObject | undefined {
  const parse = (document: string): unknown => {
    const plain = parsePlainYaml(document, onRepeated);
    if (plain !== undefined) return plain;
    if (document.length > maxFullYaml) throw new Error('is too large to be read in full');
    return parseYaml(document);
  };
  return objectOf(file, into, 'YAML', parse, text);
}

/** Returns the object that `parse` makes of a file, or of `part` of its text; undefined, and told, where it throws or makes none. */
export function objectOf(
  file: RawFile,
  into: DeclaredPackages,
  language: string,
  parse: (text: string) => unknown,
  part?: string,
): JsonObject | undefined {
  let value: unknown;
  try {
    value = file.truncated ? undefined : parse(part ?? textOf(file));
  } catch {
    into.unreadable(file, `is not valid ${language}`);
    return undefined;
  }
  if (isObject(value)) return value;
  into.unreadable(file, `is not what it should be: no ${language} object`);
  return undefined;
}
