// Joins statements about the same vulnerability: the alias closure, in which one flaw has many ids.
import { compareText, sortedUnique } from '@plombe/kit';
import type { AdvisoryBody } from '../database/body.ts';
import type { AdvisorySource } from '../database/open.ts';
import type { Statement } from './statements.ts';

/** Statements about one vulnerability, with every id it goes by. */
export interface VulnerabilityGroup {
  readonly ids: ReadonlySet<string>;
  readonly statements: readonly Statement[];
}

const cvePattern = /^CVE-\d{4}-\d{4,}$/;

/** True for a CVE id. */
export function isCve(id: string): boolean {
  return cvePattern.test(id);
}

/** Ids followed from one advisory; the largest real closure has under 20, and a hostile chain must end. */
const maxClosureIds = 200;

/**
 * Returns the ids of the vulnerabilities that an advisory is about, one set each. Its id and aliases are one vulnerability. An
 * erratum (a vendor's advisory about several flaws: no CVE of its own, but CVEs it is `upstream` of, or for rpm `related` to) is about each of them.
 */
export function vulnerabilitiesOf(
  body: AdvisoryBody,
  sources: readonly AdvisorySource[],
  isSystem: boolean,
): ReadonlySet<string>[] {
  const own = new Set([body.id, ...body.aliases]);
  if ([...own].some(isCve)) return [own];
  const fixed = isSystem ? fixedFlaws(body) : [];
  if (fixed.length > 0) return fixed.map((id) => new Set([id]));
  follow(own, sources);
  return [own];
}

function fixedFlaws(body: AdvisoryBody): string[] {
  const upstream = body.upstream.filter(isCve);
  return sortedUnique(upstream.length > 0 ? upstream : body.related.filter(isCve));
}

/** Adds the aliases that other advisories know of these ids, until a CVE is found or nothing new is. */
function follow(ids: Set<string>, sources: readonly AdvisorySource[]): void {
  for (const id of ids) {
    for (const { shard } of sources) {
      const named = shard.namedBy(id).filter(({ kind }) => kind === 'alias');
      for (const other of [id, ...named.map(({ advisory }) => advisory)]) {
        const body = shard.advisory(other);
        if (body === undefined || body.withdrawnAt !== undefined) continue;
        for (const alias of [body.id, ...body.aliases]) if (ids.size < maxClosureIds) ids.add(alias);
      }
    }
    if (ids.size >= maxClosureIds) return;
  }
}

/** Joins statements whose ids meet, in the order of their first statement. */
export function groupByVulnerability(
  statements: readonly Statement[],
  sources: readonly AdvisorySource[],
  isSystem: boolean,
): VulnerabilityGroup[] {
  const groups: { ids: Set<string>; statements: Statement[] }[] = [];
  const byId = new Map<string, (typeof groups)[number]>();
  for (const statement of statements) {
    for (const ids of vulnerabilitiesOf(statement.body(), sources, isSystem)) {
      const met = new Set([...ids].map((id) => byId.get(id)).filter((group) => group !== undefined));
      const [first = { ids: new Set<string>(), statements: [] }, ...rest] = met;
      if (met.size === 0) groups.push(first);
      for (const other of rest) {
        for (const id of other.ids) first.ids.add(id);
        first.statements.push(...other.statements);
        groups.splice(groups.indexOf(other), 1);
      }
      for (const id of ids) first.ids.add(id);
      first.statements.push(statement);
      for (const id of first.ids) byId.set(id, first);
    }
  }
  return groups;
}

/** Returns the id a vulnerability is shown by: its first CVE in order of year and number, else GHSA, else the smallest. */
export function preferredId(ids: Iterable<string>): string {
  return [...ids].reduce((best, id) => (compareIds(id, best) < 0 ? id : best));
}

function rank(id: string): number {
  if (isCve(id)) return 0;
  return id.startsWith('GHSA-') ? 1 : 2;
}

function compareIds(a: string, b: string): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  return isCve(a) ? yearOf(a) - yearOf(b) || numberOf(a) - numberOf(b) : compareText(a, b);
}

function yearOf(cve: string): number {
  return Number(cve.slice(4, 8));
}

function numberOf(cve: string): number {
  return Number(cve.slice(9));
}
