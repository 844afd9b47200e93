// Names, requirements and places as Python's files write them.
import { field, isObject, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope } from '@plombe/model';
import { normalName } from '../../python/metadata.ts';

/** A requirement in the form of PEP 508, as far as it matters: its version where it says exactly one. */
export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  readonly version?: string;
  readonly address?: string;
}

/** Parses a requirement; undefined where it is none. */
export function parseRequirement(text: string): Requirement | undefined {
  const [, written = '', extras = '', rest = ''] =
    /^([A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?)\s*(?:\[([^\]]{0,1000})\])?\s*(.*)$/s.exec(text.trim()) ?? [];
  if (written === '') return undefined;
  const name = normalName(written);
  const listed = extras.split(',').map((extra) => normalName(extra.trim()));
  const found = { name, extras: listed.filter((extra) => extra !== '') };
  if (rest.startsWith('@'))
    return {
      ...found,
      address:
        rest
          .slice(1)
          .trim()
          .split(/\s[;#]/, 1)[0] ?? '',
    };
  const [specifiers = ''] = rest.split(';', 1);
  if (specifiers.trim() !== '' && !/^[(<>=!~]/.test(specifiers.trim())) return undefined;
  const version = /===?\s*([A-Za-z0-9][A-Za-z0-9._+!-]{0,200})\s*(?:$|[,)])/.exec(
    specifiers.replaceAll(/[!<>~]=+[^,]*/g, ''),
  )?.[1];
  return version === undefined ? found : { ...found, version };
}

/** Returns where an address leads to. */
export function originOfAddress(address: string): PackageOrigin {
  if (/^(?:git|hg|svn|bzr)\+/.test(address)) return 'vcs';
  if (/^(?:https?|ftp):/.test(address)) return 'archive';
  return /\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)(?:#.*)?$/.test(address) ? 'archive' : 'local';
}

/** Returns name and version of a wheel or source archive by its file name (PEP 427, 625). */
export function archiveName(address: string): { readonly name: string; readonly version: string } | undefined {
  const file = (address.split(/[?#]/, 1)[0] ?? '').split('/').at(-1) ?? '';
  const [, name, version] =
    /^([A-Za-z0-9._]+)-(\d[A-Za-z0-9._+!]*)(?:-[^/]+)?\.whl$/.exec(file) ??
    /^([A-Za-z0-9._-]+)-(\d[A-Za-z0-9._+!]*)\.(?:tar\.gz|zip|tgz|tar\.bz2)$/.exec(file) ??
    [];
  return name === undefined || version === undefined ? undefined : { name: normalName(name), version };
}

/** What a pyproject.toml or Pipfile asks for by itself: normal names with what they are for, and the names of its groups and extras. */
export interface PythonProject {
  readonly direct: ReadonlyMap<string, PackageScope>;
  readonly extras: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** What runs everywhere: asked for by the project itself, without a marker. Any lock file of it has them. */
  readonly certain: ReadonlySet<string>;
}

/** Reads what a pyproject.toml asks for: PEP 621 and 735, and the tables of Poetry, PDM and uv. */
export function projectOf(toml: JsonObject): PythonProject {
  const direct = new Map<string, PackageScope>();
  const add = (name: string | undefined, scope: PackageScope): void => {
    if (name === undefined || name === 'python') return;
    if (!direct.has(name) || scope === 'runtime') direct.set(name, scope);
  };
  const addTexts = (texts: readonly string[], scope: PackageScope): void =>
    texts.forEach((text) => add(parseRequirement(text)?.name, scope));
  const project = at(toml, 'project');
  const tool = at(toml, 'tool');
  const poetry = at(tool, 'poetry');
  const extras = at(project, 'optional-dependencies');
  const dependencyGroups = [at(toml, 'dependency-groups'), at(at(tool, 'pdm'), 'dev-dependencies')];
  const poetryGroups = Object.entries(at(poetry, 'group'));
  addTexts(textsField(project, 'dependencies'), 'runtime');
  for (const [name, value] of Object.entries(at(poetry, 'dependencies')))
    add(normalName(name), isObject(value) && field(value, 'optional') === true ? 'optional' : 'runtime');
  for (const key of Object.keys(extras)) addTexts(textsField(extras, key), 'optional');
  for (const groups of dependencyGroups)
    for (const key of Object.keys(groups)) addTexts(textsField(groups, key), 'development');
  addTexts(textsField(at(tool, 'uv'), 'dev-dependencies'), 'development');
  for (const table of [
    at(poetry, 'dev-dependencies'),
    ...poetryGroups.map(([, group]) => (isObject(group) ? at(group, 'dependencies') : {})),
  ])
    for (const name of Object.keys(table)) add(normalName(name), 'development');
  return {
    direct,
    extras: new Set([...Object.keys(extras), ...Object.keys(at(poetry, 'extras'))].map(normalName)),
    certain: new Set(
      textsField(project, 'dependencies').flatMap((text) =>
        text.includes(';') ? [] : (parseRequirement(text)?.name ?? []),
      ),
    ),
    groups: new Set([...dependencyGroups.flatMap(Object.keys), ...poetryGroups.map(([name]) => name)].map(normalName)),
  };
}

/** Reads what a Pipfile asks for. */
export function pipfileOf(toml: JsonObject): PythonProject {
  const direct = new Map<string, PackageScope>();
  for (const name of Object.keys(at(toml, 'dev-packages'))) direct.set(normalName(name), 'development');
  for (const name of Object.keys(at(toml, 'packages'))) direct.set(normalName(name), 'runtime');
  return { direct, extras: new Set(), groups: new Set(), certain: new Set() };
}

function at(object: JsonObject, key: string): JsonObject {
  const value = field(object, key);
  return isObject(value) ? value : {};
}

/** Returns a member that is a table, or an empty one. */
export function tableAt(object: JsonObject, key: string): JsonObject {
  return at(object, key);
}

/** Returns the name of an entry in its normal form; empty where it has none. */
export function entryName(entry: JsonObject): string {
  return normalName(textField(entry, 'name') ?? '');
}
