// go.mod, go.work, go.sum and vendor/modules.txt (go.dev/ref/mod).

/** A module that a file asks for. */
export interface GoRequirement {
  readonly path: string;
  readonly version: string;
  readonly indirect: boolean;
}

/** What stands in for a module, at one version of it or at all. */
export interface GoReplacement {
  readonly path: string;
  readonly version?: string;
  /** A module path with a version, or a folder without. */
  readonly by: string;
  readonly byVersion?: string;
}

export interface GoMod {
  readonly module?: string;
  readonly requirements: readonly GoRequirement[];
  readonly replacements: readonly GoReplacement[];
  /** `1.21`, `1.22.3`: the least version of the language and standard library. */
  readonly goVersion?: string;
  /** `go1.22.3`: the toolchain that is used at least, where this is the main module. */
  readonly toolchain?: string;
}

/** Reads a go.mod. Lines that are none of the grammar are left out and counted in `odd`, and so is a block without an end. */
export function parseGoMod(text: string): GoMod & { readonly odd: number } {
  const requirements: GoRequirement[] = [];
  const replacements: GoReplacement[] = [];
  const single = new Map<string, string>();
  const { directives, isWhole } = directivesOf(text);
  let odd = isWhole ? 0 : 1;
  for (const { verb, words, comment } of directives) {
    if (verb === 'require') {
      const [path, version] = words;
      if (path === undefined || version === undefined) odd += 1;
      else requirements.push({ path, version, indirect: /^indirect(?:;|$)/.test(comment) });
    } else if (verb === 'replace') {
      const replacement = parseReplacement(words);
      if (replacement === undefined) odd += 1;
      else replacements.push(replacement);
    } else if (words[0] !== undefined && !single.has(verb)) single.set(verb, words[0]);
  }
  const module = single.get('module');
  return { ...(module === undefined ? {} : { module }), requirements, replacements, ...releasesOf(single), odd };
}

/** What a go.work says: the folders of its modules, as written, and what stands in for others in all of them. */
export interface GoWork extends Pick<GoMod, 'goVersion' | 'toolchain' | 'replacements'> {
  readonly uses: readonly string[];
}

/** Reads a go.work (go.dev/ref/mod, "Workspaces"), by the rules of `parseGoMod`. */
export function parseGoWork(text: string): GoWork & { readonly odd: number } {
  const uses: string[] = [];
  const replacements: GoReplacement[] = [];
  const single = new Map<string, string>();
  const { directives, isWhole } = directivesOf(text);
  let odd = isWhole ? 0 : 1;
  for (const { verb, words } of directives) {
    const replacement = verb === 'replace' ? parseReplacement(words) : undefined;
    if (replacement !== undefined) replacements.push(replacement);
    else if (verb === 'replace' || words[0] === undefined) odd += 1;
    else if (verb === 'use') uses.push(words[0]);
    else if (!single.has(verb)) single.set(verb, words[0]);
  }
  return { uses, replacements, ...releasesOf(single), odd };
}

function releasesOf(single: ReadonlyMap<string, string>): Pick<GoMod, 'goVersion' | 'toolchain'> {
  const [goVersion, toolchain] = ['go', 'toolchain'].map((verb) => single.get(verb));
  return {
    ...(goVersion === undefined ? {} : { goVersion }),
    ...(toolchain === undefined || toolchain === 'default' || toolchain === 'local' ? {} : { toolchain }),
  };
}

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
  readonly comment: string;
}

/** The lines of a file, those of a block with the word before it; not whole where a block has no end. */
function directivesOf(text: string): { readonly directives: readonly Directive[]; readonly isWhole: boolean } {
  const directives: Directive[] = [];
  let block: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('//');
    const comment = at < 0 ? '' : line.slice(at + 2).trim();
    const words = tokens(at < 0 ? line : line.slice(0, at));
    const [first] = words;
    if (first === undefined) continue;
    if (words.length === 1 && first === ')') block = undefined;
    else if (block !== undefined) directives.push({ verb: block, words, comment });
    else if (words[1] === '(') block = first;
    else directives.push({ verb: first, words: words.slice(1), comment });
  }
  return { directives, isWhole: block === undefined };
}

/** Words of a line; one may be quoted. */
function tokens(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|`([^`]*)`|(\S+)/g)].map(([, double, raw, plain]) => double ?? raw ?? plain ?? '');
}

function parseReplacement(words: readonly string[]): GoReplacement | undefined {
  const arrow = words.indexOf('=>');
  const [path, version] = words.slice(0, Math.max(arrow, 0));
  const [by, byVersion] = words.slice(arrow + 1);
  // Without a version it is a folder, which is written as one.
  if (path === undefined || by === undefined || (byVersion === undefined && !isFolder(by))) return undefined;
  return { path, ...(version === undefined ? {} : { version }), by, ...(byVersion === undefined ? {} : { byVersion }) };
}

function isFolder(place: string): boolean {
  return /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:)/.test(place);
}

/** Replacements by the path of what they replace. */
export type Replacements = ReadonlyMap<string, readonly GoReplacement[]>;

/** Orders replacements by what they replace: a file may have as many of them as requirements. */
export function byPath(all: Iterable<GoReplacement>): Replacements {
  const found = new Map<string, GoReplacement[]>();
  for (const one of all) {
    const known = found.get(one.path);
    if (known === undefined) found.set(one.path, [one]);
    else known.push(one);
  }
  return found;
}

/** Returns the replacement that holds for a module: one for its version before one for all. */
export function replacementOf(path: string, version: string, all: Replacements): GoReplacement | undefined {
  const own = all.get(path) ?? [];
  return own.find((one) => one.version === version) ?? own.find((one) => one.version === undefined);
}

/** Returns the modules of a go.sum whose content it has the sum of: lines of a go.mod alone are of modules that were only looked at. */
export function parseGoSum(text: string): readonly GoRequirement[] {
  const found: GoRequirement[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [path, version, sum] = line.split(' ');
    if (path === undefined || version === undefined || sum?.startsWith('h1:') !== true) continue;
    if (!version.endsWith('/go.mod')) found.push({ path, version, indirect: true });
  }
  return found;
}

/** Returns the paths of all modules that a go.sum has any sum of, and whether each of its lines is one of a sum. */
export function sumsOf(text: string): { readonly paths: ReadonlySet<string>; readonly isWhole: boolean } {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const sums = lines.filter((line) => /^\S{1,2000} v\S{1,500} h1:[\w+/]{43}=$/.test(line));
  return {
    paths: new Set(sums.map((line) => line.slice(0, line.indexOf(' ')))),
    isWhole: sums.length === lines.length,
  };
}

/** Returns the modules of a vendor/modules.txt: `# module version`, with `=>` what stands in for it. */
export function parseVendor(text: string): {
  readonly requirements: readonly GoRequirement[];
  readonly replacements: readonly GoReplacement[];
} {
  const requirements: GoRequirement[] = [];
  const replacements: GoReplacement[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('# ')) continue;
    const words = line.slice(2).trim().split(/\s+/);
    const replacement = words.includes('=>') ? parseReplacement(words) : undefined;
    if (replacement !== undefined) replacements.push(replacement);
    const [path, version] = words;
    // `# module => other` without a version repeats a replacement.
    if (path !== undefined && version !== undefined && version !== '=>')
      requirements.push({ path, version, indirect: true });
  }
  return { requirements, replacements };
}
