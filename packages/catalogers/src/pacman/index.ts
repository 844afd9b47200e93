// Packages of Arch Linux and its relatives, from pacman's database of installed packages.
import { decodePath, mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage, RawFile } from '@plombe/model';
import type { Cataloger, CatalogContext, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { lineDistiller } from '../lines.ts';
import { isOwnable } from '../ownable.ts';
import { parseDesc } from './parse.ts';

/** Packages installed with pacman: Arch Linux, Manjaro, CachyOS and their relatives. */
export const pacmanCataloger: Cataloger = {
  id: 'pacman',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: true,
  where: { names: ['desc', 'files', 'pacman', 'local'] },
  wants,
  catalog,
};

/** pacman.conf(5), DBPath; SteamOS has it in a read-only place. */
const folders: readonly string[] = ['var/lib/pacman/local/', 'usr/lib/holo/pacmandb/local/'];

/** A kilobyte; dependencies and what is replaced are listed in it too. */
const description: Want = { kind: 'whole', maxBytes: mebibyte };
const list: Want = { kind: 'distill', create: () => lineDistiller(fileLine()) };
const link: Want = { kind: 'link' };
const linkPaths: ReadonlySet<string> = new Set(['var/lib/pacman', 'var/lib/pacman/local']);

/** 15,000 packages are in Arch's repositories. */
const maxProblems = 20;

function wants({ path, type }: FileHeader): Want | undefined {
  if (type === 'symlink') return linkPaths.has(path) ? link : undefined;
  if ((type !== 'file' && type !== 'hardlink') || (!path.endsWith('/desc') && !path.endsWith('/files')))
    return undefined;
  const folder = folderOf(path);
  if (folder === undefined || path.split('/').length !== folder.split('/').length + 1) return undefined;
  return path.endsWith('/desc') ? description : list;
}

function folderOf(path: string): string | undefined {
  return folders.find((folder) => path.startsWith(folder));
}

/** Keeps the paths below `%FILES%`, which end with a slash where they are folders. */
function fileLine(): (line: string) => string | undefined {
  let within = false;
  return (line) => {
    if (line.startsWith('%')) within = line === '%FILES%';
    else if (within && line !== '' && !line.endsWith('/') && isOwnable(line)) return line;
    return undefined;
  };
}

function catalog(view: FileView, ctx: CatalogContext): CatalogResult {
  const packages: FoundPackage[] = [];
  const diagnostics: Diagnostic[] = [];
  const owners = new Map<string, number>();
  let complete = true;
  const report = (file: RawFile, saying: string): void => {
    complete = false;
    if (diagnostics.length < maxProblems) diagnostics.push(diagnose('package/database-corrupt', 'error', file, saying));
  };
  const indexes = new Map<string, number>();
  for (const file of view.files()) {
    if (file.type !== 'file' || !file.path.endsWith('/desc')) continue;
    const found = parseDesc(file.content, file.path, ctx.distribution?.id);
    if (file.truncated) report(file, 'is larger than 1 MiB');
    else if (found === undefined) report(file, 'has no valid name and version');
    if (found === undefined) continue;
    indexes.set(file.path.slice(0, -'desc'.length), packages.length);
    packages.push(found);
  }
  for (const file of view.files()) {
    if (file.type !== 'file' || !file.path.endsWith('/files')) continue;
    const folder = file.path.slice(0, -'files'.length);
    const index = indexes.get(folder);
    if (index !== undefined) for (const path of pathsOf(file.content)) owners.set(path, index);
    else if (view.get(`${folder}desc`) === undefined)
      report(file, 'is the file list of a package that has no description');
  }
  return { packages, diagnostics, owners, complete };
}

function pathsOf(content: Uint8Array): readonly string[] {
  return decodePath(content).split('\n').filter(Boolean);
}
