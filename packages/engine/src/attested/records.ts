// What the ledger is told of a scan: two custody records that name documents by digest and say how far the scan got.
import { createHash } from 'node:crypto';
import { inert, type JsonObject } from '@plombe/kit';
import { countBySeverity, type Digest, type ScanResult } from '@plombe/model';
import type { NewRecord } from '@plombe/trust';
import { inventoryAssessment, renderSbom } from '../inventory/sbom.ts';
import { json } from '../reports/json/index.ts';
import type { ScanAttestation } from './attest.ts';
import { assessmentOf, heldFindings } from './vulns.ts';

/** What was attested before; both absent where nothing was. */
export interface AttestedParts {
  readonly inventory?: ScanAttestation;
  readonly scan?: ScanAttestation;
}

/**
 * Returns the records `inventory` and `scan` of an image. Counts are left out of a scan that could say nothing: a record never holds a silent
 * zero. Nothing of image config, environment or the place of the database is in them (T24, T66).
 */
export function scanRecords(digest: Digest, result: ScanResult, attested: AttestedParts): readonly NewRecord[] {
  return [
    { digest, kind: 'inventory', content: inventoryContent(result, attested.inventory) },
    { digest, kind: 'scan', content: scanContent(result, attested.scan) },
  ];
}

function inventoryContent({ inventory, tool }: ScanResult, attestation: ScanAttestation | undefined): JsonObject {
  const { distribution, packages, subject } = inventory;
  const rendered = renderSbom(inventory, 'cyclonedx', { version: tool.version });
  return {
    tool,
    ...assessmentOf({ assessment: inventoryAssessment(inventory) }),
    ...(subject.platform === undefined ? {} : { platform: platformOf(subject.platform) }),
    ...(distribution === undefined
      ? {}
      : { distribution: inert(`${distribution.id} ${distribution.versionId ?? ''}`.trim().slice(0, 200)) }),
    packages: packages.length,
    // Without its time, so that the same image and version give the same digest again.
    document: cycloneDxDocument(rendered),
    ...(attestation === undefined ? {} : { attestation }),
  };
}

function scanContent(result: ScanResult, attestation: ScanAttestation | undefined): JsonObject {
  const { database, tool, scannedAt, assessment } = result;
  const findings = heldFindings(result);
  return {
    tool,
    scannedAt,
    ...assessmentOf(result),
    ...(assessment.state === 'unassessable' ? {} : { findings: countBySeverity(findings) }),
    database: {
      digest: database.digest,
      kind: database.kind,
      ...(database.oldestData === undefined ? {} : { oldestData: database.oldestData }),
    },
    // What `-o json` writes for this scan.
    report: documentOf(json.mediaType, json.render(result, { colour: false, evidence: false })),
    ...(attestation === undefined ? {} : { attestation }),
  };
}

function platformOf({ os, architecture, variant }: { os: string; architecture: string; variant?: string }): string {
  return inert([os, architecture, ...(variant === undefined ? [] : [variant])].join('/').slice(0, 200));
}

/** Names a CycloneDX document by its bytes. */
export function cycloneDxDocument(pieces: Iterable<string>): JsonObject {
  return documentOf('application/vnd.cyclonedx+json; version=1.6', pieces);
}

function documentOf(mediaType: string, pieces: Iterable<string>): JsonObject {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return { mediaType, digest: `sha256:${hash.digest('hex')}` };
}
