// Why Plombe, Trivy and Syft list different packages of the same subject: rules, checked on each difference.
import { type Difference, type Found, type readPlombe } from './packages.ts';

export interface BreadthDifference extends Difference {
  /** Who lists it: `Trivy`, `Syft`, `both` (peers) or `Plombe`. */
  readonly by: string;
}

export interface BreadthComparison {
  readonly counts: { readonly plombe: number; readonly trivy?: number; readonly syft?: number };
  /** In a peer and not in Plombe. */
  readonly missing: readonly BreadthDifference[];
  /** In Plombe and in no peer. */
  readonly more: readonly BreadthDifference[];
}

interface Compared {
  readonly plombe: ReturnType<typeof readPlombe>;
  readonly trivy?: Found;
  readonly syft?: Found;
}

/** What a rule may look at: `type/namespace/name@version`, the file it was found in, and what the other side found. */
interface Subject {
  readonly key: string;
  readonly place: string;
  readonly other: Others;
  readonly owned: boolean;
}

/** What the other side lists, by parts of the key. */
interface Others {
  /** `type name version` without the namespace, in lower case. */
  readonly bare: ReadonlySet<string>;
  /** `type name` without version. */
  readonly names: ReadonlySet<string>;
}

interface Rule {
  readonly why: string;
  readonly test: (subject: Subject) => boolean;
}

const rule = (why: string, test: Rule['test']): Rule => ({ why, test });
const begins =
  (...starts: readonly string[]) =>
  ({ key }: Pick<Subject, 'key'>): boolean =>
    starts.some((start) => key.startsWith(start));

/** Plain names of meta packages of .NET: they bring other packages and no file. */
const withoutFiles =
  /^nuget\/(?:System\..*@4\.3\.0$|System\.Composition@|System\.Diagnostics\.EventLog\.Messages@$|Microsoft\.CodeAnalysis@|Microsoft\.NETCore\.(?:App\.Internal|DotNetHostPolicy)@|runtime\.|runtimepack\.)/;

const missingRules: readonly Rule[] = [
  rule(
    'an archive of Java that says no group: the peer takes the name of the bundle or of the archive for one, Plombe lists it under its coordinates',
    ({ key, other }) => key.startsWith('maven/') && other.bare.has(bareOf(key)),
  ),
  rule('an archive that says no version: nothing can be compared, Plombe lists what is in it', ({ key }) =>
    /^maven\/.*@$/.test(key),
  ),
  rule(
    "the peer's type for the same PEAR package is `pear/`, Plombe's is in the same place",
    ({ key, other }) =>
      key.startsWith('pear/') &&
      [...other.bare].some((bare) => bare.endsWith(` ${bareOf(key).split(' ').slice(1).join(' ')}`)),
  ),
  rule("a main package of Go's own tools, without a version; Plombe lists their standard library", ({ key }) =>
    /^golang\/cmd\/.*@$/.test(key),
  ),
  rule(
    'a native library or launcher of Windows by its resource of versions, which no feed of advisories names',
    begins('binary/'),
  ),
  rule(
    'another number for a package that Plombe lists with the version its deps.json or package says',
    ({ key, other }) => key.startsWith('nuget/') && other.names.has(nameOf(key)),
  ),
  rule('named by a deps.json, and no file of it is there: the framework has it', ({ key }) => withoutFiles.test(key)),
  rule(
    "the shared framework by another name: Plombe lists NuGet's package of the runtime, which advisories name",
    begins('dotnet/'),
  ),
  rule(
    'an assembly whose version is 0.0.0.0, that is none',
    ({ key }) => key.startsWith('nuget/') && key.endsWith('@0.0.0.0'),
  ),
  rule(
    'a program by its resource, listed by Plombe under the name of its package',
    begins('nuget/NuGet Command Line@'),
  ),
  rule(
    'named differently: Plombe has the same program under `otp`, `openjdk` without the build, `php`',
    begins('generic/erlang@', 'generic/oracle/openjdk@', 'generic/php-fpm@'),
  ),
  rule(
    "the peer reads the note of the distribution's package inside the library; Plombe names the software",
    begins('deb/Debian/'),
  ),
  rule(
    "the key of a nested entry of bun.lock taken for the package's name: Plombe lists the package under its own",
    ({ key, other }) => {
      const [, name = '', version = ''] = /^npm\/.*\/([^/@]+)@\1@([^@]+)$/.exec(key) ?? [];
      return other.bare.has(`npm ${name} ${version}`.toLowerCase());
    },
  ),
  rule('the main module of a go.mod, which has no version: it is the tree itself', ({ key }) =>
    /^golang\/.*@$/.test(key),
  ),
  rule(
    "the tree's own crate, which Plombe lists with the type cargo",
    ({ key, other }) => key.startsWith('rust-crate/') && other.bare.has(bareOf(key).replace(/^rust-crate/, 'cargo')),
  ),
  rule("the tree's own workspace, by the version that yarn writes for such", ({ key }) =>
    /^npm\/.*@0\.0\.0-use\.local$/.test(key),
  ),
  rule(
    'in another case, as the identity in Package.resolved and not as the address',
    ({ key, other }) => key.startsWith('swift/') && other.bare.has(bareOf(key)),
  ),
];

