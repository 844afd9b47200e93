// Compares one package with one statement about it.
import type { Package, RangeEvent } from '@plombe/model';
import { fixedAbove, isInRange, schemeById, type VersionScheme } from '@plombe/versions';
import type { AffectedEntry } from '../database/entry.ts';
import type { Comparison } from './comparison.ts';
import { rangeText, wholeRangeText } from './range-text.ts';

/** What makes two binaries of one source differ for an advisory. */
export type Target = Comparison & Pick<Package, 'architecture' | 'modularity'> & { readonly system?: string };

/**
 * `matched`: affected. `vetoed`: the vendor says not affected. `out`: another version. `unknown`: cannot be compared.
 * `elsewhere`: speaks of another architecture, system or module stream.
 */
export type Verdict =
  | { readonly kind: 'matched'; readonly range: string; readonly fixedVersion?: string }
  | { readonly kind: 'vetoed' | 'out' | 'unknown' | 'elsewhere' };

const out: Verdict = { kind: 'out' };
const unknown: Verdict = { kind: 'unknown' };
const elsewhere: Verdict = { kind: 'elsewhere' };
const vetoed: Verdict = { kind: 'vetoed' };

/** Hands out schemes that remember what they parsed: one version is compared with up to thousands of statements. */
export class SchemeMemory {
  readonly #schemes = new Map<string, VersionScheme | undefined>();

  get(id: string): VersionScheme | undefined {
    if (!this.#schemes.has(id)) this.#schemes.set(id, remember(schemeById(id)));
    return this.#schemes.get(id);
  }
}

/** Versions remembered per scheme: some megabytes; a list with more starts anew. */
const maxRemembered = 50_000;

function remember(scheme: VersionScheme | undefined): VersionScheme | undefined {
  if (scheme === undefined) return undefined;
  const parsed = new Map<string, unknown>();
  return {
    ...scheme,
    compare: (a, b) => scheme.compare(a, b),
    parse(text) {
      if (parsed.has(text)) return parsed.get(text);
      if (parsed.size >= maxRemembered) parsed.clear();
      const value = scheme.parse(text);
      parsed.set(text, value);
      return value;
    },
  };
}

/** Compares a package with what one advisory says of its name. */
export function evaluate(target: Target, entry: AffectedEntry, schemes: SchemeMemory): Verdict {
  if (!fitsArchitecture(target, entry) || !fitsModule(target, entry) || !fitsSystem(target, entry)) return elsewhere;
  const spared = entry.status === 'not_affected' || entry.status === 'fixed';
  const found = findVersion(asEntryWrites(target, entry), entry, schemes);
  if (found === undefined && entry.status === 'not_affected' && saysNothing(entry)) return vetoed;
  if (found === undefined) return out;
  if (found.kind === 'unknown') return unknown;
  return spared ? vetoed : found;
}

const azureTag = /\.(?:azl|cm)\d+$/;

/**
 * Azure Linux's OVAL writes releases with the distribution tag (`3.azl3`), its OSV records and some lists of packages without: the package
 * follows the entry.
 */
function asEntryWrites(target: Target, entry: AffectedEntry): Target {
  return /^(?:Azure Linux|Mariner)\b/.test(target.ecosystem) ? taggedAsIn(entry, target) : target;
}

function taggedAsIn(entry: AffectedEntry, target: Target): Target {
  const boundaries = entry.ranges.flatMap(({ events }) =>
    events.map(({ fixed, lastAffected }) => fixed ?? lastAffected ?? ''),
  );
  const tag = boundaries.map((version) => azureTag.exec(version)?.[0]).find((found) => found !== undefined);
  const { version } = target;
  if (tag === undefined) return { ...target, version: version.replace(azureTag, '') };
  const isBare = version.includes('-') && !/\.(?:azl|cm)\d/.test(version);
  return isBare ? { ...target, version: `${version}${tag}` } : target;
}

function saysNothing(entry: AffectedEntry): boolean {
  return entry.ranges.length === 0 && entry.versions.length === 0;
}

function findVersion(target: Target, entry: AffectedEntry, schemes: SchemeMemory): Verdict | undefined {
  if (entry.versions.includes(target.version)) return listed(target, entry, schemes);
  let isUnknown = false;
  for (const range of entry.ranges) {
    const scheme = schemes.get(range.scheme);
    if (range.events.every(isAlwaysIntroduced)) return { kind: 'matched', range: wholeRangeText(range) };
    const verdict = scheme === undefined ? 'unknown' : isInRange(scheme, target.version, range.events);
    if (verdict === 'unknown') isUnknown = true;
    if (verdict !== 'in' || scheme === undefined) continue;
    const fixedVersion = fixedAbove(scheme, target.version, range.events);
    const text = rangeText(scheme, target.version, range);
    return fixedVersion === undefined
      ? { kind: 'matched', range: text }
      : { kind: 'matched', range: text, fixedVersion };
  }
  if (entry.versions.length > 0) {
    const scheme = schemes.get(target.scheme);
    const parsed = scheme?.parse(target.version);
    if (scheme === undefined || parsed === undefined) return unknown;
    const same = entry.versions.some((version) => {
      const other = scheme.parse(version);
      return other !== undefined && scheme.compare(other, parsed) === 0;
    });
    if (same) return listed(target, entry, schemes);
  }
  // A range that is not valid itself leaves the list, which its publisher made of it.
  return isUnknown && entry.versions.length === 0 ? unknown : undefined;
}

/** All events are such: every version is affected, also one that cannot be compared. */
function isAlwaysIntroduced({ introduced }: RangeEvent): boolean {
  return introduced === '0';
}

function listed(target: Target, entry: AffectedEntry, schemes: SchemeMemory): Verdict {
  for (const range of entry.ranges) {
    const scheme = schemes.get(range.scheme);
    const fixedVersion = scheme === undefined ? undefined : fixedAbove(scheme, target.version, range.events);
    if (fixedVersion !== undefined) return { kind: 'matched', range: `= ${target.version} (listed)`, fixedVersion };
  }
  return { kind: 'matched', range: `= ${target.version} (listed)` };
}

const architectureNames: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i686', 'i386'],
  ['x86', 'i386'],
]);

