// go.mod, go.sum and vendor/modules.txt (go.dev/ref/mod).

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
  let block: string | undefined;
  let odd = 0;
  for (const line of text.split(/\r?\n/)) {
    const comment = line.indexOf('//');
    const said = comment < 0 ? '' : line.slice(comment + 2).trim();
    const words = tokens(comment < 0 ? line : line.slice(0, comment));
    if (words.length === 0) continue;
    if (words.length === 1 && words[0] === ')') {
      block = undefined;
      continue;
    }
    if (block === undefined && words[1] === '(') {
      block = words[0];
      continue;
    }
    const [verb, ...rest] = block === undefined ? words : [block, ...words];
    if (verb === 'require') {
      const [path, version] = rest;
      if (path === undefined || version === undefined) odd += 1;
      else requirements.push({ path, version, indirect: /^indirect(?:;|$)/.test(said) });
    } else if (verb === 'replace') {
      const replacement = parseReplacement(rest);
      if (replacement === undefined) odd += 1;
      else replacements.push(replacement);
    } else if (verb !== undefined && rest[0] !== undefined && !single.has(verb)) single.set(verb, rest[0]);
  }
  if (block !== undefined) odd += 1;
  const [module, goVersion, toolchain] = ['module', 'go', 'toolchain'].map((verb) => single.get(verb));
  return {
    ...(module === undefined ? {} : { module }),
    requirements,
    replacements,
    ...(goVersion === undefined ? {} : { goVersion }),
    ...(toolchain === undefined || toolchain === 'default' || toolchain === 'local' ? {} : { toolchain }),
    odd,
  };
}

/** Words of a line; one may be quoted. */
function tokens(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|`([^`]*)`|(\S+)/g)].map(([, double, raw, plain]) => double ?? raw ?? plain ?? '');
}

function parseReplacement(words: readonly string[]): GoReplacement | undefined {
  const arrow = words.indexOf('=>');
  const [path, version] = words.slice(0, Math.max(arrow, 0));
  const [by, byVersion] = words.slice(arrow + 1);
  if (path === undefined || by === undefined) return undefined;
  return { path, ...(version === undefined ? {} : { version }), by, ...(byVersion === undefined ? {} : { byVersion }) };
}

/** Returns the replacement that holds for a module: one for its version before one for all. */
export function replacementOf(path: string, version: string, all: readonly GoReplacement[]): GoReplacement | undefined {
  const own = all.filter((one) => one.path === path);
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
