// Packages of Java, Kotlin and Scala as the files of Maven, Gradle and sbt declare them.
import type { FileHeader, RawFile } from '@plombe/model';
import type { Cataloger, CatalogResult, FileView, Want } from '../../cataloger.ts';
import { DeclaredPackages } from '../declared-packages.ts';
import { baseName, folderOf, isFile, isInstalled, jsonOf, lockFile, manifestFile, tomlOf } from '../read.ts';
import { readCatalog, readGradleLock, readSbtLock, readVerification } from './gradle.ts';
import { readPoms } from './maven.ts';

/** pom.xml, Gradle's lock files, verification metadata and version catalogs, build.sbt.lock. */
export const javaLockCataloger: Cataloger = {
  id: 'java-lock',
  version: 2,
  wantsVersion: 1,
  attribution: 'file',
  owner: false,
  declares: true,
  where: {
    names: ['pom.xml', 'verification-metadata.xml', 'build.sbt.lock'],
    extensions: ['lockfile', 'toml'],
  },
  wants,
  catalog,
};

function wants(header: FileHeader): Want | undefined {
  const { path } = header;
  const last = path.charCodeAt(path.length - 1);
  // e, l, k: the last letters of those names.
  if (last !== 0x65 && last !== 0x6c && last !== 0x6b) return undefined;
  const want = wantOf(path);
  // Maven copies poms into what it builds.
  return want === undefined || !isFile(header) || isInstalled(path) || path.includes('META-INF/') ? undefined : want;
}

function wantOf(path: string): Want | undefined {
  if (path.endsWith('pom.xml')) return baseName(path) === 'pom.xml' ? manifestFile : undefined;
  if (path.endsWith('.lockfile')) return isGradleLock(path) ? lockFile : undefined;
  if (path.endsWith('gradle/verification-metadata.xml')) return lockFile;
  if (path.endsWith('.versions.toml')) return manifestFile;
  return path.endsWith('.sbt.lock') && baseName(path) === 'build.sbt.lock' ? lockFile : undefined;
}

function isGradleLock(path: string): boolean {
  const name = baseName(path);
  return (
    name === 'gradle.lockfile' ||
    name === 'buildscript-gradle.lockfile' ||
    folderOf(path).endsWith('gradle/dependency-locks')
  );
}

function catalog(view: FileView): CatalogResult {
  const into = new DeclaredPackages();
  const files = view.files().flatMap(({ path }): RawFile[] => {
    const file = view.get(path);
    return file === undefined ? [] : [{ ...file, path }];
  });
  const poms = files.filter(({ path }) => path.endsWith('pom.xml'));
  const locked = files
    .filter(({ path }) => path.endsWith('.lockfile') && !baseName(path).startsWith('buildscript-'))
    .map(({ path }) => rootOf(path));
  readPoms(poms, into);
  for (const file of files) {
    if (file.path.endsWith('pom.xml')) continue;
    if (file.truncated) into.unreadable(file, '');
    else if (file.path.endsWith('.lockfile')) readGradleLock(file, into);
    else if (file.path.endsWith('.sbt.lock')) readSbt(file, into);
    // Lock files say what is used of what catalog and verification name.
    else if (locked.some((root) => isBelow(root, rootOf(file.path)))) continue;
    else if (file.path.endsWith('.toml')) readToml(file, into);
    else readVerification(file, into);
  }
  return into.result();
}

function readSbt(file: RawFile, into: DeclaredPackages): void {
  const lock = jsonOf(file, into);
  if (lock !== undefined) readSbtLock(file, lock, into);
}

function readToml(file: RawFile, into: DeclaredPackages): void {
  const table = tomlOf(file, into);
  if (table !== undefined) readCatalog(file, table, into);
}

/** The folder of the build: that above `gradle/`. */
function rootOf(path: string): string {
  const folder = folderOf(path).replace(/(?:^|\/)dependency-locks$/, '');
  return folder.replace(/(?:^|\/)gradle$/, '');
}

function isBelow(folder: string, root: string): boolean {
  return root === '' || folder === root || folder.startsWith(`${root}/`);
}
