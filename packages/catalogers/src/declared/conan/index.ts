// Packages of Conan as conan.lock and conanfile.txt declare them (docs.conan.io, "Lockfiles", "conanfile.txt").
import { field, isObject, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { PackageScope, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { reach, type Need } from '../graph.ts';
import { baseName, folderOf, jsonOf, lockFile, manifestFile, textOf } from '../read.ts';

/** conan.lock of Conan 1 and 2; conanfile.txt where there is none. */
export const conanLockCataloger = declaring(
  'conan-lock',
  byBaseName({ 'conan.lock': lockFile, 'conanfile.txt': manifestFile }),
  (files, into) => {
    const locked = new Set<string>();
    const asked = new Map<string, ReadonlyMap<string, PackageScope>>();
    for (const file of files) {
      if (baseName(file.path) === 'conan.lock') locked.add(folderOf(file.path));
      else if (file.truncated) into.unreadable(file, '');
      else asked.set(folderOf(file.path), requirementsIn(textOf(file)));
    }
    for (const file of files) {
      const own = asked.get(folderOf(file.path));
      if (baseName(file.path) === 'conan.lock') {
        const lock = jsonOf(file, into);
        if (lock !== undefined) readConanLock(file, lock, own, into);
      } else if (own !== undefined && own.size > 0 && !locked.has(folderOf(file.path)))
        addRequirements(file, own, into);
    }
  },
);

interface Reference {
  readonly name: string;
  readonly version: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
}

const part = /^[A-Za-z0-9_][\w+.-]{0,199}$/;
/** `NAME/VERSION@USER/CHANNEL#REVISION%TIME`. */
const referencePattern =
  /^([^/@#%\s]{1,200})\/([^/@#%\s]{1,200})(?:@(?:([^/@#%\s]{1,200})\/([^/@#%\s]{1,200}))?)?(?:#([0-9a-z]{1,64}))?(?:%[\d.]{1,40})?$/;

function parseReference(text: string): Reference | undefined {
  const [, name = '', version = '', user, channel, rrev] = referencePattern.exec(text) ?? [];
  if (!part.test(name) || !/^[\w+.~-]+$/.test(version)) return undefined;
  const qualifiers = {
    ...(user === undefined || user === '_' ? {} : { user }),
    ...(channel === undefined || channel === '_' ? {} : { channel }),
    ...(rrev === undefined || rrev === '0' ? {} : { rrev }),
  };
  return { name, version, ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }) };
}

function readConanLock(
  file: RawFile,
  lock: JsonObject,
  asked: ReadonlyMap<string, PackageScope> | undefined,
  into: DeclaredPackages,
): void {
  const nodes = objectField(objectField(lock, 'graph_lock') ?? {}, 'nodes');
  if (nodes !== undefined) return readGraph(file, nodes, into);
  const lists = [
    ['requires', 'runtime'],
    ['build_requires', 'development'],
    ['python_requires', 'development'],
    ['config_requires', 'development'],
  ] as const;
  if (!lists.some(([name]) => Array.isArray(field(lock, name))))
    return into.unreadable(file, 'is no lock file of Conan');
  const names = new Set([...(asked ?? new Map<string, PackageScope>()).keys()].map((one) => one.split('/', 1)[0]));
  for (const [list, scope] of lists) {
    for (const written of textsField(lock, list)) {
      const reference = parseReference(written);
      if (reference === undefined) into.unreadable(file, 'has an entry that is no reference');
      else
        into.add(file, {
          type: 'conan',
          ...reference,
          scope,
          ...(asked === undefined ? {} : { direct: names.has(reference.name) }),
        });
    }
  }
}

/** Conan 1: a graph whose nodes without a reference, or with a path, are the project. */
function readGraph(file: RawFile, nodes: JsonObject, into: DeclaredPackages): void {
  const needs = (entry: JsonObject): readonly Need[] => [
    ...textsField(entry, 'requires').map((key): Need => ({ key, scope: 'runtime' })),
    ...textsField(entry, 'build_requires').map((key): Need => ({ key, scope: 'development' })),
  ];
  const found = new Map<string, { readonly reference: Reference; readonly entry: JsonObject }>();
  const roots: Need[] = [];
  for (const [key, entry] of Object.entries(nodes)) {
    if (!isObject(entry)) continue;
    const written = textField(entry, 'ref') ?? '';
    const reference = parseReference(written);
    const isProject = typeof field(entry, 'path') === 'string' || written === '' || written.startsWith('conanfile.');
    if (isProject) {
      roots.push(...needs(entry));
      if (reference !== undefined) into.add(file, { type: 'conan', ...reference, origin: 'local' });
    } else if (reference === undefined) into.unreadable(file, 'has an entry that is no reference');
    else found.set(key, { reference, entry });
  }
  const needsOf = (key: string): readonly Need[] =>
    needs(found.get(key)?.entry ?? {}).filter((need) => found.has(need.key));
  const reached = reach(
    roots.filter(({ key }) => found.has(key)),
    needsOf,
    (key) => found.get(key)?.reference.name ?? key,
  );
  for (const [key, { reference, entry }] of found) {
    const way = reached.get(key);
    into.add(file, {
      type: 'conan',
      ...reference,
      scope: textField(entry, 'context') === 'build' ? 'development' : way?.scope,
      direct: way?.direct ?? false,
      facts: way?.via === undefined ? undefined : { via: way.via },
    });
  }
}

const sections: ReadonlyMap<string, PackageScope> = new Map([
  ['requires', 'runtime'],
  ['build_requires', 'development'],
  ['tool_requires', 'development'],
  ['test_requires', 'development'],
]);

/** Returns what the sections of a conanfile.txt ask for, as written. */
function requirementsIn(text: string): ReadonlyMap<string, PackageScope> {
  const found = new Map<string, PackageScope>();
  let section: PackageScope | undefined;
  for (const line of text.split(/\r?\n/)) {
    const bare = line.replace(/(?:^|\s)#.*$/, '').trim();
    const [, heading] = /^\[(\w+)\]$/.exec(bare) ?? [];
    if (heading !== undefined) section = sections.get(heading);
    else if (bare !== '' && section !== undefined && !found.has(bare)) found.set(bare, section);
  }
  return found;
}

function addRequirements(file: RawFile, asked: ReadonlyMap<string, PackageScope>, into: DeclaredPackages): void {
  for (const [written, scope] of asked) {
    const reference = parseReference(written);
    if (reference === undefined) into.open(file, written);
    else into.add(file, { type: 'conan', ...reference, scope, direct: true });
  }
  into.missing(
    file,
    'package/dependencies-open',
    'says what the project asks for, but not what that needs; conan.lock would',
  );
}
