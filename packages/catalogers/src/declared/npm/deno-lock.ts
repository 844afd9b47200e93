// deno.lock, version 2 to 5: packages of npm and JSR, and modules by address (docs.deno.com, "Lockfile").
import { isObject, objectField, textsField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { npmName, splitAt } from './entry.ts';

/** Reads the value of one lock file. */
export function readDenoLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  // Version 3 has all but the version in `packages`; version 2 knew npm only.
  const body = objectField(lock, 'packages') ?? lock;
  const npm = objectField(body, 'npm') ?? {};
  const packages = objectField(npm, 'packages') ?? npm;
  const jsr = objectField(body, 'jsr') ?? {};
  const specifiers = new Map<string, string>();
  for (const [specifier, resolved] of Object.entries(
    objectField(body, 'specifiers') ?? objectField(npm, 'specifiers') ?? {},
  )) {
    if (typeof resolved === 'string') specifiers.set(specifier, keyOf(specifier, resolved));
  }
  const entries = new Map<string, JsonObject>();
  for (const [key, entry] of Object.entries(packages))
    if (isObject(entry) && key !== 'specifiers') entries.set(`npm:${key}`, entry);
  for (const [key, entry] of Object.entries(jsr)) if (isObject(entry)) entries.set(`jsr:${key}`, entry);
  const byName = new Map<string, string>();
  for (const key of entries.keys()) {
    byName.set(key.slice(0, Math.max(key.indexOf('@', 5), 0)), key);
    byName.set(withoutPeers(key), key);
  }
  const needsOf = (key: string): readonly Need[] => {
    const entry = entries.get(key);
    if (entry === undefined) return [];
    const kind = key.slice(0, 4);
    const listed = [...namesOf(entry, 'dependencies'), ...namesOf(entry, 'optionalDependencies')];
    return listed.flatMap((name): Need[] => {
      const candidates = /^(?:npm|jsr):/.test(name) ? [specifiers.get(name), name] : [`${kind}${name}`];
      const found = candidates
        .map((one) => (one === undefined || entries.has(one) ? one : byName.get(one)))
        .find(Boolean);
      return found === undefined ? [] : [{ key: found, scope: 'runtime' }];
    });
  };
  const roots = [...specifiers.values()].flatMap((key): Need[] => {
    const found = entries.has(key) ? key : byName.get(withoutPeers(key));
    return found === undefined ? [] : [{ key: found, scope: 'runtime' }];
  });
  const reached = reach(roots, needsOf, (key) => splitAt(key.slice(4))?.name ?? key);
  for (const key of entries.keys()) {
    const found = splitAt(withoutPeers(key).slice(4));
    if (found === undefined) {
      into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    const known = reached.get(key);
    into.add(file, {
      type: key.startsWith('npm:') ? 'npm' : 'jsr',
      ...npmName(found.name),
      version: found.rest,
      scope: known?.scope,
      ...(known === undefined ? {} : { direct: known.direct }),
      links: linksOf(key, needsOf),
      facts: known?.via === undefined ? {} : { via: known.via },
    });
  }
  const modules = Object.keys(objectField(lock, 'remote') ?? {}).length;
  if (modules > 0) {
    const what = modules === 1 ? 'a module' : `${modules} modules`;
    into.missing(file, 'package/not-from-registry', `imports ${what} by address, which no advisory names`);
  }
}

/** What a specifier leads to: `npm:chalk@5` and `5.3.0`, of old `npm:chalk@5.3.0` or `chalk@5.3.0`. */
function keyOf(specifier: string, resolved: string): string {
  if (/^(?:npm|jsr):/.test(resolved)) return resolved;
  const kind = specifier.startsWith('jsr:') ? 'jsr:' : 'npm:';
  const bare = specifier.replace(/^(?:npm|jsr):/, '');
  if (!/^\d/.test(resolved)) return `${kind}${resolved}`;
  return `${kind}${splitAt(bare)?.name ?? bare}@${resolved}`;
}

/** `a@1.0.0_b@2.0.0`: with peers. */
function withoutPeers(key: string): string {
  const at = key.indexOf('@', 5);
  const peers = key.indexOf('_', Math.max(at, 0));
  return peers < 0 || at < 0 ? key : key.slice(0, peers);
}

/** A list of names, or of old an object whose values are the keys. */
function namesOf(entry: JsonObject, member: string): readonly string[] {
  const object = objectField(entry, member);
  if (object === undefined) return textsField(entry, member);
  return Object.values(object).filter((value) => typeof value === 'string');
}
