// yarn.lock of yarn 1: a list of what each name and range was resolved to (classic.yarnpkg.com, "yarn.lock").
import { objectField, textField } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { tellLost } from '../lost.ts';
import { folderOf, textOf } from '../read.ts';
import { installedFields, isAddress, npmName, originOf, rangesOf, splitAt } from './entry.ts';
import type { Manifests } from './project.ts';

interface Entry {
  readonly patterns: readonly string[];
  readonly needs: Need[];
  version: string;
  resolved: string;
}

/** Reads one lock file; without manifests nothing is known of scopes. */
export function readYarnLock(file: RawFile, manifests: Manifests, into: DeclaredPackages): void {
  const entries = parse(textOf(file));
  if (entries === undefined) return into.unreadable(file, 'is no yarn.lock that can be read');
  if (entries.length === 0 && !/^# yarn lockfile v1$/m.test(textOf(file)))
    into.unreadable(file, 'was cut off: it does not even say which form it has');
  const byPattern = new Map(
    entries.flatMap((entry, index) => entry.patterns.map((pattern) => [pattern, index] as const)),
  );
  const keyOf = (pattern: string): string | undefined => {
    const index = byPattern.get(pattern);
    return index === undefined ? undefined : String(index);
  };
  const roots = [...manifests.values()].flatMap((manifest) =>
    rangesOf(manifest).flatMap(({ name, range, scope }): Need[] => {
      const key = keyOf(`${name}@${range}`);
      return key === undefined ? [] : [{ key, scope }];
    }),
  );
  const needsOf = (key: string): readonly Need[] =>
    (entries[Number(key)]?.needs ?? []).flatMap(({ key: pattern, scope }) => {
      const found = keyOf(pattern);
      return found === undefined ? [] : [{ key: found, scope }];
    });
  const reached = reach(roots, needsOf, (key) => identityOf(entries[Number(key)]).name);
  tellLost(file, lostOf(file, entries, byPattern, manifests), into);
  for (const [index, entry] of entries.entries()) {
    const { name, alias, origin } = identityOf(entry);
    const known = reached.get(String(index));
    if (entry.version === '') {
      into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    into.add(file, {
      type: 'npm',
      ...npmName(name),
      version: entry.version,
      scope: known?.scope,
      ...(known === undefined ? {} : { direct: known.direct }),
      origin,
      links: linksOf(String(index), needsOf),
      facts: {
        ...(alias === undefined ? {} : { alias }),
        ...(origin !== undefined && entry.resolved !== '' ? { resolved: entry.resolved } : {}),
        ...(known?.via === undefined ? {} : { via: known.via }),
      },
    });
  }
}

/**
 * What is asked for and has no entry. `resolutions` of the project, which a tree without its package.json does not show, take ranges away: then an
 * entry of the name is enough. Members of the workspace have none.
 */
function lostOf(
  file: RawFile,
  entries: readonly Entry[],
  patterns: ReadonlyMap<string, number>,
  manifests: Manifests,
): readonly string[] {
  const project = manifests.get(folderOf(file.path));
  const isExact = project !== undefined && objectField(project, 'resolutions') === undefined;
  const names = new Set(entries.flatMap((entry) => entry.patterns.map((pattern) => splitAt(pattern)?.name)));
  const members = new Set([...manifests.values()].map((manifest) => textField(manifest, 'name')));
  const asked = [
    ...entries.flatMap(({ needs }) => needs.filter(({ scope }) => scope === 'runtime').map(({ key }) => key)),
    ...rangesOf(project ?? {}, installedFields).map(({ name, range }) => `${name}@${range}`),
  ];
  return asked.filter((pattern) => {
    const { name, rest } = splitAt(pattern) ?? { name: pattern, rest: '' };
    if (patterns.has(pattern) || members.has(name) || originOf(rest) === 'local') return false;
    return isExact || !names.has(name);
  });
}

function identityOf(entry: Entry | undefined): {
  readonly name: string;
  readonly alias?: string;
  readonly origin: ReturnType<typeof originOf>;
} {
  const split = splitAt(entry?.patterns[0] ?? '') ?? { name: entry?.patterns[0] ?? '', rest: '' };
  const alias = split.rest.startsWith('npm:') ? splitAt(split.rest.slice(4)) : undefined;
  const named = alias?.name ?? (split.rest.startsWith('npm:') ? split.rest.slice(4) : split.name);
  const origin =
    originOf(split.rest) ??
    originOf(entry?.resolved ?? '') ??
    (isAddress(split.rest) ? 'archive' : isRepository(split.rest) ? 'vcs' : undefined);
  return { name: named, ...(named === split.name ? {} : { alias: split.name }), origin };
}

/** `user/repository`, with or without a commit: GitHub's short form. */
function isRepository(range: string): boolean {
  return /^[A-Za-z0-9][\w.-]*\/[\w.-]+(?:#.*)?$/.test(range);
}

/** Undefined where a line is none of the format: better nothing than half. */
function parse(text: string): readonly Entry[] | undefined {
  const entries: Entry[] = [];
  let entry: Entry | undefined;
  let scope: Need['scope'] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const indent = line.length - line.trimStart().length;
    if (indent === line.length) continue;
    if (indent === 0) {
      if (!line.endsWith(':')) return undefined;
      const patterns = (tokens(line.slice(0, -1)) ?? []).filter((token) => token !== '');
      if (patterns.length === 0) return undefined;
      entry = { patterns, needs: [], version: '', resolved: '' };
      scope = undefined;
      entries.push(entry);
      continue;
    }
    if (entry === undefined) return undefined;
    const words = tokens(line.trimStart());
    // Each line has a value, but for those that begin a list.
    if (words === undefined || (words.length < 2 && !line.endsWith(':'))) return undefined;
    const [key = '', value] = words;
    if (indent === 2) {
      scope = key === 'dependencies:' ? 'runtime' : key === 'optionalDependencies:' ? 'optional' : undefined;
      if (key === 'version') entry.version = value ?? '';
      else if (key === 'resolved') entry.resolved = value ?? '';
    } else if (scope !== undefined && value !== undefined) entry.needs.push({ key: `${key}@${value}`, scope });
  }
  return entries;
}

/** Words of a line, separated by spaces and commas; a quoted one may hold both. In one pass: no quote is looked for twice. Undefined where a quote has no end. (T15) */
function tokens(line: string): string[] | undefined {
  const found: string[] = [];
  for (let at = 0; at < line.length;) {
    const char = line[at] as string;
    if (char === ' ' || char === ',' || char === '\t') {
      at += 1;
      continue;
    }
    let end = at + 1;
    if (char === '"') {
      while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1;
      if (end >= line.length) return undefined;
      found.push(line.slice(at + 1, end).replaceAll(/\\(.)/g, '$1'));
      at = end + 1;
    } else {
      while (end < line.length && line[end] !== ' ' && line[end] !== ',' && line[end] !== '"') end += 1;
      found.push(line.slice(at, end));
      at = end;
    }
  }
  return found;
}
