// From the build info of one Go program to packages: main module, dependencies, standard library.
import type { GoBuildInfo, GoModule } from '@plombe/formats';
import { compareText } from '@plombe/kit';
import type { FoundPackage } from '@plombe/model';
import { linkedVersion } from './ldflags.ts';
import { standardLibrary } from './toolchain.ts';

/** Module paths are printable ASCII without spaces, golang.org/x/mod/module CheckPath, loosely. */
const pathPattern = /^[\x21-\x7e]{1,1024}$/;
const versionPattern = /^[\x21-\x7e]{1,256}$/;

/** Settings that help to judge a program. `-ldflags`, `-gcflags` and the like are left out: people put secrets there (T24). */
const settings: ReadonlySet<string> = new Set([
  '-buildmode',
  '-compiler',
  '-race',
  '-tags',
  '-trimpath',
  'CGO_ENABLED',
  'DefaultGODEBUG',
  'GOAMD64',
  'GOARCH',
  'GOARM',
  'GOARM64',
  'GOEXPERIMENT',
  'GOFIPS140',
  'GOOS',
  'vcs',
  'vcs.modified',
  'vcs.revision',
  'vcs.time',
]);

/** Returns the packages of a program, in the order main module, dependencies, standard library; each module and version once. */
export function modulesOf(info: GoBuildInfo, path: string): readonly FoundPackage[] {
  const library = standardLibrary(info.toolchain);
  const modules = [
    ...(info.main === undefined ? [] : [mainModule(info, info.main, path)]),
    ...info.dependencies.map((dependency) => moduleOf(dependency, path)),
    ...(library === undefined ? [] : [{ ...library, type: 'golang', name: 'stdlib', licences: [], paths: [path] }]),
  ];
  const seen = new Set<string>();
  return modules.filter((found): found is FoundPackage => {
    if (found === undefined) return false;
    const key = `${found.namespace ?? ''}/${found.name}@${found.version}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function moduleOf(module: GoModule, path: string): FoundPackage | undefined {
  const { replacement } = module;
  if (replacement === undefined) return packageOf(module.path, module.version, path, {});
  if (isFolder(replacement.path)) {
    const found = packageOf(module.path, module.version, path, { replacedBy: replacement.path });
    return found && { ...found, weak: true };
  }
  const replaces = module.version === '' ? module.path : `${module.path}@${module.version}`;
  return packageOf(replacement.path, replacement.version, path, { replaces });
}

/** What was built from a folder of the build machine is the module it stands for, in a state nobody can tell. */
function isFolder(path: string): boolean {
  return path.startsWith('.') || path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

function packageOf(
  modulePath: string,
  version: string,
  path: string,
  facts: Readonly<Record<string, string>>,
): FoundPackage | undefined {
  if (!pathPattern.test(modulePath)) return undefined;
  const slash = modulePath.lastIndexOf('/');
  const name = modulePath.slice(slash + 1);
  if (name === '') return undefined;
  return {
    type: 'golang',
    ...(slash <= 0 ? {} : { namespace: modulePath.slice(0, slash) }),
    name,
    version: versionPattern.test(version) ? version : '(devel)',
    licences: [],
    paths: [path],
    ...(Object.keys(facts).length === 0 ? {} : { facts: sorted(facts) }),
  };
}

/**
 * The main module. One built from a working copy says `(devel)`: then a version given to the linker counts, which is weaker. Its
 * commit is told as a fact but makes no version: a pseudo-version without the last tag before it (`v0.0.0-…`) would sort below
 * every fix.
 */
function mainModule(info: GoBuildInfo, main: GoModule, path: string): FoundPackage | undefined {
  const facts: Record<string, string> = {};
  for (const [key, value] of info.settings) if (settings.has(key)) facts[`buildSetting.${key}`] = value;
  if (info.mainPackage !== undefined) facts['mainPackage'] = info.mainPackage;
  if (info.toolchain !== '') facts['toolchain'] = info.toolchain;
  const found = moduleOf(main, path);
  if (found === undefined) return undefined;
  const all = { ...found.facts, ...facts };
  if (found.version !== '(devel)') return { ...found, facts: sorted(all) };
  const linked = linkedVersion(info.settings.get('-ldflags') ?? '');
  if (linked !== undefined) {
    return {
      ...found,
      version: linked.version,
      weak: true,
      facts: sorted({ ...all, versionFrom: `-X ${linked.symbol}` }),
    };
  }
  return { ...found, facts: sorted(all) };
}

function sorted(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).sort(([a], [b]) => compareText(a, b)));
}
