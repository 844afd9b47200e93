// Rocky Linux's errata, of the updateinfo.xml of its repositories; the osv feed reads them as OSV records.
import type { AdvisoryFeed } from '../../feed.ts';
import { malformed } from '../../documents/json.ts';
import { parseUpdateInfo, updateInfoOf } from '../updateinfo/feed.ts';

const releases: readonly string[] = ['8', '9', '10'];
const architectures: readonly string[] = ['x86_64', 'aarch64'];

/** CRB was PowerTools until release 9. */
function repositories(release: string): readonly string[] {
  return ['AppStream', 'BaseOS', release === '8' ? 'PowerTools' : 'CRB', 'extras'];
}

function releaseOf(path: string): string | undefined {
  return /(?:^|\/)rocky[^/]*\/(\d+)\/(?:[^/]+\/){0,3}updateinfo\.xml(?:\.gz|\.xz|\.zst|\.bz2)?$/.exec(path)?.[1];
}

/** Rocky Linux 8, 9 and 10, on binary packages with architecture and module stream. Fetched when named `rocky`. */
export const rocky: AdvisoryFeed = {
  id: 'rocky',
  title: 'Rocky Linux errata',
  homepage: 'https://errata.rockylinux.org/',
  licence: 'none stated',
  requests: (ecosystems) =>
    ecosystems?.includes('rocky') === true
      ? releases.map((release) => ({
          shard: `rocky-${release}`,
          documents: repositories(release).flatMap((repository) =>
            architectures.map((architecture) => ({
              name: `rocky/${release}/${repository}/${architecture}/updateinfo.xml.gz`,
              url: `https://dl.rockylinux.org/pub/rocky/${release}/${repository}/${architecture}/os/repodata/repomd.xml`,
              follow: [updateInfoOf],
            })),
          ),
        }))
      : [],
  matches(path) {
    const release = releaseOf(path);
    return release === undefined ? undefined : `rocky-${release}`;
  },
  covers: () => ['Rocky Linux'],
  async *parse(document, ctx) {
    const release = releaseOf(document.name);
    if (release === undefined) throw malformed(document, 'is of no known release of Rocky Linux');
    yield* parseUpdateInfo(document, { feed: 'rocky', ecosystem: `Rocky Linux:${release}`, architectures: true }, ctx);
  },
};
