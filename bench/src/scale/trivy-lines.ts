// An advisory as a line for the writer of Trivy's shape (trivy-shape/main.go).
import type { Advisory, AffectedPackage } from '@plombe/model';

/** `>=1.0, <1.2`, as Trivy writes ranges of languages. */
function ranges({ ranges: all, versions }: AffectedPackage): {
  readonly vulnerable: string[];
  readonly patched: string[];
} {
  const vulnerable: string[] = [];
  const patched: string[] = [];
  for (const { events } of all) {
    const bounds: string[] = [];
    for (const { introduced, fixed, lastAffected } of events) {
      if (introduced !== undefined && introduced !== '0') bounds.push(`>=${introduced}`);
      if (fixed !== undefined) bounds.push(`<${fixed}`);
      if (fixed !== undefined) patched.push(fixed);
      if (lastAffected !== undefined) bounds.push(`<=${lastAffected}`);
    }
    vulnerable.push(bounds.join(', ') || '>=0');
  }
  if (vulnerable.length === 0) vulnerable.push(...versions.map((version) => `=${version}`));
  return { vulnerable, patched };
}

function affectedLine(one: AffectedPackage): object {
  const { ecosystem, name, qualifiers } = one;
  if (!ecosystem.includes(':')) return { ecosystem: `${ecosystem.toLowerCase()}::OSV`, name, ...ranges(one) };
  const fixed = one.ranges.flatMap(({ events }) => events).find((event) => event.fixed !== undefined)?.fixed ?? '';
  return { ecosystem: ecosystem.toLowerCase().replace(':', ' '), name, fixed, arches: qualifiers?.architectures };
}

/** Returns the line: what of the advisory Trivy's records hold. */
export function trivyLine({
  id,
  affected,
  summary,
  references,
  severities,
  publishedAt,
  modifiedAt,
  aliases,
}: Advisory): string {
  const vector = severities.find((one) => one.vector !== undefined);
  const detail = {
    ...(summary === undefined ? {} : { Title: summary }),
    Severity: severities[0]?.word.toUpperCase() ?? 'UNKNOWN',
    VendorSeverity: Object.fromEntries(
      severities.map(({ author, word }) => [author, ['negligible', 'low', 'medium', 'high', 'critical'].indexOf(word)]),
    ),
    ...(vector === undefined ? {} : { CVSS: { [vector.author]: { V3Vector: vector.vector, V3Score: vector.score } } }),
    ...(aliases.length === 0 ? {} : { VendorIDs: aliases }),
    References: references.slice(0, 10),
    ...(publishedAt === undefined ? {} : { PublishedDate: publishedAt }),
    ...(modifiedAt === undefined ? {} : { LastModifiedDate: modifiedAt }),
  };
  return JSON.stringify({ id, detail, affected: affected.map(affectedLine) });
}
