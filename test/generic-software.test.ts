// Software that no package manager installed, through the program: assessed where NVD is at hand, and else told what to do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const root = join(home, 'root');
const plombe = installed(home);

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, 'latin1');
}

const cvssData = { vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' };

const cve = (id: string, product: string, below: string) => ({
  cve: {
    id,
    lastModified: '2026-02-01T00:00:00.000',
    vulnStatus: 'Analyzed',
    descriptions: [{ lang: 'en', value: 'A flaw.' }],
    metrics: { cvssMetricV31: [{ source: 'nvd@nist.gov', cvssData }] },
    configurations: [
      {
        nodes: [
          {
            operator: 'OR',
            cpeMatch: [
              { vulnerable: true, criteria: `cpe:2.3:a:${product}:*:*:*:*:*:*:*:*`, versionEndExcluding: below },
            ],
          },
        ],
      },
    ],
  },
});

beforeAll(async () => {
  const program = (text: string): string => `\x7fELF\x02\x01\x01${'\0'.repeat(57)}${text}${'\0'.repeat(64)}`;
  write(join(root, 'usr/local/bin/python3.11'), program('\0' + '3.11.4\0'));
  write(join(root, 'usr/local/lib/libcrypto.so.3'), program('\0OpenSSL 3.0.7 1 Nov 2022\0'));
  const vulnerabilities = [cve('CVE-2023-0286', 'openssl:openssl', '3.0.8'), cve('CVE-2020-1', 'python:python', '3.9')];
  write(join(home, 'feeds/nvd/nvdcve-2.0-2023.json'), JSON.stringify({ vulnerabilities }));
  writeFeeds(join(home, 'other'));
  for (const [feeds, db] of [
    ['feeds', 'db'],
    ['other', 'without'],
  ] as const)
    expect(await plombe(['db', 'build', '--from', join(home, feeds), '--db', join(home, db)])).toMatchObject({
      code: 0,
    });
});

async function scan(subject: string, db: string) {
  const { stdout } = await plombe([
    'scan',
    subject,
    '--db',
    join(home, db),
    '-o',
    'json',
    '-q',
    '--max-age-days',
    '36500',
  ]);
  const { state, causes, findings } = JSON.parse(stdout) as {
    state: string;
    causes: { message: string; remedy?: string }[];
    findings: { vulnerability: string }[];
  };
  return { state, causes, found: findings.map(({ vulnerability }) => vulnerability) };
}

test('with NVD an image of programs alone is assessed', async () => {
  expect(await scan(`dir:${root}`, 'db')).toEqual({ state: 'assessed', causes: [], found: ['CVE-2023-0286'] });
});

test('without NVD the cause says what to do', async () => {
  const { state, causes } = await scan(`dir:${root}`, 'without');
  expect([state, causes.map(({ remedy }) => remedy?.includes('plombe db update'))]).toEqual([
    'unassessable',
    [true, true],
  ]);
  expect(causes.map(({ message }) => message).join(' ')).toContain('NVD');
});

test('a product that NVD is not kept of is not clean, and no update is advised', async () => {
  const file = join(home, 'bom.json');
  const component = {
    type: 'application',
    name: 'forms',
    version: '1.0',
    purl: 'pkg:generic/forms@1.0',
    cpe: 'cpe:2.3:a:acme:forms:1.0:*:*:*:*:*:*:*',
  };
  write(file, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', components: [component] }));
  const { state, causes } = await scan(`sbom:${file}`, 'db');
  expect(state).not.toBe('assessed');
  expect(causes.map(({ remedy }) => remedy).join(' ')).toContain('An update changes nothing');
});
