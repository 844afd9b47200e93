// Packages of Dart and Flutter: pub's cache, what a program was resolved to, SDKs; whole and hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { dartCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => dartCataloger.catalog(viewOf(specs, dartCataloger), {});
const cache = 'root/.pub-cache';
const pubspec = (name: string, version: string): string =>
  `# a comment\nname: ${name}\nversion: "${version}" # the version\ndescription: >\n  version: 9\nenvironment:\n  sdk: ^3.0.0\ndependencies:\n  name: any\n`;
const configOf = (...roots: readonly (readonly [string, string])[]): string =>
  JSON.stringify({
    configVersion: 2,
    packages: roots.map(([name, rootUri]) => ({ name, rootUri, packageUri: 'lib/' })),
  });

catalogerContract(dartCataloger, {
  [`${cache}/hosted/pub.dev/archive-3.3.0/pubspec.yaml`]: pubspec('archive', '3.3.0'),
  'app/.dart_tool/package_config.json': configOf(['http', 'file:///root/.pub-cache/hosted/pub.dev/http-1.1.0']),
  'usr/lib/dart/version': '3.4.0\n',
});

test('the cache, what is not in it any more, and the SDKs', () => {
  const path = `${cache}/hosted/pub.dev/archive-3.3.0/pubspec.yaml`;
  const { packages, diagnostics, complete } = catalog({
    [path]: pubspec('archive', '3.3.0'),
    'app/.dart_tool/package_config.json': configOf(
      ['archive', 'file:///root/.pub-cache/hosted/pub.dev/archive-3.3.0'],
      ['http', 'file:///root/.pub-cache/hosted/pub.dev/http-1.1.0%2B2/'],
      ['flutter', 'file:///opt/flutter/packages/flutter'],
      ['app', '../'],
    ),
    'opt/flutter/bin/cache/dart-sdk/version': '3.4.0-190.1.beta',
    'opt/flutter/bin/cache/flutter.version.json': JSON.stringify({ frameworkVersion: '3.22.0' }),
  });
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
  expect(packages).toMatchObject([
    { type: 'pub', name: 'archive', version: '3.3.0', licences: [], paths: [path] },
    {
      type: 'pub',
      name: 'http',
      version: '1.1.0+2',
      weak: true,
      facts: { identifiedBy: 'package_config.json' },
      paths: ['app/.dart_tool/package_config.json'],
    },
    { type: 'generic', name: 'dart', version: '3.4.0-190.1.beta' },
    { type: 'generic', name: 'flutter', version: '3.22.0' },
  ]);
  expect(packages[0]?.weak).toBeUndefined();
  expect(packages).toHaveLength(4);
});

test('a server of packages that is not pub.dev is named', () => {
  const path = `${cache}/hosted/pub.example.org%588080/own-1.0.0/pubspec.yaml`;
  expect(catalog({ [path]: pubspec('own', '1.0.0') }).packages).toMatchObject([
    { name: 'own', qualifiers: { repository_url: 'https://pub.example.org:8080' } },
  ]);
});

test('a package of a repository is that commit', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const path = `${cache}/git/own-${commit}/packages/own/pubspec.yaml`;
  expect(catalog({ [path]: pubspec('own', '1.0.0') }).packages).toMatchObject([
    { name: 'own', version: '1.0.0', origin: 'vcs', facts: { commit } },
  ]);
});

test('an application is not installed', () => {
  expect(catalog({ 'app/pubspec.yaml': pubspec('app', '1.0.0') }).packages).toEqual([]);
});

describe('hostile files', () => {
  test.each([
    ['T15 a version of another kind', `${cache}/hosted/pub.dev/a-1/pubspec.yaml`, pubspec('a', '1')],
    ['T57 a version of a kilobyte', `${cache}/hosted/pub.dev/a-1.0.0${'1'.repeat(1000)}/pubspec.yaml`, ''],
    ['T15 a configuration that is none', 'app/.dart_tool/package_config.json', '{"packages":1}'],
    ['T73 a configuration in a prototype', 'app/.dart_tool/package_config.json', '{"__proto__":{"packages":[]}}'],
  ])('%s is reported', (_title, path, content) => {
    const { packages, diagnostics, complete } = catalog({ [path]: content });
    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid' }]);
    expect(complete).toBe(false);
  });

  test('a pubspec that says otherwise, or nothing, is weaker evidence', () => {
    for (const content of ['', pubspec('b', '1.0.0'), 'name: *a\n'])
      expect(catalog({ [`${cache}/hosted/pub.dev/a-1.0.0/pubspec.yaml`]: content }).packages).toMatchObject([
        { name: 'a', version: '1.0.0', weak: true },
      ]);
  });
});
