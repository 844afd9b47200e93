import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { photon } from './index.ts';

const row = (rest: object = {}) => ({
  cve_id: 'CVE-2023-38545',
  pkg: 'curl',
  cve_score: 9.8,
  aff_ver: 'all versions before 7.88.1-4.ph4 are vulnerable',
  res_ver: '7.88.1-4.ph4',
  status: 'Fixed',
  ...rest,
});
const document = (value: unknown) =>
  memoryDocument('photon/cve_data_photon4.0.json', typeof value === 'string' ? value : JSON.stringify(value));

test.each([
  ['a fix', row(), 'affected', [{ introduced: '0' }, { fixed: '7.88.1-4.ph4' }]],
  [
    'a fix of before the status',
    row({ status: undefined }),
    'affected',
    [{ introduced: '0' }, { fixed: '7.88.1-4.ph4' }],
  ],
  ['not affected', row({ aff_ver: '', res_ver: 'NA', status: 'Not Affected' }), 'not_affected', undefined],
  [
    'no fix yet',
    row({ aff_ver: 'all versions are vulnerable', res_ver: '', status: 'Open' }),
    'affected',
    [{ introduced: '0' }],
  ],
])('%s', async (_, value, status, events) => {
  const { advisories, problems } = await collect(photon.parse(document([value]), { signal }));
  expect(problems).toEqual([]);
  const [affected] = advisories[0]?.affected ?? [];
  expect(affected).toMatchObject({ ecosystem: 'Photon OS:4.0', name: 'curl', status });
  expect(affected?.ranges[0]?.events).toEqual(events);
  expect(advisories[0]?.severities).toEqual([{ author: 'photon', word: 'critical', score: 9.8 }]);
});

test('rows that say nothing are passed over, bad ones told, and scores may be absent', async () => {
  const rows = [
    row({ aff_ver: 'NA', res_ver: 'NA' }),
    row({ cve_id: 'UNK-1', res_ver: 'NA', status: 'Not Affected' }),
    row({ cve_id: 'BDSA-2025-0719', cve_score: null }),
    7,
    row({ pkg: '' }),
  ];
  const { advisories, problems } = await collect(photon.parse(document(rows), { signal }));
  expect(advisories).toMatchObject([{ id: 'BDSA-2025-0719', severities: [] }]);
  expect(problems).toHaveLength(2);
});

test('T55 a file cut off, empty or of another shape is refused', async () => {
  for (const text of ['', '[]', '[{"cve_id": "CVE', '<html>', '{"a": 1}']) {
    await expect(collect(photon.parse(document(text), { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

test('files and requests', () => {
  expect(photon.requests(undefined)).toHaveLength(5);
  expect(photon.requests(['Photon OS:5.0'])).toHaveLength(1);
  expect(photon.matches('x/cve_data_photon5.0.json')).toBe('photon-5.0');
});
