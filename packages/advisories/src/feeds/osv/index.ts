// OSV for any ecosystem, and the feeds that ship OSV records themselves.
import { ecosystemBase, knownEcosystem } from '../../normal/ecosystems.ts';
import type { AdvisoryFeed, FeedChangeList } from '../../feed.ts';
import { createOsvFeed } from './feed.ts';

const bucket = 'https://osv-vulnerabilities.storage.googleapis.com';

/** Fetched where no ecosystem is named: those whose packages the catalogers find and no feed of their own covers. */
const usualEcosystems: readonly string[] = [
  'AlmaLinux',
  'Bioconductor',
  'Bitnami',
  'CRAN',
  'GitHub Actions',
  'Go',
  'Hackage',
  'Hex',
  'Julia',
  'Maven',
  'NuGet',
  'OSV:Red Hat',
  'Packagist',
  'Pub',
  'PyPI',
  'Rocky Linux',
  'RubyGems',
  'SUSE',
  'SwiftURL',
  'Ubuntu',
  'crates.io',
  'npm',
  'openSUSE',
];

/** Ecosystems that feeds of their own cover better, or that OSV does not export. */
const elsewhere: ReadonlySet<string> = new Set([
  'Alpine',
  'Amazon Linux',
  'Azure Linux',
  'CPython',
  'CentOS Stream',
  'Chainguard',
  'Debian',
  'Fedora',
  'JavaScript',
  'Mariner',
  'NVD',
  'Node.js',
  'Oracle Linux',
  'Photon OS',
  'Red Hat',
  'Ruby',
  'Wolfi',
  'kubernetes',
]);

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

