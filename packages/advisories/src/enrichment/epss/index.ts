// FIRST's exploit prediction scores, one day's file.
import type { EnrichmentFeed, EnrichmentItem } from '../contract.ts';
import { defaultLayerLimits, gibibyte, isPlombeError } from '@plombe/kit';
import type { FeedDocument } from '../../feed.ts';
import { decompress } from '@plombe/formats';
import { malformed } from '../../documents/json.ts';
import { parseId } from '../../normal/ids.ts';
import { readLines } from '../../documents/lines.ts';

/** 360,000 lines make 10 MiB. */
const limits = { ...defaultLayerLimits, layerBytes: gibibyte };

const share = /^(?:0(?:\.\d+)?|1(?:\.0+)?|\d(?:\.\d+)?[eE]-\d+)$/;

function parseLine(line: string, date: string): EnrichmentItem {
  const [id, score = '', percentile = ''] = line.split(',');
  const vulnerability = parseId(id);
  if (vulnerability === undefined || !share.test(score) || !share.test(percentile)) {
    return { kind: 'problem', record: line.slice(0, 80), cause: 'is not an id and two shares' };
  }
  return { kind: 'epss', vulnerability, score: Number(score), percentile: Number(percentile), date };
}

async function* parseLines(document: FeedDocument, signal: AbortSignal): AsyncGenerator<EnrichmentItem> {
  let date: string | undefined;
  let header = false;
  let scores = 0;
  const bytes = decompress(document.open({ signal }), { signal, limits, subject: document.name });
  for await (const batch of readLines(bytes)) {
    for (const line of batch) {
      if (line.startsWith('#')) date ??= /score_date:(\d{4}-\d\d-\d\d)/.exec(line)?.[1];
      else if (!header) {
        header = line === 'cve,epss,percentile';
        if (!header || date === undefined)
          throw malformed(document, 'does not begin with a date and the header cve,epss,percentile');
      } else if (line !== '' && date !== undefined) {
        scores += 1;
        yield parseLine(line, date);
      }
    }
  }
  if (scores === 0) throw malformed(document, 'holds no score');
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<EnrichmentItem> {
  try {
    yield* parseLines(document, signal);
  } catch (cause) {
    if (isPlombeError(cause) && cause.code.startsWith('archive/')) {
      throw malformed(document, `cannot be unpacked: ${cause.message}`, cause);
    }
    throw cause;
  }
}

/** Exploit prediction, by CVE; a CVE that is not in it has no score, which is not zero. */
export const epss: EnrichmentFeed = {
  id: 'epss',
  title: 'Exploit Prediction Scoring System',
  homepage: 'https://www.first.org/epss/',
  licence: 'free to use, source FIRST.org',
  requests: () => [
    { name: 'epss/epss_scores-current.csv.gz', url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz' },
  ],
  matches: (path) => /(?:^|\/)epss_scores-[\w-]+\.csv(?:\.gz|\.zst)?$/.test(path),
  parse,
};
