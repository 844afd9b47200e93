// A small folder of feeds as publishers ship them, dated today, so that what is compared with it is assessed.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** 250 records more than the few that matter, because a feed of three records is no feed that shrinks. */
const filler = 250;

/** Writes the folder: Alpine 3.20 and npm, and the list of the known exploited, all fetched so many days ago. */
export function writeFeeds(folder: string, daysAgo = 0): string {
  const fetchedAt = new Date(Date.now() - daysAgo * 86_400_000);
  const write = (path: string, value: unknown): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(value));
    utimesSync(join(folder, path), fetchedAt, fetchedAt);
  };
  const fillers = Array.from({ length: filler }, (_, n) => ({
    pkg: { name: `filler-${n}`, secfixes: { '1.0-r1': [`CVE-2020-${10_000 + n}`] } },
  }));
  write('alpine-secdb/v3.20/main.json', {
    distroversion: 'v3.20',
    reponame: 'main',
    packages: [
      { pkg: { name: 'openssl', secfixes: { '3.3.2-r0': ['CVE-2024-6119'], '3.3.0-r1': ['CVE-2024-0001'] } } },
      { pkg: { name: 'busybox', secfixes: { '1.36.1-r30': ['CVE-2023-42363', 'CVE-2023-42364'] } } },
      ...fillers,
    ],
  });
  write('osv/npm/GHSA-jf85-cpcp-j695.json', {
    schema_version: '1.6.0',
    id: 'GHSA-jf85-cpcp-j695',
    aliases: ['CVE-2019-10744'],
    modified: fetchedAt.toISOString(),
    published: '2019-07-10T19:45:23Z',
    summary: 'Prototype Pollution in lodash',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'npm', name: 'lodash' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '4.17.12' }] }],
      },
    ],
    references: [{ type: 'ADVISORY', url: 'https://github.com/advisories/GHSA-jf85-cpcp-j695' }],
    database_specific: { severity: 'CRITICAL' },
  });
  write('kev/known_exploited_vulnerabilities.json', {
    dateReleased: fetchedAt.toISOString(),
    count: 1,
    vulnerabilities: [{ cveID: 'CVE-2024-6119', dateAdded: '2024-09-10', dueDate: '2024-10-01' }],
  });
  return folder;
}
