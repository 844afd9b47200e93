// Packages of Python as lock files and pinned requirements declare them.
import type { JsonObject } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import { parseToml } from '@plombe/formats';
import { field, isObject } from '@plombe/kit';
import type { Cataloger, CatalogResult, FileView, Want } from '../../cataloger.ts';
import { DeclaredPackages } from '../declared-packages.ts';
import { baseName, folderOf, isFile, isInstalled, jsonOf, lockFile, manifestFile, textOf, tomlOf } from '../read.ts';
import { pipfileOf, projectOf, type PythonProject } from './names.ts';
import { readPipfileLock } from './pipfile-lock.ts';
import { readRequirements, type OpenRequirement } from './requirements.ts';
import { readPdmLock, readPoetryLock, readPylock } from './toml-locks.ts';
import { readUvLock } from './uv-lock.ts';

/** requirements.txt, Pipfile.lock, poetry.lock, uv.lock, pdm.lock and pylock.toml; pyproject.toml and Pipfile only say what is asked for. */
export const pythonLockCataloger: Cataloger = {
  id: 'python-lock',
  version: 5,
  wantsVersion: 2,
  attribution: 'file',
  owner: false,
  declares: true,
  where: { names: ['Pipfile'], extensions: ['lock', 'toml', 'txt'] },
  wants,
  catalog,
};

const wanted: ReadonlyMap<string, Want> = new Map([
  ['poetry.lock', lockFile],
  ['uv.lock', lockFile],
  ['pdm.lock', lockFile],
  ['Pipfile.lock', lockFile],
  ['Pipfile', manifestFile],
  ['pyproject.toml', manifestFile],
]);

function wants(header: FileHeader): Want | undefined {
  const { path } = header;
  const last = path.charCodeAt(path.length - 1);
  // k, e, l, t: the last letters of those names.
  if (last !== 0x6b && last !== 0x65 && last !== 0x6c && last !== 0x74) return undefined;
  const name = baseName(path);
  const want =
    last === 0x74
      ? isRequirements(path, name)
        ? manifestFile
        : undefined
      : (wanted.get(name) ?? (isPylock(name) ? lockFile : undefined));
  return want === undefined || !isFile(header) || isInstalled(path) ? undefined : want;
}

/**
 * `requirements.txt`, `dev-requirements.txt`, `requirements/base.txt`, `constraints.txt`. Of names with one requirement only the bare one is a list for pip that somebody
 * misspelt; `system_requirement.txt` is a text about requirements.
 */
function isRequirements(path: string, name: string): boolean {
  if (!name.endsWith('.txt')) return false;
  if (name.includes('requirements') || name === 'requirement.txt' || name.startsWith('constraints')) return true;
  return baseName(folderOf(path)) === 'requirements';
}

/** PEP 751: `pylock.toml` and `pylock.NAME.toml`. */
function isPylock(name: string): boolean {
  return name.startsWith('pylock.') && /^pylock\.(?:[^.]+\.)?toml$/.test(name);
}

function catalog(view: FileView): CatalogResult {
  const into = new DeclaredPackages();
  const files = new Map<string, RawFile>();
  for (const { path } of view.files()) {
    const file = view.get(path);
    if (file !== undefined) files.set(path, { ...file, path });
  }
  const requirements = new Map([...files].filter(([path]) => path.endsWith('.txt')));
  const open: OpenRequirement[] = [];
  for (const [path, file] of files) {
    const name = baseName(path);
    if (name.endsWith('.txt')) {
      // A file of constraints alone installs nothing.
      if (!name.startsWith('constraints')) for (const one of readRequirements(file, requirements, into)) open.push(one);
    } else if (name !== 'pyproject.toml' && name !== 'Pipfile') readLock(file, files, into);
  }
  const said = namesByFolder(into.result());
  for (const [path, file] of files) if (baseName(path) === 'pyproject.toml') noteUnlocked(file, said, into);
  for (const { file, name, text } of open) if (!isSaid(file.path, name, said)) into.open(file, text);
  return into.result();
}

/** What the tool writes into each of its lock files, Poetry at their end; pylock.toml has its `lock-version`. */
const writtenAlways: ReadonlyMap<string, string> = new Map([
  ['poetry.lock', 'metadata'],
  ['pdm.lock', 'metadata'],
  ['uv.lock', 'package'],
]);

/** PEP 751 requires both, however few packages there are. */
const writtenByAll: readonly string[] = ['lock-version', 'packages'];

function readLock(file: RawFile, files: ReadonlyMap<string, RawFile>, into: DeclaredPackages): void {
  const name = baseName(file.path);
  const lock = name === 'Pipfile.lock' ? jsonOf(file, into) : tomlOf(file, into);
  if (lock === undefined) return;
  const own = writtenAlways.get(name);
  const marks = name === 'Pipfile.lock' ? [] : own === undefined ? writtenByAll : [own];
  const mark = marks.find((one) => field(lock, one) === undefined);
  if (mark !== undefined) into.unreadable(file, `was cut off, or is of no tool that is known: it has no "${mark}"`);
  const project = (manifest: string, read: (toml: JsonObject) => PythonProject): PythonProject | undefined => {
    const folder = folderOf(file.path);
    const toml = quietly(files.get(folder === '' ? manifest : `${folder}/${manifest}`));
    return toml === undefined ? undefined : read(toml);
  };
  if (name === 'Pipfile.lock') readPipfileLock(file, lock, project('Pipfile', pipfileOf), into);
  else if (name === 'uv.lock') readUvLock(file, lock, project('pyproject.toml', projectOf), into);
  else if (name === 'poetry.lock') readPoetryLock(file, lock, project('pyproject.toml', projectOf), into);
  else if (name === 'pdm.lock') readPdmLock(file, lock, project('pyproject.toml', projectOf), into);
  else readPylock(file, lock, project('pyproject.toml', projectOf), into);
}

/** A manifest that cannot be read says nothing of what is asked for; what is declared is in the lock file. */
function quietly(file: RawFile | undefined): JsonObject | undefined {
  if (file === undefined || file.truncated) return undefined;
  try {
    const value = parseToml(textOf(file));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A project of whose requirements no file at or above it says a version. */
function noteUnlocked(file: RawFile, said: ReadonlyMap<string, ReadonlySet<string>>, into: DeclaredPackages): void {
  const toml = quietly(file);
  const asked = toml === undefined ? [] : [...projectOf(toml).direct.keys()];
  if (asked.length === 0 || asked.some((name) => isSaid(file.path, name, said))) return;
  const what = asked.length === 1 ? '1 package' : `${asked.length} packages`;
  into.note(file, `asks for ${what}, and no file at or above it says their versions`, 'package/version-open');
}

/** The packages whose version a file of a folder says. */
function namesByFolder({ packages }: CatalogResult): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { name, paths } of packages) {
    const folder = folderOf(paths[0] ?? '');
    const names = found.get(folder) ?? new Set();
    found.set(folder, names.add(name));
  }
  return found;
}

/** True where a file of the same folder, or of one above, says the version. */
function isSaid(path: string, name: string, said: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (said.get(folder)?.has(name) === true) return true;
    if (folder === '') return false;
  }
}
