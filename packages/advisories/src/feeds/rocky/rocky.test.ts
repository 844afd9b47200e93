import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { rocky } from './index.ts';

const erratum = `<updates><update from="releng@rockylinux.org" status="final" type="security" version="2">
<id>RLSA-2023:5849</id><title>Important: nodejs:18 security update</title><issued date="2023-10-18 10:00:00"/>
<severity>Important</severity><references><reference href="https://access.redhat.com/hydra/rest/securitydata/cve/CVE-2023-44487.json" id="CVE-2023-44487" type="cve" title="CVE-2023-44487"/></references>
<pkglist><collection short="rocky-9"><name>rocky-9</name><module name="nodejs" stream="18" version="9020020231012" context="rhel9" arch="x86_64"/>
<package name="nodejs" arch="x86_64" epoch="1" version="18.18.2" release="2.module+el9.2.0+15640+b86ca1d5" src="x"><filename>x</filename></package>
<package name="nodejs-docs" arch="noarch" epoch="1" version="18.18.2" release="2.module+el9.2.0+15640+b86ca1d5" src="x"><filename>x</filename></package>
</collection></pkglist></update></updates>`;

test('an erratum with its module, architecture and CVE', async () => {
  const document = memoryDocument('rocky/9/AppStream/x86_64/updateinfo.xml.gz', erratum);
  const { advisories, problems } = await collect(rocky.parse(document, { signal }));
  expect(problems).toEqual([]);
  expect(advisories).toMatchObject([
    {
      id: 'RLSA-2023:5849',
      related: ['CVE-2023-44487'],
      severities: [{ author: 'rocky', word: 'high' }],
      affected: [
        {
          ecosystem: 'Rocky Linux:9',
          name: 'nodejs',
          ranges: [{ events: [{}, { fixed: '1:18.18.2-2.module+el9.2.0+15640+b86ca1d5' }] }],
          qualifiers: { architectures: ['x86_64'], module: 'nodejs:18' },
        },
        { name: 'nodejs-docs', qualifiers: { module: 'nodejs:18' } },
      ],
    },
  ]);
});

test('files and requests', () => {
  expect(rocky.requests(undefined)).toEqual([]);
  expect(rocky.requests(['rocky']).map(({ documents }) => documents.length)).toEqual([8, 8, 8]);
  expect(rocky.matches('rocky/9/updateinfo.xml')).toBe('rocky-9');
  expect(rocky.matches('amazon/2/updateinfo.xml.gz')).toBeUndefined();
});
