import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { amazon } from './index.ts';

const pkg = (name: string, arch = 'x86_64', evr = ['0', '8.2204.0', '3.amzn2023.0.2']) =>
  `<package name="${name}" version="${evr[1]}" release="${evr[2]}" epoch="${evr[0]}" arch="${arch}"><filename>x</filename></package>`;

const update = (id: string, packages: string, type = 'security') => `
<update status="final" version="1.4" author="linux-security@amazon.com" type="${type}" from="linux-security@amazon.com">
<id>${id}</id><title>Amazon Linux 2023 - ${id}: Important priority package update for rsyslog</title>
<issued date="2023-02-17 20:41" /><updated date="2023-02-22 23:22" /><severity>Important</severity>
<description>CVE-2022-24903: a flaw, CVE-2014-3634: another</description>
<references><reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2014-3634" title="" id="CVE-2014-3634" type="cve" />
<reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2022-24903" title="" id="CVE-2022-24903" type="cve" /></references>
<pkglist><collection short="amazon-linux-2023"><name>Amazon Linux 2023</name>${packages}</collection></pkglist></update>`;

const file = (...updates: string[]) => `<?xml version="1.0" ?>\n<updates>${updates.join('')}</updates>`;
const document = (text: string, name = 'amazon/2023/updateinfo.xml.gz') => memoryDocument(name, gzipSync(text), 500);

test('ALAS2023-2023-001: packages of every architecture, dates, severity, CVEs related', async () => {
  const packages =
    pkg('rsyslog') +
    pkg('rsyslog', 'aarch64') +
    pkg('rsyslog', 'src') +
    pkg('rsyslog-debuginfo') +
    pkg('qemu-img', 'x86_64', ['10', '1.5.3', '141.amzn2.5.3']);
  const { advisories, problems } = await collect(
    amazon.parse(
      document(file(update('ALAS2023-2023-001', packages), update('ALAS2023-2023-002', pkg('a'), 'bugfix'))),
      { signal },
    ),
  );
  expect(problems).toEqual([]);
  expect(advisories).toMatchObject([
    {
      id: 'ALAS2023-2023-001',
      related: ['CVE-2014-3634', 'CVE-2022-24903'],
      publishedAt: '2023-02-17T20:41:00Z',
      severities: [{ author: 'amazon', word: 'high' }],
      affected: [
        {
          ecosystem: 'Amazon Linux:2023',
          name: 'rsyslog',
          ranges: [{ events: [{}, { fixed: '8.2204.0-3.amzn2023.0.2' }] }],
        },
        { name: 'qemu-img', ranges: [{ events: [{}, { fixed: '10:1.5.3-141.amzn2.5.3' }] }] },
      ],
    },
  ]);
  expect(advisories[0]?.affected[0]).not.toHaveProperty('qualifiers');
});

test('errata of the extras of Amazon Linux 2 say which topic they are of', async () => {
  const name = 'feeds/amazon/2/extras/docker/updateinfo.xml.gz';
  const { advisories } = await collect(
    amazon.parse(document(file(update('ALAS2DOCKER-2021-001', pkg('docker'))), name), { signal }),
  );
  expect(advisories[0]?.affected[0]).toMatchObject({
    ecosystem: 'Amazon Linux:2',
    qualifiers: { pocket: 'extras:docker' },
  });
  expect(amazon.matches(name)).toBe('amazon-2-extras-docker');
  expect(amazon.covers?.('amazon-2-extras-docker')).toEqual([]);
  expect(amazon.covers?.('amazon-2')).toEqual(['Amazon Linux']);
});

test('the addresses: list of mirrors, repomd.xml, updateinfo', () => {
  const core = amazon.requests(['Amazon Linux:2023'])[0]?.documents[0];
  const [first, second] = core?.follow ?? [];
  expect(first?.('https://cdn.amazonlinux.com/al2023/core/guids/abc/x86_64\nhttps://other/\n')).toBe(
    'https://cdn.amazonlinux.com/al2023/core/guids/abc/x86_64/repodata/repomd.xml',
  );
  const repomd =
    '<repomd><data type="group"><location href="repodata/comps.xml"/></data><data type="updateinfo"><checksum type="sha256">1</checksum><location href="repodata/updateinfo.xml.gz"/></data></repomd>';
  expect(second?.(repomd)).toBe('../repodata/updateinfo.xml.gz');
  expect(second?.('<repomd/>')).toBeUndefined();
  expect(amazon.requests(undefined).map(({ shard }) => shard)).toContain('amazon-2-extras-nginx1');
});

test('T54 T55 entities, cut off, empty, another shape', async () => {
  const whole = file(update('ALAS2023-2023-001', pkg('a')));
  for (const text of ['', '<html/>', file(), whole.slice(0, -20), `<!DOCTYPE a [<!ENTITY b "c">]>${whole}`]) {
    await expect(collect(amazon.parse(document(text), { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  await expect(
    collect(
      amazon.parse(memoryDocument('amazon/2023/updateinfo.xml.gz', gzipSync(whole).subarray(0, 100)), { signal }),
    ),
  ).rejects.toMatchObject({ code: 'feed/malformed' });
});
