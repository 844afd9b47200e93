// The use case `scan`: inventory → findings → state → actions. Pure once the inventory is there.
import { assess, type AdvisoryDatabase } from '@plombe/advisories';
import { compareVersions } from '@plombe/versions';
import type { Context, Image, Inventory, ScanResult } from '@plombe/model';
import { buildInventory, type InventoryOptions } from '../inventory/inventory.ts';
import { planActions } from './actions.ts';
import { applyScopes } from './development.ts';
import { applyVex } from '../vex/apply.ts';
import { leaveOut, type LeaveOut } from './leave-out.ts';

export interface MatchOptions {
  readonly database: Pick<AdvisoryDatabase, 'match' | 'summary'>;
  /** Of this program, for the report. */
  readonly version: string;
  /** Findings of packages that are for development only do not count: they are suppressed. Default: they count. */
  readonly excludeDevelopment?: boolean;
  /** Findings that do not count besides, since whoever asks says so. */
  readonly leaveOut?: LeaveOut;
}

export type ScanOptions = InventoryOptions & MatchOptions;

/** Scans one image. Throws only where the source or the database as a whole cannot be read. */
export async function scanImage(image: Image, options: ScanOptions, ctx: Context): Promise<ScanResult> {
  return scanInventory(await buildInventory(image, options, ctx), options, ctx);
}

/** Matches an inventory, whatever it came from. The same inventory and database give the same result, but for `scannedAt`. */
export function scanInventory(inventory: Inventory, options: MatchOptions, ctx: Context): ScanResult {
  const match = applyScopes(options.database.match(inventory), inventory, options.excludeDevelopment === true);
  const result = {
    inventory,
    match,
    assessment: assess(match, inventory),
    database: options.database.summary(match),
    actions: [],
    scannedAt: new Date(ctx.clock.nowMs()).toISOString(),
    tool: { name: 'plombe', version: options.version },
  } as const;
  return withActions(withoutLeftOut(result, options.leaveOut ?? {}));
}

/** The result as a scan with these options gives it, at the time of that scan: also of a saved one. What was compared stays the same. */
export function leaveOutOf(result: ScanResult, options: LeaveOut): ScanResult {
  const left = withoutLeftOut(result, options);
  return left === result ? result : withActions(left);
}

function withoutLeftOut(result: ScanResult, options: LeaveOut): ScanResult {
  const said = applyVex(result.match, result.inventory, options.vex ?? []);
  const match = leaveOut(said.match, result.inventory, options, result.scannedAt.slice(0, 10));
  if (match === result.match && said.notes.length === 0) return result;
  const diagnostics = [...said.notes, ...result.inventory.diagnostics];
  return { ...result, match, inventory: { ...result.inventory, diagnostics } };
}

function withActions(result: ScanResult): ScanResult {
  const actions = planActions(result.match.findings, result.inventory, { compare: comparePackages });
  return { ...result, actions };
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
