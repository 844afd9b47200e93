// bun.lock, the text form of Bun's lock file (bun.sh/docs, "Lockfile").
import { isObject, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { linksOf, reach, type Need } from '../graph.ts';
import { dependencyFields, isAddress, npmName, originOf, rangesOf, splitAt, versionAt } from './entry.ts';

const ofPackages = dependencyFields.filter(([name]) => name !== 'devDependencies');

/** Reads the value of one lock file. */
export function readBunLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  const entries = new Map<string, readonly unknown[]>();
  for (const [key, entry] of Object.entries(objectField(lock, 'packages') ?? {})) {
    if (Array.isArray(entry) && typeof entry[0] === 'string') entries.set(key, entry as readonly unknown[]);
    else into.missing(file, 'package/metadata-invalid', 'has an entry that names no package');
  }
  const workspaces = objectField(lock, 'workspaces') ?? {};
  const roots = Object.entries(workspaces).flatMap(([, workspace]) =>
    isObject(workspace) ? needsFrom(textField(workspace, 'name') ?? '', workspace, dependencyFields, entries) : [],
  );
  const needsOf = (key: string): readonly Need[] => {
    const info = entries.get(key)?.find(isObject);
    return info === undefined ? [] : needsFrom(key, info, ofPackages, entries);
  };
  const reached = reach(roots, needsOf, (key) => segments(key).at(-1) ?? key);
  for (const [key, [ident]] of entries) {
    const found = splitAt(ident as string);
    if (found === undefined) {
      into.missing(file, 'package/metadata-invalid', 'has an entry without a version');
      continue;
    }
    const { name, rest } = found;
    const origin = originOf(rest) ?? (isAddress(rest) ? 'archive' : undefined);
    const member = rest.startsWith('workspace:') ? workspaces[rest.slice('workspace:'.length)] : undefined;
    const version = isObject(member) ? textField(member, 'version') : versionAt(rest);
    // Parts of the tree without a version are no packages; of what else comes from elsewhere the place is all that is known.
    if (version === undefined || (origin === 'local' && member === undefined)) continue;
    const known = reached.get(key);
    const alias = segments(key).at(-1);
    into.add(file, {
      type: 'npm',
      ...npmName(name),
      version,
      scope: origin === 'local' ? 'runtime' : known?.scope,
      ...(known === undefined || origin === 'local' ? {} : { direct: known.direct }),
      origin,
      links: linksOf(key, needsOf),
      facts: {
        ...(alias === undefined || alias === name ? {} : { alias }),
        ...(origin === 'vcs' || origin === 'archive' ? { resolved: rest } : {}),
        ...(known?.via === undefined || origin === 'local' ? {} : { via: known.via }),
      },
    });
  }
}

function needsFrom(
  key: string,
  info: JsonObject,
  fields: typeof dependencyFields,
  entries: ReadonlyMap<string, unknown>,
): Need[] {
  // Peers that need not be there bring nothing in.
  const without = new Set(textsField(info, 'optionalPeers'));
  return rangesOf(info, fields).flatMap(({ name, scope }) => {
    if (without.has(name)) return [];
    const found = findAbove(key, name, entries);
    return found === undefined ? [] : [{ key: found, scope }];
  });
}

/** `a/@s/b`: b in the folder of a, and so on. */
function segments(key: string): readonly string[] {
  return key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
}

/** Bun makes folders of them: no path is longer than Linux's PATH_MAX. (T15) */
const maxKeyLength = 4096;

function findAbove(key: string, name: string, entries: ReadonlyMap<string, unknown>): string | undefined {
  const path = key.length > maxKeyLength ? [] : [...segments(key)];
  for (;;) {
    const candidate = [...path, name].join('/');
    if (entries.has(candidate)) return candidate;
    if (path.pop() === undefined) return undefined;
  }
}
