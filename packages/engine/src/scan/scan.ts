// The use case `scan`: inventory → findings → state → actions. Pure once the inventory is there.
import { assess, type AdvisoryDatabase } from '@plombe/advisories';
import { compareVersions } from '@plombe/versions';
import type { Context, Image, Inventory, ScanResult } from '@plombe/model';
import { buildInventory, type InventoryOptions } from '../inventory/inventory.ts';
import { planActions } from './actions.ts';
import { applyScopes } from './development.ts';

export interface MatchOptions {
  readonly database: Pick<AdvisoryDatabase, 'match' | 'summary'>;
  /** Of this program, for the report. */
  readonly version: string;
  /** Findings of packages that are for development only do not count: they are suppressed. Default: they count. */
  readonly excludeDevelopment?: boolean;
}

export type ScanOptions = InventoryOptions & MatchOptions;

/** Scans one image. Throws only where the source or the database as a whole cannot be read. */
export async function scanImage(image: Image, options: ScanOptions, ctx: Context): Promise<ScanResult> {
  return scanInventory(await buildInventory(image, options, ctx), options, ctx);
}

/** Matches an inventory, whatever it came from. The same inventory and database give the same result, but for `scannedAt`. */
export function scanInventory(inventory: Inventory, options: MatchOptions, ctx: Context): ScanResult {
  const match = applyScopes(options.database.match(inventory), inventory, options.excludeDevelopment === true);
  return {
    inventory,
    match,
    assessment: assess(match, inventory),
    database: options.database.summary(match),
    actions: planActions(match.findings, inventory, { compare: comparePackages }),
    scannedAt: new Date(ctx.clock.nowMs()).toISOString(),
    tool: { name: 'plombe', version: options.version },
  };
}

const schemes: Readonly<Record<string, string>> = {
  alpm: 'alpm',
  apk: 'apk',
  conda: 'conda',
  deb: 'deb',
  ebuild: 'ebuild',
  opkg: 'deb',
  rpm: 'rpm',
  npm: 'semver',
  pypi: 'pep440',
  golang: 'go',
  maven: 'maven',
  cargo: 'semver',
  nuget: 'nuget',
  gem: 'gem',
  composer: 'composer',
  hex: 'hex',
  pub: 'pub',
  swift: 'semver',
  cran: 'cran',
  hackage: 'hackage',
};

function comparePackages(packageType: string, a: string, b: string): number | undefined {
  const scheme = schemes[packageType];
  return scheme === undefined ? undefined : compareVersions(scheme, a, b);
}
