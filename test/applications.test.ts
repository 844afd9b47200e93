// Packages of Ruby, .NET, Rust and PHP, from what is installed in an image to findings, with the real data of crates.io and NuGet.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { writeTar } from '@plombe/formats/testing';
import { sharedPath } from '@plombe/kit/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { osRelease, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const shared = ['crates.io', 'GHSA-derived-NuGet'].map((name) => ({ name, path: sharedPath(`feeds/osv/${name}`) }));

/** Fixed in 2.0.0. */
const advised = [
  ['RubyGems', 'nokogiri'],
  ['RubyGems', 'rack'],
  ['Packagist', 'acme/shop'],
  ['Packagist', 'acme/branch'],
  ['Packagist', 'pear/archive_tar'],
] as const;

/** Smallvec twice, in a version with a hole and one without; one of the same name as a crate with a hole, from elsewhere. */
const crates = [
  { name: 'app', version: '0.1.0', source: 'local', root: true, dependencies: [1, 2, 3, 4] },
  { name: 'smallvec', version: '1.6.0', source: 'crates.io' },
  { name: 'smallvec', version: '1.11.0', source: 'crates.io' },
  { name: 'time', version: '0.1.43', source: 'local' },
  { name: 'tokio', version: '1.0.0', source: 'crates.io', kind: 'build' },
];

function rustProgram(): Buffer {
  const head = Buffer.alloc(100_000);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const list = deflateSync(JSON.stringify({ packages: crates, format: 1 }));
  return Buffer.concat([head, list, Buffer.alloc(2000)]);
}

const framework = 'usr/share/dotnet/shared/Microsoft.NETCore.App';
const deps = (target: object, platform = 'linux-x64'): string => {
  const name = `.NETCoreApp,Version=v3.1/${platform}`;
  return JSON.stringify({ runtimeTarget: { name }, targets: { [name]: target }, libraries: {} });
};
const gem = (name: string, version: string, platform = 'ruby'): string =>
  `# stub: ${name} ${version} ${platform} lib\nGem::Specification.new { |s|\n  s.licenses = ["MIT".freeze]\n}\n`;

const files: Readonly<Record<string, string | Uint8Array>> = {
  'usr/local/bin/app': rustProgram(),
  [`${framework}/3.1.3/Microsoft.NETCore.App.deps.json`]: deps({
    'runtime.linux-x64.Microsoft.NETCore.App/3.1.3-servicing.20128.2': { native: { 'libcoreclr.so': {} } },
  }),
  'app/shop.deps.json': deps({
    'newtonsoft.JSON/12.0.3': { runtime: { 'lib/netstandard2.0/Newtonsoft.Json.dll': {} } },
    'System.Text.Encodings.Web/4.5.0': { compile: { 'x.dll': {} } },
  }),
  'usr/local/bundle/specifications/nokogiri-1.15.4-x86_64-linux.gemspec': gem('nokogiri', '1.15.4', 'x86_64-linux'),
  'usr/local/bundle/specifications/rack-2.0.0.gemspec': gem('rack', '2.0.0'),
  'srv/vendor/composer/installed.json': JSON.stringify({
    packages: [
      { name: 'Acme/Shop', version: 'v1.9.0', license: ['MIT', 'GPL-2.0-only'] },
      { name: 'acme/branch', version: 'dev-main', source: { reference: 'abc' } },
    ],
    'dev-package-names': [],
  }),
  'usr/share/php/.registry/archive_tar.reg':
    'a:3:{s:4:"name";s:11:"Archive_Tar";s:7:"channel";s:12:"pear.php.net";s:7:"version";s:5:"1.4.9";}',
  'usr/share/php/.registry/.channel.pecl.php.net/redis.reg':
    'a:3:{s:4:"name";s:5:"redis";s:7:"channel";s:12:"pecl.php.net";s:7:"version";s:5:"5.3.7";}',
};

interface Scan {
  readonly packages: readonly { readonly purl: string; readonly licences?: readonly string[] }[];
  readonly findings: readonly {
    readonly vulnerability: string;
    readonly packageName: string;
    readonly packageVersion: string;
  }[];
  readonly causes: readonly { readonly code: string; readonly scope?: string }[];
}

