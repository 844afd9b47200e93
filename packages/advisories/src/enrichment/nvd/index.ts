// NVD's scores: severities by CVE, from the pages that ../../feeds/nvd reads for its products.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import type { FeedDocument } from '../../feed.ts';
import { isNvdPage, nvdMembers } from '../../feeds/nvd/pages.ts';
import { readNvdRecord } from '../../feeds/nvd/parse.ts';

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<EnrichmentItem> {
  signal.throwIfAborted();
  for await (const member of nvdMembers(document, signal)) {
    const record = readNvdRecord(member);
    if (record === undefined) {
      yield { kind: 'problem', record: document.name.slice(-100), cause: 'holds a member that is no CVE record' };
      continue;
    }
    const { id, severities, summary, publishedAt, isRejected, isDisputed } = record;
    if (isRejected) yield { kind: 'severity', vulnerability: id, severities: [], rejected: true };
    else if (severities.length > 0 || isDisputed)
      yield {
        kind: 'severity',
        vulnerability: id,
        severities,
        ...(summary === undefined ? {} : { summary }),
        ...(publishedAt === undefined ? {} : { publishedAt }),
        ...(isDisputed ? { disputed: true } : {}),
      };
  }
}

/** Severities by CVE with their authors: the assigner's, CISA's, NVD's. */
export const nvdScores: EnrichmentFeed = {
  id: 'nvd-scores',
  title: 'NVD scores',
  homepage: 'https://nvd.nist.gov/developers/vulnerabilities',
  licence: 'public domain',
  // The pages are fetched once, by the feed of the same name.
  requests: () => [],
  matches: isNvdPage,
  parse,
};
