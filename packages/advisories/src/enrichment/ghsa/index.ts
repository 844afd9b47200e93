// Severities of the GitHub Advisory Database: extracts as CSV, or its OSV records, by GHSA and CVE id.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import { parseDate, parseId } from '../../normal/ids.ts';
import type { FeedDocument } from '../../feed.ts';
import { createOsvFeed } from '../../feeds/osv/feed.ts';
import { malformed } from '../../documents/json.ts';
import { readLines } from '../../documents/lines.ts';
import { severityWord } from '../../normal/cvss.ts';

/** Columns: id, date, quoted title, package, introduced, fixed, severity, CWEs. One row per range. */
const row = /^([A-Z]+-[\w-]+),([^,]*),(?:"((?:[^"]|"")*)"|([^,]*)),[^,]*,[^,]*,[^,]*,([A-Z]+),/;

async function* parseCsv(document: FeedDocument, signal: AbortSignal): AsyncGenerator<EnrichmentItem> {
  let last = '';
  let rows = 0;
  for await (const batch of readLines(document.open({ signal }))) {
    for (const line of batch) {
      if (line === '') continue;
      const [, id, date, quoted, plain, text] = row.exec(line) ?? [];
      const vulnerability = parseId(id);
      const word = severityWord(text);
      if (vulnerability === undefined || word === undefined) {
        yield {
          kind: 'problem',
          record: line.slice(0, 80),
          cause: 'is no row of id, date, title, package, range and severity',
        };
        continue;
      }
      rows += 1;
      if (vulnerability === last) continue;
      last = vulnerability;
      const summary = quoted?.replaceAll('""', '"') ?? plain;
      const publishedAt = parseDate(date);
      yield {
        kind: 'severity',
        vulnerability,
        severities: [{ author: 'ghsa', word }],
        ...(summary ? { summary } : {}),
        ...(publishedAt === undefined ? {} : { publishedAt }),
      };
    }
  }
  if (rows === 0) throw malformed(document, 'holds no advisory');
}

const records = createOsvFeed({
  id: 'ghsa',
  title: 'GHSA records',
  homepage: 'https://github.com/github/advisory-database',
  licence: 'CC-BY-4.0',
  requests: () => [],
  matches: () => undefined,
});

async function* parseRecords(document: FeedDocument, signal: AbortSignal): AsyncGenerator<EnrichmentItem> {
  for await (const item of records.parse(document, { signal })) {
    if (item.kind === 'problem') yield item;
    else if (item.advisory.withdrawnAt === undefined) {
      const { id, aliases, severities, summary, publishedAt } = item.advisory;
      const own = severities.filter(({ author }) => author === 'ghsa');
      if (own.length === 0) continue;
      for (const vulnerability of [id, ...aliases.filter((alias) => alias.startsWith('CVE-'))]) {
        yield {
          kind: 'severity',
          vulnerability,
          severities: own,
          ...(summary === undefined ? {} : { summary }),
          ...(publishedAt === undefined ? {} : { publishedAt }),
        };
      }
    }
  }
}

/** GHSA's severities, for records that name a GHSA or CVE and state none. OSV's archives carry GHSA's records themselves. */
export const ghsa: EnrichmentFeed = {
  id: 'ghsa',
  title: 'GitHub Advisory Database, severities',
  homepage: 'https://github.com/github/advisory-database',
  licence: 'CC-BY-4.0',
  requests: () => [],
  matches: (path) => /(?:^|\/)(?:ghsa-csv\/[^/]+\.csv|ghsa\/[^/]+\.(?:csv|zip|tar\.gz|tar\.zst))$/.test(path),
  parse: (document, { signal }) =>
    document.name.endsWith('.csv') ? parseCsv(document, signal) : parseRecords(document, signal),
};
