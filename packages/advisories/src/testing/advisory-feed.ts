// A feed for tests that gives advisories as they are, so that every status and qualifier can be stated.
import type { Advisory, AffectedPackage } from '@plombe/model';
import { openDatabase, type AdvisoryDatabase } from '../database/database.ts';
import type { EnrichmentFeed, EnrichmentItem } from '../enrichment/contract.ts';
import type { AdvisoryFeed } from '../feed.ts';
import { buildTest, testClock, testFolder, writeFeeds } from './records.ts';

/** An advisory about the parts given, all of one ecosystem and scheme. */
export function advisory(
  id: string,
  parts: readonly (Partial<AffectedPackage> & Pick<AffectedPackage, 'ecosystem' | 'name'>)[],
  rest: Partial<Advisory> = {},
): Advisory {
  const affected = parts.map((part) => ({ ranges: [], versions: [], status: 'affected' as const, ...part }));
  return {
    id,
    feed: 'vendor',
    aliases: [],
    related: [],
    upstream: [],
    severities: [],
    references: [],
    ...rest,
    affected,
  };
}

/** Builds a database of these advisories and facts and opens it. */
export async function vendorDatabase(
  advisories: readonly Advisory[],
  facts: readonly EnrichmentItem[] = [],
): Promise<AdvisoryDatabase> {
  const about = { title: 'Vendor', homepage: 'https://vendor.example/', licence: 'CC0-1.0' };
  const feed: AdvisoryFeed = {
    id: 'vendor',
    ...about,
    requests: () => [],
    matches: (path) => (path === 'vendor' ? 'vendor' : undefined),
    async *parse() {
      for (const one of advisories) yield { kind: 'advisory', advisory: one };
    },
  };
  const enrichment: EnrichmentFeed = {
    id: 'facts',
    ...about,
    requests: () => [],
    matches: (path) => path === 'facts',
    async *parse() {
      yield* facts;
    },
  };
  const files = facts.length === 0 ? { vendor: '' } : { vendor: '', facts: '' };
  const to = testFolder();
  await buildTest(writeFeeds(testFolder(), files), to, { lists: { feeds: [feed], enrichments: [enrichment] } });
  return openDatabase(to, { clock: testClock });
}
