// uv.lock: packages with what each of them needs, the members of the workspace among them (docs.astral.sh/uv, "Project structure").
import { field, isObject, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import { normalName } from '../../python/metadata.ts';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, maxMeanings, reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { entryName, tableAt, type PythonProject } from './names.ts';

/** Reads one lock file; all that the project beside it asks for is in it, for every platform and group. */
export function readUvLock(
  file: RawFile,
  lock: JsonObject,
  project: PythonProject | undefined,
  into: DeclaredPackages,
): void {
  const entries = new Map<string, JsonObject>();
  const byName = new Map<string, string[]>();
  for (const entry of objectsField(lock, 'package')) {
    const name = entryName(entry);
    const key = `${name}@${textField(entry, 'version') ?? ''}`;
    entries.set(key, entry);
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [key]);
    else if (same.length < maxMeanings) same.push(key);
  }
  const members = textsField(tableAt(lock, 'manifest'), 'members').map(normalName);
  const lost = new Set([...(project?.direct.keys() ?? []), ...members].filter((name) => !byName.has(name)));
  // What an extra of a package needs is a node of its own: `requests@1.0[socks]`.
  const needs = (listed: readonly JsonObject[], scope: PackageScope): readonly Need[] =>
    listed.flatMap((need) => {
      const name = entryName(need);
      const version = textField(need, 'version');
      const keys = version === undefined ? (byName.get(name) ?? []) : [`${name}@${version}`];
      if (!keys.some((key) => entries.has(key))) lost.add(version === undefined ? name : `${name} ${version}`);
      const extras = textsField(need, 'extra');
      return keys.flatMap((key): Need[] => [
        { key, scope },
        ...extras.map((extra) => ({ key: `${key}[${normalName(extra)}]`, scope })),
      ]);
    });
  const needsOf = (key: string): readonly Need[] => {
    const bracket = key.indexOf('[');
    const entry = entries.get(bracket < 0 ? key : key.slice(0, bracket));
    if (entry === undefined || placeOf(entry).isMember) return [];
    if (bracket < 0) return needs(objectsField(entry, 'dependencies'), 'runtime');
    const extra = key.slice(bracket + 1, -1);
    const optional = tableAt(entry, 'optional-dependencies');
    const found = Object.keys(optional).find((name) => normalName(name) === extra);
    return found === undefined ? [] : needs(objectsField(optional, found), 'runtime');
  };
  const roots = [...entries.values()]
    .filter((entry) => placeOf(entry).isMember)
    .flatMap((entry) => needsOfMember(entry, needs));
  const reached = reach(roots, needsOf, (key) => key.replace(/@.*$/, ''));
  // What nothing leads to was not asked yet.
  for (const [key] of entries) if (!reached.has(key)) needsOf(key);
  tellLost(file, lost, into);
  for (const [key, entry] of entries) {
    const { origin, isMember, resolved } = placeOf(entry);
    const version = textField(entry, 'version');
    if (version === undefined) {
      if (!isMember && origin !== 'local')
        into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    const known = reached.get(key);
    into.add(file, {
      type: 'pypi',
      name: entryName(entry),
      version,
      scope: origin === 'local' ? 'runtime' : known?.scope,
      ...(known === undefined || origin === 'local' ? {} : { direct: known.direct }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(resolved === undefined ? {} : { resolved }),
        ...(known?.via === undefined || origin === 'local' ? {} : { via: known.via }),
      },
    });
  }
}

function needsOfMember(
  entry: JsonObject,
  needs: (listed: readonly JsonObject[], scope: PackageScope) => readonly Need[],
): Need[] {
  const tables = [
    ['optional-dependencies', 'optional'],
    ['dev-dependencies', 'development'],
  ] as const;
  return [
    ...needs(objectsField(entry, 'dependencies'), 'runtime'),
    ...tables.flatMap(([member, scope]) => {
      const table = tableAt(entry, member);
      return Object.keys(table).flatMap((key) => needs(objectsField(table, key), scope));
    }),
  ];
}

/** `source` of an entry. `virtual` and `editable` are members or folders of the tree, whose own needs are the project's. */
function placeOf(entry: JsonObject): {
  readonly origin?: PackageOrigin;
  readonly isMember: boolean;
  readonly resolved?: string;
} {
  const source = field(entry, 'source');
  if (!isObject(source)) return { isMember: false };
  if (['virtual', 'editable', 'directory', 'workspace'].some((kind) => field(source, kind) !== undefined))
    return { origin: 'local', isMember: true };
  const git = textField(source, 'git');
  if (git !== undefined) return { origin: 'vcs', isMember: false, resolved: git };
  const file = textField(source, 'url') ?? textField(source, 'path');
  return file === undefined ? { isMember: false } : { origin: 'archive', isMember: false, resolved: file };
}
