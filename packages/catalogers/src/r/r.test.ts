// Packages of R: installed or not, of CRAN, Bioconductor or elsewhere, their licences; whole and hostile.
import { expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { rCataloger } from './index.ts';
import { licencesOf } from './licences.ts';

const catalog = (specs: FileSpecs) => rCataloger.catalog(viewOf(specs, rCataloger), {});
const built = "Built: R 4.2.2; ; 'Mon, 23 Jan 2023 07:09:09 -0600'; unix\n";
const description = (name: string, version: string, rest = ''): string =>
  `Package: ${name}\nVersion: ${version}\nDescription: Text\n  Version: 9 in a description\nLicense: GPL-2 | GPL-3\n${rest}${built}`;
const library = 'usr/lib/R/site-library';

catalogerContract(rCataloger, {
  [`${library}/MASS/DESCRIPTION`]: description('MASS', '7.3-58.2', 'Priority: recommended\nRepository: CRAN\n'),
  'usr/lib/R/library/base/DESCRIPTION': description('base', '4.2.2', 'Priority: base\n'),
});

test('a package in full', () => {
  const path = `${library}/MASS/DESCRIPTION`;
  expect(catalog({ [path]: description('MASS', '7.3-58.2', 'Priority: recommended\nRepository: CRAN\n') })).toEqual({
    packages: [
      {
        type: 'cran',
        name: 'MASS',
        version: '7.3-58.2',
        licences: ['GPL-2.0-only OR GPL-3.0-only'],
        paths: [path],
        facts: { builtWith: 'R 4.2.2', repository: 'CRAN' },
      },
    ],
    diagnostics: [],
    complete: true,
  });
});

test('the packages of R itself are R, once', () => {
  const { packages } = catalog(
    Object.fromEntries(
      ['base', 'stats', 'utils'].map((name) => [
        `usr/lib/R/library/${name}/DESCRIPTION`,
        description(name, '4.2.2', 'Priority: base\n'),
      ]),
    ),
  );
  expect(packages).toMatchObject([{ type: 'generic', name: 'r', version: '4.2.2' }]);
  expect(packages[0]?.cpes).toEqual(['cpe:2.3:a:r-project:r:4.2.2:*:*:*:*:*:*:*']);
});

test.each([
  ['by its server', 'git_url: https://git.bioconductor.org/packages/Biobase\n', 'bioconductor'],
  ['by its repository', 'Repository: Bioconductor 3.16\n', 'bioconductor'],
  ['by its views alone', 'biocViews: Infrastructure\n', 'bioconductor'],
  ['not by the views of one on CRAN', 'biocViews: X\nRepository: CRAN\n', 'cran'],
])('Bioconductor %s', (_title, rest, type) => {
  expect(catalog({ [`${library}/a/DESCRIPTION`]: description('a', '1.0', rest) }).packages[0]?.type).toBe(type);
});

test('a package of a repository of sources says which, and is none of CRAN', () => {
  const rest =
    'RemoteType: github\nRemoteHost: api.github.com\nRemoteUsername: r-lib\nRemoteRepo: rlang\nRemoteSha: 0123456789abcdef0123456789abcdef01234567\n';
  const [found] = catalog({ [`${library}/rlang/DESCRIPTION`]: description('rlang', '1.1.1.9000', rest) }).packages;
  expect(found?.facts?.['remote']).toBe('github:r-lib/rlang@0123456789abcdef0123456789abcdef01234567');
  expect(found?.origin).toBe('vcs');
});

test('sources are not installed', () => {
  expect(catalog({ 'src/a/DESCRIPTION': 'Package: a\nVersion: 1.0\n' }).packages).toEqual([]);
});

test.each([
  ['no version', `Package: a\n${built}`],
  ['T15 a NUL', `Package: a\0b\nVersion: 1.0\n${built}`],
  ['a path', description('../a', '1.0')],
  ['T57 a version of a megabyte', description('a', `1.${'1'.repeat(1e6)}`)],
])('%s is reported', (_title, content) => {
  const { packages, diagnostics, complete } = catalog({ [`${library}/a/DESCRIPTION`]: content });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid' }]);
  expect(complete).toBe(false);
});

test.each([
  ['GPL (>= 2)', 'GPL-2.0-or-later'],
  ['GPL-3', 'GPL-3.0-only'],
  ['LGPL (>= 2.1)', 'LGPL-2.1-or-later'],
  ['AGPL-3', 'AGPL-3.0-only'],
  ['MIT + file LICENSE', 'MIT'],
  ['BSD_3_clause + file LICENCE', 'BSD-3-Clause'],
  ['Apache License (== 2.0) | file LICENSE', 'Apache License (== 2.0) | file LICENSE'],
  ['Apache License 2.0', 'Apache-2.0'],
  ['GPL-2 | GPL-3 | MIT + file LICENSE', 'GPL-2.0-only OR GPL-3.0-only OR MIT'],
  ['GPL', 'GPL-1.0-or-later'],
  ['file LICENSE', 'file LICENSE'],
])('licence %s', (declared, expected) => {
  expect(licencesOf(declared)).toEqual([expected]);
});
