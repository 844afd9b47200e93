// Photon OS's list of CVEs, one JSON document for each release.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { mebibyte } from '@plombe/kit';
import { JsonStreamError, jsonMembers } from '../../documents/json-members.ts';
import { malformed } from '../../documents/json.ts';
import { parseRow } from './row.ts';

const root = 'https://packages.broadcom.com/photon/photon_cve_metadata';
const releases: readonly string[] = ['1.0', '2.0', '3.0', '4.0', '5.0'];
/** A row has under 300 bytes. */
const maxRowBytes = mebibyte;

function releaseOf(path: string): string | undefined {
  return /(?:^|\/)cve_data_photon(\d+\.\d+)\.json$/.exec(path)?.[1];
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const release = releaseOf(document.name) ?? releaseOf(document.origin);
  if (release === undefined) throw malformed(document, 'is no list of a known release of Photon OS');
  let rows = 0;
  try {
    for await (const { text } of jsonMembers(document.open({ signal }), { maxMemberBytes: maxRowBytes })) {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      const parsed = parseRow(value, `Photon OS:${release}`);
      if (parsed !== undefined && 'cause' in parsed) {
        yield { kind: 'problem', record: text.slice(0, 80), cause: parsed.cause };
        continue;
      }
      rows += 1;
      if (parsed !== undefined) yield { kind: 'advisory', advisory: parsed };
    }
  } catch (cause) {
    if (cause instanceof JsonStreamError)
      throw malformed(document, `is not a list of CVEs: it ${cause.message}`, cause);
    throw cause;
  }
  if (rows === 0) throw malformed(document, 'holds no CVE');
}

/** Photon OS 1.0 to 5.0, on binary packages; ecosystems `Photon OS:<release>`. */
export const photon: AdvisoryFeed = {
  id: 'photon',
  title: 'Photon OS CVE metadata',
  homepage: 'https://github.com/vmware/photon/wiki/Security-Advisories',
  licence: 'none stated',
  requests: (ecosystems) =>
    releases
      .filter((release) => ecosystems?.some((name) => name === 'Photon OS' || name === `Photon OS:${release}`) ?? true)
      .map((release) => ({
        shard: `photon-${release}`,
        documents: [{ name: `photon/cve_data_photon${release}.json`, url: `${root}/cve_data_photon${release}.json` }],
      })),
  matches(path) {
    const release = releaseOf(path);
    return release === undefined ? undefined : `photon-${release}`;
  },
  parse,
};
