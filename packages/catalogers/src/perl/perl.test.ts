// Distributions of Perl: by cpanm's metadata, by logs and lists of make install, by their modules; whole and hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { perlCataloger } from './index.ts';
import { licencesOf } from './licences.ts';
import { versionOfLine } from './parse.ts';

const catalog = (specs: FileSpecs) => perlCataloger.catalog(viewOf(specs, perlCataloger), {});
const site = 'usr/local/lib/perl5/site_perl/5.38.2';
const meta = `${site}/x86_64-linux-gnu/.meta/URI-5.10`;
const install = JSON.stringify({
  pathname: 'O/OA/OALDERS/URI-5.10.tar.gz',
  name: 'URI',
  version: 5.1,
  dist: 'URI-5.10',
  provides: { URI: { file: 'lib/URI.pm', version: 5.1 }, 'URI::Escape': { file: 'lib/URI/Escape.pm' } },
});
const local = (module: string, version: string): string =>
  `=head2 Sun Nov 29 00:01:54 2026: C<Module> L<${module}|${module}>\n\n=over 4\n\n=item *\n\nC<installed into: /usr/local/share/perl/5.36.0>\n\n=item *\n\nC<VERSION: ${version}>\n\n=back\n\n`;

const examples: FileSpecs = {
  [`${meta}/install.json`]: install,
  [`${meta}/MYMETA.json`]: JSON.stringify({ name: 'URI', version: '5.10', license: ['perl_5'] }),
  [`${site}/x86_64-linux-gnu/auto/URI/.packlist`]: `/${site}/URI.pm\n`,
  'usr/local/lib/perl5/5.38.2/x86_64-linux-gnu/perllocal.pod': local('Foo::Bar', '1.0') + local('Foo::Bar', '1.02'),
  [`${site}/x86_64-linux-gnu/auto/Foo/Bar/.packlist`]: 'x',
  [`${site}/Baz.pm`]: "package Baz;\nuse strict;\nour $VERSION = '0.07';\n1;\n",
  [`${site}/x86_64-linux-gnu/auto/Baz/.packlist`]: 'x',
  'usr/local/lib/perl5/5.38.2/x86_64-linux-gnu/.packlist': 'x',
};
catalogerContract(perlCataloger, examples);

test('each source of knowledge, and Perl itself', () => {
  const { packages, diagnostics, complete } = catalog(examples);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
  const lists = `${site}/x86_64-linux-gnu/auto`;
  expect(packages).toEqual([
    {
      type: 'cpan',
      namespace: 'OALDERS',
      name: 'URI',
      version: '5.10',
      licences: ['Artistic-1.0-Perl OR GPL-1.0-or-later'],
      paths: [`${meta}/install.json`, `${meta}/MYMETA.json`],
    },
    {
      type: 'generic',
      name: 'perl',
      version: '5.38.2',
      licences: ['Artistic-1.0-Perl OR GPL-1.0-or-later'],
      cpes: ['cpe:2.3:a:perl:perl:5.38.2:*:*:*:*:*:*:*'],
      paths: ['usr/local/lib/perl5/5.38.2/x86_64-linux-gnu/.packlist'],
    },
    {
      type: 'cpan',
      name: 'Baz',
      version: '0.07',
      licences: [],
      paths: [`${lists}/Baz/.packlist`, `${site}/Baz.pm`],
      weak: true,
      facts: { identifiedBy: 'module' },
    },
    {
      type: 'cpan',
      name: 'Foo-Bar',
      version: '1.02',
      licences: [],
      paths: [`${lists}/Foo/Bar/.packlist`, 'usr/local/lib/perl5/5.38.2/x86_64-linux-gnu/perllocal.pod'],
      weak: true,
      facts: { identifiedBy: 'perllocal.pod' },
    },
  ]);
});

test('what the log names and no list has was removed', () => {
  expect(catalog({ 'usr/local/lib/perl5/5.38.2/perllocal.pod': local('Gone', '1.0') }).packages).toEqual([]);
});

test('a list without a version is told', () => {
  const { packages, diagnostics, complete } = catalog({ [`${site}/auto/Foo/.packlist`]: 'x' });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', level: 'warning' }]);
  expect(complete).toBe(false);
});

test.each([
  ["our $VERSION = '1.02';", '1.02'],
  ['$Foo::Bar::VERSION = "v1.2.3";', 'v1.2.3'],
  ["use vars qw($VERSION); $VERSION='0.5_01';", '0.5_01'],
  ['our $VERSION = version->declare("v3.1.4");', 'v3.1.4'],
  ["our $VERSION = qv('2.0.0');", '2.0.0'],
  ['package Foo::Bar 1.5;', '1.5'],
  ['{ $Foo::VERSION = 3.14; }', '3.14'],
  ['our $VERSION = $Other::VERSION;', undefined],
  ['our $XS_VERSION = 1;', undefined],
  ["if ($VERSION eq '1.0') {", undefined],
])('%s', (line, version) => {
  expect(versionOfLine(line)).toBe(version);
});

test.each([
  ['usr/share/perl/5.36.0/Carp.pm', false],
  ['usr/share/perl5/URI.pm', false],
  ['usr/local/lib/perl5/5.38.2/Carp.pm', false],
  ['usr/local/lib/perl5/site_perl/5.38.2/Foo/Bar.pm', true],
  ['usr/local/share/perl/5.36.0/Foo.pm', true],
  ['app/local/lib/perl5/Foo.pm', true],
  ['app/lib/Foo.pm', false],
])('the module %s is looked at: %s', (path, wanted) => {
  const want = perlCataloger.wants({ path, type: 'file', sizeBytes: 9, mode: 0, uid: 0, gid: 0 });
  expect(want !== undefined).toBe(wanted);
});

test.each([
  [['perl_5'], ['Artistic-1.0-Perl OR GPL-1.0-or-later']],
  [['mit', 'apache_2_0'], ['Apache-2.0 OR MIT']],
  [['unknown'], []],
])('licence %j', (declared, expected) => {
  expect(licencesOf(declared)).toEqual(expected);
});

describe('hostile files', () => {
  test.each([
    '',
    '{',
    '[]',
    '{"dist":"x"}',
    '{"dist":"../a-1.0"}',
    '{"__proto__":{"dist":"a-1.0"}}',
    `{"dist":"a-${'1'.repeat(1e5)}"}`,
  ])('T15 install.json %.40s is reported', (content) => {
    const { packages, complete } = catalog({ [`${meta}/install.json`]: content });
    expect(packages).toEqual([]);
    expect(complete).toBe(false);
  });
});
