// The poms of a tree together: parents, properties, managed versions, imported lists.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { folderOf, pathWithin, textOf } from '../read.ts';
import { isExact, mavenPackage } from './coordinates.ts';
import { parseSourcePom, type PomDependency, type SourcePom } from './pom.ts';

/** Parents that inherit from each other in a circle end here; real ones are under ten deep. */
const maxParents = 16;
/** Properties in properties. */
const maxExpansions = 32;
/** Lists that import lists; real ones three deep. */
const maxImports = 16;

/** Dependencies, inherited and managed ones too, that are looked at for all poms: a parent of 20,000 under 10,000 children ends here. (T07) */
const maxLookedAt = 2_000_000;

interface Placed {
  readonly file: RawFile;
  readonly pom: SourcePom;
}

/** Reads all pom.xml of a tree. */
export function readPoms(files: readonly RawFile[], into: DeclaredPackages): void {
  const poms = new Map<string, Placed>();
  for (const file of files) {
    if (file.truncated) {
      into.unreadable(file, '');
      continue;
    }
    let pom: SourcePom | undefined;
    try {
      pom = parseSourcePom(textOf(file));
    } catch {
      into.unreadable(file, 'is not valid XML');
      continue;
    }
    if (pom === undefined) into.unreadable(file, 'is no pom.xml');
    else poms.set(file.path, { file, pom });
  }
  const tree = new Tree(poms);
  for (const placed of poms.values()) tree.add(placed, into);
}

class Tree {
  readonly #byPath: ReadonlyMap<string, Placed>;
  readonly #byName: ReadonlyMap<string, Placed>;
  readonly #managed = new Map<Placed, ReadonlyMap<string, PomDependency>>();
  #left = maxLookedAt;

