// Debian: the security tracker's JSON with its DSA, DLA and CVE lists.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { JsonStreamError, jsonMembers } from '../../documents/json-members.ts';
import { type JsonObject, isObject, mebibyte } from '@plombe/kit';
import { malformed, readJson } from '../../documents/json.ts';
import { AdvisoryListReader } from './advisory-list.ts';
import type { Context } from '@plombe/model';
import { CveListReader } from './cve-list.ts';
import { DebianJoin } from './join.ts';
import { parseToken } from '../../normal/ids.ts';
import { parseTrackerPackage } from './tracker.ts';
import { readLines } from '../../documents/lines.ts';
import { releasesOfConfig } from './releases.ts';

const raw = 'https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data';

/** The largest package of the tracker, linux, has about 12 MiB. */
const maxPackageBytes = 128 * mebibyte;

type Part = 'tracker' | 'advisories' | 'vulnerabilities' | 'config';

/** Tells the parts apart by name, as upstream has them (`data/json`, `DSA/list`) and as a folder of feeds may. */
function partOf(name: string): Part | undefined {
  const path = name.replace(/^.*debian\//, '').replace(/^data\//, '');
  if (path === 'config.json') return 'config';
  if (/^(?:json|tracker[^/]*\.json)$/.test(path)) return 'tracker';
  if (/^D[SL]A[./]list$/.test(path)) return 'advisories';
  return /^CVE[-./]list[^/]*$/.test(path) ? 'vulnerabilities' : undefined;
}

async function* readList(
  document: FeedDocument,
  reader: { line(text: string): void },
  take: (last: boolean) => Iterable<FeedItem>,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  let lines = 0;
  for await (const batch of readLines(document.open({ signal }))) {
    signal.throwIfAborted();
    for (const line of batch) reader.line(line);
    lines += batch.length;
    yield* take(false);
  }
  yield* take(true);
  if (lines === 0) throw malformed(document, 'is empty');
}

async function* readLists(
  documents: readonly FeedDocument[],
  join: DebianJoin,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  for (const document of documents) {
    let read = 0;
    if (partOf(document.name) === 'advisories') {
      const reader = new AdvisoryListReader();
      yield* readList(
        document,
        reader,
        function* (last) {
          const { advisories, bad } = reader.take(last);
          for (const advisory of advisories) join.addAdvisory(advisory);
          read += advisories.length;
          for (const record of bad) yield { kind: 'problem', record, cause: 'is no line of an advisory list' };
        },
        signal,
      );
    } else if (partOf(document.name) === 'vulnerabilities') {
      const reader = new CveListReader();
      yield* readList(
        document,
        reader,
        function* (last) {
          const { blocks, bad } = reader.take(last);
          for (const block of blocks) join.addVulnerability(block);
          read += blocks.length;
          for (const record of bad) yield { kind: 'problem', record, cause: 'is no line of the CVE list' };
        },
        signal,
      );
    } else continue;
    if (read === 0) throw malformed(document, 'holds no advisory');
  }
}

async function* readTracker(document: FeedDocument, join: DebianJoin, signal: AbortSignal): AsyncGenerator<FeedItem> {
  let packages = 0;
  try {
    for await (const member of jsonMembers(document.open({ signal }), { maxMemberBytes: maxPackageBytes })) {
      const name = parseToken(member.key);
      let value: unknown;
      try {
        value = JSON.parse(member.text);
      } catch {
        value = undefined;
      }
      if (name === undefined || !isObject(value)) {
        yield { kind: 'problem', record: member.key.slice(0, 80), cause: 'is no package of the tracker' };
        continue;
      }
      packages += 1;
      const { entries, bad } = parseTrackerPackage(value);
      for (const key of bad)
        yield { kind: 'problem', record: `${name} ${key.slice(0, 80)}`, cause: 'lacks releases or a known status' };
      for (const entry of entries) {
        const advisory = join.joinTracker(name, entry);
        if (advisory !== undefined) yield { kind: 'advisory', advisory };
      }
      signal.throwIfAborted();
    }
  } catch (cause) {
    if (cause instanceof JsonStreamError)
      throw malformed(document, `is not the tracker's JSON: it ${cause.message}`, cause);
    throw cause;
  }
  if (packages === 0) throw malformed(document, 'names no package');
}

async function* joinDocuments(
  documents: readonly FeedDocument[],
  { signal }: Pick<Context, 'signal'>,
): AsyncGenerator<FeedItem> {
  const config = documents.find((document) => partOf(document.name) === 'config');
  const trackers = documents.filter((document) => partOf(document.name) === 'tracker');
  const value = config === undefined ? undefined : await readJson(config, mebibyte, signal);
  const join = new DebianJoin({
    releases: releasesOfConfig(isObject(value) ? (value as JsonObject) : undefined),
    trackerRules: trackers.every((document) => (document.kind ?? 'original') === 'original'),
  });
  yield* readLists(documents, join, signal);
  for (const document of trackers) yield* readTracker(document, join, signal);
  for (const advisory of join.rest()) yield { kind: 'advisory', advisory };
}

/** Debian's security data, on source packages; ecosystems `Debian:<number>` and `Debian:sid`. */
export const debian: AdvisoryFeed = {
  id: 'debian',
  title: 'Debian security tracker',
  homepage: 'https://security-tracker.debian.org/tracker/',
  licence: 'none stated; reuse endorsed by the Debian security team',
  requests: (ecosystems) =>
    ecosystems !== undefined && !ecosystems.some((name) => /^Debian(?::|$)/.test(name))
      ? []
      : [
          {
            shard: 'debian',
            documents: [
              { name: 'debian/tracker.json', url: 'https://security-tracker.debian.org/tracker/data/json' },
              { name: 'debian/DSA.list', url: `${raw}/DSA/list` },
              { name: 'debian/DLA.list', url: `${raw}/DLA/list` },
              { name: 'debian/config.json', url: `${raw}/config.json` },
            ],
          },
        ],
  matches: (path) => (/(?:^|\/)debian\//.test(path) && partOf(path) !== undefined ? 'debian' : undefined),
  covers: () => ['Debian'],
  parse: (document, ctx) => joinDocuments([document], ctx),
  join: joinDocuments,
};
