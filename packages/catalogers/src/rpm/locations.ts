// Where rpm databases and the manifests that replace them lie in an image.
import { mebibyte } from '@plombe/kit';
import type { FileHeader, RawFile } from '@plombe/model';
import type { Want } from '../cataloger.ts';

/** `/var/lib/rpm` of old; `/usr/lib/sysimage/rpm` since rpm 4.16 (SUSE, Fedora 36, RHEL 10); `/usr/share/rpm` of ostree. */
const databaseFolders: readonly string[] = ['usr/lib/sysimage/rpm', 'usr/share/rpm', 'var/lib/rpm'];

const databaseNames: readonly string[] = ['Packages', 'Packages.db', 'rpmdb.sqlite'];

/** Every path a database may have; a SQLite log lies beside its database as `…-wal`. */
export const databasePaths: readonly string[] = databaseFolders.flatMap((folder) =>
  databaseNames.map((name) => `${folder}/${name}`),
);

/** What Azure Linux and Mariner leave in distroless images; the second has more columns and is the one that counts. */
export const manifestPaths: readonly string[] = [
  'var/lib/rpmmanifest/container-manifest-2',
  'var/lib/rpmmanifest/container-manifest-1',
];

/** A workstation with everything installed has 300 MiB. */
const maxDatabaseBytes = 512 * mebibyte;

/** A line has about 150 bytes, so this holds a hundred thousand packages. */
const maxManifestBytes = 16 * mebibyte;

const wants: ReadonlyMap<string, Want> = new Map<string, Want>([
  ...databasePaths.map((path) => [path, { kind: 'whole', maxBytes: maxDatabaseBytes }] as const),
  ...databaseFolders.map(
    (folder) => [`${folder}/rpmdb.sqlite-wal`, { kind: 'whole', maxBytes: maxDatabaseBytes }] as const,
  ),
  ...manifestPaths.map((path) => [path, { kind: 'whole', maxBytes: maxManifestBytes }] as const),
]);

const folderLinks: ReadonlySet<string> = new Set(databaseFolders);

/** Keeps databases, logs and manifests, and a symlink in place of a database's folder. */
export function wantsRpmFile(file: FileHeader): Want | undefined {
  if (file.type === 'symlink' && folderLinks.has(file.path)) return { kind: 'link' };
  const isContent = file.type === 'file' || file.type === 'hardlink' || file.type === 'symlink';
  return isContent ? wants.get(file.path) : undefined;
}

/** True for a symlink at a database's place that leads where no database is looked for: what is there stays unseen. */
export function leadsAstray(file: RawFile): boolean {
  if (file.type !== 'symlink' || !isDatabasePlace(file.path)) return false;
  return !isDatabasePlace(resolve(file.path, file.linkTarget ?? ''));
}

function isDatabasePlace(path: string): boolean {
  return folderLinks.has(path) || databasePaths.includes(path);
}

function resolve(path: string, target: string): string {
  const parts = target.startsWith('/') ? [] : path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
