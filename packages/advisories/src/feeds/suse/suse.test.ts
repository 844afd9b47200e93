import { expect, test } from 'vitest';
import { collect, memoryDocument, signal } from '../../testing/documents.ts';
import { vexDocument } from '../../testing/csaf.ts';
import { parseOsvRecord } from '../osv/parse.ts';
import { suse } from './index.ts';
import { ecosystemOfProduct } from './products.ts';

test.each([
  ['SUSE Linux Enterprise Server 15 SP5', 'SUSE:15.5'],
  ['SUSE Linux Enterprise Module for Basesystem 15 SP5', 'SUSE:15.5'],
  ['SUSE Linux Enterprise Module for Python 3 15 SP6', 'SUSE:15.6'],
  ['SUSE Linux Enterprise Server 15 SP4-LTSS', 'SUSE:15.4'],
  ['SUSE Linux Enterprise Server LTSS Extended Security 12 SP5', 'SUSE:12.5'],
  ['SUSE Linux Enterprise Server for SAP Applications 15', 'SUSE:15'],
  ['SUSE Linux Enterprise Server 16.0', 'SUSE:16.0'],
  ['SUSE Package Hub 15 SP5', 'SUSE:15.5'],
  ['SUSE Linux Enterprise Micro 5.5', 'SUSE:Micro 5.5'],
  ['SUSE Linux Enterprise Micro for Rancher 5.3', 'SUSE:Micro 5.3'],
  ['SUSE Linux Micro 6.0', 'SUSE:Micro 6.0'],
  ['openSUSE Leap 15.6', 'openSUSE:15.6'],
  ['openSUSE Leap Micro 5.5', 'openSUSE:Leap Micro 5.5'],
  ['openSUSE Tumbleweed', 'openSUSE:Tumbleweed'],
  ['SUSE Manager Server 4.3', undefined],
  ['SUSE Enterprise Storage 7.1', undefined],
  ['Container suse/sle15', undefined],
])('the product %s is %s', (name, ecosystem) => {
  expect(ecosystemOfProduct(name)).toBe(ecosystem);
});

test("OSV's records name sources, and are read as the binaries they list", () => {
  const record = {
    id: 'SUSE-SU-2023:4518-1',
    summary: 'Security update for openssl-1_1',
    related: ['CVE-2023-5678'],
    affected: [
      {
        package: { ecosystem: 'SUSE:Linux Enterprise Module for Basesystem 15 SP5', name: 'openssl-1_1' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1.1l-150500.17.22.1' }] }],
        ecosystem_specific: {
          binaries: [{ libopenssl1_1: '1.1.1l-150500.17.22.1', 'openssl-1_1': '1.1.1l-150500.17.22.1' }],
        },
      },
      {
        package: { ecosystem: 'openSUSE:Leap 15.5', name: 'openssl-1_1' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1.1l-150500.17.22.1' }] }],
      },
    ],
  };
  const advisory = parseOsvRecord(record, 'osv');
  expect('affected' in advisory && advisory.affected.map(({ ecosystem, name }) => [ecosystem, name])).toEqual([
    ['SUSE:15.5', 'libopenssl1_1'],
    ['SUSE:15.5', 'openssl-1_1'],
    ['openSUSE:15.5', 'openssl-1_1'],
  ]);
});

test('VEX: recommended fixes without architecture, and what is affected', async () => {
  const product = 'SUSE Linux Enterprise Server 15 SP5';
  const value = vexDocument([
    { status: 'recommended', product, cpe: 'cpe:/o:suse:sles:15:sp5', id: 'libopenssl1_1-1.1.1l-150500.17.22.1' },
    { status: 'known_affected', product, cpe: 'cpe:/o:suse:sles:15:sp5', id: 'openssl-3' },
    { status: 'known_not_affected', product: 'openSUSE Tumbleweed', id: 'openssl-1_1' },
    { status: 'known_affected', product: 'SUSE Manager Server 4.3', id: 'x' },
  ]);
  const { advisories } = await collect(
    suse.parse(memoryDocument('suse/cve-2023-5678.json', JSON.stringify(value)), { signal }),
  );
  expect(
    advisories[0]?.affected.map(({ ecosystem, name, status, ranges }) => [
      ecosystem,
      name,
      status,
      ranges[0]?.events.at(-1),
    ]),
  ).toEqual([
    ['SUSE:15.5', 'libopenssl1_1', 'affected', { fixed: '1.1.1l-150500.17.22.1' }],
    ['SUSE:15.5', 'openssl-3', 'affected', { introduced: '0' }],
    ['openSUSE:Tumbleweed', 'openssl-1_1', 'not_affected', undefined],
  ]);
});

test('a document of a vendor of devices is read, and nothing of it is about packages', async () => {
  const value = vexDocument([{ status: 'known_affected', product: 'SIMATIC S7-1500', id: 'CSAFPID-0001' }]);
  const { advisories, problems } = await collect(
    suse.parse(memoryDocument('suse/suse-x.json', JSON.stringify(value)), { signal }),
  );
  expect([advisories, problems]).toEqual([[], []]);
});

test('files and requests', () => {
  expect(suse.requests(undefined)).toEqual([]);
  expect(suse.requests(['suse'])).toHaveLength(1);
  expect(suse.matches('suse/csaf-vex.tar.bz2')).toBe('suse');
  expect(suse.matches('osv/SUSE/SUSE-SU-2023:1.json')).toBeUndefined();
});
