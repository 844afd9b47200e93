// What project files of MSBuild ask for (learn.microsoft.com, "PackageReference in project files", "Central Package Management"). Conditions are
// not evaluated: what any of them asks for counts.
import { parseXml } from '@plombe/formats';

export interface PackageReference {
  readonly name: string;
  /** As written, with `$(…)` in it; empty where a central file says it. */
  readonly version: string;
  /** True where it is for the build only (`PrivateAssets="all"`). */
  readonly isPrivate: boolean;
}

/** What is kept of a project file, of Directory.Build.props and Directory.Packages.props. */
export interface ProjectFile {
  readonly properties: ReadonlyMap<string, string>;
  readonly references: readonly PackageReference[];
  /** Central versions, by name in lower case. */
  readonly central: ReadonlyMap<string, string>;
  /** References of all projects below, for the build only. */
  readonly global: readonly PackageReference[];
}

/** A solution of 300 projects has 500 central versions. */
const maxEntries = 20_000;
const items: ReadonlySet<string> = new Set(['PackageReference', 'PackageVersion', 'GlobalPackageReference']);

/** Reads a file; undefined where its root is another element. Throws XmlError where it is no XML. */
export function parseProjectFile(text: string): ProjectFile | undefined {
  const properties = new Map<string, string>();
  const references = new Map<string, PackageReference>();
  const global = new Map<string, PackageReference>();
  const central = new Map<string, string>();
  let within = new Map<string, string>();
  let root: string | undefined;
  parseXml(text, {
    open: ({ name }) => {
      root ??= name;
      if (items.has(name)) within = new Map();
    },
    close: ({ name, path, text: written, attributes }) => {
      const value = written.trim();
      const parent = path.at(-1) ?? '';
      if (parent === 'PropertyGroup' && properties.size < maxEntries) properties.set(name.toLowerCase(), value);
      else if (items.has(parent)) within.set(name, value);
      else if (items.has(name) && parent === 'ItemGroup') {
        const of = (key: string): string | undefined => attributes[key]?.trim() ?? within.get(key);
        // A list with semicolons names several.
        for (const one of (of('Include') ?? of('Update') ?? '').split(';').slice(0, maxEntries)) {
          const named = one.trim();
          const key = named.toLowerCase();
          if (named === '' || references.size + central.size + global.size >= maxEntries) continue;
          if (name === 'PackageVersion') {
            const version = of('Version');
            if (version !== undefined) central.set(key, version);
            continue;
          }
          const list = name === 'PackageReference' ? references : global;
          const known = list.get(key);
          if (known === undefined && attributes['Include'] === undefined) continue;
          const isPrivate = name !== 'PackageReference' || /(?:^|;)\s*all\s*(?:;|$)/i.test(of('PrivateAssets') ?? '');
          const version = of('VersionOverride') ?? of('Version') ?? known?.version ?? '';
          list.set(key, { name: known?.name ?? named, version, isPrivate: isPrivate || known?.isPrivate === true });
        }
      }
    },
  });
  if (root !== 'Project') return undefined;
  return { properties, references: [...references.values()], central, global: [...global.values()] };
}
