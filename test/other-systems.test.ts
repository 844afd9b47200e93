// Distributions and package managers without advisories in the feeds, scanned by the program: found, said to be not assessed, and hiding nothing.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const database = join(home, 'db');

interface Report {
  readonly state: string;
  readonly causes: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly packages: readonly { readonly id: string; readonly purl: string; readonly ownedBy?: string }[];
  readonly findings: readonly { readonly vulnerability: string; readonly packages: readonly string[] }[];
}

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  const built = await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
  expect(built).toMatchObject({ code: 0, stderr: '' });
});

let roots = 0;

async function scan(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Report & { readonly code: number | undefined }> {
  roots += 1;
  const root = join(home, `root-${roots}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const file = join(home, `report-${roots}.json`);
  const { code } = await plombe(['scan', '--db', database, `dir:${root}`, '-o', `json=${file}`]);
  return { code, ...(JSON.parse(readFileSync(file, 'utf8')) as Report) };
}

const desc = '%NAME%\ndemo\n\n%VERSION%\n1:1.2.3-4\n\n%BASE%\ndemo-base\n\n%ARCH%\nx86_64\n\n';
const inventory = {
  Content: [{ Name: 'glibc', Version: '2.40', Release: '1.br1', Epoch: '1', Architecture: 'x86_64' }],
};

describe('a zero is no claim', () => {
  it.each([
    [
      'Arch Linux',
      'arch',
      { 'etc/os-release': 'ID=arch\n', 'var/lib/pacman/local/demo-1:1.2.3-4/desc': desc },
      'pkg:alpm/arch/demo@1:1.2.3-4?arch=x86_64&distro=arch&upstream=demo-base',
    ],
    [
      'Gentoo',
      'gentoo 2.15',
      {
        'etc/gentoo-release': 'Gentoo Base System release 2.15\n',
        'var/db/pkg/dev-libs/openssl-3.0.15-r1/SLOT': '0/3\n',
      },
      'pkg:ebuild/dev-libs/openssl@3.0.15-r1?distro=gentoo-2.15',
    ],
    [
      'OpenWrt with opkg',
      'openwrt 23.05.5',
      {
        'etc/os-release': 'ID="openwrt"\nVERSION_ID="23.05.5"\n',
        'usr/lib/opkg/status': 'Package: zlib\nVersion: 1.2.13-1\nArchitecture: x86_64\n',
      },
      'pkg:opkg/openwrt/zlib@1.2.13-1?arch=x86_64&distro=openwrt-23.05.5',
    ],
    [
      'OpenWrt with apk',
      'openwrt 25.12.0',
      {
        'etc/os-release': 'ID="openwrt"\nVERSION_ID="25.12.0"\n',
        'lib/apk/db/installed': 'P:zlib\nV:1.3.1-r1\nA:x86_64\n\n',
      },
      'pkg:apk/openwrt/zlib@1.3.1-r1?arch=x86_64&distro=openwrt-25.12.0',
    ],
    [
      'Bottlerocket',
      'bottlerocket 1.26.2',
      {
        'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release': 'ID=bottlerocket\nVERSION_ID=1.26.2\n',
        'x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json':
          JSON.stringify(inventory),
      },
      'pkg:rpm/bottlerocket/glibc@2.40-1.br1?arch=x86_64&distro=bottlerocket-1.26.2&epoch=1',
    ],
  ])('%s', async (_title, named, files, purl) => {
    const { code, state, causes, packages } = await scan(files);
    expect({ code, state, purls: packages.map((one) => one.purl) }).toEqual({
      code: 3,
      state: 'unassessable',
      purls: [purl],
    });
    const message = `There is no advisory data for the distribution ${named}.`;
    // What the image says of itself is fine: nobody should be sent to look at it.
    expect(causes.find((cause) => cause.message === message)?.remedy).toMatch(/^No feed has advisories/);
  });

  it('a chiselled image is compared as Ubuntu, for which this database has no data', async () => {
    const lines = [
      { jsonwall: '1.0', schema: '1.0', count: 2 },
      { kind: 'package', name: 'libssl3', version: '3.0.2-0ubuntu1.10', arch: 'amd64' },
    ];
    const manifest = zstdCompressSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { state, causes, packages } = await scan({
      'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\n',
      'var/lib/chisel/manifest.wall': manifest,
    });
    expect([state, causes[0]?.message]).toEqual(['unassessable', 'There is no advisory data for Ubuntu:22.04.']);
    expect(packages[0]?.purl).toBe(
      'pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1.10?arch=amd64&distro=ubuntu-22.04&upstream=openssl',
    );
  });
});

describe('a package without advisories hides nothing that is in it', () => {
  const lodash = JSON.stringify({ name: 'lodash', version: '4.17.11' });

  it('of Arch Linux', async () => {
    const { code, state, packages, findings } = await scan({
      'etc/os-release': 'ID=arch\n',
      'var/lib/pacman/local/demo-1:1.2.3-4/desc': desc,
      'var/lib/pacman/local/demo-1:1.2.3-4/files': '%FILES%\nusr/\nusr/lib/node_modules/lodash/package.json\n',
      'usr/lib/node_modules/lodash/package.json': lodash,
    });
    expect([code, state]).toEqual([3, 'partial']);
    expect(findings.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2019-10744']);
    expect(packages.find(({ purl }) => purl === 'pkg:npm/lodash@4.17.11')?.ownedBy).toContain('pkg:alpm/arch/demo@');
  });

  it('of conda', async () => {
    const record = {
      name: 'nodejs',
      version: '22.1.0',
      build: 'h0_1',
      subdir: 'linux-64',
      channel: 'conda-forge',
      files: ['lib/node_modules/lodash/package.json'],
    };
    const { state, packages, findings, causes } = await scan({
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.3\n',
      'lib/apk/db/installed': 'P:busybox\nV:1.36.1-r30\nA:x86_64\n\n',
      'opt/conda/conda-meta/nodejs-22.1.0-h0_1.json': JSON.stringify(record),
      'opt/conda/lib/node_modules/lodash/package.json': lodash,
    });
    expect(state).toBe('partial');
    expect(causes.map(({ message }) => message)).toEqual(['There is no advisory data for conda packages.']);
    expect(findings.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-2019-10744']);
    expect(packages.find(({ purl }) => purl === 'pkg:npm/lodash@4.17.11')?.ownedBy).toBe(
      'pkg:conda/nodejs@22.1.0?build=h0_1&channel=conda-forge&subdir=linux-64',
    );
  });
});
