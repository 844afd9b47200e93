// Packages of PHP as composer.lock declares them (getcomposer.org/doc, "composer.lock"); composer.json beside it says which are asked for directly.
import {
  field,
  isObject,
  listField,
  objectField,
  objectsField,
  textField,
  textsField,
  type JsonObject,
} from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import { composerLicences, composerNamePattern } from '../../php/composer.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { beside, byBaseName, declaring, quietly } from '../declaring.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { baseName, jsonOf, lockFile, manifestFile } from '../read.ts';

/** composer.lock, with composer.json for what is asked for. */
export const composerLockCataloger = declaring(
  'composer-lock',
  byBaseName({ 'composer.lock': lockFile, 'composer.json': manifestFile }),
  (files, into) => {
    const manifests = new Map(
      files.filter(({ path }) => baseName(path) === 'composer.json').map((file) => [file.path, file]),
    );
    for (const file of files) {
      if (baseName(file.path) !== 'composer.lock') continue;
      const lock = jsonOf(file, into);
      if (lock === undefined) continue;
      if (!Array.isArray(field(lock, 'packages')))
        into.unreadable(file, 'is no lock file of Composer: it has no packages');
      else readComposerLock(file, lock, quietly(manifests.get(beside(file.path, 'composer.json')), JSON.parse), into);
    }
  },
);

function readComposerLock(
  file: RawFile,
  lock: JsonObject,
  manifest: JsonObject | undefined,
  into: DeclaredPackages,
): void {
  const lists: readonly (readonly [PackageScope, readonly unknown[]])[] = [
    ['runtime', listField(lock, 'packages')],
    ['development', listField(lock, 'packages-dev')],
  ];
  const entries = new Map<string, { readonly entry: JsonObject; readonly scope: PackageScope }>();
  for (const [scope, list] of lists) {
    for (const entry of list) {
      const name = isObject(entry) ? textField(entry, 'name')?.toLowerCase() : undefined;
      if (!isObject(entry) || name === undefined || !composerNamePattern.test(name))
        into.unreadable(file, 'has an entry without a valid name');
      else if (!entries.has(name)) entries.set(name, { entry, scope });
    }
  }
  const needsOf = (name: string): readonly Need[] => needsIn(entries.get(name)?.entry, 'require', 'runtime');
  const roots = [...needsIn(manifest, 'require', 'runtime'), ...needsIn(manifest, 'require-dev', 'development')];
  const known = roots.filter(({ key }) => entries.has(key));
  const reached = reach(
    known,
    (name) => needsOf(name).filter(({ key }) => entries.has(key)),
    (name) => name,
  );
  const repositories = repositoriesOf(manifest);
  for (const [key, { entry, scope }] of entries) {
    const [, namespace, name] = composerNamePattern.exec(key) ?? [];
    const version = textField(entry, 'version');
    const dist = objectField(entry, 'dist') ?? {};
    const source = objectField(entry, 'source') ?? {};
    const origin = originOf(version ?? '', dist, source, repositories);
    const reference = textField(source, 'reference') ?? textField(dist, 'reference');
    const from = textField(source, 'url') ?? textField(dist, 'url');
    const way = reached.get(key);
    into.add(file, {
      type: 'composer',
      namespace,
      name: name ?? '',
      version: version ?? '',
      licences: composerLicences(textsField(entry, 'license')),
      scope,
      ...(manifest === undefined ? {} : { direct: way?.direct ?? false }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(origin === 'vcs' && reference !== undefined ? { commit: reference.slice(0, 100) } : {}),
        ...(origin === undefined || from === undefined ? {} : { resolved: from.slice(0, 1024) }),
        ...(textField(entry, 'type') === 'metapackage' ? { composerType: 'metapackage' } : {}),
        ...(way?.via === undefined ? {} : { via: way.via }),
      },
    });
  }
}

function needsIn(from: JsonObject | undefined, list: string, scope: PackageScope): readonly Need[] {
  return Object.keys(objectField(from ?? {}, list) ?? {}).map((name) => ({ key: name.toLowerCase(), scope }));
}

const repositoryTypes: ReadonlySet<string> = new Set([
  'vcs',
  'git',
  'github',
  'gitlab',
  'bitbucket',
  'git-bitbucket',
  'svn',
  'hg',
  'fossil',
]);

/** Repositories of code that the project names: what comes from one is no package of Packagist, whatever its version. */
function repositoriesOf(manifest: JsonObject | undefined): ReadonlySet<string> {
  const written = field(manifest ?? {}, 'repositories');
  const list = isObject(written)
    ? Object.values(written).filter(isObject)
    : objectsField(manifest ?? {}, 'repositories');
  return new Set(
    list
      .filter((one) => repositoryTypes.has(textField(one, 'type') ?? ''))
      .map((one) => place(textField(one, 'url') ?? '')),
  );
}

function place(url: string): string {
  return url
    .toLowerCase()
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
}

/** Branches (`dev-main`, `2.x-dev`) are commits of a repository; a path repository is a part of the project. */
function originOf(
  version: string,
  dist: JsonObject,
  source: JsonObject,
  repositories: ReadonlySet<string>,
): PackageOrigin | undefined {
  if (textField(dist, 'type') === 'path') return 'local';
  if (version.startsWith('dev-') || version.endsWith('-dev')) return 'vcs';
  const url = textField(source, 'url');
  return url !== undefined && repositories.has(place(url)) ? 'vcs' : undefined;
}
