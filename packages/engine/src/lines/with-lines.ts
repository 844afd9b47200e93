// Evidence with the line of the lock file, for what a finding is about: what people and pipelines show beside a line of code.
import { mebibyte } from '@plombe/kit';
import type { Evidence, Package, ScanResult } from '@plombe/model';
import { hasLines, linesOf, type NamedPackage } from './line-of.ts';

/** Returns the content of a file of the tree, undefined where there is none that can be read, or it is larger than this. */
export type ReadTreeFile = (path: string, maxBytes: number) => Uint8Array | undefined;

/** The largest lock files known have some 5 MB. */
const maxFileBytes = 32 * mebibyte;
/** Of all files; what is beyond has no lines. */
const maxTotalBytes = 256 * mebibyte;

/**
 * Returns the result with the lines that could be told. The files are read again, since no parser keeps them; only those that a finding, or one of
 * `also`, rests on.
 */
export function withLines(result: ScanResult, read: ReadTreeFile, also: readonly Package[] = []): ScanResult {
  const lines = new Map<string, Map<string, number>>();
  let left = maxTotalBytes;
  for (const [path, asked] of askedOf(result, also)) {
    const bytes = left > 0 ? read(path, Math.min(left, maxFileBytes)) : undefined;
    if (bytes === undefined) continue;
    left -= bytes.length;
    const names = [...asked.values()];
    const found = linesOf(path, new TextDecoder().decode(bytes), names);
    const known = [...asked.keys()].flatMap((id, index) => {
      const line = found[index];
      return line === undefined ? [] : [[id, line] as const];
    });
    if (known.length > 0) lines.set(path, new Map(known));
  }
  if (lines.size === 0) return result;
  const packages = result.inventory.packages.map((found) => {
    const evidence = found.evidence.map((place) => withLine(place, lines.get(place.path)?.get(found.id)));
    return evidence.some(({ line }) => line !== undefined) ? { ...found, evidence } : found;
  });
  return { ...result, inventory: { ...result.inventory, packages } };
}

/** Which packages are looked for in which file, under the names that their findings give them. */
function askedOf(
  { inventory, match }: ScanResult,
  also: readonly Package[],
): ReadonlyMap<string, Map<string, NamedPackage>> {
  const packages = new Map<string, Package>(inventory.packages.map((found) => [found.id, found]));
  const asked = new Map<string, Map<string, NamedPackage>>();
  const ask = (found: Package, name: string): void => {
    for (const { path } of found.evidence) {
      if (!hasLines(path)) continue;
      const names = asked.get(path) ?? new Map<string, NamedPackage>();
      names.set(found.id, { name, version: found.version });
      asked.set(path, names);
    }
  };
  for (const found of also) {
    const separator = found.type === 'maven' ? ':' : '/';
    ask(found, found.namespace === undefined ? found.name : `${found.namespace}${separator}${found.name}`);
  }
  for (const { packages: ids, packageName } of match.findings) {
    for (const id of ids) {
      const found = packages.get(id);
      if (found !== undefined) ask(found, packageName);
    }
  }
  return asked;
}

function withLine(place: Evidence, line: number | undefined): Evidence {
  return line === undefined ? place : { ...place, line };
}
