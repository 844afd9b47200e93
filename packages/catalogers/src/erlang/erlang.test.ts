// Applications of Erlang and Elixir: of Hex, of OTP, a release's own; terms as text; whole and hostile.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeZip } from '@plombe/formats/testing/zip';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { erlangCataloger } from './index.ts';
import { readTerms } from './terms.ts';

const catalog = (specs: FileSpecs) => erlangCataloger.catalog(viewOf(specs, erlangCataloger), {});

const application = (name: string, version: string): string =>
  `%% written by the build\n{application,${name},\n [{description,"a \\"test\\""},{modules,['Elixir.A',b]},\n  {vsn,"${version}"},\n  {env,[{a,#{b => <<"c">>}},{d,$e},{f,-1.5e3}]}]}.\n`;
const metadata = (name: string, version: string, app = name): string =>
  `{<<"app">>,<<"${app}">>}.\n{<<"build_tools">>,[<<"mix">>]}.\n{<<"description">>,<<"caf\u00e9"/utf8>>}.\n{<<"licenses">>,[<<"Apache 2.0">>]}.\n` +
  `{<<"name">>,<<"${name}">>}.\n{<<"requirements">>,[]}.\n{<<"version">>,<<"${version}">>}.\n`;

catalogerContract(erlangCataloger, {
  'app/lib/jason-1.4.1/ebin/jason.app': application('jason', '1.4.1'),
  'app/lib/ssl-10.8.7/ebin/ssl.app': application('ssl', '10.8.7'),
  'src/deps/plug/hex_metadata.config': metadata('plug', '1.15.3'),
  'src/_build/prod/lib/plug/ebin/plug.app': application('plug', '1.15.3'),
  'usr/lib/erlang/releases/26/OTP_VERSION': '26.2.1\n',
});

test('a package of Hex is one with what was built of it, whoever built it', () => {
  const { packages, complete } = catalog({
    'src/deps/plug/hex_metadata.config': metadata('plug', '1.15.3'),
    'src/_build/prod/lib/plug/ebin/plug.app': application('plug', '1.15.3'),
    'r3/_build/default/lib/hackney/hex_metadata.config': metadata('hackney', '1.20.1'),
    'r3/_build/default/lib/hackney/ebin/hackney.app': application('hackney', '1.20.1'),
    'src/deps/fetched/hex_metadata.config': metadata('fetched_pkg', '2.0.0', 'fetched'),
  });
  expect(complete).toBe(true);
  expect(packages).toEqual([
    {
      type: 'hex',
      name: 'hackney',
      version: '1.20.1',
      licences: ['Apache-2.0'],
      paths: ['r3/_build/default/lib/hackney/hex_metadata.config', 'r3/_build/default/lib/hackney/ebin/hackney.app'],
    },
    {
      type: 'hex',
      name: 'fetched_pkg',
      version: '2.0.0',
      licences: ['Apache-2.0'],
      paths: ['src/deps/fetched/hex_metadata.config'],
      facts: { application: 'fetched' },
    },
    {
      type: 'hex',
      name: 'plug',
      version: '1.15.3',
      licences: ['Apache-2.0'],
      paths: ['src/deps/plug/hex_metadata.config', 'src/_build/prod/lib/plug/ebin/plug.app'],
    },
  ]);
});

test.each([
  [
    'a part of OTP',
    'lib/ssl-10.8.7/ebin/ssl.app',
    application('ssl', '10.8.7'),
    'otp',
    'https://github.com/erlang/otp',
  ],
  [
    'a part of Elixir',
    'lib/mix/ebin/mix.app',
    application('mix', '1.14.0'),
    'otp',
    'https://github.com/elixir-lang/elixir',
  ],
  ['anything else in a release', 'lib/jason-1.4.1/ebin/jason.app', application('jason', '1.4.1'), 'hex', undefined],
  ["a release's own application", 'lib/own-0.1.0/ebin/own.app', application('own', '0.1.0'), 'otp', undefined],
  [
    'what a project with packages of Hex has besides',
    'src/_build/prod/lib/x/ebin/x.app',
    application('x', '1.0'),
    'otp',
    undefined,
  ],
  ['what a project without has', 'other/_build/prod/lib/x/ebin/x.app', application('x', '1.0'), 'hex', undefined],
])('%s', (_title, path, content, type, repository) => {
  const { packages } = catalog({
    'releases/0.1.0/own.rel': '{release,{"own","0.1.0"},{erts,"13.1.5"},[{kernel,"8.5.3",permanent}]}.',
    'src/deps/plug/hex_metadata.config': metadata('plug', '1.15.3'),
    [path]: content,
  });
  const found = packages.find(({ name }) => name !== 'plug');
  expect(found?.type).toBe(type);
  expect(found?.qualifiers?.['repository_url']).toBe(repository);
  expect(found?.weak).toBe(type === 'hex' ? true : undefined);
});

test.each([
  ['26.2.1\n', '26.2.1'],
  ['25.3.2.8**\n', '25.3.2.8'],
  ['27.0-rc1', '27.0-rc1'],
])('OTP_VERSION %j is %s', (content, version) => {
  expect(catalog({ 'usr/lib/erlang/releases/26/OTP_VERSION': content }).packages).toMatchObject([
    { type: 'generic', name: 'otp', version },
  ]);
});

test('applications in an archive', () => {
  const zip = writeZip([
    { name: 'plug-1.0/ebin/plug.app', content: application('plug', '1.0') },
    { name: 'plug-1.0/ebin/plug.beam', content: 'FOR1' },
  ]);
  expect(catalog({ 'plugins/plug-1.0.ez': zip }).packages).toMatchObject([
    { type: 'hex', name: 'plug', version: '1.0', paths: ['plugins/plug-1.0.ez!/plug-1.0/ebin/plug.app'] },
  ]);
  const { packages, diagnostics, complete } = catalog({ 'plugins/plug-1.0.ez': 'text' });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'archive/corrupt' }]);
  expect(complete).toBe(false);
});

describe('hostile files', () => {
  test.each([
    ['T15 cut', application('a', '1.0').slice(0, 60)],
    ['without a version', '{application,a,[{description,"x"}]}.'],
    ['with a version of a megabyte', application('a', '1'.repeat(1e6 - 300))],
    ['with a path for a name', '{application,\'../a\',[{vsn,"1"}]}.'],
    ['nested 100,000 deep', `{application,a,${'['.repeat(1e5)}`],
  ])('an application %s is reported and the others are found', (_title, content) => {
    const { packages, diagnostics, complete } = catalog({
      'lib/a/ebin/a.app': content,
      'lib/b/ebin/b.app': application('b', '1.0'),
    });
    expect(packages).toMatchObject([{ name: 'b' }]);
    expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', path: 'lib/a/ebin/a.app' }]);
    expect(complete).toBe(false);
  });

  test('any text is read in linear time', () => {
    for (const piece of ['{', '"', '"\\', '<<', "'", '%', '[a,', '#{a=>', '1.', 'a ']) readTerms(piece.repeat(2e5));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => readTerms(text).length >= 0));
  });
});