const moreRules: readonly Rule[] = [
  rule(
    'of renv.lock, which peers do not read',
    ({ key, place }) => key.startsWith('cran/') && place.endsWith('renv.lock'),
  ),
  rule('an application of Erlang or Elixir, which peers know from lock files alone', begins('otp/', 'hex/')),
  rule('an image that a file of the tree names', begins('docker/', 'oci/')),
  rule('the standard library of the toolchain that a go.mod names', begins('golang/stdlib@')),
  rule("the tree's own package, listed as such and not compared", begins('npm/admin@', 'npm/edge@')),
  rule(
    "NuGet's package of a runtime or a tool, which the peer lists under what the program's resource says",
    ({ key, other }) =>
      begins('nuget/Microsoft.NETCore.App.Runtime.', 'nuget/NuGet@')({ key }) ||
      (key.startsWith('nuget/') && other.names.has(nameOf(key))),
  ),
  rule(
    'a library of a program in a single file, as its own list of dependencies says',
    ({ key, place }) => key.startsWith('nuget/') && place.endsWith('/Sarif.Multitool'),
  ),
  rule('belongs to an OS package: peers leave it out, Plombe lists it once and marks its owner', ({ owned }) => owned),
  rule(
    'an archive of Java that says no group: the peer takes the name of the bundle or of the archive for one',
    ({ key, other }) => key.startsWith('maven/') && other.bare.has(bareOf(key)),
  ),
  rule(
    'an archive that says its version nowhere but in its file name and its manifest: the peers list nothing',
    begins('maven/org.graalvm.sdk/graal-sdk@'),
  ),
  rule('software that no package manager installed, by what its programs and libraries say', begins('generic/')),
];

function nameOf(key: string): string {
  const at = key.lastIndexOf('@');
  return `${key.slice(0, key.indexOf('/'))} ${key.slice(key.lastIndexOf('/', at) + 1, at)}`.toLowerCase();
}

function bareOf(key: string): string {
  return `${nameOf(key)} ${key.slice(key.lastIndexOf('@') + 1)}`;
}

function othersOf(keys: Iterable<readonly [key: string, place: string]>): Others {
  const list = [...keys];
  return {
    bare: new Set(list.map(([key]) => bareOf(key))),
    names: new Set(list.map(([key]) => nameOf(key))),
  };
}

/** Compares by package URL without qualifiers. */
export function compareBreadth({ plombe, trivy, syft }: Compared): BreadthComparison {
  const peers = new Map([...(syft ?? []), ...(trivy ?? [])]);
  const [ours, theirs] = [othersOf(plombe.found), othersOf(peers)];
  const why = (rules: readonly Rule[], other: Others, key: string, place: string): string =>
    rules.find(({ test }) => test({ key, place, other, owned: plombe.owned.has(key) }))?.why ?? 'unexplained';
  const missing = [...peers].filter(([key]) => !plombe.found.has(key));
  const more = [...plombe.found].filter(([key]) => !peers.has(key));
  const by = (key: string): string => (trivy?.has(key) !== true ? 'Syft' : syft?.has(key) !== true ? 'Trivy' : 'both');
  return {
    counts: { plombe: plombe.found.size, ...(trivy && { trivy: trivy.size }), ...(syft && { syft: syft.size }) },
    missing: missing.map(([key, place]) => ({
      package: key,
      place,
      by: by(key),
      explanation: why(missingRules, ours, key, place),
    })),
    more: more.map(([key, place]) => ({
      package: key,
      place,
      by: 'Plombe',
      explanation: why(moreRules, theirs, key, place),
    })),
  };
}
