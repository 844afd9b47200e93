// CISA's catalogue of known exploited vulnerabilities.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import { field, isObject, listField, mebibyte, textField } from '@plombe/kit';
import { malformed, readJson } from '../../documents/json.ts';
import { parseDate, parseId } from '../../normal/ids.ts';
import type { FeedDocument } from '../../feed.ts';

/** The catalogue has 1.5 MiB. */
const maxBytes = 64 * mebibyte;

function parseEntry(entry: unknown, index: number): EnrichmentItem {
  const vulnerability = isObject(entry) ? parseId(field(entry, 'cveID')) : undefined;
  const dateAdded = isObject(entry) ? parseDate(field(entry, 'dateAdded')) : undefined;
  if (!isObject(entry) || vulnerability === undefined || dateAdded === undefined) {
    return { kind: 'problem', record: vulnerability ?? `entry ${index}`, cause: 'lacks cveID or dateAdded' };
  }
  const dueDate = parseDate(field(entry, 'dueDate'));
  return {
    kind: 'kev',
    vulnerability,
    exploited: {
      dateAdded,
      ...(dueDate === undefined ? {} : { dueDate }),
      ransomware: textField(entry, 'knownRansomwareCampaignUse') === 'Known',
    },
  };
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<EnrichmentItem> {
  const value = await readJson(document, maxBytes, signal);
  const entries = isObject(value) ? listField(value, 'vulnerabilities') : [];
  if (entries.length === 0) throw malformed(document, 'lists no vulnerability');
  const count = isObject(value) ? field(value, 'count') : undefined;
  if (typeof count === 'number' && count !== entries.length) {
    throw malformed(document, `states ${count} vulnerabilities and lists ${entries.length}`);
  }
  for (const [index, entry] of entries.entries()) yield parseEntry(entry, index);
}

/** Known exploited vulnerabilities, by CVE. */
export const kev: EnrichmentFeed = {
  id: 'kev',
  title: 'CISA Known Exploited Vulnerabilities',
  homepage: 'https://www.cisa.gov/known-exploited-vulnerabilities-catalog',
  licence: 'CC0-1.0',
  requests: () => [
    {
      name: 'kev/known_exploited_vulnerabilities.json',
      url: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
    },
  ],
  matches: (path) => /(?:^|\/)known_exploited_vulnerabilities\.json$/.test(path),
  parse,
};
