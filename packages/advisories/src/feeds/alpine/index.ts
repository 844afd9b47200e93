// Alpine's secdb: what each release fixed, by origin package.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { isObject, listField, mebibyte, textField } from '@plombe/kit';
import { malformed, readJson } from '../../documents/json.ts';
import { parseSecdb } from './secdb.ts';

/** The largest file has 160 KiB; Wolfi's, in the same format, under 8 MiB. */
const maxBytes = 64 * mebibyte;

/** The releases fetched where none are named: those with or shortly out of support. */
const usualReleases = ['v3.17', 'v3.18', 'v3.19', 'v3.20', 'v3.21', 'v3.22', 'v3.23', 'v3.24', 'edge'];

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const value = await readJson(document, maxBytes, signal);
  const release = isObject(value) ? textField(value, 'distroversion') : undefined;
  if (!isObject(value) || release === undefined || !/^(?:v\d+\.\d+|edge)$/.test(release)) {
    throw malformed(document, 'is no secdb of an Alpine release');
  }
  if (listField(value, 'packages').length === 0) throw malformed(document, 'names no package');
  yield* parseSecdb(value, {
    feed: 'alpine',
    ecosystem: `Alpine:${release}`,
    link: (id) => `https://security.alpinelinux.org/vuln/${id}`,
  });
}

/** Alpine's fixes, on origin packages; ecosystems `Alpine:v<X.Y>` and `Alpine:edge`, one shard each. */
export const alpine: AdvisoryFeed = {
  id: 'alpine',
  title: 'Alpine secdb',
  homepage: 'https://secdb.alpinelinux.org/',
  licence: 'CC-BY-SA-4.0',
  requests(ecosystems) {
    const wanted = ecosystems
      ?.filter((name) => /^Alpine(?::|$)/.test(name))
      .map((name) => name.slice(7).replace(/^\d/, 'v$&'));
    const releases = wanted === undefined || wanted.includes('') ? usualReleases : wanted;
    return releases.map((release) => ({
      shard: `alpine-${release}`,
      documents: ['main', 'community'].map((repository) => ({
        name: `alpine-secdb/${release}/${repository}.json`,
        url: `https://secdb.alpinelinux.org/${release}/${repository}.json`,
      })),
    }));
  },
  matches(path) {
    const [, release] = /(?:^|\/)alpine[^/]*\/(v\d+\.\d+|edge)\/(?:main|community)\.json$/.exec(path) ?? [];
    return release === undefined ? undefined : `alpine-${release}`;
  },
  parse,
};
