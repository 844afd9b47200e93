// End of support of the distribution and of the runtimes in an image.
import { by } from '@plombe/kit';
import type { Clock, Distribution, EndOfLife, Package } from '@plombe/model';
import type { FactShard } from '../database/fact-shard.ts';
import type { ProductCycle } from '../enrichment/contract.ts';

interface Release {
  readonly product: string;
  /** The full version; cycles are matched by its beginning. */
  readonly version: string;
  readonly distribution?: boolean;
}

/** os-release `ID` → endoflife.date's name where they differ. */
const products: ReadonlyMap<string, string> = new Map([
  ['alpine', 'alpine-linux'],
  ['amzn', 'amazon-linux'],
  ['azurelinux', 'azure-linux'],
  ['mariner', 'cbl-mariner'],
  ['ol', 'oracle-linux'],
  ['opensuse-leap', 'opensuse'],
  ['rocky', 'rocky-linux'],
]);

/** Language packages that are a runtime, by type and name → product. */
const runtimes: ReadonlyMap<string, string> = new Map([
  ['golang stdlib', 'go'],
  ['npm npm', 'npm'],
]);

/** System packages that are a runtime: `python3.11`, `nodejs`, `openjdk-17-jre-headless`. */
function systemRuntime(item: Package): Release | undefined {
  const python = /^python(\d+\.\d+)$/.exec(item.name);
  if (python !== null) return { product: 'python', version: python[1] as string };
  if (item.name === 'nodejs') return { product: 'nodejs', version: item.version.replace(/^\d+:/, '') };
  return undefined;
}

/** Returns what is known of the end of support, sorted by product and release. */
export function supportEnds(
  packages: readonly Package[],
  distribution: Distribution | undefined,
  facts: readonly FactShard[],
  clock: Clock,
): EndOfLife[] {
  const releases = new Map<string, Release>();
  const add = (release: Release): void => void releases.set(`${release.product} ${release.version}`, release);
  if (distribution?.versionId !== undefined) {
    const product = products.get(distribution.id) ?? distribution.id;
    add({ product, version: distribution.versionId, distribution: true });
  }
  for (const item of packages) {
    const product = runtimes.get(`${item.type} ${item.name}`);
    if (product !== undefined) add({ product, version: item.version.replace(/^(?:v|go)/, '') });
    const runtime = item.type === 'deb' || item.type === 'apk' || item.type === 'rpm' ? systemRuntime(item) : undefined;
    if (runtime !== undefined) add(runtime);
  }
  const ends = new Map<string, EndOfLife>();
  for (const release of releases.values()) {
    const end = endOf(release, facts, clock);
    if (end !== undefined) ends.set(`${end.product} ${end.release}`, end);
  }
  return [...ends.values()].sort(
    by(
      ({ product }) => product,
      ({ release }) => release,
    ),
  );
}

function endOf(release: Release, facts: readonly FactShard[], clock: Clock): EndOfLife | undefined {
  for (const shard of facts) {
    const cycle = shard
      .cycles(release.product)
      .filter((candidate) => isWithin(release.version, candidate.cycle))
      .sort((a, b) => b.cycle.length - a.cycle.length)[0];
    const date = cycle?.eolDate;
    if (cycle === undefined || date === undefined) continue;
    const { product, distribution } = release;
    const ended = hasEnded(cycle, date, clock);
    return { product, release: cycle.cycle, date, ended, ...(distribution === undefined ? {} : { distribution }) };
  }
  return undefined;
}

function isWithin(version: string, cycle: string): boolean {
  return version === cycle || version.startsWith(`${cycle}.`) || cycle === `${version}.0`;
}

function hasEnded(cycle: ProductCycle, date: string, clock: Clock): boolean {
  return cycle.ended ?? Date.parse(date) < clock.nowMs();
}
