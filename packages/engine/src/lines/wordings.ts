// How lock files and manifests name a package and its version, a line at a time: what parsers know, but not at which line.

/** One kind of file. Expressions are asked of single lines of at most `maxLineLength` characters. */
export interface Wording {
  /** Of the base name in lower case. */
  readonly file: RegExp;
  /** Matches the line that names a package: groups `name`, and where they stand there `group` and `version`. */
  readonly named: RegExp;
  /** The version, in group 1, where it is on a line of its own below the name. */
  readonly version?: RegExp;
  /** Lines below the name that may hold it; default 2. */
  readonly within?: number;
  /** The first line with the name counts where none has the version: another file, or a property, says it. */
  readonly loose?: boolean;
  /** Names are the same in spite of `-`, `_` and `.` (PEP 503). */
  readonly python?: boolean;
  /** What a line without a `name` is about. */
  readonly always?: string;
}

const jsonKey = /^\s*"(?<name>[^"]+)": ?\{/;
const tomlVersion = /^version = "([^"]+)"/;

/** Every kind whose lines are known. Of a file the first that fits. */
export const wordings: readonly Wording[] = [
  {
    file: /^(?:package-lock|npm-shrinkwrap)\.json$/,
    named: /^\s*"(?:[^"]*node_modules\/)?(?<name>[^"]+)": ?\{/,
    version: /^\s*"version": ?"([^"]+)"/,
  },
  // A package under another name than its own (`npm i mini@npm:minimist`) has its own below.
  {
    file: /^(?:package-lock|npm-shrinkwrap)\.json$/,
    named: /^\s*"name": ?"(?<name>[^"]+)"/,
    version: /^\s*"version": ?"([^"]+)"/,
  },
  { file: /^yarn\.lock$/, named: /^"?(?<name>@?[^@"\s]+)@/, version: /^\s+version:? "?([^"\s]+)/ },
  {
    file: /^pnpm-lock\.yaml$/,
    named: /^ {2}['"]?\/?(?<name>@[^@/\s]+\/[^@/\s]+|[^@/'"\s]+)[@/](?<version>[^:'"(\s]+)/,
  },
  { file: /^bun\.lock$/, named: /^\s*"[^"]+": ?\["(?<name>@?[^@"]+)@(?<version>[^"]+)"/ },
  { file: /^deno\.lock$/, named: /^\s*"(?<name>@?[^@"]+)@(?<version>[^"_]+)[^"]*": ?\{/ },
  { file: /^cargo\.lock$/, named: /^name = "(?<name>[^"]+)"/, version: tomlVersion },
  {
    file: /^(?:(?:poetry|uv|pdm)\.lock|pylock(?:\..+)?\.toml)$/,
    named: /^name = "(?<name>[^"]+)"/,
    version: tomlVersion,
    python: true,
  },
  // The digests stand between name and version.
  { file: /^pipfile\.lock$/, named: jsonKey, version: /^\s*"version": ?"==([^"]+)"/, within: 500, python: true },
  {
    file: /\.(?:txt|in)$/,
    named: /^\s*(?<name>[\w.-]+)\s*(?:\[[^\]]*\])?\s*={2,3}\s*(?<version>[^\s;#\\]+)/,
    python: true,
  },
  { file: /^go\.sum$/, named: /^(?<name>\S+) (?<version>v[^\s/]+)/ },
  { file: /^go\.(?:mod|work)$/, named: /^\s*(?:require\s+)?(?<name>[^\s/]+\.[^\s/]+(?:\/\S+)?)\s+(?<version>v\S+)/ },
  // Both lines of a go.mod that name a Go release, beside the modules above.
  { file: /^go\.(?:mod|work)$/, named: /^(?:toolchain go|go )(?<version>\S+)/, always: 'stdlib' },
  { file: /^(?:gemfile\.lock|gems\.locked)$/, named: /^ {4}(?<name>\S+) \((?<version>[^-)]+)/ },
  { file: /^composer\.lock$/, named: /^\s*"name": ?"(?<name>[^"]+)"/, version: /^\s*"version": ?"([^"]+)"/ },
  { file: /^(?:.*-)?gradle\.lockfile$/, named: /^(?<name>[^:\s]+:[^:\s]+):(?<version>[^=\s]+)=/ },
  {
    file: /^verification-metadata\.xml$/,
    named: /<component group="(?<group>[^"]+)" name="(?<name>[^"]+)" version="(?<version>[^"]+)"/,
  },
  {
    file: /(?:^|\.)pom(?:\.xml)?$/,
    named: /<artifactId>\s*(?<name>[^<\s]+)\s*<\/artifactId>/,
    version: /<version>\s*([^<\s]+)\s*<\/version>/,
    loose: true,
  },
  { file: /^packages\.lock\.json$/, named: jsonKey, version: /^\s*"resolved": ?"([^"]+)"/, within: 4 },
  {
    file: /^(?:packages\.config|directory\.packages\.props|.*\.(?:cs|vb|fs)proj)$/,
    named: /\b(?:id|Include|Update)="(?<name>[^"]+)"(?:.*?\bversion="(?<version>[^"]+)")?/i,
    version: /<Version>\s*([^<\s]+)/,
    loose: true,
  },
  { file: /^pubspec\.lock$/, named: /^ {2}(?<name>\w+):$/, version: /^\s+version: "?([^"\s]+)/, within: 10 },
  { file: /^mix\.lock$/, named: /^\s*"(?<name>[^"]+)": ?\{:hex, [^"]*"(?<version>[^"]+)"/ },
  { file: /^rebar\.lock$/, named: /^[\s[{]*<<"(?<name>[^"]+)">>,\{pkg,<<"[^"]+">>,<<"(?<version>[^"]+)">>/ },
  {
    file: /^package\.resolved$/,
    named: /"(?:location|repositoryURL)" ?: ?"(?:https?:\/\/)?(?<name>[^"]+?)(?:\.git)?"/,
    version: /"version" ?: ?"([^"]+)"/,
    within: 6,
  },
  { file: /^podfile\.lock$/, named: /^ {2}- "?(?<name>[^\s"]+) \((?<version>[^)]+)\)/ },
  { file: /^conan\.lock$/, named: /^\s*"(?<name>[^"/]+)\/(?<version>[^"#@]+)/ },
  { file: /^renv\.lock$/, named: /^\s*"Package": ?"(?<name>[^"]+)"/, version: /^\s*"Version": ?"([^"]+)"/ },
  { file: /^cabal.*\.freeze$/, named: /\bany\.(?<name>\S+) ==(?<version>[^,\s]+)/ },
  { file: /^stack\.yaml\.lock$/, named: /\bhackage: (?<name>\S+)-(?<version>[\d.]+)@/ },
  {
    file: /^manifest(?:-v[\d.]+)?\.toml$/,
    named: /^\[\[(?:deps\.)?(?<name>[^\]]+)\]\]/,
    version: tomlVersion,
    within: 12,
  },
  {
    file: /\.ya?ml$/,
    named: /\b(?:uses|task): *["']?(?<name>[^@/\s"']+(?:\/[^@/\s"']+)?)[^@\s"']*@(?<version>[^\s"'#]+)/,
  },
];
