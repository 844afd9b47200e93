// CISA's vulnrichment: CVE records with the CVSS of the assigner and of CISA.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import { decodeText, mebibyte } from '@plombe/kit';
import type { FeedDocument } from '../../feed.ts';
import { archiveFiles } from '../../documents/archive.ts';
import { malformed } from '../../documents/json.ts';
import { parseCveRecord } from './record.ts';

/** The longest CVE record has under 4 MiB (kernel records that list every version). */
const maxRecordBytes = 16 * mebibyte;

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<EnrichmentItem> {
  const wants = (name: string): boolean => /(?:^|\/)CVE-\d{4}-\d+\.json$/.test(name);
  let records = 0;
  for await (const file of archiveFiles(document, { wants, maxFileBytes: maxRecordBytes, signal })) {
    const record = file.name.replace(/^.*\//, '');
    if ('cause' in file) {
      yield { kind: 'problem', record, cause: file.cause };
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(decodeText(file.bytes));
    } catch {
      value = undefined;
    }
    const item = parseCveRecord(value);
    if (item !== undefined && 'cause' in item) yield { kind: 'problem', record, cause: item.cause };
    else {
      records += 1;
      if (item !== undefined) yield item;
    }
  }
  if (records === 0) throw malformed(document, 'holds no CVE record');
}

/** Severities by CVE, for the sources that state none. */
export const vulnrichment: EnrichmentFeed = {
  id: 'vulnrichment',
  title: 'CISA vulnrichment',
  homepage: 'https://github.com/cisagov/vulnrichment',
  licence: 'CC0-1.0',
  requests: () => [
    {
      name: 'vulnrichment/vulnrichment.tar.gz',
      url: 'https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.tar.gz',
    },
  ],
  matches: (path) => /(?:^|\/)vulnrichment\/[^/]+\.(?:tar|tar\.gz|tar\.zst|zip)$/.test(path),
  parse,
};
