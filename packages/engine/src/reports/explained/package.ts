// Why a package is in the inventory and what is known of it, for a terminal.
import { by, inert } from '@plombe/kit';
import type { Evidence, Package, ScanResult } from '@plombe/model';
import { findingLine, hasLayers, placedFindings, shownPath } from '../placed/placed.ts';
import { instruction } from '../table/actions.ts';
import { wrap } from '../table/layout.ts';

/** Packages of one name that are described; a monorepo has hundreds of copies. */
const maxPackages = 20;
const maxPlaces = 5;

/**
 * Returns the packages that a text names: by name, `name@version`, purl or id; where there is none, those built from a source of that name, which is
 * what advisories of distributions and the reports call them. Case does not count.
 */
export function packagesNamed(text: string, packages: readonly Package[]): readonly Package[] {
  const wanted = text.toLowerCase();
  const named = packages.filter(({ id, purl, namespace, name, version }) => {
    const full = namespace === undefined ? [] : [`${namespace}/${name}`, `${namespace}:${name}`];
    const bare = purl.replace(/[?#].*$/, '');
    const names = [name, ...full].flatMap((one) => [one, `${one}@${version}`]);
    return [id, purl, bare, bare.replace(/@[^@/]*$/, ''), ...names].some((one) => one.toLowerCase() === wanted);
  });
  if (named.length > 0) return named;
  return packages.filter(({ source }) =>
    source === undefined
      ? false
      : [source.name, `${source.name}@${source.version}`].some((one) => one.toLowerCase() === wanted),
  );
}

/** Returns the lines, and whether a finding is about any of the packages. */
export function describePackages(
  packages: readonly Package[],
  result: ScanResult,
  width: number,
): { readonly lines: readonly string[]; readonly affected: boolean } {
  const shown = packages.slice(0, maxPackages);
  const lines = shown.flatMap((item, index) => [...(index === 0 ? [] : ['']), ...describePackage(item, result, width)]);
  const more = packages.length - shown.length;
  const ids = new Set(packages.flatMap(({ id, ownedBy }) => [id, ...(ownedBy === undefined ? [] : [ownedBy])]));
  return {
    lines: more > 0 ? [...lines, '', `… and ${more} more of that name`] : lines,
    affected: result.match.findings.some((finding) => finding.packages.some((id) => ids.has(id))),
  };
}

function describePackage(item: Package, result: ScanResult, width: number): string[] {
  const { id, type, name, namespace, version, source, ownedBy, licences, evidence, facts = {} } = item;
  const fact = (key: string, text: string): string[] => {
    const [first = '', ...rest] = wrap(inert(text), width - 14);
    return [`  ${key.length < 12 ? key.padEnd(12) : `${key} `}${first}`, ...rest.map((line) => ' '.repeat(14) + line)];
  };
  const places = evidence.slice(0, maxPlaces).map((one) => placeOf(one, result));
  const rest = evidence.length - places.length;
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  const said = Object.entries(facts).sort(by(([key]) => key));
  return [
    inert(`${type} ${full} ${version}`),
    ...fact('Id', id),
    ...fact(
      'Found by',
      `the ${item.cataloger} cataloger${item.weak === true ? ', by weak evidence: a file name or text' : ''}`,
    ),
    ...places.flatMap((place, index) => fact(index === 0 ? 'Where' : '', place)),
    ...(rest > 0 ? fact('', `and ${rest} more places`) : []),
    ...(ownedBy === undefined ? [] : fact('Owned by', `${ownedBy}, through which it is reported`)),
    ...(source === undefined || source.name === name
      ? []
      : fact('Built from', `${source.name} ${source.version}, which advisories name`)),
    ...(item.scope === undefined ? [] : fact('Scope', item.scope)),
    ...neededBy(item, result).flatMap((line, index) => fact(index === 0 ? 'Needed by' : '', line)),
    ...fact('Licences', licences.length === 0 ? 'none declared' : licences.join(', ')),
    ...(item.cpes === undefined || item.cpes.length === 0 ? [] : fact('CPE', item.cpes.join(', '))),
    ...said.flatMap(([key, value]) => fact(key, value)),
    ...fact('Compared', comparedText(item, result)),
    ...findingLines(item, result).map((line) => inert(`    ${line}`)),
  ];
}

/** Packages that need this one, and the project itself; the first of many. */
function neededBy({ id, direct }: Package, { inventory: { packages } }: ScanResult): readonly string[] {
  const all = packages
    .filter(({ dependsOn = [] }) => dependsOn.includes(id))
    .map((one) => one.id.replace(/[?|].*$/, ''));
  const shown = all.slice(0, maxPlaces);
  const more = all.length > shown.length ? [`and ${all.length - shown.length} more`] : [];
  return [...(direct === true ? ['the project itself'] : []), ...shown, ...more];
}

function placeOf(place: Evidence, result: ScanResult): string {
  if (!hasLayers(result)) return shownPath(place);
  const { layerIndex, createdBy } = place;
  const made = createdBy === undefined ? '' : ` (${instruction(createdBy)})`;
  return `${shownPath(place)} in layer ${layerIndex}${made}`;
}

function comparedText({ id, ownedBy }: Package, { match }: ScanResult): string {
  const open = match.unassessed.find(({ packages }) => packages.includes(id));
  if (open !== undefined) return `not: ${open.cause.message}`;
  if (ownedBy !== undefined) return 'through its owner';
  const count = match.findings.filter(({ packages }) => packages.includes(id)).length;
  const spared = match.suppressed.filter(({ packages }) => packages.includes(id)).length;
  const also = spared === 0 ? '' : `; ${spared} more do not count`;
  return `${count === 0 ? 'no vulnerability is known' : `${count} ${count === 1 ? 'vulnerability is' : 'vulnerabilities are'} known`}${also}`;
}

function findingLines({ id }: Package, result: ScanResult): readonly string[] {
  const found = placedFindings(result)
    .filter(({ finding }) => finding.packages.includes(id))
    .map(findingLine);
  const spared = result.match.suppressed
    .filter(({ packages }) => packages.includes(id))
    .map(({ vulnerability, reason }) => `${vulnerability}: ${reason}`);
  return [...found, ...spared];
}
