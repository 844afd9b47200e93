// A second, deliberately naive matcher reads the raw feeds and asks each ecosystem's own tool for the order; ours must find the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedPath } from '../../../kit/src/testing/shared.ts';
import { openDatabase, type AdvisoryDatabase } from '../database/database.ts';
import { boundariesOf, holds, pairsFor, type Claim, type Order } from '../testing/oracle/claim.ts';
import { nativeOrder } from '../testing/oracle/native.ts';
import { debianClaims } from '../testing/oracle/debian.ts';
import { osvClaims, ovalClaims, secdbClaims, ubuntuClaims } from '../testing/oracle/raw.ts';
import { buildTest, packageOf, testClock, testFolder } from '../testing/records.ts';

const directory = sharedPath('feeds');
if (directory === undefined)
  console.warn('SKIPPED: the independent oracle, there is no folder shared/feeds beside the project');

interface Judged {
  readonly title: string;
  /** What of the folder is built. */
  readonly only: string;
  readonly scheme: string;
  claims(feeds: string): readonly Claim[];
  purl(name: string, version: string): string;
  /** Versions just below and above one that the feed names. */
  readonly beside: readonly ((version: string) => string)[];
  readonly pairs?: number;
  /** Names that differ in case alone are one. */
  readonly foldsCase?: boolean;
}

const bump = (version: string): string => version.replace(/\d+$/, (digits) => String(Number(digits) + 1));
const semverBeside = [
  (version: string): string => `${version}-0`,
  (version: string): string =>
    version.replace(/^v?(\d+\.\d+\.)(\d+).*$/, (_, head: string, patch: string) => `${head}${Number(patch) + 1}`),
];
const debBeside = [(version: string): string => `${version}~`, (version: string): string => `${version}.1`];
const escape = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/');
const osv = (ecosystem: string, scheme: string, type: string, beside: Judged['beside']): Judged => ({
  title: `${ecosystem} from OSV`,
  only: `osv-${ecosystem.toLowerCase()}`,
  scheme,
  claims: (feeds) => osvClaims(`${feeds}/osv/${ecosystem}/all.zip`, ecosystem),
  purl: (name, version) => `pkg:${type}/${escape(name)}@${escape(version)}`,
  beside,
});
const distribution = (
  title: string,
  only: string,
  scheme: string,
  type: string,
  distro: string,
  claims: Judged['claims'],
  beside: Judged['beside'],
): Judged => ({
  title,
  only,
  scheme,
  claims,
  purl: (name, version) => `pkg:${type}/x/${escape(name)}@${escape(version)}?distro=${distro}`,
  beside,
});
const uct = (feeds: string): string => `${feeds}/ubuntu-cve-tracker/uct-2024-02-16.tar.zst`;
const alma = (release: string): Judged =>
  distribution(
    `AlmaLinux ${release}`,
    'osv-almalinux',
    'rpm',
    'rpm',
    `almalinux-${release}`,
    (feeds) => osvClaims(`${feeds}/osv/AlmaLinux/all.zip`, `AlmaLinux:${release}`),
    debBeside,
  );
const secdb = (release: string): Judged => ({
  ...distribution(
    `Alpine ${release}`,
    `alpine-${release}`,
    'apk',
    'apk',
    `alpine-${release.replace('v', '')}`,
    (feeds) => secdbClaims(['main', 'community'].map((name) => `${feeds}/alpine-secdb/${release}/${name}.json`)),
    [bump, (version) => version.replace(/-r\d+$/, '_rc1-r0')],
  ),
  pairs: 120,
});
const oval = (title: string, shard: string, distro: string, file: string): Judged =>
  distribution(title, shard, 'rpm', 'rpm', distro, (feeds) => ovalClaims(`${feeds}/azurelinux/${file}`), debBeside);

const judged: readonly Judged[] = [
  { ...osv('Go', 'semver', 'golang', semverBeside), foldsCase: true },
  osv('PyPI', 'pep440', 'pypi', [(version) => `${version}.dev0`, (version) => `${version}.post1`]),
  osv('crates.io', 'semver', 'cargo', semverBeside),
  alma('8'),
  alma('9'),
  distribution(
    'Debian 10',
    'debian',
    'deb',
    'deb',
    'debian-10',
    (feeds) => debianClaims(`${feeds}/debian`, 'buster'),
    debBeside,
  ),
  distribution(
    'Debian 11',
    'debian',
    'deb',
    'deb',
    'debian-11',
    (feeds) => debianClaims(`${feeds}/debian`, 'bullseye'),
    debBeside,
  ),
  distribution(
    'Debian 12',
    'debian',
    'deb',
    'deb',
    'debian-12',
    (feeds) => debianClaims(`${feeds}/debian`, 'bookworm'),
    debBeside,
  ),
  distribution(
    'Ubuntu 22.04',
    'ubuntu',
    'deb',
    'deb',
    'ubuntu-22.04',
    (feeds) => ubuntuClaims(uct(feeds), 'jammy'),
    debBeside,
  ),
  distribution(
    'Ubuntu 16.04',
    'ubuntu',
    'deb',
    'deb',
    'ubuntu-16.04',
    (feeds) => ubuntuClaims(uct(feeds), 'xenial'),
    debBeside,
  ),
  secdb('v3.17'),
  secdb('edge'),
  oval('Azure Linux 3.0', 'azurelinux-3.0', 'azurelinux-3.0', 'azurelinux-3.0-oval.xml'),
  oval('Mariner 2.0', 'mariner-2.0', 'mariner-2.0', 'cbl-mariner-2.0-oval.xml'),
  oval('Mariner 1.0', 'mariner-1.0', 'mariner-1.0', 'cbl-mariner-1.0-oval.xml'),
];

