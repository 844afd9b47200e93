// The packages of one .NET program or shared framework: what its dependency list and its runtime configuration say was deployed.
import type { FoundPackage } from '@plombe/model';
import type { DependencyList, DeployedLibrary } from './deps.ts';
import { publishedName, runtimePack, sharedFramework } from './frameworks.ts';
import type { RuntimeConfig } from './runtime-config.ts';

export interface Program {
  /** Of the list, or of the program that carries it. */
  readonly path: string;
  readonly list: DependencyList;
  readonly config?: RuntimeConfig;
  readonly configPath?: string;
  /** Says whether an assembly of a library is there, undefined where it has none; absent for a list inside a program, whose files are in it. */
  readonly hasFiles?: (library: DeployedLibrary) => boolean | undefined;
}

/** Returns the packages: each library with its files, projects as parts of the program, frameworks by their runtime packs. */
export function packagesOfProgram({ path, list, config, configPath, hasFiles }: Program): readonly FoundPackage[] {
  // A mere reference has the version of its assembly: where that is there, what it says itself is more.
  const libraries = list.libraries.filter((one) => one.kind !== 'reference' || hasFiles?.(one) !== true);
  const packages = libraries.map((library): FoundPackage => {
    const isMissing = library.kind === 'package' && hasFiles?.(library) === false;
    const name = publishedName(library.name);
    const facts = {
      ...(name === library.name ? {} : { declaredName: library.name }),
      ...(isMissing ? { files: 'missing' } : {}),
      ...(library.kind === 'project' && config !== undefined && config.needed.length > 0
        ? { frameworks: config.needed.map(({ name, version }) => `${name} ${version}`).join(', ') }
        : {}),
      ...(library.kind === 'package' ? {} : { libraryType: library.kind }),
    };
    return {
      ...packageOf(name, library.version, path, configPath),
      ...(isMissing || library.kind === 'reference' ? { weak: true } : {}),
      ...(library.kind === 'project' ? { origin: 'local' as const } : {}),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    };
  });
  const shared = sharedFramework(path);
  const frameworks = [...(shared === undefined ? [] : [shared]), ...(config?.included ?? [])];
  for (const { name, version } of frameworks) {
    const pack = runtimePack(name, version, list.platform);
    const known = packages.some(
      (one) => one.name.toLowerCase().startsWith(`${name.toLowerCase()}.runtime.`) && one.weak !== true,
    );
    const named = packages.some((one) => one.name === pack && one.version === version);
    if (!known && !named) packages.push({ ...packageOf(pack, version, path, configPath), facts: { framework: name } });
  }
  return packages;
}

/** Frameworks that a program brings without a dependency list: by their own names, since nothing tells the platform. */
export function packagesOfConfig(config: RuntimeConfig, path: string): readonly FoundPackage[] {
  return config.included.map(({ name, version }) => ({
    ...packageOf(name, version, path, undefined),
    facts: { framework: name },
  }));
}

function packageOf(name: string, version: string, path: string, other: string | undefined): FoundPackage {
  return { type: 'nuget', name, version, licences: [], paths: other === undefined ? [path] : [path, other] };
}
