// Scan evidence of an accepted index: its images are scanned one after the other, and what is found in all becomes statements about the index.
import { setImmediate } from 'node:timers/promises';
import { attestIndex, indexRecords, openIndexScan, type AttestedParts, type IndexScanFacts } from '@plombe/engine';
import { isPlombeError, messageOf } from '@plombe/kit';
import type { Context, ScanResult } from '@plombe/model';
import type { IndexDocument } from '@plombe/oci';
import type { NewRecord, Signer } from '@plombe/trust';
import { scanOf, type EvidenceSources, type Place } from './evidence.ts';
import { listedBy } from './listed.ts';

/** What attesting takes beside the place. */
export interface AttestParts {
  readonly sources: EvidenceSources;
  readonly signer: Signer;
}

/** Where a statement goes and who signs it. */
export function signingTask(place: Place, { sources: { client, store }, signer }: AttestParts) {
  const { registry, repository, digest } = place;
  const record = store.manifest(repository, digest, 'all');
  const { mediaType = '', sizeBytes = 0 } = record ?? {};
  const subject = { reference: { registry, repository, digest }, digest, mediaType, sizeBytes };
  return { client, subject, signer, endorsers: {}, format: 'bundle' } as const;
}

/** What is too large for verifiers is recorded without a statement, once and not every minute. */
export async function attestedOr(
  attest: () => Promise<AttestedParts>,
  { repository, digest }: Place,
  ctx: Context,
): Promise<AttestedParts> {
  try {
    return await attest();
  } catch (thrown) {
    if (!isPlombeError(thrown, 'trust/too-large')) throw thrown;
    ctx.log.warn('gate.not-attached', { repository, digest, cause: messageOf(thrown) });
    return {};
  }
}

/**
 * Attests an index and returns the records of it. `eachScan` is given the scan of each image while it is there: no more than one is kept, however many
 * the index lists. Undefined where `isOver` says that the server ends. Throws what scanning, signing and storing throw.
 */
export async function attestListed(
  place: Place,
  index: IndexDocument,
  parts: AttestParts,
  {
    eachScan,
    isOver,
  }: { readonly eachScan: (place: Place, scan: ScanResult) => Promise<void>; readonly isOver: () => boolean },
  ctx: Context,
): Promise<readonly NewRecord[] | undefined> {
  const { sources } = parts;
  const { registry, repository, digest } = place;
  const { version, database } = sources;
  const startedAt = new Date(ctx.clock.nowMs()).toISOString();
  const facts: IndexScanFacts = { digest, reference: { registry, repository }, startedAt, version, database };
  const listed = await listedBy(repository, index, sources, ctx);
  const all = openIndexScan();
  for (const one of listed.statements) all.skip(one, 'statement');
  for (const one of listed.missing) all.skip(one, 'missing');
  for (const one of listed.tooDeep) all.skip(one, 'depth');
  for (const image of listed.images) {
    // Requests come first.
    await setImmediate();
    if (isOver()) return undefined;
    const child = { registry, repository, digest: image.digest };
    const scanned = await scanOf(child, sources, ctx);
    if ('scan' in scanned) {
      await eachScan(child, scanned.scan);
      all.add(image, scanned.scan);
    } else all.addUnscanned(image, { code: scanned.code, message: scanned.unscanned });
  }
  const attested = await attestedOr(() => attestIndex(all, facts, signingTask(place, parts), ctx), place, ctx);
  return indexRecords(all, facts, attested);
}
