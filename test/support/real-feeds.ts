// A small folder of feeds made of real records: the few that a test names, taken unchanged out of whole feeds.
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** What to take of the feeds that are too large to be copied whole. */
export interface Wanted {
  /** Folder of OSV records → ids. */
  readonly osv: Readonly<Record<string, readonly string[]>>;
  /** Names of files of the Ubuntu CVE tracker. */
  readonly ubuntu: readonly string[];
  /** CVEs whose exploits and scores are taken, where there are any. */
  readonly exploits: readonly string[];
  /** CVEs whose severities are taken. */
  readonly severities: readonly string[];
}

/** Read as they are: their documents are small. */
const whole: readonly string[] = [
  'alpine-secdb/edge/community.json',
  'alpine-secdb/edge/main.json',
  'alpine-secdb/v3.17/community.json',
  'alpine-secdb/v3.17/main.json',
  'azurelinux/azurelinux-3.0-oval.xml',
  'azurelinux/cbl-mariner-2.0-oval.xml',
  'debian/CVE-list-excerpt.txt',
  'debian/DLA.list',
  'debian/DSA.list',
  'debian/config.json',
  'debian/tracker-derived-from-changelogs.json',
  'eol/endoflife-products-2026-08-22.tar.zst',
  'wolfi/security.json',
];

const unpack = `import json, os, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
wanted = set(sys.argv[3:])
for name in archive.namelist():
    if not name.endswith('.json'):
        continue
    text = archive.read(name)
    key = json.loads(text)['id']
    if key in wanted:
        wanted.discard(key)
        open(os.path.join(sys.argv[2], key.replace(':', '-') + '.json'), 'wb').write(text)
if wanted:
    sys.exit('not in ' + sys.argv[1] + ': ' + ' '.join(sorted(wanted)))`;

/** Writes the folder and returns it. Says in a MANIFEST.json which of its data are derived. */
export function writeRealFeeds(folder: string, feeds: string, wanted: Wanted): string {
  const at = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  for (const path of whole) copyFileSync(join(feeds, path), at(path));
  for (const [name, ids] of Object.entries(wanted.osv)) {
    execFileSync('python3', ['-c', unpack, join(feeds, `osv/${name}/all.zip`), dirname(at(`osv/${name}/x`)), ...ids]);
  }
  const tracker = dirname(at('ubuntu-cve-tracker/x'));
  unpackTar(join(feeds, 'ubuntu-cve-tracker/uct-2024-02-16.tar.zst'), tracker, wanted.ubuntu);
  copyExploits(feeds, at, new Set(wanted.exploits));
  const judged = dirname(at('judged/x'));
  const archive = join(feeds, 'vulnrichment/vulnrichment-2024-10-24.tar.zst');
  unpackTar(archive, judged, ['--wildcards', ...wanted.severities.map((id) => `*/${id}.json`)]);
  execFileSync('tar', ['-czf', at('vulnrichment/vulnrichment.tar.gz'), '-C', judged, '.']);
  rmSync(judged, { recursive: true });
  const derived = [
    'debian/tracker-derived-from-changelogs.json',
    'wolfi/security.json',
    ...globSync('osv/GHSA-derived-*/*.json', { cwd: folder }),
  ];
  const files = derived.map((path) => ({ path, kind: 'DERIVED' }));
  writeFileSync(at('MANIFEST.json'), JSON.stringify({ files }));
  return folder;
}

function unpackTar(archive: string, folder: string, names: readonly string[]): void {
  execFileSync('tar', ['--zstd', '-xf', archive, '-C', folder, ...names]);
}

function copyExploits(feeds: string, at: (path: string) => string, wanted: ReadonlySet<string>): void {
  const kev = JSON.parse(readFileSync(join(feeds, 'kev/known_exploited_vulnerabilities.json'), 'utf8')) as {
    vulnerabilities: { cveID: string }[];
  };
  const exploited = kev.vulnerabilities.filter(({ cveID }) => wanted.has(cveID));
  writeFileSync(
    at('kev/known_exploited_vulnerabilities.json'),
    JSON.stringify({ ...kev, count: exploited.length, vulnerabilities: exploited }),
  );
  const scores = 'epss/epss_scores-2026-08-16.csv.gz';
  const lines = gunzipSync(readFileSync(join(feeds, scores)))
    .toString()
    .split('\n');
  const kept = lines.filter((line, index) => index < 2 || wanted.has(line.split(',')[0] ?? ''));
  writeFileSync(at(scores), gzipSync(`${kept.join('\n')}\n`));
}
