// Statements about many products of one package, gathered: one range for each name, place and version.
import type { AffectedPackage, RangeEvent, Severity, VulnerabilityStatus } from '@plombe/model';
import { compareVersions } from '@plombe/versions';
import { sortedUnique } from '@plombe/kit';
import type { CsafComponent } from './component.ts';

/** Where a product's packages are compared: the ecosystem with its release, and the repository beside the main ones. */
export interface CsafScope {
  readonly ecosystem: string;
  readonly scheme: string;
  readonly repository?: string;
}

/** One product's statement, its package and place known. */
export interface PlacedStatement {
  readonly scope: CsafScope;
  readonly component: CsafComponent;
  readonly status: VulnerabilityStatus;
  readonly events: readonly RangeEvent[];
  readonly note?: string;
  readonly severity?: Severity;
}

/** Built for all of these a package is for every architecture of its vendor, and the list would say nothing. */
const usualArchitectures: readonly string[] = ['x86_64', 'aarch64', 'ppc64le', 's390x'];

interface Gathered {
  readonly statement: PlacedStatement;
  /** The lowest fix for each architecture, or of any where the fix says none. */
  readonly fixes: Map<string, string>;
  readonly architectures: Set<string>;
}

/** Packages that only serve debugging are not installed in images, and double a kernel's list. */
const debugNames = /-debug(?:info|source)(?:-|$)/;

/** Gathers statements and gives them back as packages of an advisory. */
export class StatementSet {
  readonly #groups = new Map<string, Gathered>();

  add(statement: PlacedStatement): void {
    const { scope, component, status, events } = statement;
    if (debugNames.test(component.name)) return;
    const fixed = events.find((event) => event.fixed !== undefined)?.fixed;
    const isSource = component.architecture === 'src';
    const bounds = fixed === undefined ? JSON.stringify(events) : 'fixed';
    const key = [
      scope.ecosystem,
      scope.repository ?? '',
      component.name,
      component.module ?? '',
      isSource ? 'src' : '',
      bounds,
      status,
      statement.note ?? '',
      statement.severity?.word ?? '',
    ].join('\n');
    const group = this.#groups.get(key) ?? {
      statement,
      fixes: new Map<string, string>(),
      architectures: new Set<string>(),
    };
    this.#groups.set(key, group);
    const architecture = component.architecture ?? '';
    group.architectures.add(architecture);
    if (fixed === undefined) return;
    const known = group.fixes.get(architecture);
    if (known === undefined || compareVersions(scope.scheme, fixed, known) === -1) group.fixes.set(architecture, fixed);
  }

  /** One package for each range, sorted. Of a package fixed as binary its source is left out: the fix says the same. */
  list(): AffectedPackage[] {
    const binaries = new Set(
      [...this.#groups.values()].filter(isFixedBinary).map(({ statement }) => placeOf(statement)),
    );
    const found: AffectedPackage[] = [];
    for (const group of this.#groups.values()) {
      const { statement, fixes, architectures } = group;
      const isSource = statement.component.architecture === 'src';
      if (isSource && fixes.size > 0 && binaries.has(placeOf(statement))) continue;
      if (fixes.size === 0) found.push(packageOf(statement, statement.events, limit(architectures)));
      else
        for (const [fixed, wanted] of byFix(fixes)) {
          found.push(packageOf(statement, [{ introduced: '0' }, { fixed }], limit(wanted)));
        }
    }
    return found;
  }
}

function isFixedBinary({ statement, fixes }: Gathered): boolean {
  return fixes.size > 0 && statement.component.architecture !== 'src';
}

function placeOf({ scope, component }: PlacedStatement): string {
  return [scope.ecosystem, scope.repository ?? '', component.module ?? ''].join('\n');
}

function byFix(fixes: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [architecture, fixed] of fixes) groups.set(fixed, (groups.get(fixed) ?? new Set()).add(architecture));
  return groups;
}

/** The architectures that limit a statement; `src` alone says that the source package is meant. */
function limit(architectures: ReadonlySet<string>): readonly string[] {
  if (architectures.has('') || architectures.has('noarch')) return [];
  if (usualArchitectures.every((name) => architectures.has(name))) return [];
  return sortedUnique([...architectures]);
}

function packageOf(
  statement: PlacedStatement,
  events: readonly RangeEvent[],
  architectures: readonly string[],
): AffectedPackage {
  const { scope, component, status, note, severity } = statement;
  const qualifiers = {
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(component.module === undefined ? {} : { module: component.module }),
    ...(scope.repository === undefined ? {} : { pocket: scope.repository }),
  };
  return {
    ecosystem: scope.ecosystem,
    name: component.name,
    ranges: events.length === 0 ? [] : [{ scheme: scope.scheme, events }],
    versions: [],
    status,
    ...(note === undefined ? {} : { statusNote: note }),
    ...(severity === undefined ? {} : { severity }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
  };
}
