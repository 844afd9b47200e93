// poetry.lock, pdm.lock and pylock.toml (PEP 751): lists of packages with the groups they are for.
import { field, isObject, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import { normalName } from '../../python/metadata.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { reach, type Need, type Reached } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { entryName, parseRequirement, tableAt, type PythonProject } from './names.ts';

/** One entry of a list, whatever the tool. */
interface Entry {
  readonly name: string;
  readonly version: string;
  /** Names that have an entry too wherever the file is for: absent where a tool leaves some out. */
  readonly certain?: readonly string[];
  /** Absent: nothing says it, and the graph has to. */
  readonly scope?: PackageScope | undefined;
  readonly origin?: PackageOrigin | undefined;
  readonly needs: readonly Need[];
  readonly facts?: Readonly<Record<string, string>>;
}

/** Reads a poetry.lock. Before version 2.1 the groups are in pyproject.toml only, and before 2.0 there is a category. */
export function readPoetryLock(
  file: RawFile,
  lock: JsonObject,
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  addEntries(
    file,
    objectsField(lock, 'package').map((entry): Entry => {
      const source = tableAt(entry, 'source');
      const type = textField(source, 'type');
      const origin =
        type === 'git'
          ? 'vcs'
          : type === 'directory'
            ? 'local'
            : type === 'url' || type === 'file'
              ? 'archive'
              : undefined;
      return {
        name: entryName(entry),
        version: textField(entry, 'version') ?? '',
        scope: poetryScope(entry),
        origin,
        needs: Object.entries(tableAt(entry, 'dependencies')).map(([name, value]): Need => ({
          key: normalName(name),
          scope: isObject(value) && field(value, 'optional') === true ? 'optional' : 'runtime',
        })),
        ...(origin === undefined ? {} : { facts: { resolved: textField(source, 'url') ?? '' } }),
      };
    }),
    project,
    into,
  );
}

function poetryScope(entry: JsonObject): PackageScope | undefined {
  const groups = textsField(entry, 'groups');
  const category = textField(entry, 'category');
  if (groups.length === 0 && category === undefined) return undefined;
  if (category === 'dev' || (category === undefined && !groups.includes('main'))) return 'development';
  return field(entry, 'optional') === true ? 'optional' : 'runtime';
}

/** Reads a pdm.lock. */
export function readPdmLock(
  file: RawFile,
  lock: JsonObject,
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  addEntries(
    file,
    objectsField(lock, 'package').map((entry): Entry => {
      const place = textField(entry, 'git') ?? textField(entry, 'hg') ?? textField(entry, 'svn');
      const url = textField(entry, 'url');
      const origin =
        place !== undefined
          ? 'vcs'
          : url !== undefined
            ? 'archive'
            : field(entry, 'path') === undefined
              ? undefined
              : 'local';
      return {
        name: entryName(entry),
        version: textField(entry, 'version') ?? textField(entry, 'revision') ?? '',
        scope: groupScope(textsField(entry, 'groups'), 'default', project),
        origin,
        needs: textsField(entry, 'dependencies').flatMap(needOf),
        certain: textsField(entry, 'dependencies').flatMap(unmarked),
        ...(origin === undefined || origin === 'local' ? {} : { facts: { resolved: place ?? url ?? '' } }),
      };
    }),
    project,
    into,
  );
}

/** What is asked for on every platform and of every Python. */
function unmarked(text: string): string[] {
  return text.includes(';') ? [] : needOf(text).map(({ key }) => key);
}

function needOf(text: string): Need[] {
  const requirement = parseRequirement(text);
  return requirement === undefined ? [] : [{ key: requirement.name, scope: 'runtime' }];
}

/** A group that the project does not name may be anything, so what is in it counts as what runs. */
function groupScope(
  groups: readonly string[],
  main: string,
  project: PythonProject | undefined,
): PackageScope | undefined {
  if (groups.length === 0) return undefined;
  const names = groups.map(normalName);
  if (names.includes(main) || project === undefined)
    return names.every((name) => name === 'dev') ? 'development' : 'runtime';
  if (names.some((name) => !project.extras.has(name) && !project.groups.has(name) && name !== 'dev')) return 'runtime';
  return names.some((name) => project.extras.has(name)) ? 'optional' : 'development';
}

/** Reads a pylock.toml. */
export function readPylock(
  file: RawFile,
  lock: JsonObject,
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  const defaults = new Set(textsField(lock, 'default-groups'));
  addEntries(
    file,
    objectsField(lock, 'packages').map((entry): Entry => {
      const vcs = tableAt(entry, 'vcs');
      const origin =
        field(entry, 'vcs') !== undefined
          ? 'vcs'
          : field(entry, 'directory') !== undefined
            ? 'local'
            : field(entry, 'archive') === undefined
              ? undefined
              : 'archive';
      const marker = textField(entry, 'marker') ?? '';
      return {
        name: entryName(entry),
        version: textField(entry, 'version') ?? textField(vcs, 'commit-id') ?? '',
        scope: markedScope(marker, defaults),
        origin,
        needs: objectsField(entry, 'dependencies').map((need): Need => ({ key: entryName(need), scope: 'runtime' })),
        certain: objectsField(entry, 'dependencies').map(entryName),
        facts: {
          ...(marker === '' ? {} : { marker }),
          ...(origin === 'vcs' ? { resolved: textField(vcs, 'url') ?? '' } : {}),
        },
      };
    }),
    project,
    into,
  );
}

/** `"dev" in dependency_groups`, `"x" in extras` (PEP 751, "Marker expressions"); with another way to be installed it counts as that. */
function markedScope(marker: string, defaults: ReadonlySet<string>): PackageScope {
  const groups = [...marker.matchAll(/["']([^"']{1,200})["'] in dependency_groups/g)].map(([, name]) => name as string);
  if (groups.some((name) => defaults.has(name))) return 'runtime';
  if (/["'][^"']{1,200}["'] in extras/.test(marker)) return 'optional';
  return groups.length > 0 ? 'development' : 'runtime';
}

function addEntries(
  file: RawFile,
  entries: readonly Entry[],
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  const byName = Map.groupBy(entries, ({ name }) => name);
  const roots = [...(project?.direct ?? [])]
    .map(([key, scope]): Need => ({ key, scope }))
    .filter(({ key }) => byName.has(key));
  const needsOf = (key: string): readonly Need[] =>
    (byName.get(key) ?? []).flatMap(({ needs }) => needs).filter((need) => byName.has(need.key));
  const certain = [...entries.flatMap((entry) => entry.certain ?? []), ...(project?.certain ?? [])];
  tellLost(
    file,
    certain.filter((name) => !byName.has(name)),
    into,
  );
  const reached: ReadonlyMap<string, Reached> = reach(roots, needsOf, (key) => key);
  for (const { name, version, scope, origin, needs, facts } of entries) {
    if (version === '') {
      // PEP 751 and PDM need no version of a folder: it is a part of the tree.
      if (origin !== 'local') into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    const known = reached.get(name);
    into.add(file, {
      type: 'pypi',
      name,
      version,
      scope: origin === 'local' ? 'runtime' : (scope ?? known?.scope),
      ...(known === undefined || origin === 'local' ? {} : { direct: known.direct }),
      origin,
      links: { key: name, needs: needs.map(({ key }) => key) },
      facts: { ...facts, ...(known?.via === undefined || origin === 'local' ? {} : { via: known.via }) },
    });
  }
}
