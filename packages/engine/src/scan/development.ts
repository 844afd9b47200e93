// Findings by what their packages are needed for: marked, and those of development packages set apart where asked for.
import type { Finding, Inventory, MatchResult, Package, Suppressed } from '@plombe/model';
import { sortSuppressed, suppressedOf } from './leave-out.ts';

/** Why a finding is not among those that count. */
const reason = 'the package is for development only (--exclude-dev)';

/**
 * Returns the match with a scope for each finding whose packages all have one that is weaker than `runtime`. `exclude`: packages for development only are
 * taken out of the findings; where nothing is left of one it is suppressed, so that it stays countable and explained.
 */
export function applyScopes(match: MatchResult, inventory: Pick<Inventory, 'packages'>, exclude: boolean): MatchResult {
  const scopes = new Map<string, Package['scope']>();
  for (const { id, scope } of inventory.packages) {
    if (scope === 'optional' || scope === 'development') scopes.set(id, scope);
  }
  if (scopes.size === 0) return match;
  const findings: Finding[] = [];
  const suppressed: Suppressed[] = [...match.suppressed];
  for (const finding of match.findings) {
    const left = exclude ? finding.packages.filter((id) => scopes.get(id) !== 'development') : finding.packages;
    if (left.length < finding.packages.length) {
      const packages = finding.packages.filter((id) => scopes.get(id) === 'development');
      suppressed.push(suppressedOf(finding, packages, reason));
    }
    if (left.length > 0) findings.push({ ...finding, packages: left, ...scopeOf(left, scopes) });
  }
  return { ...match, findings, suppressed: sortSuppressed(suppressed) };
}

function scopeOf(packages: readonly string[], scopes: ReadonlyMap<string, Package['scope']>): Pick<Finding, 'scope'> {
  const found = new Set(packages.map((id) => scopes.get(id)));
  if (found.has(undefined)) return {};
  return { scope: found.has('optional') ? 'optional' : 'development' };
}