function architectureName(name: string): string {
  return architectureNames.get(name) ?? name;
}

function fitsArchitecture(target: Target, entry: AffectedEntry): boolean {
  const wanted = entry.qualifiers?.architectures;
  const own = target.architecture;
  if (wanted === undefined || wanted.length === 0 || own === undefined || own === 'noarch' || own === 'all')
    return true;
  return wanted.some((name) => name === 'noarch' || name === 'src' || architectureName(name) === architectureName(own));
}

/** An advisory about Windows alone is not about a program for Linux; where the system is not known it stays, with its note. */
function fitsSystem({ system }: Target, { qualifiers }: AffectedEntry): boolean {
  return system === undefined || qualifiers?.systems === undefined || qualifiers.systems.includes(system);
}

/** rpm modules: a stream's packages are compared only with advisories of that stream, and others only with others. */
function fitsModule(target: Target, entry: AffectedEntry): boolean {
  if (target.scheme !== 'rpm') return true;
  const wanted = entry.qualifiers?.module;
  const own = target.modularity;
  if (wanted !== undefined && own !== undefined) return own === wanted || own.startsWith(`${wanted}:`);
  const isModular = own !== undefined || moduleRelease.test(target.version);
  const speaksOfModule = wanted !== undefined || entry.ranges.some((range) => range.events.some(namesModule));
  return isModular === speaksOfModule;
}

const moduleRelease = /[.+]module[_+]el/;

function namesModule(event: { readonly fixed?: string; readonly lastAffected?: string }): boolean {
  return moduleRelease.test(event.fixed ?? event.lastAffected ?? '');
}
