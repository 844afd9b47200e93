// A definition of Oracle's OVAL to an advisory.
import type { Advisory, AffectedPackage, RangeEvent } from '@plombe/model';
import { compareVersions } from '@plombe/versions';
import { sortedUnique } from '@plombe/kit';
import { severityWord } from '../../normal/cvss.ts';
import { clipText, parseDate, parseId, parseIds, parseLinks, parseToken } from '../../normal/ids.ts';
import type { OracleDefinition, OracleFix } from './oval.ts';

/** Both architectures of Oracle Linux: a fix for both is a fix for all. */
const allArchitectures: readonly string[] = ['aarch64', 'x86_64'];

/** Builds that are installed beside the usual ones, with an epoch or release of their own: for Ksplice, and for FIPS. */
export function flavourOf(version: string): 'ksplice' | 'fips' | undefined {
  if (/\.ksplice\d*\./.test(version)) return 'ksplice';
  return /_fips\b/.test(version) ? 'fips' : undefined;
}

/**
 * A release has several streams of the Unbreakable Enterprise Kernel (5.4 and 5.15 in 8), each with errata of its own: one about 5.15 says
 * nothing of 5.4.
 */
function introducedOf(name: string, evr: string): string {
  const stream = /^kernel-uek(?:-|$)/.test(name) ? /^(?:\d+:)?(\d+\.\d+)\./.exec(evr)?.[1] : undefined;
  return stream ?? '0';
}

function withoutEpoch0(evr: string): string {
  return evr.startsWith('0:') ? evr.slice(2) : evr;
}

interface Gathered {
  readonly fix: OracleFix;
  readonly fixed: string;
  readonly architectures: Set<string>;
}

function affectedOf(fixes: readonly OracleFix[]): AffectedPackage[] {
  const found = new Map<string, Gathered>();
  for (const fix of fixes) {
    const fixed = parseToken(withoutEpoch0(fix.evr));
    if (fixed === undefined || fix.release === undefined || parseToken(fix.name) === undefined) continue;
    if (/-debug(?:info|source)(?:-|$)/.test(fix.name)) continue;
    const key = `${fix.release} ${fix.name} ${fixed} ${fix.module ?? ''}`;
    const gathered = found.get(key) ?? { fix, fixed, architectures: new Set<string>() };
    gathered.architectures.add(fix.architecture ?? '');
    found.set(key, gathered);
  }
  return lowestOf([...found.values()].map(packageOf));
}

/** Some errata name two builds for one architecture (ELSA-2024-2961): the lower has the fix, and so has what comes after. */
function lowestOf(packages: readonly AffectedPackage[]): AffectedPackage[] {
  const found = new Map<string, AffectedPackage>();
  for (const one of packages) {
    const [first, last] = one.ranges[0]?.events ?? [];
    const key = JSON.stringify([one.ecosystem, one.name, one.qualifiers, first]);
    const fixed = found.get(key)?.ranges[0]?.events[1]?.fixed;
    if (fixed === undefined || compareVersions('rpm', last?.fixed ?? '', fixed) === -1) found.set(key, one);
  }
  return [...found.values()];
}

function packageOf({ fix, fixed, architectures }: Gathered): AffectedPackage {
  const isForAll = architectures.has('') || allArchitectures.every((name) => architectures.has(name));
  const module = parseToken(fix.module);
  const flavour = flavourOf(fixed);
  const qualifiers = {
    ...(isForAll ? {} : { architectures: sortedUnique([...architectures]) }),
    ...(module === undefined ? {} : { module }),
    ...(flavour === undefined ? {} : { pocket: flavour }),
  };
  const events: RangeEvent[] = [{ introduced: introducedOf(fix.name, fixed) }, { fixed }];
  return {
    ecosystem: `Oracle Linux:${fix.release as string}`,
    name: fix.name,
    ranges: [{ scheme: 'rpm', events }],
    versions: [],
    status: 'affected',
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
  };
}

/** Returns the advisory of a definition, or why it cannot be read. */
export function parseDefinition(definition: OracleDefinition): Advisory | { readonly cause: string } {
  const own = definition.references.find(({ source }) => source.toLowerCase() === 'elsa');
  const title = clipText(definition.title);
  const id = parseId(own?.id) ?? parseId(/^(EL[SBE]A-\d{4}-\d+)\b/.exec(title ?? '')?.[1]);
  if (id === undefined) return { cause: 'names no erratum' };
  const affected = affectedOf(definition.fixes);
  if (affected.length === 0) return { cause: 'names no package of a release' };
  const word = severityWord(definition.severity) ?? severityWord(/\((\w+)\)$/.exec(title ?? '')?.[1]);
  const publishedAt = parseDate(definition.issued);
  return {
    id,
    feed: 'oracle',
    aliases: [],
    related: parseIds(
      definition.references.map((reference) => reference.id),
      [id],
    ),
    upstream: [],
    ...(title === undefined ? {} : { summary: title }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    severities: word === undefined ? [] : [{ author: 'oracle', word }],
    references: parseLinks(
      definition.references.map(({ url }) => url.replace(/^http:\/\/linux\.oracle/, 'https://linux.oracle')),
    ),
    affected,
  };
}
