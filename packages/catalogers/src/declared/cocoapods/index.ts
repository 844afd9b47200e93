// Pods as Podfile.lock declares them (guides.cocoapods.org, "Using the Podfile.lock").
import { field, isObject, listField, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { lockFile, yamlOf } from '../read.ts';

/** Podfile.lock. */
export const podfileLockCataloger = declaring(
  'podfile-lock',
  byBaseName({ 'Podfile.lock': lockFile }),
  (files, into) => {
    for (const file of files) {
      const lock = yamlOf(file, into);
      if (lock === undefined) continue;
      if (Array.isArray(field(lock, 'PODS'))) readPodfileLock(file, lock, into);
      else into.unreadable(file, 'is no lock file of CocoaPods: it has no PODS');
    }
  },
);

const podLine = /^([^\s()]{1,300}) \(([^()]{1,200})\)$/;

function readPodfileLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  const pods = new Map<string, { readonly version: string; readonly needs: readonly string[] }>();
  for (const entry of listField(lock, 'PODS')) {
    const written = typeof entry === 'string' ? entry : isObject(entry) ? Object.keys(entry)[0] : undefined;
    const [, name, version] = podLine.exec(written ?? '') ?? [];
    if (name === undefined || version === undefined) {
      into.unreadable(file, 'has a pod without name and version');
      continue;
    }
    pods.set(name, { version, needs: isObject(entry) ? textsField(entry, written as string).map(nameIn) : [] });
  }
  // The version of CocoaPods is the last line that it writes; before it is what the Podfile asks for.
  const missing = ['DEPENDENCIES', 'COCOAPODS'].filter((key) => field(lock, key) === undefined);
  if (missing.length > 0) into.unreadable(file, `was cut off: it has no "${missing.join('" and no "')}"`);
  const asked = [...textsField(lock, 'DEPENDENCIES').map(nameIn), ...[...pods.values()].flatMap(({ needs }) => needs)];
  tellLost(
    file,
    asked.filter((name) => !pods.has(name)),
    into,
  );
  const needsOf = (key: string): readonly Need[] =>
    (pods.get(key)?.needs ?? [])
      .filter((need) => pods.has(need))
      .map((need): Need => ({ key: need, scope: 'runtime' }));
  const roots = textsField(lock, 'DEPENDENCIES').map((one): Need => ({ key: nameIn(one), scope: 'runtime' }));
  const reached = reach(
    roots.filter(({ key }) => pods.has(key)),
    needsOf,
    (key) => key,
  );
  const external = objectField(lock, 'EXTERNAL SOURCES') ?? {};
  const checkouts = objectField(lock, 'CHECKOUT OPTIONS') ?? {};
  for (const [full, { version }] of pods) {
    const [name = '', ...subspec] = full.split('/');
    const source = objectField(external, name) ?? {};
    const origin = originOf(source);
    const from = textOfKey(source, 'git') ?? textOfKey(source, 'podspec') ?? textOfKey(source, 'http');
    const commit = textOfKey(objectField(checkouts, name) ?? {}, 'commit');
    const way = reached.get(full);
    into.add(file, {
      type: 'cocoapods',
      name,
      version,
      subpath: subspec.length === 0 ? undefined : subspec.join('/'),
      direct: way?.direct ?? false,
      origin,
      facts: {
        ...(origin === 'vcs' || origin === 'archive' ? { resolved: from ?? '' } : {}),
        ...(commit === undefined ? {} : { commit }),
        ...(way?.via === undefined ? {} : { via: way.via }),
      },
    });
  }
}

/** `Name (~> 1.0)` and ``Name (from `…`)``. */
function nameIn(written: string): string {
  const space = written.indexOf(' ');
  return space < 0 ? written : written.slice(0, space);
}

/** Keys are symbols of Ruby. */
function textOfKey(options: JsonObject, key: string): string | undefined {
  return textField(options, `:${key}`)?.slice(0, 1024);
}

function originOf(source: JsonObject): PackageOrigin | undefined {
  if (textOfKey(source, 'path') !== undefined) return 'local';
  if (['git', 'svn', 'hg'].some((key) => textOfKey(source, key) !== undefined)) return 'vcs';
  return ['podspec', 'http'].some((key) => textOfKey(source, key) !== undefined) ? 'archive' : undefined;
}
