// npm packages: where they are installed, what their package.json says; whole and hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { npmCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => npmCataloger.catalog(viewOf(specs, npmCataloger), {});
const json = (value: unknown): string => JSON.stringify(value);
const a = json({ name: 'a', version: '1.0.0' });

catalogerContract(npmCataloger, {
  'app/node_modules/a/package.json': json({ name: 'a', version: '1.2.3', license: 'MIT' }),
  'app/node_modules/@s/b/package.json': json({ name: '@s/b', version: '2.0.0-rc.1', licenses: [{ type: 'ISC' }] }),
});

test('a package in full', () => {
  const path = 'app/node_modules/@s/b/package.json';
  const { packages, diagnostics, complete } = catalog({
    [path]: json({ name: '@s/b', version: '2.0.0', license: 'MIT' }),
  });
  expect(packages).toEqual([
    { type: 'npm', namespace: '@s', name: 'b', version: '2.0.0', licences: ['MIT'], paths: [path] },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  ['npm', 'app/node_modules/a/package.json', true],
  ['npm, scoped', 'app/node_modules/@s/a/package.json', true],
  ['nested', 'app/node_modules/b/node_modules/a/package.json', true],
  ['global', 'usr/local/lib/node_modules/npm/node_modules/a/package.json', true],
  ['at the root', 'node_modules/a/package.json', true],
  ['pnpm', 'app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', true],
  ['yarn, unplugged', 'app/.yarn/unplugged/a-npm-1.0.0-x/node_modules/a/package.json', true],
  ['Debian', 'usr/share/nodejs/a/package.json', true],
  ['Debian, scoped', 'usr/share/nodejs/@s/a/package.json', true],
  ['an application', 'app/package.json', false],
  ['yarn itself', 'opt/yarn-v1.22.19/package.json', false],
  ['within a package', 'app/node_modules/b/dist/compiled/a/package.json', false],
])('%s: %s is installed: %s', (_title, path, installed) => {
  const [found] = catalog({ [path]: a }).packages;
  expect(found?.weak).toBe(installed ? undefined : true);
  expect(found?.facts).toEqual(installed ? undefined : { embedded: 'true' });
});

test.each([
  ['app/node_modules/a/package-lock.json'],
  ['app/node_modules/a/xpackage.json'],
  ['app/node_modules/a/package.json5'],
])('%s is not looked at', (path) => {
  expect(catalog({ [path]: a }).packages).toEqual([]);
});

test.each([
  ['text', { license: 'MIT' }, ['MIT']],
  ['an expression', { license: '(MIT OR Apache-2.0)' }, ['MIT OR Apache-2.0']],
  ['an object', { license: { type: 'ISC', url: 'x' } }, ['ISC']],
  ['a list', { licenses: [{ type: 'MIT' }, 'BSD', { type: 'MIT' }] }, ['BSD OR MIT']],
  ['a list in the wrong field', { license: ['MIT', { type: 'ISC' }] }, ['ISC OR MIT']],
  ['something else', { license: { type: { a: 1 } } }, []],
  ['a number', { license: 1 }, []],
  ['a whole text', { license: 'x'.repeat(1000) }, []],
  ['nothing', {}, []],
])('licence as %s', (_title, fields, expected) => {
  const { packages } = catalog({ 'node_modules/a/package.json': json({ name: 'a', version: '1.0.0', ...fields }) });
  expect(packages[0]?.licences).toEqual(expected);
});

test.each([
  ['no version', { name: 'a' }],
  ['no name', { version: '1.0.0' }],
  ['only a module type', { type: 'commonjs' }],
  ['a name with a path', { name: '../../a', version: '1.0.0' }],
  ['a name with a space', { name: 'a b', version: '1.0.0' }],
  ['an empty scope', { name: '@/a', version: '1.0.0' }],
])('%s is no package and no fault', (_title, value) => {
  expect(catalog({ 'node_modules/a/package.json': json(value) })).toEqual({
    packages: [],
    diagnostics: [],
    complete: true,
  });
});

test.each([
  ['that is no text', 1],
  ['that is empty', ''],
  ['that is a template', '${version}'],
  ['of words', 'latest'],
  ['of 1 MB', '1'.repeat(1e6)],
])('an installed package with a version %s is told as missing, another file is a template', (_title, version) => {
  const { packages, diagnostics, complete } = catalog({
    'node_modules/a/package.json': json({ name: 'a', version }),
    'node_modules/b/template/package.json': json({ name: 'a', version }),
  });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([
    { code: 'package/metadata-invalid', level: 'warning', path: 'node_modules/a/package.json' },
  ]);
  expect(complete).toBe(false);
});

test('an application that is not published says so', () => {
  const { packages } = catalog({ 'app/package.json': json({ name: 'app', version: '1.0.0', private: true }) });
  expect(packages[0]).toMatchObject({ weak: true, facts: { embedded: 'true', private: 'true' } });
});

test('a byte order mark is skipped', () => {
  expect(catalog({ 'node_modules/a/package.json': `\ufeff${a}` }).packages).toHaveLength(1);
});

describe('hostile files', () => {
  test.each([
    ['cut short', a.slice(0, 9)],
    ['empty', ''],
    ['a list', '[]'],
    ['T51 half a million brackets', '['.repeat(500_000)],
    ['larger than the limit', `${a.slice(0, -1)}, "x": "${'y'.repeat(3e6)}"}`],
  ])('%s: reported where a package is installed, the others are found', (_title, broken) => {
    const { packages, diagnostics, complete } = catalog({
      'node_modules/a/package.json': broken,
      'node_modules/b/package.json': a,
      'node_modules/b/test/fixture/package.json': broken,
    });
    expect(packages).toHaveLength(1);
    expect(diagnostics.map((one) => [one.code, one.path])).toEqual([
      ['package/metadata-invalid', 'node_modules/a/package.json'],
    ]);
    expect(complete).toBe(false);
  });

  test('T73 __proto__ and inherited properties are no fields', () => {
    const { packages } = catalog({
      'node_modules/a/package.json': '{"__proto__": {"name": "evil", "version": "6.6.6", "private": true}}',
      'node_modules/b/package.json':
        '{"name": "b", "version": "1.0.0", "__proto__": {"license": "evil"}, "constructor": 1}',
    });
    expect(packages).toMatchObject([{ name: 'b', licences: [] }]);
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});
