// Packages in a Nix store: from Nix's database, and where an image has none, from the names of the folders that hold programs and libraries.
import { readSqliteTable } from '@plombe/formats';
import { mebibyte } from '@plombe/kit';
import type { Diagnostic, FileHeader, FoundPackage } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../cataloger.ts';
import { diagnose } from '../diagnose.ts';
import { packageOfStorePath, type StoreName } from './names.ts';

/** Packages that Nix built or fetched: nixpkgs' images, NixOS, images with Nix inside. */
export const nixCataloger: Cataloger = {
  id: 'nix',
  version: 1,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  where: { names: ['db.sqlite', 'db.sqlite-wal'], folders: ['bin', 'lib', 'sbin', 'libexec'] },
  wants,
  catalog,
};

const databasePath = 'nix/var/nix/db/db.sqlite';
const logPath = `${databasePath}-wal`;
const storeFolder = 'nix/store/';

/** 150 bytes for each store path; a machine with 100,000 has 100 MiB with its references. */
const database: Want = { kind: 'whole', maxBytes: 256 * mebibyte };
/** Only that the file is there counts. */
const trace: Want = { kind: 'head', maxBytes: 1 };

/** A system of NixOS has 3,000. */
const maxPackages = 50_000;
const maxProblems = 20;

function wants({ path, type }: FileHeader): Want | undefined {
  if (!path.startsWith('nix/') || (type !== 'file' && type !== 'hardlink')) return undefined;
  if (path === databasePath || path === logPath) return database;
  return path.startsWith(storeFolder) && isTrace(path) ? trace : undefined;
}

/** `nix/store/HASH-NAME/bin/PROGRAM` and the like, right below: a few for each package. */
function isTrace(path: string): boolean {
  const slash = path.indexOf('/', storeFolder.length);
  if (slash < 0) return false;
  const folder = path.slice(slash + 1, path.indexOf('/', slash + 1));
  return (
    (folder === 'bin' || folder === 'lib' || folder === 'sbin' || folder === 'libexec') &&
    path.lastIndexOf('/') === slash + folder.length + 1
  );
}

function catalog(view: FileView): CatalogResult {
  const packages = new Map<string, FoundPackage>();
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  const file = view.get(databasePath);
  const report = (saying: string): undefined => {
    complete = false;
    if (file !== undefined && diagnostics.length < maxProblems)
      diagnostics.push(diagnose('package/database-corrupt', 'error', file, `cannot be read whole: ${saying}`));
  };
  const add = (name: StoreName | undefined, path: string): void => {
    if (name === undefined) return;
    const key = `${name.name}\n${name.version}`;
    if (packages.has(key)) return;
    if (packages.size < maxPackages) packages.set(key, packageOf(name, path));
    else if (packages.size === maxPackages) report(`it has more than ${maxPackages} packages`);
  };
  if (file !== undefined) {
    if (file.truncated) report('it is larger than 256 MiB');
    const wal = view.get(logPath);
    const options = { onProblem: report, ...(wal === undefined ? {} : { wal: wal.content }) };
    // CREATE TABLE ValidPaths: id, path, hash, registrationTime, deriver, …
    for (const { values } of readSqliteTable(file.content, 'ValidPaths', options)) {
      const [, path, , , deriver] = values;
      if (typeof path !== 'string') report('a store path is no text');
      else add(packageOfStorePath(path, typeof deriver === 'string' ? deriver : undefined), file.path);
    }
  }
  for (const { path, type } of view.files()) {
    if (type !== 'file' || !path.startsWith(storeFolder)) continue;
    const end = path.indexOf('/', storeFolder.length);
    if (end > 0) add(packageOfStorePath(`/${path.slice(0, end)}`, undefined), path);
  }
  return { packages: [...packages.values()], diagnostics, complete };
}

/** The store says neither which expression a package came from nor its attribute: nixpkgs, and the name, are by far the most common. */
function packageOf({ name, version }: StoreName, path: string): FoundPackage {
  return { type: 'nix', namespace: 'nixpkgs', name, version, licences: [], paths: [path] };
}
