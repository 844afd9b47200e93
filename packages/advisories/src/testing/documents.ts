// Documents for the tests of feeds: from text, and from real files where they are at hand.
import type { FeedDocument, FeedItem } from '../feed.ts';
import type { Advisory } from '@plombe/model';
import type { EnrichmentItem } from '../enrichment/contract.ts';
import { createReadStream, statSync } from 'node:fs';
import { sharedPath } from '../../../kit/src/testing/shared.ts';

/** A document of these bytes or this text, given in chunks of `chunkBytes`. */
export function memoryDocument(name: string, content: string | Uint8Array, chunkBytes = 64 * 1024): FeedDocument {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    origin: 'test',
    sizeBytes: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

/** A document of a file of this machine. */
export function fileDocument(name: string, path: string, kind?: FeedDocument['kind']): FeedDocument {
  return {
    name,
    origin: path,
    path,
    sizeBytes: statSync(path).size,
    ...(kind === undefined ? {} : { kind }),
    open: () => createReadStream(path, { highWaterMark: 1024 * 1024 }),
  };
}

/** A document of the folder of real feeds, or undefined where that is absent. */
export function sharedDocument(path: string, kind?: FeedDocument['kind']): FeedDocument | undefined {
  const found = sharedPath(`feeds/${path}`);
  return found === undefined ? undefined : fileDocument(path, found, kind);
}

/** Splits what a parser gives into advisories and problems. */
export async function collect(items: AsyncIterable<FeedItem>) {
  const advisories: Advisory[] = [];
  const problems: { readonly record: string; readonly cause: string }[] = [];
  for await (const item of items) {
    if (item.kind === 'advisory') advisories.push(item.advisory);
    else problems.push({ record: item.record, cause: item.cause });
  }
  return { advisories, problems };
}

/** Collects what an enrichment feed gives, apart by kind. */
export async function collectFacts(items: AsyncIterable<EnrichmentItem>) {
  const facts: EnrichmentItem[] = [];
  const problems: { readonly record: string; readonly cause: string }[] = [];
  for await (const item of items) {
    if (item.kind === 'problem') problems.push({ record: item.record, cause: item.cause });
    else facts.push(item);
  }
  return { facts, problems };
}

/** A signal that is never aborted. */
export const signal = new AbortController().signal;
