// Bottlerocket's inventory: packages in full, its two places, hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { bottlerocketCataloger } from './index.ts';

const path = 'x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json';
const entry = {
  Name: 'kernel-6.1',
  Publisher: 'Bottlerocket',
  Version: '6.1.119',
  Release: '1.1733355135.f0e4a8b1.br1',
  Epoch: '0',
  InstalledTime: '2024-12-05T00:00:00Z',
  ApplicationType: 'Unspecified',
  Architecture: 'x86_64',
  Url: 'https://www.kernel.org/',
  Summary: 'The Linux kernel',
};
const text = JSON.stringify({ Content: [entry, { ...entry, Name: 'glibc', Version: '2.40', Epoch: '1' }] });
const catalog = (specs: FileSpecs) => bottlerocketCataloger.catalog(viewOf(specs, bottlerocketCataloger), {});

catalogerContract(bottlerocketCataloger, { [path]: text });

test('packages in full', () => {
  const { packages, diagnostics, complete } = catalog({ [path]: text });
  expect(packages).toEqual([
    {
      type: 'rpm',
      namespace: 'bottlerocket',
      name: 'kernel-6.1',
      version: '6.1.119-1.1733355135.f0e4a8b1.br1',
      architecture: 'x86_64',
      licences: [],
      vendor: 'Bottlerocket',
      paths: [path],
    },
    expect.objectContaining({ name: 'glibc', version: '1:2.40-1.1733355135.f0e4a8b1.br1', qualifiers: { epoch: '1' } }),
  ]);
  expect([diagnostics, complete]).toEqual([[], true]);
  expect(catalog({ 'usr/share/bottlerocket/application-inventory.json': text }).packages).toHaveLength(2);
  expect(catalog({ 'srv/application-inventory.json': text }).packages).toEqual([]);
});

describe('T15 hostile inventories', () => {
  test.each([
    ['no JSON', '{"Content":['],
    ['no list', '{"Content":{}}'],
    ['null', 'null'],
    ['a name with a slash', JSON.stringify({ Content: [{ ...entry, Name: '../x' }] })],
    ['no release', JSON.stringify({ Content: [{ ...entry, Release: '' }] })],
    ['a prototype', '{"__proto__":{"Content":[]}}'],
  ])('%s is reported', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({ [path]: broken });
    expect([packages, complete, diagnostics.length]).toEqual([[], false, 1]);
  });
});
