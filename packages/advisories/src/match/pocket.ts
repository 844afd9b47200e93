// Archives beside the public one (Ubuntu's ESM and FIPS): what they say counts for images that have them.
import { flavourOf } from '../feeds/oracle/parse.ts';
import type { Statement } from './statements.ts';

/** True where a version is itself one of the pocket's builds: `1.1.1-1ubuntu2+esm1`, `…2.fips.21`. */
export function isFromPocket(version: string, pocket: string): boolean {
  return pocket.startsWith('esm') ? /[+~.]esm\d*\b/.test(version) : /[+~.]fips\b|[+~.]Fips/.test(version);
}

function isPlain({ entry }: Statement): boolean {
  return entry.qualifiers?.pocket === undefined;
}

function hasFixAbove({ verdict }: Statement): boolean {
  return verdict.kind === 'matched' && verdict.fixedVersion !== undefined;
}

/** Ecosystems whose pockets are repositories that an image says it has. */
const byRepository = /^(?:Red Hat|Amazon Linux)(?::|$)/;

function isOfImage({ entry, group }: Statement): boolean {
  return group.target.repositories?.includes(entry.qualifiers?.pocket ?? '') === true;
}

/**
 * What a repository says counts for images that have it, and then instead of what the main ones say of the same vulnerability, unless it
 * has no fix: Red Hat's streams leave to the main one what they do not mend themselves.
 */
function countsInRepository(statement: Statement, all: readonly Statement[]): boolean {
  if (!isPlain(statement)) return isOfImage(statement);
  return !all.some(
    (other) =>
      !isPlain(other) &&
      isOfImage(other) &&
      other.source === statement.source &&
      other.entry.advisory === statement.entry.advisory &&
      settles(other),
  );
}

/** True for a statement that names a fix, or says that there is nothing to fix. */
function settles({ entry, verdict }: Statement): boolean {
  if (verdict.kind === 'elsewhere') return false;
  const hasFix = entry.ranges.some(({ events }) => events.some(({ fixed }) => fixed !== undefined));
  return hasFix || entry.status === 'not_affected';
}

/**
 * True where a statement may make or end a finding. One about a pocket counts for that pocket's builds; one about extended support
 * also for others, since it repairs what the public archive left open, unless the public archive itself says of the same advisory that this version is not affected.
 * Extended support is often not affected because it takes over the public archive's fix: that says nothing of builds older than the fix.
 */
export function countsFor(statement: Statement, all: readonly Statement[]): boolean {
  const { ecosystem, version } = statement.group.target;
  const pocket = statement.entry.qualifiers?.pocket;
  if (byRepository.test(ecosystem)) return countsInRepository(statement, all);
  if (/^Oracle Linux(?::|$)/.test(ecosystem)) return pocket === flavourOf(version);
  if (pocket === undefined) return true;
  return countsOfPocket(statement, pocket, all);
}

function countsOfPocket(
  { entry, group, source, verdict }: Statement,
  pocket: string,
  all: readonly Statement[],
): boolean {
  const plain = all.filter(
    (other) => isPlain(other) && other.source === source && other.entry.advisory === entry.advisory,
  );
  if (isFromPocket(group.target.version, pocket))
    return verdict.kind !== 'vetoed' || !pocket.startsWith('esm') || !plain.some(hasFixAbove);
  if (!pocket.startsWith('esm') || verdict.kind !== 'matched') return false;
  return plain.length === 0 || plain.some((other) => other.verdict.kind === 'matched');
}
