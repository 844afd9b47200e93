// WordPress: core, plugins, themes, and what their headers say; whole and hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { wordpressCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => wordpressCataloger.catalog(viewOf(specs, wordpressCataloger), {});
const content = 'var/www/html/wp-content';
const core = 'var/www/html/wp-includes/version.php';
const version = (text: string): string =>
  `<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '${text}';\n$wp_db_version = 1;\n`;
const plugin = (rest = ''): string =>
  `<?php\n/**\n * @package Akismet\n */\n/*\nPlugin Name: Akismet: Anti-Spam */ \nVersion: 5.0.2\nVersion: 9\nLicense: GPLv2 or later\n${rest}*/\n`;
const theme =
  '@charset "UTF-8";\n/*\nTheme Name: Twenty\nVersion: 1.7\nLicense: GNU General Public License v2 or later\n*/\n';

catalogerContract(wordpressCataloger, {
  [core]: version('6.1.9'),
  [`${content}/plugins/akismet/akismet.php`]: plugin(),
  [`${content}/themes/twenty/style.css`]: theme,
});

test('core, plugin and theme in full', () => {
  const { packages, diagnostics, complete } = catalog({
    [core]: version('6.1.9'),
    [`${content}/plugins/akismet/akismet.php`]: plugin(),
    [`${content}/plugins/akismet/wrapper.php`]: '<?php\n// Version: 3\n',
    [`${content}/themes/twenty/style.css`]: theme,
  });
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
  const licences = ['GPL-2.0-or-later'];
  expect(packages).toEqual([
    {
      type: 'wordpress-plugin',
      name: 'akismet',
      version: '5.0.2',
      licences,
      paths: [`${content}/plugins/akismet/akismet.php`],
      facts: { title: 'Akismet: Anti-Spam' },
    },
    {
      type: 'wordpress-theme',
      name: 'twenty',
      version: '1.7',
      licences,
      paths: [`${content}/themes/twenty/style.css`],
      facts: { title: 'Twenty' },
    },
    {
      type: 'generic',
      name: 'wordpress',
      version: '6.1.9',
      licences,
      cpes: ['cpe:2.3:a:wordpress:wordpress:6.1.9:*:*:*:*:*:*:*'],
      paths: [core],
    },
  ]);
});

test('a version before its release keeps what comes behind the hyphen', () => {
  expect(catalog({ [core]: version('6.5-beta1') }).packages).toMatchObject([
    { version: '6.5-beta1', cpes: ['cpe:2.3:a:wordpress:wordpress:6.5:beta1:*:*:*:*:*:*'] },
  ]);
});

test.each([
  ['a file alone', `${content}/plugins/hello.php`, 'hello'],
  ['one that must be used', `${content}/mu-plugins/own.php`, 'own'],
  ['of Composer', 'app/wp-content/plugins/seo/wp-seo.php', 'seo'],
])('a plugin as %s', (_title, path, name) => {
  expect(catalog({ [path]: plugin() }).packages).toMatchObject([{ type: 'wordpress-plugin', name }]);
});

test('without a version in the header the readme counts, weaker', () => {
  const header = '<?php\n/*\n * Plugin Name: X\n */';
  const path = `${content}/plugins/x/x.php`;
  const readme = `${content}/plugins/x/readme.txt`;
  expect(catalog({ [path]: header, [readme]: '=== X ===\nStable tag: 2.1\n' }).packages).toMatchObject([
    { name: 'x', version: '2.1', weak: true, paths: [path, readme] },
  ]);
  const none = catalog({ [path]: header, [readme]: '=== X ===\nStable tag: trunk\n' });
  expect(none.packages).toEqual([]);
  expect(none.complete).toBe(false);
});

test('where else it is updated from is a fact', () => {
  const { packages } = catalog({ [`${content}/plugins/x/x.php`]: plugin('Update URI: https://example.org/x\n') });
  expect(packages[0]?.facts).toMatchObject({ updatesFrom: 'https://example.org/x' });
});

describe('hostile files', () => {
  test.each([
    ['core without a version', { [core]: '<?php\n' }],
    ['core with a NUL', { [core]: version('6.\0') }],
    [
      'a plugin with a version of a kilobyte',
      { [`${content}/plugins/a/a.php`]: plugin().replace('5.0.2', '1'.repeat(1000)) },
    ],
    ['a theme in a folder of control characters', { [`${content}/themes/\u001b[31m/style.css`]: theme }],
  ])('%s is reported', (_title, specs) => {
    const { packages, diagnostics, complete } = catalog(specs as FileSpecs);
    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid' }]);
    expect(JSON.stringify(diagnostics[0]?.message)).not.toContain('\\u001b');
    expect(complete).toBe(false);
  });

  test('a header behind 8 KiB is none, as in WordPress', () => {
    expect(catalog({ [`${content}/plugins/a/a.php`]: `<?php\n${' '.repeat(9000)}\n${plugin()}` }).packages).toEqual([]);
  });
});

test.each([
  ['GPLv2 or later', 'GPL-2.0-or-later'],
  ['GPL-2.0+', 'GPL-2.0-or-later'],
  ['GPL v3', 'GPL-3.0-only'],
  ['GPL2', 'GPL-2.0-only'],
  ['GNU General Public License (GPL) v3 or later', 'GPL-3.0-or-later'],
  ['GPL-2.0-or-later', 'GPL-2.0-or-later'],
  ['MIT', 'MIT'],
  ['Commercial', 'Commercial'],
])('licence %s', (declared, expected) => {
  const { packages } = catalog({
    [`${content}/plugins/a/a.php`]: `<?php\n/*\nPlugin Name: A\nVersion: 1\nLicense: ${declared}\n*/\n`,
  });
  expect(packages[0]?.licences).toEqual([expected]);
});
