import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { oracle } from './index.ts';
import { flavourOf } from './parse.ts';

const criterion = (comment: string) => `<criterion test_ref="oval:com.oracle.elsa:tst:1" comment="${comment}"/>`;
const criteria = (operator: string, ...inner: string[]) =>
  `<criteria operator="${operator}">${inner.join('')}</criteria>`;
const fix = (name: string, evr: string) =>
  criteria(
    'AND',
    criterion(`${name} is earlier than ${evr}`),
    criterion(`${name} is signed with the Oracle Linux 7 key`),
  );

const definition = (id: string, body: string, { severity = 'IMPORTANT', cves = ['CVE-2022-24903'] } = {}) => `
<definition id="oval:com.oracle.elsa:def:20224803" version="501" class="patch">
<metadata>
<title>
${id}:  rsyslog security update (${severity})
</title>
<affected family="unix"><platform>Oracle Linux 7</platform></affected>
<reference source="elsa" ref_id="${id}" ref_url="http://linux.oracle.com/errata/${id}.html"/>
${cves.map((cve) => `<reference source="CVE" ref_id="${cve}" ref_url="https://linux.oracle.com/cve/${cve}.html"/>`).join('')}
<description>a text</description>
<!-- advisory details -->
<advisory><severity>${severity}</severity><rights>Copyright</rights><issued date="2022-05-31"/></advisory>
</metadata>
${criteria('AND', criterion('Oracle Linux 7 is installed'), body)}
</definition>`;

const file = (...definitions: string[]) =>
  `<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions>${definitions.join('')}</definitions><tests/></oval_definitions>`;
const document = (text: string | Uint8Array, name = 'oracle/com.oracle.elsa-all.xml') =>
  memoryDocument(name, text, 700);

test('an erratum: packages, epoch, severity, its CVEs related', async () => {
  const body = criteria(
    'OR',
    fix('bind', '30:9.3.3-8.el5'),
    fix('bind-libs', '0:9.3.3-8.el5'),
    fix('bind-debuginfo', '1-1'),
  );
  const { advisories, problems } = await collect(
    oracle.parse(document(file(definition('ELSA-2007-0057', body))), { signal }),
  );
  expect(problems).toEqual([]);
  expect(advisories).toEqual([
    {
      id: 'ELSA-2007-0057',
      feed: 'oracle',
      aliases: [],
      related: ['CVE-2022-24903'],
      upstream: [],
      summary: 'ELSA-2007-0057: rsyslog security update (IMPORTANT)',
      publishedAt: '2022-05-31',
      severities: [{ author: 'oracle', word: 'high' }],
      references: [
        'https://linux.oracle.com/errata/ELSA-2007-0057.html',
        'https://linux.oracle.com/cve/CVE-2022-24903.html',
      ],
      affected: ['bind', 'bind-libs'].map((name, i) => ({
        ecosystem: 'Oracle Linux:7',
        name,
        ranges: [
          { scheme: 'rpm', events: [{ introduced: '0' }, { fixed: i === 0 ? '30:9.3.3-8.el5' : '9.3.3-8.el5' }] },
        ],
        versions: [],
        status: 'affected',
      })),
    },
  ]);
});