describe.skipIf(shared.some(({ path }) => path === undefined))('installed packages (skipped: no shared feeds)', () => {
  let result: Scan;
  const layout = join(home, 'layout');

  beforeAll(async () => {
    for (const [ecosystem, name] of advised) {
      const id = `TEST-${name.replace('/', '-')}`;
      const range = { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0.0' }] };
      const file = join(home, 'feeds/osv', ecosystem, `${id}.json`);
      mkdirSync(dirname(file), { recursive: true });
      const affected = [{ package: { ecosystem, name }, ranges: [range] }];
      const times = { modified: '2026-01-01T00:00:00Z', published: '2026-01-01T00:00:00Z' };
      writeFileSync(file, JSON.stringify({ schema_version: '1.6.0', id, ...times, summary: 'A hole', affected }));
    }
    for (const { name, path } of shared) cpSync(path as string, join(home, 'feeds/osv', name), { recursive: true });
    expect(await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).toMatchObject({ code: 0 });
    const entries = Object.entries(files).map(([path, content]) => ({ path, content }));
    const tar = (...of: Parameters<typeof writeTar>[0]): Iterable<Uint8Array> => [writeTar(of)];
    await writeImages(layout, {
      name: 'app:1',
      platform: { os: 'linux', architecture: 'amd64' },
      layers: [{ tar: tar(osRelease) }, { tar: tar(...entries), createdBy: 'COPY . /' }],
    });
    const file = join(home, 'scan.json');
    await plombe(['scan', `oci:${layout}:app:1`, '--db', 'db', '-o', `json=${file}`]);
    result = JSON.parse(readFileSync(file, 'utf8')) as Scan;
  });

  it('have package URLs as the specification writes them', () => {
    expect(result.packages.map(({ purl }) => purl).sort()).toEqual([
      'pkg:cargo/app@0.1.0',
      'pkg:cargo/smallvec@1.11.0',
      'pkg:cargo/smallvec@1.6.0',
      'pkg:cargo/time@0.1.43',
      'pkg:composer/acme/branch@dev-main',
      'pkg:composer/acme/shop@v1.9.0',
      'pkg:composer/pear/archive_tar@1.4.9',
      'pkg:gem/nokogiri@1.15.4?platform=x86_64-linux',
      'pkg:gem/rack@2.0.0',
      'pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@3.1.3',
      'pkg:nuget/newtonsoft.JSON@12.0.3',
      'pkg:nuget/runtime.linux-x64.Microsoft.NETCore.App@3.1.3-servicing.20128.2',
      'pkg:pear/pecl.php.net/redis@5.3.7',
    ]);
    expect(result.packages.find(({ purl }) => purl.includes('acme/shop'))?.licences).toEqual(['GPL-2.0-only OR MIT']);
  });

  it.each([
    ['crates.io, the one version of two that is affected', 'CVE-2021-25900', 'smallvec', '1.6.0'],
    ['NuGet, whatever the case of the name', 'CVE-2024-21907', 'newtonsoft.JSON', '12.0.3'],
    [
      "NuGet, .NET's shared framework by its runtime pack",
      'CVE-2020-1108',
      'Microsoft.NETCore.App.Runtime.linux-x64',
      '3.1.3',
    ],
    ['RubyGems, a gem for one platform', 'TEST-nokogiri', 'nokogiri', '1.15.4'],
    ['Packagist', 'TEST-acme-shop', 'acme/shop', 'v1.9.0'],
    ['Packagist, a package of PEAR', 'TEST-pear-archive_tar', 'pear/archive_tar', '1.4.9'],
  ])('are found affected: %s', (_title, vulnerability, packageName, packageVersion) => {
    const found = result.findings.filter((one) => one.vulnerability === vulnerability);
    expect(found).toMatchObject([{ packageName, packageVersion }]);
  });

  it('are compared as what they are: nothing local, built with or fixed is affected, a branch and PECL are not assessed', () => {
    const affected = new Set(
      result.findings.map(({ packageName, packageVersion }) => `${packageName}@${packageVersion}`),
    );
    for (const name of ['time@0.1.43', 'tokio@1.0.0', 'smallvec@1.11.0', 'rack@2.0.0', 'acme/branch@dev-main'])
      expect(affected).not.toContain(name);
    expect(result.causes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'package/not-from-registry', scope: 'Packagist' }),
        expect.objectContaining({ code: 'feed/missing', scope: 'pear' }),
      ]),
    );
  });

  it('are in the table', async () => {
    const { stdout } = await plombe(['scan', `oci:${layout}:app:1`, '--db', 'db']);
    for (const text of ['smallvec', 'nokogiri', 'acme/shop', '4 cargo', '2 gem']) expect(stdout).toContain(text);
  });

  it.each(['cyclonedx', 'spdx'])('%s has them all', async (format) => {
    const file = join(home, `sbom-${format}.json`);
    const { stderr } = await plombe(['sbom', `oci:${layout}:app:1`, '-o', `${format}=${file}`]);
    expect(stderr).toBe('');
    const text = readFileSync(file, 'utf8');
    for (const { purl } of result.packages) expect(text).toContain(JSON.stringify(purl));
  });
});
