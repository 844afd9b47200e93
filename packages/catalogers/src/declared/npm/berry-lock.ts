// yarn.lock of yarn 2 and later: YAML, with the place each package was found at (yarnpkg.com, "Lockfile").
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { PackageOrigin, PackageScope, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { folderOf } from '../read.ts';
import { installedFields, npmName, originOf, rangesOf, splitAt } from './entry.ts';
import type { Manifests } from './project.ts';

/** Reads the value of one lock file. */
export function readBerryLock(file: RawFile, lock: JsonObject, manifests: Manifests, into: DeclaredPackages): void {
  const entries = new Map<string, JsonObject>();
  const byDescriptor = new Map<string, string>();
  for (const [key, entry] of Object.entries(lock)) {
    // `dependencies` that are text are the first name of a list, cut off before its range.
    if (!isObject(entry) || typeof entry['dependencies'] === 'string')
      into.unreadable(file, 'was cut off: it has a name with nothing behind it');
    if (key === '__metadata' || !isObject(entry)) continue;
    entries.set(key, entry);
    for (const descriptor of key.split(',')) byDescriptor.set(descriptor.trim(), key);
  }
  if (entries.size === 0) into.unreadable(file, 'was cut off: it does not even hold the project itself');
  const byName = Map.groupBy(entries.keys(), (key) => splitAt(key)?.name ?? key);
  const find = (name: string, range: string): string | undefined =>
    byDescriptor.get(`${name}@${range}`) ??
    byDescriptor.get(`${name}@npm:${range}`) ??
    patched(name, range, byDescriptor) ??
    only(byName.get(name));
  const project = rangesOf(manifests.get(folderOf(file.path)) ?? {}, installedFields).map(({ name }) => name);
  const asked = [...project, ...[...entries.values()].flatMap(namesAsked)];
  tellLost(
    file,
    asked.filter((name) => !byName.has(name)),
    into,
  );
  const needsOf = (key: string): readonly Need[] => {
    const entry = entries.get(key);
    if (entry === undefined || workspaceOf(entry) !== undefined) return [];
    const optional = new Set(Object.keys(objectField(entry, 'dependenciesMeta') ?? {}));
    return rangesOf(entry, [['dependencies', 'runtime']]).flatMap(({ name, range }): Need[] => {
      const found = find(name, range);
      return found === undefined ? [] : [{ key: found, scope: optional.has(name) ? 'optional' : 'runtime' }];
    });
  };
  const roots = [...entries.values()].flatMap((entry) => {
    const workspace = workspaceOf(entry);
    return workspace === undefined ? [] : needsOfWorkspace(entry, manifestAt(file.path, workspace, manifests), find);
  });
  const reached = reach(roots, needsOf, (key) => splitAt(key)?.name ?? key);
  for (const [key, entry] of entries) {
    const resolution = splitAt(textField(entry, 'resolution') ?? '');
    const version = textField(entry, 'version') ?? '';
    if (resolution === undefined || version === '') {
      into.missing(file, 'package/metadata-invalid', 'has an entry without a resolution or version');
      continue;
    }
    const workspace = workspaceOf(entry);
    const manifest = workspace === undefined ? undefined : manifestAt(file.path, workspace, manifests);
    const own = manifest === undefined ? undefined : textField(manifest, 'version');
    if (workspace !== undefined && own === undefined) continue;
    const known = reached.get(key);
    const origin = workspace === undefined ? placeOf(resolution.rest) : 'local';
    const alias = splitAt(key)?.name;
    into.add(file, {
      type: 'npm',
      ...npmName(resolution.name),
      version: own ?? version,
      scope: origin === 'local' ? 'runtime' : known?.scope,
      ...(known === undefined || workspace !== undefined ? {} : { direct: known.direct }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(alias === undefined || alias === resolution.name ? {} : { alias }),
        ...(resolution.rest.startsWith('patch:') ? { patched: 'true' } : {}),
        ...(origin === 'vcs' || origin === 'archive' ? { resolved: resolution.rest } : {}),
        ...(known?.via === undefined || origin === 'local' ? {} : { via: known.via }),
      },
    });
  }
}

/** `resolutions` of the project put another range in the place of what is asked for: where there is one of a name, it is that. */
function only(keys: readonly string[] | undefined): string | undefined {
  return keys?.length === 1 ? keys[0] : undefined;
}

/** What an entry cannot do without. Names only: `resolutions` put other ranges in the place of what is asked for. */
function namesAsked(entry: JsonObject): readonly string[] {
  const optional = new Set(Object.keys(objectField(entry, 'dependenciesMeta') ?? {}));
  return rangesOf(entry, [['dependencies', 'runtime']]).flatMap(({ name }) => (optional.has(name) ? [] : [name]));
}

/** The folder of a member of the workspace; undefined for all else. */
function workspaceOf(entry: JsonObject): string | undefined {
  const place = splitAt(textField(entry, 'resolution') ?? '')?.rest;
  return place?.startsWith('workspace:') === true ? place.slice('workspace:'.length) : undefined;
}

function manifestAt(lockPath: string, workspace: string, manifests: Manifests): JsonObject | undefined {
  const folder = [folderOf(lockPath), workspace === '.' ? '' : workspace].filter((part) => part !== '').join('/');
  return manifests.get(folder);
}

/** The lock file lists all that a member asks for alike: its manifest tells what is for development. */
function needsOfWorkspace(
  entry: JsonObject,
  manifest: JsonObject | undefined,
  find: (name: string, range: string) => string | undefined,
): Need[] {
  const scopes = new Map<string, PackageScope>();
  if (manifest !== undefined) for (const { name, scope } of rangesOf(manifest)) scopes.set(name, scope);
  return rangesOf(entry, [['dependencies', 'runtime']]).flatMap(({ name, range }) => {
    const key = find(name, range);
    return key === undefined ? [] : [{ key, scope: scopes.get(name) ?? 'runtime' }];
  });
}

/** A range with a resolution or patch of its own stands under another descriptor. */
function patched(name: string, range: string, descriptors: ReadonlyMap<string, string>): string | undefined {
  const source = range.startsWith('npm:') ? range : `npm:${range}`;
  return descriptors.get(
    `${name}@patch:${name}@${encodeURIComponent(source.toWellFormed())}#optional!builtin<compat/${name}>`,
  );
}

/** Where the part of a resolution behind the name leads to; a patch is of what it patches. */
function placeOf(place: string): PackageOrigin | undefined {
  if (place.startsWith('patch:')) {
    const inner = splitAt(decode(place.slice('patch:'.length).split('#', 1)[0] ?? ''))?.rest ?? '';
    return inner.startsWith('patch:') ? undefined : placeOf(inner);
  }
  if (place.startsWith('npm:') || place.startsWith('virtual:')) return undefined;
  return originOf(place) ?? 'archive';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
