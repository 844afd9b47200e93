// Portage's database: names and versions, licences, owned files; hostile; and names as Portage itself splits them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { portageCataloger } from './index.ts';
import { licencesOf } from './licences.ts';
import { splitPackage } from './names.ts';

const place = 'var/db/pkg/dev-libs/openssl-3.0.15-r1';
const example = {
  [`${place}/PF`]: 'openssl-3.0.15-r1\n',
  [`${place}/SLOT`]: '0/3\n',
  [`${place}/LICENSE`]: 'Apache-2.0\n',
  [`${place}/repository`]: 'gentoo\n',
  [`${place}/CHOST`]: 'x86_64-pc-linux-gnu\n',
  [`${place}/CONTENTS`]: [
    'dir /usr',
    'dir /usr/bin',
    'obj /usr/bin/openssl 0123456789abcdef0123456789abcdef 1700000000',
    'obj /usr/lib/a b/METADATA 0123456789abcdef0123456789abcdef 1700000000',
    'obj /usr/share/doc/x.txt 0123456789abcdef0123456789abcdef 1700000000',
    'sym /usr/bin/other -> openssl 1700000000',
    '',
  ].join('\n'),
};
const catalog = (specs: FileSpecs) => portageCataloger.catalog(viewOf(specs, portageCataloger), {});

catalogerContract(portageCataloger, example);

test('a package in full', () => {
  expect(catalog(example)).toEqual({
    packages: [
      {
        type: 'ebuild',
        namespace: 'dev-libs',
        name: 'openssl',
        version: '3.0.15-r1',
        architecture: 'x86_64',
        licences: ['Apache-2.0'],
        paths: [`${place}/PF`],
        facts: { repository: 'gentoo', slot: '0/3' },
      },
    ],
    diagnostics: [],
    owners: new Map([
      ['usr/bin/openssl', 0],
      ['usr/lib/a b/METADATA', 0],
    ]),
    complete: true,
  });
});

test('a package that is being merged is not installed, one without a name is reported', () => {
  const { packages, complete, diagnostics } = catalog({
    'var/db/pkg/dev-libs/-MERGING-foo-1/PF': 'foo-1',
    'var/db/pkg/dev-libs/nothing/SLOT': '0',
    'var/db/pkg/dev-libs/odd/PF': 'odd-2\n',
  });
  expect(packages.map(({ name, version }) => [name, version])).toEqual([['odd', '2']]);
  expect(complete).toBe(false);
  expect(diagnostics).toHaveLength(1);
});

test.each([
  ['GPL-2', ['GPL-2.0-only']],
  ['GPL-2+ MIT', ['GPL-2.0-or-later AND MIT']],
  ['|| ( GPL-2+ LGPL-2.1 )', ['GPL-2.0-or-later OR LGPL-2.1-only']],
  ['|| ( GPL-2 BSD ) MIT', ['(GPL-2.0-only OR BSD-3-Clause) AND MIT']],
  ['MIT MIT', ['MIT']],
  ['linux-fw-redistributable GPL-2', ['GPL-2.0-only', 'linux-fw-redistributable']],
  ['|| ( MIT', ['MIT']],
  ['( ) ) MIT', ['MIT']],
  ['', []],
])('licence %s', (text, expected) => {
  expect(licencesOf(text)).toEqual(expected);
});

test.each([
  ['openssl-3.0.15-r1', { name: 'openssl', version: '3.0.15-r1' }],
  ['gtk+-3.24', { name: 'gtk+', version: '3.24' }],
  ['font-adobe-100dpi-1.0.4', { name: 'font-adobe-100dpi', version: '1.0.4' }],
  ['openssh-9.8_p1-r2', { name: 'openssh', version: '9.8_p1-r2' }],
  ['foo', undefined],
  ['-1', undefined],
  ['foo-1-', undefined],
])('name %s', (text, expected) => {
  expect(splitPackage(text)).toEqual(expected);
});

const python = fileURLToPath(new URL('../../../../.plombe/peers/versions/python/bin/python3', import.meta.url));
const hasPortage =
  existsSync(python) && spawnSync(python, ['-c', 'import portage.versions'], { stdio: 'ignore' }).status === 0;
if (!hasPortage) console.warn('SKIPPED: no Portage (tools/install-version-judges), its names were not compared');

describe.skipIf(!hasPortage)('portage.versions.pkgsplit', () => {
  test('splits 20,000 names alike', () => {
    const piece = fc.constantFrom(
      'a',
      'foo',
      'B2',
      '+',
      '_',
      '-',
      '1',
      '2.0',
      '.',
      '_p1',
      '_rc',
      '-r1',
      '-1',
      '3a',
      'r2',
    );
    const texts = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => parts.join('')),
      { numRuns: 20_000, seed: 1 },
    );
    const script = `
import sys
from portage.versions import pkgsplit
for line in sys.stdin:
    parts = pkgsplit(line.rstrip('\\n'))
    print('' if parts is None else parts[0] + ' ' + parts[1] + ('' if parts[2] == 'r0' else '-' + parts[2]))
`;
    const run = spawnSync(python, ['-c', script], {
      input: `${texts.join('\n')}\n`,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const theirs = run.stdout.split('\n');
    const wrong = texts.flatMap((text, index) => {
      const ours = splitPackage(text);
      const said = ours === undefined ? '' : `${ours.name} ${ours.version}`;
      return said === theirs[index] ? [] : [`${text}: ours ${said}, theirs ${theirs[index]}`];
    });
    expect(wrong.slice(0, 20)).toEqual([]);
  });
});
