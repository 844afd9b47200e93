// The line of a lock file that names a package: found in its text once more, for the few packages that a finding is about.
import { type Wording, wordings } from './wordings.ts';

/** As advisories of the ecosystem write the name: `@scope/name`, `group:artifact`. */
export interface NamedPackage {
  readonly name: string;
  readonly version: string;
}

/** The line of a package is never so long; a file in one line has no lines to tell apart. */
const maxLineLength = 4096;

/** True where lines of such a file can be told. */
export function hasLines(path: string): boolean {
  return wordingsOf(path).length > 0;
}

/**
 * Returns the line, from 1, that names each of these packages in its version; undefined for one that the file does not name as files of its kind do.
 * One pass over the text, whatever is asked.
 */
export function linesOf(
  path: string,
  text: string,
  packages: readonly NamedPackage[],
): readonly (number | undefined)[] {
  const lines = text.split('\n');
  const found = wordingsOf(path).map((wording) => search(lines, wording, packages));
  return packages.map((_, index) => found.map((numbers) => numbers[index]).find((number) => number !== undefined));
}

function wordingsOf(path: string): readonly Wording[] {
  const base = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const [first] = wordings.filter(({ file }) => file.test(base));
  return first === undefined ? [] : wordings.filter(({ file }) => file.source === first.file.source);
}

function search(lines: readonly string[], wording: Wording, packages: readonly NamedPackage[]): (number | undefined)[] {
  const { named, loose = false, always } = wording;
  const wanted = new Map<string, number[]>();
  for (const [index, { name }] of packages.entries()) {
    const keys = new Set([
      keyOf(name, wording),
      ...(loose ? [keyOf(name.slice(name.lastIndexOf(':') + 1), wording)] : []),
    ]);
    for (const key of keys) wanted.set(key, [...(wanted.get(key) ?? []), index]);
  }
  const exact: (number | undefined)[] = packages.map(() => undefined);
  const first: (number | undefined)[] = packages.map(() => undefined);
  for (const [at, line] of lines.entries()) {
    const groups = line.length > maxLineLength ? undefined : named.exec(line)?.groups;
    if (groups === undefined) continue;
    const name = always ?? (groups['group'] === undefined ? groups['name'] : `${groups['group']}:${groups['name']}`);
    const asked = wanted.get(keyOf(name ?? '', wording));
    if (asked === undefined) continue;
    const version = plain(groups['version'] ?? versionBelow(lines, at, wording));
    for (const index of asked) {
      first[index] ??= at + 1;
      if (version === plain(packages[index]?.version)) exact[index] ??= at + 1;
    }
  }
  return exact.map((number, index) => number ?? (loose ? first[index] : undefined));
}

/** The version in this line or those below; the next name ends the search. */
function versionBelow(
  lines: readonly string[],
  at: number,
  { version, named, within = 2 }: Wording,
): string | undefined {
  if (version === undefined) return undefined;
  for (let next = at; next <= at + within && next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (line.length > maxLineLength || (next > at && named.test(line))) return undefined;
    const found = version.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function keyOf(name: string, { python = false }: Wording): string {
  const lower = name.toLowerCase();
  return python ? lower.replace(/[-_.]+/g, '-') : lower;
}

/** Without the `v` that some files and some advisories put before it. */
function plain(version: string | undefined): string | undefined {
  return version?.trim().replace(/^v(?=\d)/, '');
}
