// pnpm-lock.yaml, lockfileVersion 5 to 9 (pnpm/spec, lockfile).
import { field, isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { folderOf, pathWithin } from '../read.ts';
import { addProject, installedFields, npmName, originOf, rangesOf, splitAt } from './entry.ts';
import type { Manifests } from './project.ts';

/** Reads the value of one lock file. */
export function readPnpmLock(file: RawFile, lock: JsonObject, manifests: Manifests, into: DeclaredPackages): void {
  if (isCut(lock)) into.unreadable(file, 'was cut off: it has names with nothing behind them');
  const packages = entriesOf(lock, 'packages');
  const snapshots = entriesOf(lock, 'snapshots');
  // Since version 9 what a package is, is apart from what it needs in which company of peers.
  const nodes = snapshots.size > 0 ? snapshots : packages;
  const find = (name: string, version: string): string | undefined =>
    [version, `/${name}/${version}`, `/${name}@${version}`, `${name}@${version}`].find((key) => nodes.has(key));
  const lost = new Set<string>();
  const needs = (entry: JsonObject): readonly Need[] =>
    rangesOf(entry, listed).flatMap(({ name, range, scope }) => {
      const key = find(name, range);
      // A version that leads to a folder of the tree has no entry.
      if (key === undefined && originOf(range) !== 'local') lost.add(`${name} ${range}`);
      return key === undefined ? [] : [{ key, scope }];
    });
  const members = entriesOf(lock, 'importers');
  const importers = [...members.values()];
  for (const path of members.keys()) addMember(file, path, manifests, into);
  const needsOf = (key: string): readonly Need[] => needs(nodes.get(key) ?? {});
  const identities = new Map<string, Identity | undefined>();
  const identityOf = (key: string): Identity | undefined => {
    if (!identities.has(key)) identities.set(key, identify(key, packages.get(bareKey(key)) ?? nodes.get(key) ?? {}));
    return identities.get(key);
  };
  const roots = (importers.length > 0 ? importers : [lock]).flatMap(needs);
  const reached = reach(roots, needsOf, (key) => identityOf(key)?.name ?? key);
  for (const [key, node] of nodes) {
    const identity = identityOf(key);
    if (identity === undefined) {
      into.missing(file, 'package/metadata-invalid', 'has an entry that names no package and version');
      continue;
    }
    const known = reached.get(key);
    const flagged =
      field(node, 'dev') === true ? 'development' : field(node, 'optional') === true ? 'optional' : 'runtime';
    const { name, version, origin, resolved } = identity;
    into.add(file, {
      type: 'npm',
      ...npmName(name),
      version,
      scope: known?.scope ?? flagged,
      ...(known === undefined ? {} : { direct: known.direct }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(origin !== undefined && resolved !== '' ? { resolved } : {}),
        ...(known?.via === undefined ? {} : { via: known.via }),
      },
    });
  }
  for (const [key, entry] of nodes) if (!reached.has(key)) needs(entry);
  const snapped = new Set([...snapshots.keys()].map(bareKey));
  const unsnapped = isSplit(lock) ? [...packages.keys()].filter((key) => !snapped.has(key)) : [];
  // Where the lock file knows no project at all, its package.json does.
  const project =
    roots.length + lost.size > 0 ? [] : rangesOf(manifests.get(folderOf(file.path)) ?? {}, installedFields);
  const unlisted = project.filter(({ range }) => originOf(range) !== 'local').map(({ name }) => name);
  tellLost(file, [...lost, ...unsnapped, ...unlisted], into);
}

/** An importer is a member of the workspace; its package.json has its name and version. */
function addMember(file: RawFile, path: string, manifests: Manifests, into: DeclaredPackages): void {
  const folder = pathWithin(folderOf(file.path), path);
  if (folder !== undefined) addProject(file, manifests.get(folder), into);
}

const listed = [
  ['dependencies', 'runtime'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'development'],
] as const;

function entriesOf(lock: JsonObject, member: string): ReadonlyMap<string, JsonObject> {
  const entries = Object.entries(objectField(lock, member) ?? {});
  return new Map(entries.map(([key, entry]) => [key, isObject(entry) ? entry : {}]));
}

const lists = ['packages', 'snapshots', 'importers'];

/** pnpm writes no name without something behind it, and since version 9 names its projects even where they ask for nothing. */
function isCut(lock: JsonObject): boolean {
  const projects = [lock, ...entriesOf(lock, 'importers').values()];
  const isMapping = (holder: JsonObject, name: string): boolean =>
    !Object.hasOwn(holder, name) || isObject(field(holder, name));
  const version = field(lock, 'lockfileVersion');
  return (
    (version ?? '') === '' ||
    (isSplit(lock) && field(lock, 'importers') === undefined) ||
    !lists.every((name) => isMapping(lock, name) && Object.values(objectField(lock, name) ?? {}).every(isObject)) ||
    !projects.every((project) => listed.every(([name]) => isMapping(project, name)) && !lacksVersion(project))
  );
}

/** What a project asks for is a version, or an object with one. */
function lacksVersion(project: JsonObject): boolean {
  return rangesOf(project, listed).some(({ range }) => range === '');
}

/** Since version 9 each package has an entry in both lists. */
function isSplit(lock: JsonObject): boolean {
  const version = field(lock, 'lockfileVersion');
  // A number in the older forms.
  return (typeof version === 'number' ? version : Number.parseInt(textField(lock, 'lockfileVersion') ?? '', 10)) >= 9;
}

interface Identity {
  readonly name: string;
  readonly version: string;
  readonly origin?: PackageOrigin | undefined;
  readonly resolved: string;
}

/** Without the peers in whose company it is installed: `a@1.0.0(b@2.0.0)`. */
function bareKey(key: string): string {
  const bracket = key.indexOf('(');
  return bracket < 0 ? key : key.slice(0, bracket);
}

function identify(key: string, entry: JsonObject): Identity | undefined {
  const parsed = parseKey(bareKey(key));
  const name = textField(entry, 'name') ?? parsed?.name;
  const written = parsed?.version ?? '';
  const version = textField(entry, 'version') ?? written;
  if (name === undefined || version === '') return undefined;
  const resolution = objectField(entry, 'resolution') ?? {};
  const tarball = textField(resolution, 'tarball') ?? '';
  const repository = textField(resolution, 'repo') ?? '';
  const origin =
    textField(resolution, 'type') === 'git' || repository !== ''
      ? 'vcs'
      : textField(resolution, 'type') === 'directory'
        ? 'local'
        : (originOf(written) ?? originOf(tarball) ?? (isRegistryVersion(written) ? undefined : 'archive'));
  return { name, version, origin, resolved: repository || tarball };
}

function isRegistryVersion(version: string): boolean {
  return /^\d/.test(version);
}

/** Real keys with all their peers have under 2,000 characters; the pattern below is not for more. (T15) */
const maxKeyLength = 512;

/** `/name/1.0.0_peers`, `/name/1.0.0/peers` and `host/name/1.0.0` (5), `/name@1.0.0` (6), `name@1.0.0` (9). */
function parseKey(key: string): { readonly name: string; readonly version: string } | undefined {
  const bare = key.startsWith('/') ? key.slice(1) : key;
  const at = splitAt(bare);
  const old = /^(?:[^@/]+[.+][^/]+\/)?((?:@[^/]+\/)?[^/@]+)\/(\d[^/_]*)(?:[_/].*)?$/.exec(bare.slice(0, maxKeyLength));
  if (old !== null && (at === undefined || key.startsWith('/') || !/^\d/.test(at.rest)))
    return { name: old[1] as string, version: old[2] as string };
  return at === undefined ? undefined : { name: at.name, version: at.rest };
}
