// Scan evidence of an image index: one statement with the findings of all its platforms, and one with the packages of all (docs/predicates/scan.md).
import type { AdvisoryDatabase } from '@plombe/advisories';
import { isPlombeError, type JsonObject } from '@plombe/kit';
import type { Context, DatabaseSummary, Digest } from '@plombe/model';
import { formatReference, type ImageReference } from '@plombe/oci';
import { attestSubject, type SigningTask } from '../trust/sign.ts';
import { cycloneDxType, documentOf, type ScanAttestation } from './attest.ts';
import { platformSummary, type IndexScan } from './index-scan.ts';
import type { AttestedParts } from './records.ts';
import { assessmentOf, databaseOf, scannerUri, shardOf, vulnsPredicateType } from './vulns.ts';

/** What is said of the scan as a whole. */
export interface IndexScanFacts {
  readonly digest: Digest;
  /** Where the index is; its name is in the inventory. */
  readonly reference: ImageReference;
  /** Instant at which the first image was scanned, ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
  /** All images are compared with one database. */
  readonly database: Pick<AdvisoryDatabase, 'summary'>;
}

/**
 * Signs the inventory as `https://cyclonedx.org/bom` and the result as vulns v0.2, both about the index. An inventory that verifiers would not take
 * is left out. Throws `trust/too-large` for a result that is too large even without the ids of packages, and what signing and storing throw.
 */
export async function attestIndex(
  scan: IndexScan,
  facts: IndexScanFacts,
  task: SigningTask & { readonly format: 'bundle' | 'tag' },
  ctx: Context,
): Promise<AttestedParts> {
  const finishedAt = new Date(ctx.clock.nowMs()).toISOString();
  const result =
    small(() => predicateText(scan, facts, finishedAt, 'packages'), 'scan') ??
    documentOf([predicateText(scan, facts, finishedAt, 'names')], 'scan');
  const attest = async (predicateType: string, predicate: JsonObject): Promise<ScanAttestation> => {
    const { manifest, statement } = await attestSubject({ ...task, predicateType, predicate }, ctx);
    return { predicateType, format: task.format, manifest, statement, signer: task.signer.publicKey.id };
  };
  const bom = small(() => indexBom(scan, facts, facts.startedAt), 'inventory');
  const inventory = bom === undefined ? {} : { inventory: await attest(cycloneDxType, bom) };
  return { ...inventory, scan: await attest(vulnsPredicateType, result) };
}

/** Undefined where it is larger than a verifier takes. */
function small(render: () => string | Iterable<string>, what: string): JsonObject | undefined {
  try {
    const rendered = render();
    return documentOf(typeof rendered === 'string' ? [rendered] : rendered, what);
  } catch (thrown) {
    if (isPlombeError(thrown, 'trust/too-large')) return undefined;
    throw thrown;
  }
}

function predicateText(
  scan: IndexScan,
  facts: IndexScanFacts,
  finishedAt: string,
  detail: 'packages' | 'names',
): string {
  return JSON.stringify(indexVulnsPredicate(scan, facts, finishedAt, detail));
}

/**
 * Returns the predicate of the result. Who reads it as that of a single image reads the findings of all, and the worst state: never one that is better than
 * that of an image.
 */
export function indexVulnsPredicate(
  scan: IndexScan,
  facts: IndexScanFacts,
  finishedAt: string,
  detail: 'packages' | 'names',
): JsonObject {
  const { platforms, skipped, findings } = scan;
  const database = databaseOfAll(scan, facts);
  return {
    scanner: {
      uri: scannerUri,
      version: facts.version,
      db: databaseOf(database),
      result: findings.list(
        platforms.map(({ digest }) => digest),
        detail,
      ),
    },
    metadata: { scanStartedOn: facts.startedAt, scanFinishedOn: finishedAt },
    assessment: assessmentOf({ assessment: scan.assessment('assessment') }),
    platforms: platforms.map((one) => platformSummary(one, 'assessment')),
    skipped: skippedOf(skipped),
    database: { kind: database.kind, digest: database.digest, shards: scan.shards().map(shardOf) },
  };
}

/** The inventory in pieces; without a time it is the same for the same index and version. */
export function indexBom(
  scan: IndexScan,
  { digest, reference: { registry, repository }, version }: IndexScanFacts,
  timestamp?: string,
): Iterable<string> {
  return scan.bom.render(
    { digest, repository: formatReference({ registry, repository }), skipped: scan.skipped },
    {
      tool: { name: 'plombe', version },
      assessment: scan.assessment('inventory'),
      ...(timestamp === undefined ? {} : { timestamp }),
    },
  );
}

/** The database over the shards that any of the images was compared with. */
export function databaseOfAll(scan: IndexScan, { database }: IndexScanFacts): DatabaseSummary {
  return database.summary({ findings: [], unassessed: [], suppressed: [], shards: scan.shards(), endOfLife: [] });
}

/** What was not looked at, as statements and records name it. */
export function skippedOf(skipped: IndexScan['skipped']): readonly JsonObject[] {
  return skipped.map(({ digest, kind, reason }) => ({ digest, kind, message: reason }));
}