  constructor(byPath: ReadonlyMap<string, Placed>) {
    this.#byPath = byPath;
    this.#byName = new Map(
      [...byPath.values()].map((placed) => [`${placed.pom.group}:${placed.pom.artifact}`, placed]),
    );
  }

  add(placed: Placed, into: DeclaredPackages): void {
    const { file, pom } = placed;
    const chain = this.#lineage(placed);
    const properties = propertiesOf(chain);
    const own = mavenPackage(expand(pom.group, properties), pom.artifact, expand(pom.version, properties), {
      origin: 'local',
    });
    if (own !== undefined && isExact(own.version)) into.add(file, own);
    for (const { pom: holder } of chain) this.#left -= holder.dependencies.length + holder.managed.length;
    if (this.#left < 0) {
      into.missing(file, 'archive/limit', 'inherits more than is looked at; what it asks for is left out');
      return;
    }
    const managed = this.#managedBy(placed, 0);
    let asks = false;
    const seen = new Set<string>();
    for (const { pom: holder } of chain) {
      for (const dependency of holder.dependencies) {
        const key = keyOf(dependency, properties);
        if (seen.has(key)) continue;
        seen.add(key);
        const known = this.#resolve(dependency, managed.get(key), properties);
        if (this.#declare(file, known, into)) asks = true;
      }
    }
    if (asks)
      into.missing(
        file,
        'package/dependencies-open',
        'says what the project asks for, but not what that needs in turn',
      );
  }

  /** Adds what is asked for; true where it is from a repository and may need more. */
  #declare(
    file: RawFile,
    { group, artifact, version, scope, optional, type, classifier }: PomDependency,
    into: DeclaredPackages,
  ): boolean {
    const local = this.#byName.has(`${group}:${artifact}`);
    const exact = /^\[([^,[\]()]+)\]$/.exec(version)?.[1] ?? version;
    const declared = mavenPackage(group, artifact, exact, {
      scope: scope === 'test' ? 'development' : 'runtime',
      ...(local ? { origin: 'local' as const } : { direct: true }),
      facts: {
        ...(scope === '' || scope === 'compile' || scope === 'test' ? {} : { mavenScope: scope }),
        ...(optional ? { mavenOptional: 'true' } : {}),
        ...(type === 'jar' ? {} : { mavenType: type }),
        ...(classifier === '' ? {} : { classifier }),
      },
    });
    if (declared === undefined || !isExact(exact)) {
      if (!local) into.open(file, `${group}:${artifact}${version === '' ? '' : `:${version}`}`);
    } else into.add(file, declared);
    return !local;
  }

  #resolve(
    dependency: PomDependency,
    managed: PomDependency | undefined,
    properties: ReadonlyMap<string, string>,
  ): PomDependency {
    const version = dependency.version === '' ? (managed?.version ?? '') : dependency.version;
    const scope = dependency.scope === '' ? (managed?.scope ?? '') : dependency.scope;
    return {
      ...dependency,
      group: expand(dependency.group, properties),
      artifact: expand(dependency.artifact, properties),
      version: expand(version, properties),
      scope: expand(scope, properties),
      optional: dependency.optional || managed?.optional === true,
    };
  }

  /** The pom and those it inherits from, as far as they are in the tree. */
  #lineage(placed: Placed): readonly Placed[] {
    const chain = [placed];
    for (let next: Placed | undefined = placed; next !== undefined && chain.length < maxParents;) {
      next = this.#parentOf(next);
      if (next === undefined || chain.includes(next)) break;
      chain.push(next);
    }
    return chain;
  }

  #parentOf({ file, pom: { parent } }: Placed): Placed | undefined {
    if (parent === undefined) return undefined;
    const written = parent.relativePath ?? '../pom.xml';
    const path = written === '' ? undefined : pathWithin(folderOf(file.path), written);
    const beside = path === undefined ? undefined : (this.#byPath.get(path) ?? this.#byPath.get(`${path}/pom.xml`));
    const isMeant = beside?.pom.artifact === parent.artifact && beside.pom.group === parent.group;
    return isMeant ? beside : this.#byName.get(`${parent.group}:${parent.artifact}`);
  }

  /** Managed dependencies: the pom's own before inherited ones before imported ones. */
  #managedBy(placed: Placed, depth: number): ReadonlyMap<string, PomDependency> {
    const known = this.#managed.get(placed);
    if (known !== undefined) return known;
    const found = new Map<string, PomDependency>();
    // A list that imports itself finds what is known so far.
    this.#managed.set(placed, found);
    const chain = this.#lineage(placed);
    const properties = propertiesOf(chain);
    const imports: PomDependency[] = [];
    for (const { pom } of chain) {
      for (const dependency of pom.managed) {
        if (dependency.scope === 'import') imports.push(dependency);
        const key = keyOf(dependency, properties);
        if (dependency.scope !== 'import' && !found.has(key))
          found.set(key, { ...dependency, version: expand(dependency.version, properties) });
      }
    }
    for (const { group, artifact } of imports) {
      const imported = this.#byName.get(`${expand(group, properties)}:${expand(artifact, properties)}`);
      if (imported === undefined || depth >= maxImports) continue;
      const list = this.#managedBy(imported, depth + 1);
      this.#left -= list.size;
      if (this.#left < 0) break;
      for (const [key, dependency] of list) if (!found.has(key)) found.set(key, dependency);
    }
    return found;
  }
}

function keyOf({ group, artifact, type, classifier }: PomDependency, properties: ReadonlyMap<string, string>): string {
  return [group, artifact, type, classifier].map((text) => expand(text, properties)).join(':');
}

/** Properties as the first pom sees them: its own before inherited ones, and what is known of the project itself. */
function propertiesOf(chain: readonly Placed[]): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const { pom } of chain)
    for (const [key, value] of pom.properties) if (!properties.has(key)) properties.set(key, value);
  const [first] = chain;
  if (first === undefined) return properties;
  const { group, artifact, version, parent } = first.pom;
  const values = { groupId: group, artifactId: artifact, version };
  for (const prefix of ['project.', 'pom.', '']) {
    for (const [key, value] of Object.entries(values))
      if (!properties.has(`${prefix}${key}`)) properties.set(`${prefix}${key}`, value);
  }
  if (parent !== undefined) {
    properties.set('project.parent.version', parent.version);
    properties.set('project.parent.groupId', parent.group);
  }
  return properties;
}

/** Replaces `${name}` again and again, at most 32 times in all: a property that names itself stays as it is. */
function expand(text: string, properties: ReadonlyMap<string, string>): string {
  let result = text;
  for (let left = maxExpansions; left > 0; left--) {
    const found = /\$\{([^${}]{1,256})\}/.exec(result);
    const value = found === null ? undefined : properties.get(found[1] as string);
    if (found === null || value === undefined || value.length + result.length > 1024) break;
    result = result.slice(0, found.index) + value + result.slice(found.index + found[0].length);
  }
  return result;
}
