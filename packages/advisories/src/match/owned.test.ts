// Who speaks for whom among packages that own others.
import type { Package, Purl } from '@plombe/model';
import { expect, test } from 'vitest';
import { shieldedPackages } from './owned.ts';

const debian = { id: 'debian', versionId: '12', evidencePath: 'etc/os-release' };
const arch = { id: 'arch', evidencePath: 'etc/os-release' };

function item(type: string, name: string, version: string, ownedBy?: string): Package {
  const id = `pkg:${type}/${name}@${version}`;
  return {
    id,
    purl: id as Purl,
    type,
    name,
    version,
    licences: [],
    cataloger: type,
    evidence: [],
    ...(ownedBy === undefined ? {} : { ownedBy }),
  };
}

test.each([
  ['Debian speaks for its files', debian, item('deb', 'python3-django', '3.2'), ['pkg:pypi/django@3.2']],
  ['Arch has no advisories and speaks for nobody', arch, item('alpm', 'python-django', '3.2-1'), []],
  ['no distribution is known', undefined, item('rpm', 'python3-django', '3.2-1'), []],
  ['conda has the same release', debian, item('conda', 'Django', '3.2'), ['pkg:conda/Django@3.2']],
  ['conda has it within another package', debian, item('conda', 'all-in-one', '3.2'), []],
  ['conda has another version of it', debian, item('conda', 'django', '4.0'), []],
])('%s', (_title, distribution, owner, expected) => {
  const packages = [owner, item('pypi', 'django', '3.2', owner.id), item('pypi', 'other', '1')];
  expect([...shieldedPackages(packages, distribution)]).toEqual(expected);
});

test('nothing is owned, or its owner is not there', () => {
  expect(shieldedPackages([item('pypi', 'django', '3.2')], debian)).toEqual(new Set());
  expect([...shieldedPackages([item('pypi', 'django', '3.2', 'pkg:deb/gone@1')], debian)]).toEqual([
    'pkg:pypi/django@3.2',
  ]);
});
