// A database that emerge wrote (Portage from PyPI), from ebuilds made here: installed, upgraded, in two slots; against Portage's own list.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogFolder } from '../testing/folder.ts';
import { portageCataloger } from './index.ts';

const peers = fileURLToPath(new URL('../../../../.plombe/peers/versions/python', import.meta.url));
const python = join(peers, 'bin/python3');
const hasPortage =
  process.getuid?.() === 0 &&
  existsSync(python) &&
  spawnSync(python, ['-c', 'import _emerge.main'], { stdio: 'ignore' }).status === 0;
if (!hasPortage) console.warn('SKIPPED: no Portage (tools/install-version-judges) or not root, no real database');

/** Runs emerge, or lists what is installed. Portage looks for its own and the machine's settings at places that only Gentoo has: they are ours here. */
const driver = `
import os, sys
import portage.const as const
const.GLOBAL_CONFIG_PATH = os.path.join(sys.prefix, 'share/portage/config')
for key in ('USER_CONFIG_PATH', 'MAKE_CONF_FILE', 'PROFILE_PATH'):
    setattr(const, key, os.path.join(os.environ['WORK'], 'settings', getattr(const, key)))
if sys.argv[1] == 'emerge':
    del sys.argv[1]
    from _emerge.main import emerge_main
    sys.exit(emerge_main(sys.argv[1:]))
import portage
db = portage.db[portage.settings['EROOT']]['vartree'].dbapi
for name in sorted(db.cpv_all()):
    for path, entry in db._dblink(name).getcontents().items():
        if entry[0] == 'obj': print('file', name, path[len(os.environ['ROOT']):], sep='\\t')
    print('package', name, *db.aux_get(name, ['SLOT', 'LICENSE']), sep='\\t')
`;

const ebuild = (licence: string, slot: string, install: string): string => `EAPI=8
DESCRIPTION="x"
HOMEPAGE="https://example.org"
S="\${WORKDIR}"
LICENSE="${licence}"
SLOT="${slot}"
IUSE="test"
KEYWORDS="amd64"
src_install() {
  ${install}
}
`;
const metadata = 'usr/lib/python3.12/site-packages/demo-1.2.3.dist-info/METADATA';
const demo = `mkdir -p "\${ED}/usr/bin" "\${ED}/${dirname(metadata)}"; printf 'Name: demo\\nVersion: 1.2.3\\n' > "\${ED}/${metadata}"; echo x > "\${ED}/usr/bin/demo 1"; ln -s "demo 1" "\${ED}/usr/bin/demo"`;
const library = (version: string): string =>
  `mkdir -p "\${ED}/usr/lib64"; echo x > "\${ED}/usr/lib64/libdemo.so.${version}"`;
const ebuilds: Readonly<Record<string, string>> = {
  'app-misc/demo/demo-1.2.2': ebuild('GPL-2', '2', demo),
  'app-misc/demo/demo-1.2.3_p4-r1': ebuild('|| ( GPL-2+ MIT ) Apache-2.0', '2/3', demo),
  'dev-libs/libdemo/libdemo-0.8': ebuild('BSD test? ( ISC )', '1', library('0')),
  'dev-libs/libdemo/libdemo-0.9_rc2': ebuild('BSD', '0', library('1')),
  'virtual/demo/demo-0': ebuild('', '0', ':'),
};

