// AlmaLinux's errata as its own server publishes them; the osv feed reads the same errata as OSV records.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { JsonStreamError, jsonMembers } from '../../documents/json-members.ts';
import { malformed } from '../../documents/json.ts';
import { mebibyte } from '@plombe/kit';
import { parseErratum } from './parse.ts';

/** The longest erratum has under 2 MiB. */
const maxErratumBytes = 32 * mebibyte;

const releases: readonly string[] = ['8', '9', '10'];

function releaseOf(path: string): string | undefined {
  return (
    /(?:^|\/)almalinux[^/]*\/(\d+)\/errata\.json$/.exec(path)?.[1] ??
    /almalinux\.org\/(\d+)\/errata\.json$/.exec(path)?.[1]
  );
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const release = releaseOf(document.name) ?? releaseOf(document.origin);
  if (release === undefined) throw malformed(document, 'is no errata.json of a known release of AlmaLinux');
  let errata = 0;
  try {
    for await (const { text } of jsonMembers(document.open({ signal }), { maxMemberBytes: maxErratumBytes })) {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      const parsed = parseErratum(value, `AlmaLinux:${release}`);
      if (parsed === undefined) errata += 1;
      else if ('cause' in parsed) yield { kind: 'problem', record: text.slice(0, 80), cause: parsed.cause };
      else {
        errata += 1;
        yield { kind: 'advisory', advisory: parsed };
      }
    }
  } catch (cause) {
    if (cause instanceof JsonStreamError)
      throw malformed(document, `is not a list of errata: it ${cause.message}`, cause);
    throw cause;
  }
  if (errata === 0) throw malformed(document, 'holds no erratum');
}

/** AlmaLinux's security errata, on binary packages with architecture and module stream. Fetched when named `almalinux`. */
export const almalinux: AdvisoryFeed = {
  id: 'almalinux',
  title: 'AlmaLinux errata',
  homepage: 'https://errata.almalinux.org/',
  licence: 'MIT',
  requests: (ecosystems) =>
    ecosystems?.includes('almalinux') === true
      ? releases.map((release) => ({
          shard: `almalinux-${release}`,
          documents: [
            { name: `almalinux/${release}/errata.json`, url: `https://errata.almalinux.org/${release}/errata.json` },
          ],
        }))
      : [],
  matches(path) {
    const release = releaseOf(path);
    return release === undefined ? undefined : `almalinux-${release}`;
  },
  parse,
};
