// package-lock.json and npm-shrinkwrap.json, lockfileVersion 1 to 3 (npm documentation, "package-lock.json").
import { field, isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { baseName, folderOf, jsonOf, pathWithin } from '../read.ts';
import { dependencyFields, isAddress, npmName, originOf, rangesOf, versionAt } from './entry.ts';
import type { Manifests } from './project.ts';

/** Reads one lock file; `manifests` are those of its project, which version 1 needs to say what is asked for directly. */
export function readPackageLock(file: RawFile, manifests: Manifests, into: DeclaredPackages): void {
  const lock = jsonOf(file, into);
  if (lock === undefined) return;
  const packages = objectField(lock, 'packages');
  if (packages !== undefined) readPackages(file, packages, into);
  else readTree(file, lock, manifests, into);
}

const marker = 'node_modules/';

/** Versions 2 and 3: every folder with its package. */
function readPackages(file: RawFile, packages: JsonObject, into: DeclaredPackages): void {
  const entries = new Map<string, JsonObject>();
  for (const [path, entry] of Object.entries(packages)) if (isObject(entry)) entries.set(path, entry);
  const addresses = new Set<string>();
  const needsOf = (path: string): readonly Need[] => {
    const entry = entries.get(path);
    if (entry === undefined) return [];
    const target = linkTarget(entry);
    if (target !== undefined) return [{ key: target, scope: 'runtime' }];
    const isMember = !path.includes(marker);
    const fields = isMember ? dependencyFields : dependencyFields.filter(([name]) => name !== 'devDependencies');
    return rangesOf(entry, fields).flatMap(({ name, range, scope }) => {
      const key = findAbove(path, name, entries);
      if (key === undefined) return [];
      if (isAddress(range)) addresses.add(key);
      return [{ key, scope }];
    });
  };
  // A link in node_modules is no package: what it leads to is.
  const linked = (path: string): readonly Need[] =>
    needsOf(path).map((need) => ({ ...need, key: linkTarget(entries.get(need.key) ?? {}) ?? need.key }));
  const members = [...entries.keys()].filter((path) => !path.includes(marker));
  const reached = reach(members.flatMap(needsOf), needsOf, (path) => nameAt(path, entries));
  for (const [path, entry] of entries) {
    if (path === '' || linkTarget(entry) !== undefined) continue;
    const written = path.slice(path.lastIndexOf(marker) + marker.length);
    const name = textField(entry, 'name') ?? (path.includes(marker) ? written : baseName(path));
    const version = textField(entry, 'version');
    const origin = path.includes(marker) ? placeOf(entry, addresses.has(path)) : 'local';
    if (version === undefined) {
      if (origin === undefined) into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    const known = reached.get(path);
    const licence = textField(entry, 'license');
    const resolved = textField(entry, 'resolved');
    into.add(file, {
      type: 'npm',
      ...npmName(name),
      version,
      licences: licence === undefined ? [] : [licence],
      scope: origin === 'local' ? 'runtime' : flaggedScope(entry),
      ...(known === undefined || origin === 'local' ? {} : { direct: known.direct }),
      origin,
      links: linksOf(path, linked),
      facts: {
        ...(path.includes(marker) && written !== name ? { alias: written } : {}),
        ...(field(entry, 'inBundle') === true ? { bundled: 'true' } : {}),
        ...(origin !== undefined && resolved !== undefined ? { resolved } : {}),
        ...(known?.via === undefined || origin === 'local' ? {} : { via: known.via }),
      },
    });
  }
}

function linkTarget(entry: JsonObject): string | undefined {
  return field(entry, 'link') === true ? (textField(entry, 'resolved') ?? '') : undefined;
}

function nameAt(path: string, entries: ReadonlyMap<string, JsonObject>): string {
  const entry = entries.get(path);
  return (entry && textField(entry, 'name')) ?? path.slice(path.lastIndexOf(marker) + marker.length);
}

/** Linux's PATH_MAX: no folder has a longer one. (T15) */
const maxPathLength = 4096;

/** Node's look-up: the nearest node_modules folder above that has it. */
function findAbove(path: string, name: string, entries: ReadonlyMap<string, unknown>): string | undefined {
  if (path.length > maxPathLength) return undefined;
  for (let folder = path; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    if (!folder.endsWith('/node_modules') && folder !== 'node_modules') {
      const candidate = folder === '' ? `${marker}${name}` : `${folder}/${marker}${name}`;
      if (entries.has(candidate)) return candidate;
    }
    if (folder === '') return undefined;
  }
}

function placeOf(entry: JsonObject, byAddress: boolean): PackageOrigin | undefined {
  return originOf(textField(entry, 'resolved') ?? '') ?? (byAddress ? 'archive' : undefined);
}

/** npm's own flags. `devOptional`: for development, and optional for something that runs. */
function flaggedScope(entry: JsonObject): PackageScope {
  if (field(entry, 'dev') === true) return 'development';
  return field(entry, 'optional') === true || field(entry, 'devOptional') === true ? 'optional' : 'runtime';
}

/** Version 1: a tree of folders, walked without recursion: its depth is the file's. */
function readTree(file: RawFile, lock: JsonObject, manifests: Manifests, into: DeclaredPackages): void {
  const asked = new Set([...manifests.values()].flatMap((manifest) => rangesOf(manifest).map(({ name }) => name)));
  const pending: (readonly [tree: JsonObject, depth: number])[] = [[lock, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [tree, depth] = next;
    for (const [key, entry] of Object.entries(objectField(tree, 'dependencies') ?? {})) {
      if (!isObject(entry)) continue;
      pending.push([entry, depth + 1]);
      const written = textField(entry, 'version') ?? '';
      const alias = /^npm:(.+)@([^@]+)$/.exec(written);
      const origin = originOf(written) ?? (isAddress(written) ? 'archive' : undefined);
      const version =
        origin === 'local' ? versionOfMember(file, written, manifests) : (alias?.[2] ?? versionAt(written));
      // A member without a version is no package.
      if (version === undefined) continue;
      into.add(file, {
        type: 'npm',
        ...npmName(alias?.[1] ?? key),
        version,
        scope: origin === 'local' ? 'runtime' : flaggedScope(entry),
        ...(manifests.size === 0 || origin === 'local' ? {} : { direct: depth === 0 && asked.has(key) }),
        origin,
        facts: {
          ...(alias === null ? {} : { alias: key }),
          ...(field(entry, 'bundled') === true ? { bundled: 'true' } : {}),
          ...(origin === 'vcs' || origin === 'archive' ? { resolved: written } : {}),
        },
      });
    }
  }
}

function versionOfMember(file: RawFile, written: string, manifests: Manifests): string | undefined {
  const folder = pathWithin(folderOf(file.path), written.replace(/^(?:file|link):/, ''));
  const manifest = folder === undefined ? undefined : manifests.get(folder);
  return manifest === undefined ? undefined : textField(manifest, 'version');
}
