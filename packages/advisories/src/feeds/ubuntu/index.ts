// The Ubuntu CVE tracker: a text file for each vulnerability.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { type ArchiveFile, archiveFiles } from '../../documents/archive.ts';
import { malformed, readBytes } from '../../documents/json.ts';
import { decodeText, mebibyte } from '@plombe/kit';
import { parseTrackerFile } from './parse.ts';

/** The longest file, with every kernel of every release, has under 300 KiB. */
const maxFileBytes = 8 * mebibyte;

const fileName = /(?:^|\/)CVE-\d{4}-\w+$/;

function itemOf(file: ArchiveFile): FeedItem {
  const record = file.name.slice(-60);
  if ('cause' in file) return { kind: 'problem', record, cause: file.cause };
  const parsed = parseTrackerFile(decodeText(file.bytes));
  return 'cause' in parsed ? { kind: 'problem', record, cause: parsed.cause } : { kind: 'advisory', advisory: parsed };
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  if (fileName.test(document.name)) {
    const item = itemOf({ name: document.name, bytes: await readBytes(document, maxFileBytes, signal) });
    if (item.kind === 'problem') throw malformed(document, item.cause);
    yield item;
    return;
  }
  const wants = (name: string): boolean => fileName.test(name) && /(?:^|\/)(?:active|retired|ignored)\//.test(name);
  let advisories = 0;
  for await (const file of archiveFiles(document, { wants, maxFileBytes, signal })) {
    const item = itemOf(file);
    if (item.kind === 'advisory') advisories += 1;
    yield item;
  }
  if (advisories === 0) throw malformed(document, 'holds no file of the CVE tracker');
}

/** Ubuntu's CVE tracker, on source packages; ecosystems `Ubuntu:<number>`. Fetched when named `ubuntu`; else OSV's records of it are. */
export const ubuntu: AdvisoryFeed = {
  id: 'ubuntu',
  title: 'Ubuntu CVE tracker',
  homepage: 'https://ubuntu.com/security/cves',
  licence: 'none stated for the text files',
  requests: (ecosystems) =>
    ecosystems?.includes('ubuntu') === true
      ? [
          {
            shard: 'ubuntu',
            documents: [
              {
                name: 'ubuntu-cve-tracker/master.tar.gz',
                url: 'https://git.launchpad.net/ubuntu-cve-tracker/snapshot/ubuntu-cve-tracker-master.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) =>
    /(?:^|\/)ubuntu-cve-tracker\/(?:[^/]+\.(?:tar|tar\.gz|tar\.zst|zip)|(?:active|retired|ignored)\/CVE-\d{4}-\w+)$/.test(
      path,
    )
      ? 'ubuntu'
      : undefined,
  covers: () => ['Ubuntu'],
  parse,
};
