// The scans of all images that an index lists, gathered one after the other: of each only what statements and records need is kept.
import { by, inert, type JsonObject } from '@plombe/kit';
import {
  countBySeverity,
  formatPlatform,
  type Assessment,
  type Cause,
  type Digest,
  type Platform,
  type ScanResult,
  type ShardStatus,
  type State,
} from '@plombe/model';
import { openIndexBom, type IndexBom, type SkippedMember } from '@plombe/sbom';
import { inventoryAssessment } from '../inventory/sbom.ts';
import { openIndexFindings, type IndexFindings } from './index-findings.ts';
import { assessmentOf, heldFindings } from './vulns.ts';

/** An image that an index lists. */
export interface ListedImage {
  readonly digest: Digest;
  /** What entries of the index say that it is for; what its config says counts. */
  readonly platforms: readonly Platform[];
}

/** Why something that an index lists is not looked at: it is a statement about an image; it is not there; it lies too deep. */
export type SkipReason = 'statement' | 'missing' | 'depth';

/** One image of an index, as statements and records name it. */
export interface IndexPlatform {
  readonly digest: Digest;
  readonly platform?: string;
  readonly listedAs: readonly string[];
  /** Of the scan. */
  readonly assessment: Assessment;
  /** Of the inventory alone. */
  readonly inventory: Assessment;
  readonly packages?: number;
  readonly distribution?: string;
  /** By severity; absent where the scan could say nothing. */
  readonly findings?: JsonObject;
  readonly scannedAt?: string;
  readonly database?: string;
}

/** What was gathered. */
export interface IndexScan {
  /** Adds an image with its scan, which is needed no more afterwards. A digest counts once. */
  add(image: ListedImage, result: ScanResult): void;
  /** Adds an image that cannot be scanned. */
  addUnscanned(image: ListedImage, cause: Cause): void;
  skip(digest: Digest, reason: SkipReason): void;
  readonly platforms: readonly IndexPlatform[];
  readonly skipped: readonly (SkippedMember & { readonly kind: SkipReason })[];
  readonly findings: IndexFindings;
  readonly bom: IndexBom;
  /** Of all that were asked, sorted by id. */
  shards(): readonly ShardStatus[];
  /** The worst of all parts, with a cause for each that is not assessed; what is not there makes it unassessable. */
  assessment(of: 'assessment' | 'inventory'): Assessment;
}

const skipMessages: Readonly<Record<SkipReason, string>> = {
  statement: 'It is a statement about an image, and none itself.',
  missing: 'It is not in the registry.',
  depth: 'It lies in an index below more indexes than are followed.',
};

/** Platforms that an index claims for one image, though it has one; more say nothing. */
const maxListedAs = 10;

/** From best to worst. */
const states: readonly State[] = ['assessed', 'stale', 'partial', 'unassessable'];

