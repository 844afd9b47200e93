// Packages of Composer, PEAR and PECL: each form of their lists, whole and hostile, against the programs themselves.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { phpCataloger } from './index.ts';
import { parsePhpArray, parseSerialized } from './literal.ts';

const catalog = (specs: FileSpecs) => phpCataloger.catalog(viewOf(specs, phpCataloger), {});
const json = 'app/vendor/composer/installed.json';
const php = 'app/vendor/composer/installed.php';
const reg = 'usr/share/php/.registry/xml_util.reg';

const entries = [
  {
    name: 'Symfony/Console',
    version: 'v5.4.21',
    license: ['MIT'],
    type: 'library',
    dist: { type: 'zip', reference: 'c77433d' },
  },
  { name: 'acme/two', version: '1.0.0', license: ['GPL-2.0-only', 'MIT'], dist: { type: 'path', reference: 'x' } },
  { name: 'acme/branch', version: 'dev-main', source: { type: 'git', reference: 'abc123' } },
  { name: 'drupal/core-recommended', version: '10.1.0', type: 'metapackage' },
];
const two = (packages: readonly object[], more: object = { dev: true, 'dev-package-names': ['acme/two'] }): string =>
  JSON.stringify({ packages, ...more });
const serialised = (fields: string, count: number): string => `a:${count}:{${fields}}`;
const xmlUtil = serialised(
  's:4:"name";s:8:"XML_Util";s:7:"channel";s:12:"pear.php.net";s:4:"lead";a:2:{i:0;a:1:{s:4:"name";s:5:"J\u00fcrg";}i:1;b:1;}' +
    's:7:"version";a:2:{s:7:"release";s:5:"1.4.5";s:3:"api";s:5:"1.4.0";}s:7:"license";a:1:{s:8:"_content";s:11:"MIT License";}s:1:"d";d:0.5;s:1:"n";N;',
  7,
);
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

catalogerContract(phpCataloger, {
  [json]: two(entries),
  'b/vendor/composer/installed.php':
    "<?php return array('versions' => array('a/b' => array('pretty_version' => '1.0', 'dev_requirement' => false)));",
  [reg]: latin1(xmlUtil.replace('s:5:"J\u00fcrg"', 's:4:"J\u00fcrg"')),
});