test('architectures, modules and the streams of the kernel, wherever the criteria stand', async () => {
  const byArchitecture = (arch: string, ...fixes: string[]) =>
    criteria('AND', criterion(`Oracle Linux arch is ${arch}`), criteria('OR', ...fixes));
  const body = criteria(
    'OR',
    // ELSA-2022-4803: the two architectures were built anew in different revisions.
    byArchitecture('aarch64', fix('rsyslog', '0:8.24.0-57.0.4.el7_9.3'), fix('both', '0:1-1')),
    byArchitecture('x86_64', fix('rsyslog', '0:8.24.0-57.0.1.el7_9.3'), fix('both', '0:1-1')),
    criteria(
      'AND',
      criteria('OR', fix('nodejs', '1:16.20.2-2.module+el8.8.0+21087+7d0a0a5b')),
      criterion('Module nodejs:16 is enabled'),
    ),
    fix('osbuild', '0:110-1.0.1.el8'),
    fix('osbuild', '0:110-1.el8'),
    fix('kernel-uek', '0:5.15.0-106.131.4.el8uek'),
    fix('glibc', '2:2.28-236.0.1.ksplice1.el8_9.12'),
    fix('openssl-libs', '10:3.0.7-27.0.3.el9_fips'),
  );
  const { advisories } = await collect(oracle.parse(document(file(definition('ELSA-2022-4803', body))), { signal }));
  expect(
    advisories[0]?.affected.map(({ name, ranges, qualifiers }) => [
      name,
      ranges[0]?.events[0]?.introduced,
      ranges[0]?.events[1]?.fixed,
      qualifiers,
    ]),
  ).toEqual([
    ['rsyslog', '0', '8.24.0-57.0.4.el7_9.3', { architectures: ['aarch64'] }],
    ['both', '0', '1-1', undefined],
    ['rsyslog', '0', '8.24.0-57.0.1.el7_9.3', { architectures: ['x86_64'] }],
    ['nodejs', '0', '1:16.20.2-2.module+el8.8.0+21087+7d0a0a5b', { module: 'nodejs:16' }],
    ['osbuild', '0', '110-1.el8', undefined],
    ['kernel-uek', '5.15', '5.15.0-106.131.4.el8uek', undefined],
    ['glibc', '0', '2:2.28-236.0.1.ksplice1.el8_9.12', { pocket: 'ksplice' }],
    ['openssl-libs', '0', '10:3.0.7-27.0.3.el9_fips', { pocket: 'fips' }],
  ]);
});

test.each([
  ['2:2.28-236.0.1.ksplice1.el8_9.12', 'ksplice'],
  ['10:3.0.7-27.0.3.el9_fips', 'fips'],
  ['2.28-251.0.2.el8_10.2', undefined],
])('the flavour of %s', (version, flavour) => {
  expect(flavourOf(version)).toBe(flavour);
});

test('the file as published, compressed with bzip2, read a definition at a time', async () => {
  if (spawnSync('bzip2', ['--help']).error !== undefined) return console.warn('skipped: bzip2 is not installed');
  const many = Array.from({ length: 3000 }, (_, i) =>
    definition(`ELSA-2024-${1000 + i}`, fix('bash', `0:5.1.8-${i}.el9`)),
  );
  const packed = execFileSync('bzip2', ['-c'], { input: file(...many), maxBuffer: 64 * 1024 * 1024 });
  const name = 'oracle/com.oracle.elsa-all.xml.bz2';
  const { advisories, problems } = await collect(oracle.parse(document(packed, name), { signal }));
  expect([advisories.length, problems.length]).toEqual([3000, 0]);
  const cut = collect(oracle.parse(document(packed.subarray(0, packed.length - 200), name), { signal }));
  await expect(cut).rejects.toMatchObject({ code: 'feed/malformed' });
});

test('T54 T55 entities, another shape, cut off, empty', async () => {
  const whole = file(definition('ELSA-2024-1', fix('a', '0:1-1')));
  const hostile = ['', '<a/>', file(), whole.slice(0, -30), `<!DOCTYPE a [<!ENTITY b "c">]>${whole}`];
  for (const text of hostile) {
    await expect(collect(oracle.parse(document(text), { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  const { advisories, problems } = await collect(
    oracle.parse(document(file(definition('no id', ''), definition('ELSA-2024-1', fix('a', '0:1-1')))), { signal }),
  );
  expect([advisories.length, problems.length]).toEqual([1, 1]);
});

test('files and requests', () => {
  expect(oracle.requests(undefined)).toHaveLength(1);
  expect(oracle.requests(['Oracle Linux:8'])).toHaveLength(1);
  expect(oracle.requests(['Debian'])).toEqual([]);
  expect(oracle.matches('x/com.oracle.elsa-ol8.xml.bz2')).toBe('oracle');
});
