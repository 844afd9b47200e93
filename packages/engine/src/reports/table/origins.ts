// Where packages with findings come from: the lock file that names them, and who needs them, up to what the project asks for.
import { by, inert } from '@plombe/kit';
import type { Package, ScanResult } from '@plombe/model';
import { shownPath } from '../placed/placed.ts';
import { plural } from './actions.ts';
import { cut } from './layout.ts';
import type { Palette } from './palette.ts';

/** Levels above a package; chains of real projects have fewer than ten. */
const maxDepth = 12;
/** Dependents that are named of one package; a helper library has hundreds. */
const maxDependents = 5;
/** Lines of one package: a graph that meets again and again has more than anybody reads. */
const maxLines = 40;

/** Returns the lines, none wider than `width`; one line that says so where nothing tells where packages come from. */
export function renderOrigins({ inventory, match }: ScanResult, palette: Palette, width: number): string[] {
  const { packages } = inventory;
  const known = new Map(packages.map((item) => [item.id, item]));
  const counts = new Map<string, number>();
  for (const finding of match.findings) for (const id of finding.packages) counts.set(id, (counts.get(id) ?? 0) + 1);
  const dependents = dependentsOf(packages);
  const told = packages.filter((item) => counts.has(item.id) && (item.direct !== undefined || dependents.has(item.id)));
  if (told.length === 0) return ['Where packages come from: no lock file says it of a package with findings.'];
  const sorted = told.sort(
    by(
      ({ id }) => -(counts.get(id) ?? 0),
      ({ id }) => id,
    ),
  );
  return [
    palette.bold('Where packages come from'),
    ...sorted.flatMap((item) => {
      const [first] = item.evidence;
      const place = first === undefined ? '' : `  ${palette.dim(inert(shownPath(first)))}`;
      const head = `${inert(nameOf(item))}  ${plural(counts.get(item.id) ?? 0, 'finding')}${place}`;
      return [head, ...tree(item, known, dependents).map((line) => palette.dim(cut(line, width)))];
    }),
  ];
}

function dependentsOf(packages: readonly Package[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, dependsOn = [] } of packages) {
    for (const needed of dependsOn) {
      const known = found.get(needed);
      if (known === undefined) found.set(needed, [id]);
      else known.push(id);
    }
  }
  return found;
}

/** The dependents of a package below it, and theirs below them; one that was opened above is not opened again. */
function tree(
  item: Package,
  known: ReadonlyMap<string, Package>,
  dependents: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const lines: string[] = [];
  const opened = new Set([item.id]);
  const add = (of: Package, indent: string, depth: number): void => {
    const all = (dependents.get(of.id) ?? []).flatMap((id) => known.get(id) ?? []);
    const shown = all.slice(0, maxDependents);
    const more = all.length - shown.length;
    for (const [index, dependent] of shown.entries()) {
      if (lines.length >= maxLines) return;
      const isLast = index === shown.length - 1 && more === 0;
      const again = opened.has(dependent.id) && dependents.has(dependent.id);
      const text = `${inert(nameOf(dependent))}${asked(dependent)}${again ? ' (above)' : ''}`;
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${text}`);
      opened.add(dependent.id);
      if (!again && depth < maxDepth) add(dependent, `${indent}${isLast ? '   ' : '│  '}`, depth + 1);
    }
    if (more > 0) lines.push(`${indent}└─ … and ${more} more`);
  };
  if (item.direct === true) lines.push('  the project asks for it');
  const via = item.facts?.['via'];
  if (!dependents.has(item.id) && via !== undefined) lines.push(`  by way of ${inert(via)}`);
  add(item, '  ', 0);
  return lines.length >= maxLines ? [...lines, '  … the JSON report has all'] : lines;
}

function asked({ direct, origin }: Package): string {
  if (origin === 'local') return ', a part of the project';
  return direct === true ? ', which the project asks for' : '';
}

function nameOf({ namespace, name, version, type }: Package): string {
  const separator = type === 'maven' ? ':' : '/';
  return `${namespace === undefined ? '' : `${namespace}${separator}`}${name} ${version}`;
}
