// A root that opkg itself installed, upgraded and removed packages in, where there is one: no registry has it, so it is built from its sources.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogFolder, run } from '../testing/folder.ts';
import { opkgCataloger } from './index.ts';

const work = mkdtempSync(join(tmpdir(), 'plombe-opkg-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const hasOpkg = run(work, 'opkg', '--version') !== undefined && run(work, 'dpkg-deb', '--version') !== undefined;
if (!hasOpkg) console.warn('SKIPPED: no opkg or dpkg-deb, no database that opkg wrote was read');

/** Builds a package of one program, with the tool of Debian: the formats differ in what may be in them only. */
function build(name: string, version: string, more = ''): string {
  const folder = join(work, `${name}-${version}`);
  const files = {
    'DEBIAN/control': `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: X <x@example.org>\nLicense: GPL-2.0-or-later\nDescription: a test\n${more}`,
    'DEBIAN/conffiles': `/etc/${name}.conf\n`,
    [`etc/${name}.conf`]: 'x\n',
    [`usr/bin/${name}`]: 'x\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const file = join(work, `${name}_${version}.ipk`);
  run(work, 'dpkg-deb', '--root-owner-group', '-Zgzip', '-b', folder, file);
  return file;
}

describe.skipIf(!hasOpkg)('a database that opkg wrote', () => {
  test('the packages that opkg list-installed lists, and their files', { timeout: 60_000 }, () => {
    const root = join(work, 'root');
    mkdirSync(root);
    const settings =
      'arch all 1\ndest root /\noption info_dir /usr/lib/opkg/info\noption status_file /usr/lib/opkg/status\n';
    writeFileSync(join(work, 'opkg.conf'), settings);
    const opkg = (...args: readonly string[]): string => {
      const flags = ['-f', join(work, 'opkg.conf'), '--offline-root', root];
      const { status, stdout, stderr } = spawnSync('opkg', [...flags, ...args], { encoding: 'utf8' });
      expect(status, stdout + stderr).toBe(0);
      return stdout;
    };
    opkg('install', build('alpha', '1.0-r0'), build('gamma', '1.0'), build('delta-libs', '0.9+git20200101-r2'));
    opkg('install', build('alpha', '1.2-r1'));
    opkg('install', build('beta', '2:3.4~rc1-r0', 'Depends: alpha\n'));
    opkg('remove', 'gamma');
    opkg('flag', 'hold', 'delta-libs');
    const listed = opkg('list-installed').trim().split('\n');
    const { packages, owners, complete, diagnostics } = catalogFolder(opkgCataloger, root);
    expect([complete, diagnostics]).toEqual([true, []]);
    expect(listed).toHaveLength(3);
    expect(packages.map(({ name, version }) => `${name} - ${version}`).sort()).toEqual(listed);
    expect(packages.map(({ licences }) => licences)).toEqual(listed.map(() => ['GPL-2.0-or-later']));
    for (const [path, index] of owners ?? [])
      expect(opkg('files', packages[index]?.name ?? '')).toContain(`/${path}\n`);
    expect([...(owners?.keys() ?? [])].sort()).toEqual(['usr/bin/alpha', 'usr/bin/beta', 'usr/bin/delta-libs']);
  });
});
