// Packages of Dart and Flutter as pubspec.lock declares them (dart.dev/tools/pub/glossary, "Lockfile").
import { field, isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { lockFile, yamlOf } from '../read.ts';

/** pubspec.lock. */
export const pubspecLockCataloger = declaring(
  'pubspec-lock',
  byBaseName({ 'pubspec.lock': lockFile }),
  (files, into) => {
    for (const file of files) {
      const lock = yamlOf(file, into);
      if (lock !== undefined) readPubspecLock(file, lock, into);
    }
  },
);

/** A part of the SDK has its versions and its advisories; it is listed and not compared. */
const origins: ReadonlyMap<string, PackageOrigin> = new Map([
  ['path', 'local'],
  ['sdk', 'local'],
  ['git', 'vcs'],
]);
const namePattern = /^[a-z_][a-z0-9_]{0,127}$/i;
const versionPattern = /^\d{1,18}\.\d{1,18}\.\d{1,18}[\w.+-]{0,64}$/;

function readPubspecLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  const packages = objectField(lock, 'packages');
  if (packages === undefined) return into.unreadable(file, 'is no lock file of pub: it has no packages');
  // The releases of the SDK come behind all packages; until Dart 2 there was one of them.
  if (!['sdks', 'sdk'].some((key) => field(lock, key) !== undefined && field(lock, key) !== null))
    into.unreadable(file, 'was cut off: it has no "sdks"');
  for (const [name, entry] of Object.entries(packages)) {
    const version = isObject(entry) ? (textField(entry, 'version') ?? '') : '';
    const source = isObject(entry) ? (textField(entry, 'source') ?? '') : '';
    const isKnown = source === 'hosted' || origins.has(source);
    if (!isObject(entry) || !isKnown || !namePattern.test(name) || !versionPattern.test(version)) {
      into.unreadable(file, 'has an entry without valid name, version and source');
      continue;
    }
    const dependency = textField(entry, 'dependency') ?? '';
    const description = objectField(entry, 'description') ?? {};
    const url = textField(description, 'url') ?? textField(entry, 'description');
    const isPublic = url === undefined || /^https?:\/\/pub\.(?:dev|dartlang\.org)\/?$/.test(url);
    const commit = textField(description, 'resolved-ref');
    into.add(file, {
      type: 'pub',
      name,
      version,
      qualifiers: source === 'hosted' && !isPublic ? { repository_url: url } : undefined,
      scope: dependency === 'direct dev' ? 'development' : 'runtime',
      direct: dependency.startsWith('direct'),
      origin: origins.get(source),
      facts: {
        ...(source === 'git' && url !== undefined ? { resolved: url } : {}),
        ...(commit === undefined ? {} : { commit }),
        ...(source === 'sdk' ? { sdk: textField(entry, 'description') ?? 'unknown' } : {}),
      },
    });
  }
}
