// What the ledger is told of the scan of an image index: two custody records, as of an image, that name every image of it.
import type { JsonObject } from '@plombe/kit';
import type { NewRecord } from '@plombe/trust';
import { databaseOfAll, indexBom, skippedOf, type IndexScanFacts } from './index-attest.ts';
import { platformSummary, type IndexScan } from './index-scan.ts';
import { cycloneDxDocument, type AttestedParts } from './records.ts';
import { assessmentOf } from './vulns.ts';

/** Images and other parts that a record names: it may have 1 MiB, and the statement has all. */
const maxNamed = 500;

/** Returns the records `inventory` and `scan` of an index. As of an image, they never hold a silent zero. */
export function indexRecords(scan: IndexScan, facts: IndexScanFacts, attested: AttestedParts): readonly NewRecord[] {
  const { digest } = facts;
  return [
    { digest, kind: 'inventory', content: inventoryContent(scan, facts, attested.inventory) },
    { digest, kind: 'scan', content: scanContent(scan, facts, attested.scan) },
  ];
}

function inventoryContent(scan: IndexScan, facts: IndexScanFacts, attestation: AttestedParts['inventory']): JsonObject {
  return {
    ...common(scan, facts, 'inventory'),
    packages: scan.bom.packages(),
    document: cycloneDxDocument(indexBom(scan, facts)),
    ...(attestation === undefined ? {} : { attestation }),
  };
}

function scanContent(scan: IndexScan, facts: IndexScanFacts, attestation: AttestedParts['scan']): JsonObject {
  const { digest, kind, oldestData } = databaseOfAll(scan, facts);
  return {
    ...common(scan, facts, 'assessment'),
    scannedAt: facts.startedAt,
    database: { digest, kind, ...(oldestData === undefined ? {} : { oldestData }) },
    ...(attestation === undefined ? {} : { attestation }),
  };
}

function common(scan: IndexScan, { version }: IndexScanFacts, of: 'assessment' | 'inventory'): JsonObject {
  const { platforms, skipped } = scan;
  const more = Math.max(platforms.length, skipped.length) > maxNamed;
  return {
    tool: { name: 'plombe', version },
    ...assessmentOf({ assessment: scan.assessment(of) }),
    platforms: platforms.slice(0, maxNamed).map((one) => platformSummary(one, of)),
    skipped: skippedOf(skipped.slice(0, maxNamed)),
    ...(more
      ? { morePlatforms: Math.max(0, platforms.length - maxNamed), moreSkipped: Math.max(0, skipped.length - maxNamed) }
      : {}),
  };
}
