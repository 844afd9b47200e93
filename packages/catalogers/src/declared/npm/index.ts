// Packages of Node.js, Bun and Deno as lock files declare them.
import { inert, isObject, type JsonObject } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../../cataloger.ts';
import { DeclaredPackages } from '../declared-packages.ts';
import {
  baseName,
  folderOf,
  isFile,
  isInstalled,
  jsonOf,
  lockFile,
  manifestFile,
  objectOf,
  textOf,
  yamlOf,
} from '../read.ts';
import { readBerryLock } from './berry-lock.ts';
import { readBunLock } from './bun-lock.ts';
import { readDenoLock } from './deno-lock.ts';
import { addProject, rangesOf } from './entry.ts';
import { parseJsonc } from './jsonc.ts';
import { readPackageLock } from './package-lock.ts';
import { readPnpmLock } from './pnpm-lock.ts';
import { type Manifests, manifestsOf } from './project.ts';
import { readYarnLock } from './yarn-lock.ts';

/** Lock files of npm, pnpm, yarn, Bun and Deno; package.json only says what a project asks for. */
export const npmLockCataloger: Cataloger = {
  id: 'npm-lock',
  version: 4,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  declares: true,
  where: {
    names: [
      'package.json',
      'package-lock.json',
      'npm-shrinkwrap.json',
      'pnpm-lock.yaml',
      'yarn.lock',
      'bun.lock',
      'bun.lockb',
      'deno.lock',
    ],
  },
  wants,
  catalog,
};

const head: Want = { kind: 'head', maxBytes: 64 };

const wanted: ReadonlyMap<string, Want> = new Map([
  ['package.json', manifestFile],
  ['package-lock.json', lockFile],
  ['npm-shrinkwrap.json', lockFile],
  ['pnpm-lock.yaml', lockFile],
  ['yarn.lock', lockFile],
  ['bun.lock', lockFile],
  ['bun.lockb', head],
  ['deno.lock', lockFile],
]);

function wants(header: FileHeader): Want | undefined {
  const last = header.path.charCodeAt(header.path.length - 1);
  // n, l, k, b: the last letters of those names.
  if (last !== 0x6e && last !== 0x6c && last !== 0x6b && last !== 0x62) return undefined;
  const want = wanted.get(baseName(header.path));
  return want === undefined || !isFile(header) || isInstalled(header.path) ? undefined : want;
}

function catalog(view: FileView): CatalogResult {
  const into = new DeclaredPackages();
  const manifests = new Map<string, JsonObject>();
  const manifestFiles = new Map<string, RawFile>();
  const locks: RawFile[] = [];
  const paths = new Set<string>();
  for (const entry of view.files()) {
    const file = view.get(entry.path);
    if (file === undefined) continue;
    const name = baseName(entry.path);
    if (name === 'package.json') {
      // A manifest that cannot be read says nothing of scopes; what is declared is in the lock file.
      const manifest = quietly(file);
      if (manifest === undefined) continue;
      manifests.set(folderOf(entry.path), manifest);
      manifestFiles.set(folderOf(entry.path), { ...file, path: entry.path });
      continue;
    }
    locks.push({ ...file, path: entry.path });
    paths.add(entry.path);
  }
  const lockFolders = new Set(locks.map(({ path }) => folderOf(path)));
  for (const file of locks) {
    const folder = folderOf(file.path);
    const beside = (name: string): boolean => paths.has(folder === '' ? name : `${folder}/${name}`);
    addProject(file, manifests.get(folder), into);
    const own = (): Manifests => manifestsOf(folder, manifests, lockFolders);
    switch (baseName(file.path)) {
      case 'package-lock.json':
        // npm does not read it where there is a shrinkwrap.
        if (!beside('npm-shrinkwrap.json')) readPackageLock(file, own(), into);
        break;
      case 'npm-shrinkwrap.json':
        readPackageLock(file, own(), into);
        break;
      case 'yarn.lock':
        readYarn(file, own(), into);
        break;
      case 'bun.lockb':
        if (!beside('bun.lock'))
          into.unreadable(
            file,
            'is the binary lock file of Bun lock file, which is not read: bun install --save-text-lockfile writes bun.lock',
          );
        break;
      default:
        readOther(file, manifests, into);
    }
  }
  for (const [path, file] of manifestFiles) noteUnlocked(path, file, manifests, lockFolders, into);
  return into.result();
}

/** A project without a lock file at or above it: no file says which versions it gets. */
function noteUnlocked(
  folder: string,
  file: RawFile,
  manifests: Manifests,
  lockFolders: ReadonlySet<string>,
  into: DeclaredPackages,
): void {
  const asked = rangesOf(manifests.get(folder) ?? {}).length;
  if (asked === 0) return;
  for (let above = folder; ; above = folderOf(above)) {
    if (lockFolders.has(above)) return;
    if (above === '') break;
  }
  const what = asked === 1 ? '1 package' : `${asked} packages`;
  into.note(file, `asks for ${what}, and no lock file at or above it says their versions`, 'package/version-open');
}

function readYarn(file: RawFile, manifests: Manifests, into: DeclaredPackages): void {
  if (file.truncated) return into.unreadable(file, '');
  // yarn 2 and later write YAML, which begins with a comment and `__metadata`; yarn 1's file is none.
  if (!/^__metadata:/m.test(Buffer.from(file.content.subarray(0, 4096)).toString('latin1')))
    return readYarnLock(file, manifests, into);
  const repeated = new Set<string>();
  const lock = yamlOf(file, into, undefined, (key) => void repeated.add(key));
  if (repeated.size > 0) {
    const [first = ''] = repeated;
    const which = `${first.slice(0, 100)}${repeated.size > 1 ? ` and ${repeated.size - 1} more` : ''}`;
    into.note(file, `has entries twice, as merges leave them (${inert(which)}); of each the last counts, as for yarn`);
  }
  if (lock !== undefined) readBerryLock(file, lock, manifests, into);
}

function readOther(file: RawFile, manifests: Manifests, into: DeclaredPackages): void {
  const name = baseName(file.path);
  if (name === 'pnpm-lock.yaml') return readPnpm(file, manifests, into);
  const lock = name === 'bun.lock' ? objectOf(file, into, 'JSON', parseJsonc) : jsonOf(file, into);
  if (lock === undefined) return;
  if (name === 'bun.lock') readBunLock(file, lock, into);
  else readDenoLock(file, lock, into);
}

/** pnpm writes two at most: a file of more is none of its own. (T54) */
const maxPnpmDocuments = 16;

/** pnpm 11 puts what it needs itself into a document of its own, before the project's. */
function readPnpm(file: RawFile, manifests: Manifests, into: DeclaredPackages): void {
  const documents = textOf(file).split(/^---[ \t]*$/m, maxPnpmDocuments + 1);
  if (documents.length > maxPnpmDocuments) return into.unreadable(file, 'has more documents than pnpm writes');
  for (const text of documents.length === 1 ? documents : documents.filter((one) => one.trim() !== '')) {
    const lock = yamlOf(file, into, text);
    if (lock !== undefined) readPnpmLock(file, lock, manifests, into);
  }
}

function quietly(file: RawFile): JsonObject | undefined {
  try {
    const value = JSON.parse(
      Buffer.from(file.content)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    ) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
