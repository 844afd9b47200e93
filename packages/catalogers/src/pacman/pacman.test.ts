// pacman's database: fields, owned files; hostile; and one that pacman itself wrote.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { pacmanCataloger } from './index.ts';

const folder = 'var/lib/pacman/local/demo-libs-1:1.2.3-4';
const desc = `%NAME%\ndemo-libs\n\n%VERSION%\n1:1.2.3-4\n\n%BASE%\ndemo\n\n%DESC%\nThe %NAME% of it\n\n%ARCH%\nx86_64\n\n%LICENSE%\nApache\ncustom:demo\n\n`;
const files = `%FILES%\nusr/\nusr/bin/\nusr/bin/demo\nusr/share/doc/demo\n\n%BACKUP%\nusr/bin/other\tabc\n`;
const example = { [`${folder}/desc`]: desc, [`${folder}/files`]: files };
const catalog = (specs: FileSpecs, id?: string) =>
  pacmanCataloger.catalog(
    viewOf(specs, pacmanCataloger),
    id === undefined ? {} : { distribution: { id, evidencePath: 'x' } },
  );

catalogerContract(pacmanCataloger, example);

test('a package in full', () => {
  expect(catalog(example, 'manjaro')).toEqual({
    packages: [
      {
        type: 'alpm',
        namespace: 'manjaro',
        name: 'demo-libs',
        version: '1:1.2.3-4',
        architecture: 'x86_64',
        source: { name: 'demo', version: '1:1.2.3-4' },
        licences: ['Apache-2.0', 'custom:demo'],
        paths: [`${folder}/desc`],
      },
    ],
    diagnostics: [],
    owners: new Map([['usr/bin/demo', 0]]),
    complete: true,
  });
  expect(catalog(example).packages[0]?.namespace).toBe('arch');
});

test('a database that a link leads to', () => {
  const moved = {
    'var/lib/pacman': { link: '../../usr/lib/holo/pacmandb' },
    [`usr/lib/holo/pacmandb/local/a-1-1/desc`]: desc,
  };
  expect(catalog(moved).packages).toHaveLength(1);
});

test.each([
  'var/lib/pacman/local/desc',
  'var/lib/pacman/local/a/b/desc',
  'var/lib/pacman/local/a-1-1/mtree',
  'var/lib/pacman/sync/a-1-1/desc',
  'srv/var/lib/pacman/local/a-1-1/desc',
])('%s is not wanted', (path) => {
  expect(pacmanCataloger.wants({ path, type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 })).toBeUndefined();
});

describe('T15 hostile databases', () => {
  test.each([
    ['no name', desc.replace('demo-libs', '')],
    ['a name with a slash', desc.replace('demo-libs', '../demo')],
    ['a version with a space', desc.replace('1:1.2.3-4', '1 2')],
    ['a version of 10 MB', desc.replace('1:1.2.3-4', '1'.repeat(10e6))],
    ['nothing', ''],
  ])('%s is reported and the other packages are found', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({ ...example, 'var/lib/pacman/local/b-1-1/desc': broken });
    expect(packages).toHaveLength(1);
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/database-corrupt');
  });

  test('a list whose description was cut out is reported', () => {
    const { complete, diagnostics } = catalog({ [`${folder}/files`]: files });
    expect(complete).toBe(false);
    expect(diagnostics[0]?.message).toContain('has no description');
  });
});

const has = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const hasPacman = has('pacman') && has('makepkg') && has('fakeroot') && process.getuid?.() === 0;
if (!hasPacman) console.warn('SKIPPED: pacman, makepkg, fakeroot or root is missing, no real database was read');

const recipe = `pkgbase=demo
pkgname=(demo demo-libs)
pkgver=1.2.3
pkgrel=4
epoch=1
arch=(x86_64)
license=('GPL-2.0-or-later')
package_demo() {
  mkdir -p "$pkgdir/usr/bin" "$pkgdir/usr/lib/python3.12/site-packages/demo-1.2.3.dist-info"
  echo '#!/bin/sh' > "$pkgdir/usr/bin/demo"
  printf 'Name: demo\\nVersion: 1.2.3\\n' > "$pkgdir/usr/lib/python3.12/site-packages/demo-1.2.3.dist-info/METADATA"
}
package_demo-libs() { arch=(any); mkdir -p "$pkgdir/usr/lib"; echo x > "$pkgdir/usr/lib/libdemo.so.1"; }
`;

describe.skipIf(!hasPacman)('a database that pacman wrote', () => {
  const work = mkdtempSync(join(tmpdir(), 'plombe-pacman-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  test('the packages that pacman -Q lists, and their files', { timeout: 120_000 }, () => {
    chmodSync(work, 0o777);
    writeFileSync(join(work, 'PKGBUILD'), recipe);
    writeFileSync(join(work, 'pacman.conf'), '[options]\nSigLevel=Never\nArchitecture=x86_64\n');
    const root = join(work, 'root');
    mkdirSync(join(root, 'var/lib/pacman'), { recursive: true });
    // makepkg refuses root.
    execFileSync(
      'runuser',
      ['-u', 'nobody', '--', 'env', `HOME=${work}`, 'PKGEXT=.pkg.tar.zst', 'makepkg', '--nodeps'],
      { cwd: work, stdio: 'ignore' },
    );
    const built = readdirSync(work).filter((name) => name.includes('.pkg.tar'));
    const settings = ['--root', root, '--config', join(work, 'pacman.conf')];
    execFileSync('pacman', ['-U', '--noconfirm', '-dd', ...settings, ...built], { cwd: work, stdio: 'ignore' });
    const listed = execFileSync('pacman', ['-Q', ...settings], { encoding: 'utf8' })
      .trim()
      .split('\n');

    const specs: Record<string, Uint8Array> = {};
    for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
      const full = join(entry.parentPath, entry.name);
      if (entry.isFile()) specs[relative(root, full)] = readFileSync(full);
    }
    const { packages, owners, complete } = catalog(specs);
    expect(complete).toBe(true);
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(listed);
    expect(packages.map(({ source, licences }) => [source?.name, licences])).toEqual(
      listed.map(() => ['demo', ['GPL-2.0-or-later']]),
    );
    for (const [path, index] of owners ?? []) {
      const owner = execFileSync('pacman', ['-Qoq', ...settings, join(root, path)], { encoding: 'utf8' }).trim();
      expect(packages[index]?.name).toBe(owner);
    }
    expect([...(owners?.keys() ?? [])]).toContain('usr/lib/python3.12/site-packages/demo-1.2.3.dist-info/METADATA');
  });
});