/** Opens an empty one. */
export function openIndexScan(): IndexScan {
  const platforms: IndexPlatform[] = [];
  const skipped: (SkippedMember & { readonly kind: SkipReason })[] = [];
  const seen = new Set<Digest>();
  const shards = new Map<string, ShardStatus>();
  const findings = openIndexFindings();
  const bom = openIndexBom();

  function isNew(digest: Digest): boolean {
    if (seen.has(digest)) return false;
    seen.add(digest);
    return true;
  }

  function assessment(of: 'assessment' | 'inventory'): Assessment {
    const parts = platforms.map((platform) => [platform, platform[of]] as const);
    const gaps = skipped.filter(({ isGap }) => isGap);
    const worst = Math.max(...parts.map(([, { state }]) => states.indexOf(state)), gaps.length > 0 ? 3 : 0);
    const causes = [
      ...gaps.map(({ digest, reason }): Cause => ({
        code: 'registry/not-found',
        message: `The index lists ${digest}. ${reason}`,
        scope: digest,
      })),
      ...parts.filter(([, { state }]) => state !== 'assessed').flatMap(([one, part]) => platformCauses(one, part)),
    ];
    if (platforms.length > 0 || gaps.length > 0) return { state: states[worst] ?? 'unassessable', causes };
    return { state: 'unassessable', causes: [{ code: 'inventory/empty', message: 'The index lists no image.' }] };
  }

  return {
    platforms,
    skipped,
    findings,
    bom,
    assessment,
    shards: () => [...shards.values()].sort(by(({ id }) => id)),
    add: (image, result) => {
      if (!isNew(image.digest)) return;
      const { inventory, match } = result;
      const platform = platformOf(image, result);
      const { digest, listedAs } = platform;
      findings.add(platforms.length, heldFindings(result));
      bom.add({ digest, listedAs, assessment: platform.inventory }, inventory);
      for (const shard of match.shards) shards.set(shard.id, withPackages(shard, shards.get(shard.id)));
      platforms.push(platform);
    },
    addUnscanned: ({ digest, platforms: claimed }, cause) => {
      if (!isNew(digest)) return;
      const nothing: Assessment = { state: 'unassessable', causes: [cause] };
      const listedAs = [...new Set(claimed.map(nameOf))].slice(0, maxListedAs);
      bom.addUnread({ digest, listedAs, assessment: nothing });
      platforms.push({ digest, listedAs, assessment: nothing, inventory: nothing });
    },
    skip: (digest, kind) => {
      if (isNew(digest)) skipped.push({ digest, kind, reason: skipMessages[kind], isGap: kind !== 'statement' });
    },
  };
}

function platformOf({ digest, platforms: claimed }: ListedImage, result: ScanResult): IndexPlatform {
  const { inventory, assessment, database, scannedAt } = result;
  const { distribution, packages, subject } = inventory;
  const platform = subject.platform === undefined ? undefined : nameOf(subject.platform);
  const names = new Set(claimed.map(nameOf));
  // That of the config is no claim of the index.
  if (platform !== undefined) names.delete(platform);
  return {
    digest,
    listedAs: [...names].slice(0, maxListedAs),
    assessment,
    inventory: inventoryAssessment(inventory),
    packages: packages.length,
    scannedAt,
    database: database.digest,
    ...(platform === undefined ? {} : { platform }),
    ...(distribution === undefined
      ? {}
      : { distribution: inert(`${distribution.id} ${distribution.versionId ?? ''}`.trim().slice(0, 200)) }),
    ...(assessment.state === 'unassessable' ? {} : { findings: countBySeverity(heldFindings(result)) }),
  };
}

function nameOf(platform: Platform): string {
  return inert(formatPlatform(platform).slice(0, 200));
}

/** As many packages rely on it as in all images together. */
function withPackages(shard: ShardStatus, known: ShardStatus | undefined): ShardStatus {
  if (known === undefined) return shard;
  const { packages } = known;
  return packages === undefined || shard.packages === undefined
    ? known
    : { ...known, packages: packages + shard.packages };
}

/** The first cause of each image: its own entry has the others. */
function platformCauses({ digest, platform = digest }: IndexPlatform, { causes, state }: Assessment): Cause[] {
  const [first = { code: 'inventory/empty', message: state }] = causes;
  const more = causes.length > 1 ? ` And ${causes.length - 1} more.` : '';
  return [{ code: first.code, message: `${platform}: ${first.message}${more}`, scope: digest }];
}

/** What every statement and record says of an image of an index; at most three causes, the image's own statement has all. */
export function platformSummary(one: IndexPlatform, of: 'assessment' | 'inventory'): JsonObject {
  const { digest, platform, listedAs, packages, distribution } = one;
  return {
    digest,
    ...(platform === undefined ? {} : { platform }),
    ...(listedAs.length === 0 ? {} : { listedAs }),
    ...assessmentOf({ assessment: one[of] }, 3),
    ...(of === 'inventory' && distribution !== undefined ? { distribution } : {}),
    ...(of === 'inventory' && packages !== undefined ? { packages } : {}),
    ...(of === 'assessment' && one.findings !== undefined ? { findings: one.findings } : {}),
    ...(of === 'assessment' && one.database !== undefined ? { database: one.database } : {}),
  };
}
