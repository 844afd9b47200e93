// What both formats are told, and the identity they share.
import { createHash } from 'node:crypto';
import type { Assessment, DatabaseSummary, Inventory, MatchResult } from '@plombe/model';

export interface SbomOptions {
  readonly tool: { readonly name: string; readonly version: string };
  /** Instant the document is said to be made at, ISO 8601; CycloneDX leaves it out where absent, SPDX takes the image's own. */
  readonly timestamp?: string;
  /** The state of a scan and its causes. */
  readonly assessment?: Assessment;
  /** What is known of the packages; CycloneDX then carries vulnerabilities. */
  readonly match?: MatchResult;
  /** CycloneDX also carries what VEX documents took away, with its analysis. */
  readonly suppressed?: boolean;
  readonly database?: DatabaseSummary;
}

/**
 * A UUID (RFC 9562, version 8) of what the document says: the same content has the same id, on every machine. `format` keeps the ids of
 * different formats apart.
 */
export function contentUuid(format: string, inventory: Inventory, options: SbomOptions): string {
  const hash = createHash('sha256');
  const add = (...texts: readonly unknown[]): void => {
    hash.update(JSON.stringify(texts));
  };
  add(format, options.tool.name, options.tool.version, options.timestamp);
  add(
    inventory.subject,
    inventory.config,
    inventory.distribution,
    inventory.layers,
    inventory.diagnostics,
    inventory.complete,
  );
  for (const item of inventory.packages) add(item);
  add(options.assessment, options.database);
  if (options.match !== undefined) {
    const { findings, ...rest } = options.match;
    add(rest);
    for (const finding of findings) add(finding);
    if (options.suppressed === true) add('suppressed');
  }
  return uuidOf(hash.digest());
}

/** The first 16 bytes of a digest as a UUID of version 8. */
export function uuidOf(digest: Uint8Array): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