/** A small linear generator, so that a failure can be seen again. */
function sampler(): (count: number) => number {
  let state = 20261124;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % count;
  };
}

/** Names are drawn alike, so that the kernel with its thousands of claims is one of many. */
function samplePackages(
  claims: ReadonlyMap<string, readonly Claim[]>,
  { beside, pairs = 700 }: Judged,
): [name: string, version: string][] {
  const names = [...claims.keys()].sort();
  const pick = sampler();
  const found = new Map<string, [string, string]>();
  for (let round = 0; round < pairs * 3 && found.size < pairs; round++) {
    const about = claims.get(names[pick(names.length)] as string) as readonly Claim[];
    const claim = about[pick(about.length)] as Claim;
    const boundaries = boundariesOf(claim);
    const boundary = boundaries[pick(boundaries.length || 1)] ?? '1.0.0';
    const version = [(same: string): string => same, ...beside][pick(beside.length + 1)]?.(boundary) ?? boundary;
    found.set(`${claim.name} ${version}`, [claim.name, version]);
  }
  return [...found.values()];
}

const modular = /[.+]module[_+]el/;

/**
 * Whether each advisory holds by any of its claims. Builds of rpm modules are told of apart: an erratum names one per minor release, and
 * a package at or above one of them has the fix.
 */
function verdictsOf(claims: readonly Claim[], version: string, order: Order): Map<string, boolean | undefined> {
  const isModule = modular.test(version);
  const verdicts = new Map<string, (boolean | undefined)[]>();
  for (const claim of claims) {
    const compared = claim.veto !== true && isModule === boundariesOf(claim).some((boundary) => modular.test(boundary));
    const all = verdicts.get(claim.id) ?? [];
    verdicts.set(claim.id, compared ? [...all, holds(claim, version, order)] : all);
  }
  return new Map(
    [...verdicts].map(([id, all]) => {
      if (isModule) return [id, all.length > 0 && all.every((verdict) => verdict === true)];
      return [id, all.includes(true) || (all.includes(undefined) ? undefined : false)];
    }),
  );
}

describe.skipIf(directory === undefined)('the naive matcher agrees', () => {
  const feeds = directory as string;
  let database: AdvisoryDatabase;
  beforeAll(async () => {
    const to = testFolder();
    const built = await buildTest(feeds, to, { only: [...new Set(judged.map(({ only }) => only))] });
    expect(built.diagnostics.filter(({ level }) => level === 'error')).toEqual([]);
    database = openDatabase(to, { clock: testClock });
  });
  afterAll(() => database?.close());

  it.each(judged)('$title', (one) => {
    const claims = new Map<string, Claim[]>();
    for (const claim of one.claims(feeds)) {
      const name = one.foldsCase === true ? claim.name.toLowerCase() : claim.name;
      claims.set(name, [...(claims.get(name) ?? []), { ...claim, name }]);
    }
    const packages = samplePackages(claims, one);
    const order = nativeOrder(
      one.scheme,
      packages.flatMap(([name, version]) => (claims.get(name) ?? []).flatMap((claim) => pairsFor(claim, version))),
    );
    if (order === undefined) return console.warn(`SKIPPED: no tool that compares ${one.scheme} versions`);
    const purls = packages.map(([name, version]) => one.purl(name, version));
    const result = database.match({ packages: purls.map((purl) => packageOf(purl)) });
    const ours = new Map(purls.map((purl) => [purl, new Set<string>()]));
    for (const { packages: ids, advisories } of result.findings)
      for (const id of ids) for (const advisory of advisories) ours.get(id)?.add(advisory.id);
    const unassessed = new Set(result.unassessed.flatMap(({ packages: ids }) => ids));
    const wrong: string[] = [];
    let affected = 0;
    for (const [at, [name, version]] of packages.entries()) {
      const purl = purls[at] as string;
      for (const [id, verdict] of verdictsOf(claims.get(name) ?? [], version, order)) {
        const found = ours.get(purl)?.has(id) === true;
        if (verdict === true) affected += 1;
        if (verdict === undefined ? !found && !unassessed.has(purl) : verdict !== found) {
          wrong.push(`${purl} ${id}: ours ${found}, naive ${verdict}`);
        }
      }
      const known = new Set((claims.get(name) ?? []).map(({ id }) => id));
      for (const id of ours.get(purl) ?? []) if (!known.has(id)) wrong.push(`${purl} ${id}: ours only`);
    }
    console.info(
      `${one.title}: ${packages.length} packages, ${affected} affected, ${unassessed.size} not compared, ${wrong.length} differ`,
    );
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(affected).toBeGreaterThan(100);
  });
});