test('the packages of Composer 2 in full', () => {
  const { packages, diagnostics, complete } = catalog({ [json]: two(entries) });
  const common = { type: 'composer', paths: [json] };
  expect(packages).toEqual([
    { ...common, namespace: 'symfony', name: 'console', version: 'v5.4.21', licences: ['MIT'], scope: 'runtime' },
    {
      ...common,
      namespace: 'acme',
      name: 'two',
      version: '1.0.0',
      licences: ['GPL-2.0-only OR MIT'],
      scope: 'development',
      origin: 'local',
    },
    {
      ...common,
      namespace: 'acme',
      name: 'branch',
      version: 'dev-main',
      licences: [],
      scope: 'runtime',
      origin: 'vcs',
      facts: { commit: 'abc123' },
    },
    {
      ...common,
      namespace: 'drupal',
      name: 'core-recommended',
      version: '10.1.0',
      licences: [],
      scope: 'runtime',
      facts: { composerType: 'metapackage' },
    },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test('the list of Composer 1 says nothing of what packages are for', () => {
  const { packages } = catalog({ [json]: JSON.stringify(entries) });
  expect(packages.map(({ scope }) => scope)).toEqual([undefined, undefined, undefined, undefined]);
});

const source = `<?php return array(
    'root' => array('name' => 'acme/shop', 'pretty_version' => '1.0.0', 'install_path' => __DIR__ . '/../../', 'aliases' => array(), 'dev' => true),
    'versions' => array(
        'acme/shop' => array('pretty_version' => '1.0.0', 'dev_requirement' => false),
        'acme/old' => array('dev_requirement' => false, 'replaced' => array(0 => 'self.version')),
        /* a comment */ 'plombe/one' => ['pretty_version' => 'v1.3.0', 'reference' => null, 'aliases' => [], 'dev_requirement' => false],
        'plombe/it\\'s' => array('pretty_version' => '1'),
        'plombe/three' => array('pretty_version' => '1.5.0', 'dev_requirement' => true),
    ),
);
`;

describe('installed.php', () => {
  test('counts where installed.json was removed: without the project itself and what is only replaced', () => {
    const { packages, diagnostics, complete } = catalog({ [php]: source });
    expect(packages.map(({ name, version, scope }) => [name, version, scope])).toEqual([
      ['one', 'v1.3.0', 'runtime'],
      ['three', '1.5.0', 'development'],
    ]);
    expect(diagnostics[0]?.message).toContain('1 entries without');
    expect(complete).toBe(false);
  });

  test('says nothing where installed.json is there', () => {
    expect(catalog({ [php]: source, [json]: two([]) }).packages).toEqual([]);
  });

  test.each([
    ['code', "<?php return array('versions' => system('id'));"],
    ['no array', '<?php return 1;'],
    ['cut short', source.slice(0, 300)],
    ['T51 a hundred thousand brackets', `<?php return ${'['.repeat(100_000)}`],
    ['no PHP', '{}'],
  ])('%s is told, and not complete', (_title, text) => {
    const { packages, diagnostics, complete } = catalog({ [php]: text });
    expect([packages, diagnostics.map(({ code }) => code), complete]).toEqual([
      [],
      ['package/metadata-invalid'],
      false,
    ]);
  });
});

describe('the registry of PEAR', () => {
  const real = latin1(xmlUtil.replace('s:5:"J', 's:4:"J'));
  test("PEAR's own packages are named as on Packagist; lengths count bytes", () => {
    expect(catalog({ [reg]: real }).packages).toEqual([
      {
        type: 'composer',
        namespace: 'pear',
        name: 'xml_util',
        version: '1.4.5',
        licences: ['MIT'],
        paths: [reg],
        facts: { channel: 'pear.php.net' },
      },
    ]);
  });

  test('those of PECL are of a type of their own', () => {
    const path = 'usr/local/lib/php/.registry/.channel.pecl.php.net/redis.reg';
    const text = serialised('s:4:"name";s:5:"redis";s:7:"channel";s:12:"pecl.php.net";s:7:"version";s:5:"5.3.7";', 3);
    expect(catalog({ [path]: text }).packages).toMatchObject([
      { type: 'pear', namespace: 'pecl.php.net', name: 'redis', version: '5.3.7' },
    ]);
  });

  test.each([
    ['empty', ' '],
    ['an object', 'O:8:"Evil":0:{}'],
    ['a length beyond the end', 'a:1:{s:4:"name";s:999999999:"x";}'],
    ['a count beyond the end', 'a:999999999999:{}'],
    ['T51 deep', 'a:1:{i:0;'.repeat(10_000)],
    ['no name', 'a:0:{}'],
  ])('%s is told, and not complete', (_title, text) => {
    const { packages, complete } = catalog({ [reg]: text });
    expect([packages, complete]).toEqual([[], false]);
  });
});

test.each([
  ['a path', '../../etc/passwd', '1.0.0'],
  ['one part', 'symfony', '1.0.0'],
  ['no version', 'a/b', ''],
  ['a version with a space', 'a/b', '1 0'],
])('an entry with %s is left out and told', (_title, name, version) => {
  const { packages, complete } = catalog({ [json]: two([{ name, version }, ...entries]) });
  expect([packages.length, complete]).toEqual([4, false]);
});

test('T73 inherited properties are no fields', () => {
  const text = `{"__proto__": {"packages": [{"name": "evil/evil", "version": "6.6.6"}]}, "packages": [{"__proto__": {"name": "evil/evil", "version": "1"}}]}`;
  expect(catalog({ [json]: text }).packages).toEqual([]);
});

test('reading never throws, and takes linear time', () => {
  for (const part of ["'a' => ", '/*', '#', '\\', "'", '[', ' ', '. ', "__DIR__ . '"])
    parsePhpArray(`<?php return [${part.repeat(100_000)}`);
  fc.assert(fc.property(fc.string(), (text) => void [parsePhpArray(`<?php return ${text}`), parseSerialized(text)]));
});

function has(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!has('composer', '--version', '--no-interaction'))('composer show (skipped: no composer)', () => {
  test('lists the same packages, told apart the same', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-composer-'));
    try {
      const manifest = (name: string, version: string): string => JSON.stringify({ name, version, license: ['MIT'] });
      for (const [name, version] of [
        ['one', '1.3.0'],
        ['two', '2.0.0-beta2'],
        ['three', '0.5'],
      ] as const) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'composer.json'), manifest(`plombe/${name}`, version));
      }
      execFileSync('tar', ['-czf', '../one.tar.gz', 'composer.json'], { cwd: join(folder, 'one') });
      mkdirSync(join(folder, 'app'));
      const packed = {
        name: 'plombe/one',
        version: 'v1.3.0',
        license: ['MIT'],
        dist: { type: 'tar', url: join(folder, 'one.tar.gz') },
      };
      writeFileSync(
        join(folder, 'app', 'composer.json'),
        JSON.stringify({
          name: 'acme/shop',
          repositories: [
            { type: 'package', package: packed },
            { type: 'path', url: '../two', options: { symlink: false } },
            { type: 'path', url: '../three' },
            { 'packagist.org': false },
          ],
          require: { 'plombe/one': '*', 'plombe/two': '*' },
          'require-dev': { 'plombe/three': '*' },
          'minimum-stability': 'dev',
        }),
      );
      const options = {
        cwd: join(folder, 'app'),
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...process.env, COMPOSER_ALLOW_SUPERUSER: '1', COMPOSER_HOME: join(folder, 'home') },
      } as const;
      execFileSync('composer', ['install', '--no-interaction'], options);
      const shown = (...flags: readonly string[]): readonly string[] => {
        const text = execFileSync('composer', ['show', '--format=json', '--no-interaction', ...flags], options);
        const { installed } = JSON.parse(text) as { installed: { name: string; version: string }[] };
        return installed.map(({ name, version }) => `${name}@${version}`).sort();
      };
      for (const path of [json, php]) {
        const content = readFileSync(join(folder, path));
        const { packages, complete } = catalog({ [path]: content });
        const named = (all: typeof packages): readonly string[] =>
          all.map(({ namespace, name, version }) => `${namespace}/${name}@${version}`).sort();
        expect(named(packages)).toEqual(shown());
        expect(named(packages.filter(({ scope }) => scope === 'runtime'))).toEqual(shown('--no-dev'));
        expect(complete).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