describe.skipIf(!hasPortage)('a database that emerge wrote', () => {
  const work = mkdtempSync(join(tmpdir(), 'plombe-emerge-'));
  const root = join(work, 'root');
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  function write(path: string, content: string): void {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), content);
  }

  function portage(...args: readonly string[]): string {
    const env = {
      PATH: `${peers}/bin:${process.env['PATH']}`,
      HOME: work,
      WORK: work,
      ROOT: root,
      PORTAGE_OVERRIDE_EPREFIX: '',
      PORTAGE_REPOSITORIES: `[DEFAULT]\nmain-repo = plombe\n[plombe]\nlocation = ${work}/repo\n`,
    };
    const run = spawnSync(python, [join(work, 'driver.py'), ...args], { env, encoding: 'utf8' });
    expect(run.status, run.stdout + run.stderr).toBe(0);
    return run.stdout;
  }

  test('the packages that Portage lists, their licences, slots and files', { timeout: 240_000 }, () => {
    for (const name of ['root', 'tmp', 'dist', 'settings/etc/portage'])
      mkdirSync(join(work, name), { recursive: true });
    write('driver.py', driver);
    write('repo/profiles/repo_name', 'plombe\n');
    write('repo/profiles/arch.list', 'amd64\n');
    write('repo/profiles/categories', 'app-misc\ndev-libs\nvirtual\n');
    write('repo/metadata/layout.conf', 'masters =\nthin-manifests = true\n');
    write(
      'repo/profiles/test/make.defaults',
      'ARCH="amd64"\nACCEPT_KEYWORDS="amd64"\nCHOST="x86_64-pc-linux-gnu"\nIUSE_IMPLICIT="test"\n',
    );
    symlinkSync(join(work, 'repo/profiles/test'), join(work, 'settings/etc/portage/make.profile'));
    const off = ['ipc', 'mount', 'network', 'pid', 'user'].map((name) => `-${name}-sandbox -${name}sandbox`).join(' ');
    const features = `-sandbox ${off} -userpriv -news -userfetch -usersync -unknown-features-warn`;
    const folders = `PKGDIR="${work}/pkg"\nDISTDIR="${work}/dist"\nPORTAGE_TMPDIR="${work}/tmp"\nPORT_LOGDIR="${work}/log"`;
    write(
      'settings/etc/portage/make.conf',
      `source ${peers}/share/portage/config/make.globals\n${folders}\nFEATURES="${features}"\nACCEPT_LICENSE="*"\nPORTAGE_USERNAME="root"\nPORTAGE_GRPNAME="root"\nCLEAN_DELAY=0\n`,
    );
    for (const [path, text] of Object.entries(ebuilds)) write(`repo/${path}.ebuild`, text);
    const emerge = ['emerge', '--oneshot', '--quiet', '--nospinner', '--nodeps'];
    portage(...emerge, '=app-misc/demo-1.2.2', '=dev-libs/libdemo-0.8');
    portage(...emerge, 'app-misc/demo', 'dev-libs/libdemo', 'virtual/demo');
    const lines = portage('list')
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    const listed = lines.filter(([kind]) => kind === 'package').map(([, name, slot]) => `${name}:${slot}`);
    expect(listed).toEqual([
      'app-misc/demo-1.2.3_p4-r1:2/3',
      'dev-libs/libdemo-0.8:1',
      'dev-libs/libdemo-0.9_rc2:0',
      'virtual/demo-0:0',
    ]);
    const { packages, owners, complete, diagnostics } = catalogFolder(portageCataloger, root);
    expect([complete, diagnostics]).toEqual([true, []]);
    const name = (one: (typeof packages)[number] | undefined): string =>
      `${one?.namespace}/${one?.name}-${one?.version}`;
    expect(packages.map((one) => `${name(one)}:${one.facts?.['slot']}`)).toEqual(listed);
    expect(packages.map(({ licences }) => licences)).toEqual([
      ['(GPL-2.0-or-later OR MIT) AND Apache-2.0'],
      ['BSD-3-Clause'],
      ['BSD-3-Clause'],
      [],
    ]);
    const files = lines.filter(([kind]) => kind === 'file').map(([, owner, path]) => `${path?.slice(1)} ${owner}`);
    const owned = [...(owners ?? [])].map(([path, index]) => `${path} ${name(packages[index])}`);
    expect(files).toEqual(expect.arrayContaining(owned));
    expect(owned.map((line) => line.slice(0, line.lastIndexOf(' '))).sort()).toEqual([
      'usr/bin/demo 1',
      metadata,
      'usr/lib64/libdemo.so.0',
      'usr/lib64/libdemo.so.1',
    ]);
  });
});
