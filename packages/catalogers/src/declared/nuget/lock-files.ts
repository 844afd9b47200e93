// Lists of what NuGet resolved: packages.lock.json, project.assets.json, packages.config.
import { parseXml } from '@plombe/formats';
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { PackageScope, RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { reach, type Need } from '../graph.ts';
import { textOf } from '../read.ts';
import { addPackage } from './package.ts';

interface Node {
  readonly name: string;
  readonly version: string | undefined;
  readonly needs: readonly string[];
}

/** Adds what is reached in one graph; what nothing leads to counts as what runs. */
function addGraph(
  file: RawFile,
  nodes: ReadonlyMap<string, Node>,
  roots: readonly Need[],
  facts: Readonly<Record<string, string>>,
  into: DeclaredPackages,
): void {
  const known = ({ key }: Need): boolean => nodes.has(key);
  const needsOf = (key: string): readonly Need[] =>
    (nodes.get(key)?.needs ?? []).map((need): Need => ({ key: need, scope: 'runtime' })).filter(known);
  const reached = reach(roots.filter(known), needsOf, (key) => nodes.get(key)?.name ?? key);
  // A package may be of another version in each framework.
  const keyIn = (key: string): string => `${facts['framework'] ?? ''}\0${key}`;
  for (const [key, { name, version }] of nodes) {
    if (version === undefined) continue;
    const way = reached.get(key);
    addPackage(file, into, name, version, {
      scope: way?.scope,
      direct: way?.direct ?? false,
      links: { key: keyIn(key), needs: needsOf(key).map((need) => keyIn(need.key)) },
      facts: { ...facts, ...(way?.via === undefined ? {} : { via: way.via }) },
    });
  }
}

/**
 * Reads packages.lock.json, versions 1 and 2. `development` are names in lower case that the project beside asks for its build only. Projects of the
 * solution have no version there: they only lead to what they need.
 */
export function readPackagesLock(
  file: RawFile,
  lock: JsonObject,
  development: ReadonlySet<string>,
  into: DeclaredPackages,
): void {
  const frameworks = objectField(lock, 'dependencies');
  if (frameworks === undefined) return into.unreadable(file, 'is no lock file of NuGet: it has no dependencies');
  for (const [framework, list] of Object.entries(frameworks)) {
    const nodes = new Map<string, Node>();
    const roots: Need[] = [];
    for (const [name, entry] of Object.entries(isObject(list) ? list : {})) {
      if (!isObject(entry)) {
        into.unreadable(file, 'has an entry that is no object');
        continue;
      }
      const key = name.toLowerCase();
      const type = textField(entry, 'type');
      const needs = Object.keys(objectField(entry, 'dependencies') ?? {}).map((one) => one.toLowerCase());
      nodes.set(key, { name, version: type === 'Project' ? undefined : (textField(entry, 'resolved') ?? ''), needs });
      if (type === 'Direct' || type === 'Project')
        roots.push({ key, scope: development.has(key) ? 'development' : 'runtime' });
    }
    addGraph(file, nodes, roots, { framework }, into);
  }
}

/** Reads obj/project.assets.json, version 3: what the last restore resolved for each framework. */
export function readAssets(file: RawFile, assets: JsonObject, into: DeclaredPackages): void {
  const targets = objectField(assets, 'targets');
  if (targets === undefined) return into.unreadable(file, 'is no list of assets: it has no targets');
  const asked = objectField(objectField(assets, 'project') ?? {}, 'frameworks') ?? {};
  const scopes = new Map<string, PackageScope>();
  for (const framework of Object.values(asked)) {
    if (!isObject(framework)) continue;
    for (const [name, entry] of Object.entries(objectField(framework, 'dependencies') ?? {})) {
      const isPrivate = isObject(entry) && /^all$/i.test(textField(entry, 'suppressParent') ?? '');
      const key = name.toLowerCase();
      if (!isPrivate || !scopes.has(key)) scopes.set(key, isPrivate ? 'development' : 'runtime');
    }
  }
  for (const [framework, list] of Object.entries(targets)) {
    const nodes = new Map<string, Node>();
    const roots = [...scopes].map(([key, scope]): Need => ({ key, scope }));
    for (const [written, entry] of Object.entries(isObject(list) ? list : {})) {
      const slash = written.indexOf('/');
      const name = written.slice(0, Math.max(slash, 0));
      const isProject = isObject(entry) && textField(entry, 'type') === 'project';
      const needs = Object.keys((isObject(entry) && objectField(entry, 'dependencies')) || {});
      const key = name.toLowerCase();
      nodes.set(key, {
        name,
        version: isProject ? undefined : written.slice(slash + 1),
        needs: needs.map((one) => one.toLowerCase()),
      });
      if (isProject) roots.push({ key, scope: 'runtime' });
    }
    addGraph(file, nodes, roots, { framework }, into);
  }
}

/** Reads packages.config: versions are exact, and what packages need in turn is listed too. Throws XmlError. */
export function readPackagesConfig(file: RawFile, into: DeclaredPackages): void {
  let root: string | undefined;
  parseXml(textOf(file), {
    open: ({ name }) => void (root ??= name),
    close: ({ name, attributes, path }) => {
      if (name !== 'package' || path.length !== 1) return;
      const framework = attributes['targetFramework'];
      addPackage(file, into, attributes['id'] ?? '', attributes['version'] ?? '', {
        scope: attributes['developmentDependency']?.toLowerCase() === 'true' ? 'development' : 'runtime',
        facts: framework === undefined ? {} : { framework },
      });
    },
  });
  if (root !== 'packages') into.unreadable(file, 'is no list of packages');
}
