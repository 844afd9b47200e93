// Every trap of the advisory feeds, end to end: real records in a folder, built and scanned by the program itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatPurl, parsePurl, type PurlParts } from '@plombe/model';
import { sharedPath } from '@plombe/kit/testing';
import { writeZip } from '@plombe/formats/testing/zip';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';
import { writeRealFeeds } from './support/real-feeds.ts';
import {
  almaRecords,
  alpineTraps,
  debianTraps,
  rpmTraps,
  ubuntuFiles,
  ubuntuTraps,
  wolfiTraps,
} from './support/traps/distributions.ts';
import { languageRecords, languageTraps } from './support/traps/languages.ts';
import type { Trap } from './support/traps/trap.ts';

const feeds = sharedPath('feeds');
if (feeds === undefined)
  console.warn('SKIPPED: the traps of real feeds, there is no folder shared/feeds beside the project');
const able = feeds !== undefined && hasProgram('python3') && hasProgram('zstd');

interface Finding {
  readonly vulnerability: string;
  readonly aliases: readonly string[];
  readonly packages: readonly string[];
  readonly [key: string]: unknown;
}

interface Report {
  readonly state: string;
  readonly causes: readonly { readonly code: string; readonly scope?: string }[];
  readonly findings: readonly Finding[];
  readonly endOfLife: readonly object[];
}

const tables: readonly (readonly [name: string, traps: readonly Trap[]])[] = [
  ['languages', languageTraps],
  ['Debian', debianTraps],
  ['Ubuntu', ubuntuTraps],
  ['Alpine', alpineTraps],
  ['Wolfi', wolfiTraps],
  ['rpm', rpmTraps],
];

const salt = 'pkg:pypi/salt@2019.2.3';
const gjson = 'pkg:golang/github.com/tidwall/gjson@v1.9.2';
const undistributed = 'pkg:deb/debian/zlib1g@1.2.13.dfsg-1';

describe.skipIf(!able)('traps', () => {
  const home = temporaryFolder();
  const plombe = installed(home);
  const database = join(home, 'db');
  let report: Report;

  const scan = async (subject: string): Promise<Report> => {
    const { code, stdout, stderr } = await plombe([
      'scan',
      subject,
      '--db',
      database,
      '-o',
      'json',
      '--max-age-days',
      '9999',
    ]);
    expect([0, 3], stderr).toContain(code);
    return JSON.parse(stdout) as Report;
  };
  const find = (id: string, purl: string): Finding[] => {
    const canonical = formatPurl(parsePurl(purl) as PurlParts);
    return report.findings.filter(
      ({ vulnerability, aliases, packages }) =>
        packages.includes(canonical) && [vulnerability, ...aliases].includes(id),
    );
  };

  beforeAll(async () => {
    writeRealFeeds(join(home, 'feeds'), feeds as string, {
      osv: { ...languageRecords, AlmaLinux: almaRecords },
      ubuntu: ubuntuFiles,
      exploits: ['CVE-2020-11651', 'CVE-2021-42248'],
      severities: ['CVE-2023-27561', 'CVE-2023-31484'],
    });
    const built = await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
    expect(built.code, built.stderr).toBe(0);
    const purls = tables.flatMap(([, traps]) => traps.flatMap(({ says }) => says.map(([purl]) => purl)));
    writeFileSync(join(home, 'purls'), [...new Set([...purls, salt, gjson, undistributed])].join('\n'));
    report = await scan(`purls:${join(home, 'purls')}`);
  }, 120_000);

  describe.each(tables)('%s', (_, traps) => {
    it.each(traps)('$title', ({ says }) => {
      for (const [purl, id, expected] of says) {
        const found = find(id, purl);
        expect(found.length, `findings of ${id} in ${purl}`).toBe(expected === undefined ? 0 : 1);
        if (expected !== undefined) expect(found[0]).toMatchObject(expected);
      }
    });
  });

  it('KEV: its CVE is found through the aliases of a PYSEC record, and outranks all else', () => {
    expect(find('PYSEC-2020-102', salt)[0]).toMatchObject({
      vulnerability: 'CVE-2020-11651',
      knownExploited: { dateAdded: '2021-11-03', dueDate: '2022-05-03' },
    });
    expect(report.findings[0]?.vulnerability).toBe('CVE-2020-11651');
  });

  it('EPSS: dated in its first line; a CVE without a score is unknown, not zero', () => {
    const date = expect.stringMatching(/^2026-08-16/) as string;
    expect(find('PYSEC-2020-102', salt)[0]).toMatchObject({ epss: { date } });
    expect(find('GO-2021-0265', gjson)).toHaveLength(1);
    expect(find('GO-2021-0265', gjson)[0]).not.toHaveProperty('epss');
  });

  it('Debian: nothing is matched where no release is named, and that is said', () => {
    expect(find('CVE-2023-45853', undistributed)).toEqual([]);
    expect(report.causes).toContainEqual(expect.objectContaining({ code: 'distribution/unknown' }));
  });

  it('derived data make their ecosystem partial', () => {
    expect(report.state).toBe('partial');
    expect(report.causes).toContainEqual(expect.objectContaining({ code: 'feed/derived', scope: 'debian' }));
  });

  it('Alpine: the configured repositories choose the release; the end of its support is told', async () => {
    const root = join(home, 'root');
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    write('etc/os-release', 'ID=alpine\nVERSION_ID=3.17.1\n');
    write('lib/apk/db/installed', 'P:libgnutls\nV:3.7.7-r0\nA:x86_64\no:gnutls\n\n');
    const ids = async (branch: string): Promise<readonly string[]> => {
      write('etc/apk/repositories', `https://dl-cdn.alpinelinux.org/alpine/${branch}/main\n`);
      const { findings, endOfLife } = await scan(`dir:${root}`);
      expect(endOfLife).toMatchObject([{ product: 'alpine-linux', release: '3.17', ended: true }]);
      return findings.map(({ vulnerability }) => vulnerability);
    };
    expect(await ids('v3.17')).not.toContain('CVE-2026-3832');
    expect(await ids('edge')).toContain('CVE-2026-3832');
  });

  it('Maven: a shaded copy is found by the coordinates of what was copied, under those of the archive it is in', async () => {
    const coordinates = (group: string, artifact: string, version: string) => ({
      name: `META-INF/maven/${group}/${artifact}/pom.properties`,
      content: `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
    });
    const jar = writeZip([
      coordinates('org.example', 'app', '1.0'),
      coordinates('com.google.guava', 'guava', '31.1-jre'),
      { name: 'org/example/shaded/com/google/common/base/Joiner.class', content: 'x' },
    ]);
    mkdirSync(join(home, 'shaded'), { recursive: true });
    writeFileSync(join(home, 'shaded/app-1.0.jar'), jar);
    const { findings } = await scan(`dir:${join(home, 'shaded')}`);
    expect(findings).toMatchObject([
      { vulnerability: 'CVE-2023-2976', packages: ['pkg:maven/com.google.guava/guava@31.1-jre'] },
    ]);
  });
});