/** Ecosystem that a folder or shard name ends with: `PyPI`, `ghsa-derived-npm`. */
function ecosystemOfSlug(name: string): string | undefined {
  for (let at = 0; at >= 0 && at < name.length; at = name.indexOf('-', at) + 1 || -1) {
    const found = knownEcosystem(name.slice(at)) ?? knownEcosystem(name.slice(at).replaceAll('-', ' '));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `OSV:<name>` asks for any export; without it a name counts as OSV spells it, so that `go` can mean the feed of that id. */
function wantedEcosystems(ecosystems: readonly string[] | undefined): readonly string[] {
  const names = (ecosystems ?? usualEcosystems).flatMap((name) => {
    if (name.startsWith('OSV:')) return [name.slice(4)];
    const base = ecosystemBase(name);
    return knownEcosystem(base) === base && !elsewhere.has(base) ? [base] : [];
  });
  return [...new Set(names)];
}

/** `2026-11-20T10:00:00Z,GHSA-…`, the newest first. */
function changesOf(ecosystem: string): FeedChangeList {
  const root = `${bucket}/${encodeURIComponent(ecosystem)}`;
  return {
    name: `osv/${ecosystem}/modified_id.csv`,
    url: `${root}/modified_id.csv`,
    newestFirst: true,
    parse(line) {
      const [, at, id] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z),(?:[^,/]+\/)?([\w.:+-]+)$/.exec(line.trim()) ?? [];
      if (at === undefined || id === undefined) return undefined;
      return {
        id,
        at,
        document: { name: `osv/${ecosystem}/${id}.json`, url: `${root}/${encodeURIComponent(id)}.json` },
      };
    },
  };
}

/** Every ecosystem that OSV exports; a shard for each, `osv-<ecosystem>`. */
export const osv: AdvisoryFeed = createOsvFeed({
  id: 'osv',
  title: 'OSV',
  homepage: 'https://osv.dev/',
  licence: 'per source: CC-BY-4.0, CC0-1.0, MIT, Apache-2.0, CC-BY-SA-4.0',
  requests: (ecosystems) =>
    wantedEcosystems(ecosystems).map((name) => ({
      shard: `osv-${slug(name)}`,
      documents: [{ name: `osv/${name}/all.zip`, url: `${bucket}/${encodeURIComponent(name)}/all.zip` }],
    })),
  matches(path) {
    const [, folder] = /(?:^|\/)osv\/([^/]+)\/(?:all\.zip|[^/]+\.json)$/.exec(path) ?? [];
    return folder === undefined ? undefined : `osv-${slug(folder)}`;
  },
  covers(shard) {
    const ecosystem = ecosystemOfSlug(shard.slice(4));
    return ecosystem === undefined ? [] : [ecosystem];
  },
  changes(shard) {
    const ecosystem = ecosystemOfSlug(shard.slice(4));
    return ecosystem === undefined ? [] : [changesOf(ecosystem)];
  },
});

/** The Go vulnerability database from its own server. */
export const go: AdvisoryFeed = createOsvFeed({
  id: 'go',
  title: 'Go vulnerability database',
  homepage: 'https://vuln.go.dev/',
  licence: 'CC-BY-4.0',
  requests: (ecosystems) =>
    ecosystems?.includes('go') === true
      ? [{ shard: 'go', documents: [{ name: 'go/vulndb.zip', url: 'https://vuln.go.dev/vulndb.zip' }] }]
      : [],
  matches: (path) => (/(?:^|\/)(?:go\/)?vulndb\.zip$/.test(path) ? 'go' : undefined),
  covers: () => ['Go'],
});

/** Kubernetes' own feed of its CVEs as OSV records, by component. */
export const kubernetes: AdvisoryFeed = createOsvFeed({
  id: 'kubernetes',
  title: 'Kubernetes CVE feed',
  homepage: 'https://github.com/kubernetes-sigs/cve-feed-osv',
  licence: 'Apache-2.0',
  requests: (ecosystems) =>
    ecosystems === undefined || ecosystems.includes('kubernetes')
      ? [
          {
            shard: 'kubernetes',
            documents: [
              {
                name: 'kubernetes/cve-feed-osv.tar.gz',
                url: 'https://github.com/kubernetes-sigs/cve-feed-osv/archive/refs/heads/main.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) =>
    /(?:^|\/)kubernetes\/[^/]+\.(?:zip|tar|tar\.gz|tar\.zst)$|(?:^|\/)kubernetes\/(?:vulns\/)?CVE-[\d-]+\.json$/.test(
      path,
    )
      ? 'kubernetes'
      : undefined,
  covers: () => ['kubernetes'],
});

/** The Python Software Foundation's advisories about CPython, the JSON records of its repository. */
export const psf: AdvisoryFeed = createOsvFeed({
  id: 'psf',
  title: 'PSF advisory database',
  homepage: 'https://github.com/psf/advisory-database',
  licence: 'CC-BY-4.0',
  requests: (ecosystems) =>
    ecosystems?.some((name) => name === 'psf' || name === 'CPython') === true
      ? [
          {
            shard: 'psf',
            documents: [
              {
                name: 'psf/advisory-database.tar.gz',
                url: 'https://github.com/psf/advisory-database/archive/refs/heads/main.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (/(?:^|\/)psf\/[^/]+\.(?:zip|tar|tar\.gz|tar\.zst|json)$/.test(path) ? 'psf' : undefined),
  covers: () => ['CPython'],
});

/** PyPA's advisory database, the YAML records of its repository. */
export const pypa: AdvisoryFeed = createOsvFeed({
  id: 'pypa',
  title: 'PyPA advisory database',
  homepage: 'https://github.com/pypa/advisory-database',
  licence: 'CC-BY-4.0',
  requests: (ecosystems) =>
    ecosystems?.includes('pypa') === true
      ? [
          {
            shard: 'pypa',
            documents: [
              {
                name: 'pypa/advisory-database.tar.gz',
                url: 'https://github.com/pypa/advisory-database/archive/refs/heads/main.tar.gz',
              },
            ],
          },
        ]
      : [],
  matches: (path) => (/(?:^|\/)pypa\/[^/]+\.(?:zip|tar|tar\.gz|tar\.zst|ya?ml|json)$/.test(path) ? 'pypa' : undefined),
  covers: () => ['PyPI'],
});
