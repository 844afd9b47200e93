// NVD's configurations to what is affected: CPE match criteria by vendor and product (NVD's CVE API 2.0, "configurations").
import { field, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { AffectedPackage, RangeEvent, VersionRange } from '@plombe/model';
import { clipText, parseToken } from '../../normal/ids.ts';
import { isStated, parseCpe, type Cpe } from '../../normal/cpe.ts';
import { rangesOf } from '../../normal/requirements.ts';
import type { Bound } from '@plombe/versions';

/** The longest records, about Oracle's and Cisco's products, have under 5,000 criteria. */
const maxCriteria = 20_000;

interface Criterion {
  readonly cpe: Cpe;
  readonly match: JsonObject;
}

interface Condition {
  readonly systems?: readonly string[];
  readonly configuration?: string;
}

const operatingSystems: readonly (readonly [RegExp, string])[] = [
  [/^microsoft:windows(?:$|_)/, 'windows'],
  [/^linux:linux_kernel$/, 'linux'],
  [/^apple:(?:macos|mac_os_x)$/, 'macos'],
];

function criteriaOf(node: JsonObject): Criterion[] {
  return objectsField(node, 'cpeMatch')
    .slice(0, maxCriteria)
    .flatMap((match) => {
      const cpe = parseCpe(field(match, 'criteria'));
      return cpe === undefined ? [] : [{ cpe, match }];
    });
}

function nameOf({ cpe }: Criterion): string {
  return `${cpe.vendor}:${cpe.product}`;
}

/** What the other nodes of an AND ask for: systems where they name nothing else, else words, for nothing of it can be compared. */
function conditionOf(others: readonly Criterion[]): Condition {
  if (others.length === 0) return {};
  const names = [...new Set(others.map(nameOf))].sort();
  const systems = names.map((name) => operatingSystems.find(([pattern]) => pattern.test(name))?.[1]);
  if (systems.every((system) => system !== undefined)) return { systems: [...new Set(systems)].sort() };
  const more = names.length > 2 ? ` and ${names.length - 2} more` : '';
  return {
    configuration: clipText(`only with ${names.slice(0, 2).join(', ')}${more}`, 120) ?? 'only with other software',
  };
}

/** `4.*` is an end of some records: the branch is affected to its end, which is no fix. */
function nextBranch(branch: string): string {
  const numbers = branch.split('.');
  return [...numbers.slice(0, -1), String(BigInt(numbers.at(-1) ?? '0') + 1n)].join('.');
}

/** Versions between bounds; undefined where a bound cannot be read, and for criteria without a version (`-`). */
function rangeOf({ cpe, match }: Criterion): VersionRange | { readonly version: string } | undefined {
  const bound = (key: string, included: boolean): Bound | undefined => {
    const version = textField(match, key);
    return version === undefined ? undefined : { version, included };
  };
  if (isStated(cpe.version)) return { version: isStated(cpe.update) ? `${cpe.version}-${cpe.update}` : cpe.version };
  if (cpe.version === '-') return undefined;
  const branch = /^(\d+(?:\.\d+)*)\.\*$/.exec(textField(match, 'versionEndExcluding') ?? '')?.[1];
  const from = bound('versionStartIncluding', true) ?? bound('versionStartExcluding', false);
  const to =
    branch === undefined
      ? (bound('versionEndExcluding', false) ?? bound('versionEndIncluding', true))
      : { version: nextBranch(branch), included: false };
  if (![from, to].every((one) => one === undefined || parseToken(one.version) !== undefined)) return undefined;
  return rangesOf(
    'tag',
    [{ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }],
    () => branch === undefined,
  )[0];
}

/** The condition of a criterion itself: what it is a plug-in of, or made for. */
function withTarget(condition: Condition, { cpe }: Criterion): Condition {
  if (!isStated(cpe.targetSoftware)) return condition;
  const system = operatingSystems.find(([, name]) => cpe.targetSoftware === name)?.[1];
  if (system !== undefined) return { systems: [system], ...condition };
  const word = clipText(`for ${cpe.targetSoftware}`, 60) ?? '';
  return {
    ...condition,
    configuration: condition.configuration === undefined ? word : `${word}; ${condition.configuration}`,
  };
}

interface Part {
  readonly criterion: Criterion;
  readonly condition: Condition;
}

/** The vulnerable criteria of one configuration, each with what the other nodes of an AND ask for. */
function partsOf(configuration: JsonObject): Part[] {
  const nodes = objectsField(configuration, 'nodes').slice(0, maxCriteria);
  const isAnd = textField(configuration, 'operator') === 'AND';
  return nodes.flatMap((node, index) => {
    const own = criteriaOf(node);
    const isNegated = field(node, 'negate') === true;
    const beside =
      textField(node, 'operator') === 'AND' ? own.filter(({ match }) => field(match, 'vulnerable') !== true) : [];
    const elsewhere = isAnd ? nodes.filter((_, at) => at !== index).flatMap(criteriaOf) : [];
    const condition: Condition = isNegated
      ? { configuration: 'where other software is absent' }
      : conditionOf([...beside, ...elsewhere]);
    return own
      .filter(({ cpe, match }) => cpe.part === 'a' && field(match, 'vulnerable') === true)
      .map((criterion) => ({ criterion, condition: withTarget(condition, criterion) }));
  });
}

/** Returns which of the kept products are affected, one part for each product and condition; operating systems and hardware are left out: they are no packages. */
export function parseConfigurations(cve: JsonObject, isKept: (product: string) => boolean): AffectedPackage[] {
  const parts = objectsField(cve, 'configurations').slice(0, maxCriteria).flatMap(partsOf).slice(0, maxCriteria);
  const products = new Map<
    string,
    { name: string; condition: Condition; ranges: VersionRange[]; versions: string[] }
  >();
  for (const { criterion, condition } of parts) {
    const name = nameOf(criterion);
    const found = isKept(name) ? rangeOf(criterion) : undefined;
    if (found === undefined) continue;
    const key = JSON.stringify([name, condition]);
    const product = products.get(key) ?? { name, condition, ranges: [], versions: [] };
    products.set(key, product);
    if ('version' in found) product.versions.push(found.version);
    else if (!product.ranges.some((range) => isSame(range, found))) product.ranges.push(found);
  }
  return [...products.values()].map(({ name, condition, ranges, versions }) => {
    const note = condition.configuration ?? (condition.systems && `only on ${condition.systems.join(', ')}`);
    return {
      ecosystem: 'NVD',
      name,
      ranges,
      versions: [...new Set(versions)],
      status: 'affected',
      ...(note === undefined ? {} : { statusNote: note }),
      ...(Object.keys(condition).length === 0 ? {} : { qualifiers: condition }),
    };
  });
}

function isSame(a: VersionRange, b: VersionRange): boolean {
  const text = ({ events }: VersionRange): string => JSON.stringify(events satisfies readonly RangeEvent[]);
  return text(a) === text(b);
}
