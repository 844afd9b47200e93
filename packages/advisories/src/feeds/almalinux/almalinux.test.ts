import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { almalinux } from './index.ts';

const erratum = (rest: object = {}) => ({
  updateinfo_id: 'ALSA-2022:9073',
  type: 'security',
  severity: 'Moderate',
  title: 'Moderate: nodejs:16 security, bug fix, and enhancement update',
  issued_date: { $date: 1671580800000 },
  pkglist: {
    packages: [
      { name: 'nodejs', epoch: '1', version: '16.18.1', release: '3.module_el8.7.0+3371', arch: 'x86_64', src: 'x' },
      { name: 'nodejs', epoch: '1', version: '16.18.1', release: '3.module_el8.7.0+3371', arch: 'aarch64' },
      { name: 'nodejs-docs', epoch: '1', version: '16.18.1', release: '3.module_el8.7.0+3371', arch: 'noarch' },
      { name: 'nodejs', epoch: '1', version: '16.18.1', release: '3.module_el8.7.0+3371', arch: 'src' },
      { name: 'npm', epoch: '0', version: '8', release: '1', arch: '' },
    ],
    module: { name: 'nodejs', stream: '16' },
  },
  references: [
    { ref_id: 'CVE-2021-44906', ref_type: 'cve', href: 'https://access.redhat.com/security/cve/CVE-2021-44906' },
    { id: 'RHSA-2022:9073', type: 'rhsa' },
  ],
  ...rest,
});
const document = (value: unknown) =>
  memoryDocument('almalinux/8/errata.json', typeof value === 'string' ? value : JSON.stringify(value));

test('an erratum: packages with architectures and stream, severity, related ids', async () => {
  const { advisories, problems } = await collect(almalinux.parse(document([erratum()]), { signal }));
  expect(problems).toEqual([]);
  expect(advisories[0]).toMatchObject({
    id: 'ALSA-2022:9073',
    aliases: [],
    related: ['CVE-2021-44906', 'RHSA-2022:9073'],
    publishedAt: '2022-12-21T00:00:00.000Z',
    severities: [{ author: 'almalinux', word: 'medium' }],
  });
  const fixed = '1:16.18.1-3.module_el8.7.0+3371';
  expect(
    advisories[0]?.affected.map(({ name, ranges, qualifiers }) => [name, ranges[0]?.events[1]?.fixed, qualifiers]),
  ).toEqual([
    ['nodejs', fixed, { architectures: ['aarch64', 'x86_64'], module: 'nodejs:16' }],
    ['nodejs-docs', fixed, { module: 'nodejs:16' }],
    ['npm', '8-1', { module: 'nodejs:16' }],
  ]);
});

test('bug fix errata give nothing, bad ones a problem, the rest stays', async () => {
  const { advisories, problems } = await collect(
    almalinux.parse(document([erratum({ type: 'bugfix' }), 7, { updateinfo_id: 'x y' }, erratum()]), { signal }),
  );
  expect(advisories).toHaveLength(1);
  expect(problems).toHaveLength(2);
});

test('T55 a file cut off, empty or of another shape is refused', async () => {
  for (const text of ['', '[]', '[{"updateinfo_id": "ALSA', '<html>', '{"a": 1}']) {
    await expect(collect(almalinux.parse(document(text), { signal }))).rejects.toMatchObject({
      code: 'feed/malformed',
    });
  }
});

test('files and requests', () => {
  expect(almalinux.matches('feeds/almalinux/9/errata.json')).toBe('almalinux-9');
  expect(almalinux.matches('osv/AlmaLinux/all.zip')).toBeUndefined();
  expect(almalinux.requests(['AlmaLinux'])).toEqual([]);
  expect(almalinux.requests(['almalinux'])).toHaveLength(3);
});
