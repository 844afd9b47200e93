import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from '@plombe/formats/testing';
import { writeZip } from '@plombe/formats/testing/zip';
import { catalogers } from '@plombe/catalogers';
import { defaultLayerLimits } from '@plombe/kit';
import type { Inventory } from '@plombe/model';
import { debianRelease, dpkgStatus, imageOf, layerOf, tarLayer, testContext } from '../testing/images.ts';
import { buildInventory, type InventoryOptions } from './inventory.ts';

const status = (packages: Readonly<Record<string, string>>): TarEntry => ({
  path: 'var/lib/dpkg/status',
  content: dpkgStatus(packages),
});
const manifest = (path: string, name: string, version: string): TarEntry => ({
  path,
  content: JSON.stringify({ name, version, license: 'MIT' }),
});

async function inventoryOfLayers(...layers: readonly (readonly TarEntry[])[]): Promise<Inventory> {
  return buildInventory(imageOf(layers.map((entries, index) => layerOf(index, entries))), {}, testContext());
}

function placed({ packages }: Inventory): Record<string, string> {
  return Object.fromEntries(
    packages.map((found) => [`${found.name}@${found.version}`, `layer ${found.evidence[0]?.layerIndex}`]),
  );
}

describe('the inventory of an image', () => {
  it('names for each OS package the layer that introduced it, through replaced, removed and added again', async () => {
    const inventory = await inventoryOfLayers(
      [debianRelease, status({ bash: '5.2', openssl: '3.0.1', curl: '7.88' })],
      [status({ bash: '5.2', openssl: '3.0.15' })],
      [{ path: 'opt/nothing', content: '' }],
      [status({ bash: '5.2', openssl: '3.0.15', curl: '7.88', jq: '1.6' })],
    );
    expect(inventory.complete).toBe(true);
    expect(placed(inventory)).toEqual({
      'bash@5.2': 'layer 0',
      'openssl@3.0.15': 'layer 1',
      'curl@7.88': 'layer 3',
      'jq@1.6': 'layer 3',
    });
    const bash = inventory.packages.find((found) => found.name === 'bash');
    expect(bash).toMatchObject({
      purl: 'pkg:deb/debian/bash@5.2?arch=amd64&distro=debian-12',
      evidence: [{ path: 'var/lib/dpkg/status', createdBy: 'RUN step-0', diffID: inventory.layers[0]?.diffID }],
    });
  });

  it('places language packages in the layer of their own file', async () => {
    const inventory = await inventoryOfLayers(
      [
        debianRelease,
        manifest('app/node_modules/a/package.json', 'a', '1.0.0'),
        manifest('app/node_modules/b/package.json', 'b', '1.0.0'),
      ],
      [manifest('app/node_modules/b/package.json', 'b', '2.0.0'), { path: 'app/node_modules/a', type: 'whiteout' }],
    );
    expect(placed(inventory)).toEqual({ 'b@2.0.0': 'layer 1' });
  });

  it('marks a language package as owned by the OS package whose file it is, unless a later layer wrote it again', async () => {
    const path = 'usr/share/nodejs/semver/package.json';
    const list: TarEntry = { path: 'var/lib/dpkg/info/node-semver.list', content: `/.\n/usr\n/${path}\n` };
    const base = [debianRelease, status({ 'node-semver': '7.3.4' }), list, manifest(path, 'semver', '7.3.4')];
    const owned = await inventoryOfLayers(base);
    const deb = owned.packages.find((found) => found.type === 'deb');
    expect(owned.packages.find((found) => found.type === 'npm')?.ownedBy).toBe(deb?.id);
    const replaced = await inventoryOfLayers(base, [manifest(path, 'semver', '7.5.0')]);
    expect(replaced.packages.find((found) => found.type === 'npm')).not.toHaveProperty('ownedBy');
  });

  it('finds the owner of a file through the symlinks near the root, and only through those', async () => {
    const listed = 'share/nodejs/semver/package.json';
    const list: TarEntry = { path: 'var/lib/dpkg/info/node-semver.list', content: `/.\n/share\n/${listed}\n` };
    const base = [debianRelease, status({ 'node-semver': '7.3.4' }), list];
    const file = manifest(`usr/${listed}`, 'semver', '7.3.4');
    const merged = await inventoryOfLayers([
      ...base,
      { path: 'share', type: 'symlink', linkTarget: 'usr/share' },
      file,
    ]);
    const deb = merged.packages.find((found) => found.type === 'deb');
    expect(merged.packages.find((found) => found.type === 'npm')?.ownedBy).toBe(deb?.id);
    const apart = await inventoryOfLayers([...base, file]);
    expect(apart.packages.find((found) => found.type === 'npm')).not.toHaveProperty('ownedBy');
  });

  it("places what is inside an archive in the layer of the archive, and gives it the archive's owner", async () => {
    const path = 'usr/share/java/x-1.jar';
    const content = writeZip([
      { name: 'META-INF/maven/g/x/pom.properties', content: 'groupId=g\nartifactId=x\nversion=1\n' },
    ]);
    const list: TarEntry = { path: 'var/lib/dpkg/info/libx-java.list', content: `/.\n/usr\n/${path}\n` };
    const base = [debianRelease, status({ 'libx-java': '1-1' }), list];
    const owned = await inventoryOfLayers([...base, { path, content }], [{ path: 'srv/x.jar', content }]);
    const found = owned.packages.filter(({ type }) => type === 'maven');
    expect(
      found.map(({ ownedBy, evidence }) => [ownedBy !== undefined, evidence[0]?.layerIndex, evidence[0]?.path]),
    ).toEqual([
      [false, 1, 'srv/x.jar!/META-INF/maven/g/x/pom.properties'],
      [true, 0, `${path}!/META-INF/maven/g/x/pom.properties`],
    ]);
  });

  it('lists a package that is there twice once, with both places', async () => {
    const inventory = await inventoryOfLayers([
      manifest('a/node_modules/x/package.json', 'x', '1.0.0'),
      manifest('b/node_modules/x/package.json', 'x', '1.0.0'),
    ]);
    expect(inventory.packages).toHaveLength(1);
    expect(inventory.packages[0]?.evidence.map((entry) => entry.path)).toEqual([
      'a/node_modules/x/package.json',
      'b/node_modules/x/package.json',
    ]);
  });

  it('reads hard links to what was distilled of lower files, and none where that was nothing', async () => {
    const lower = 'usr/lib/six-1.dist-info/METADATA';
    const list = 'var/lib/dpkg/info/node-semver.list';
    const path = 'usr/share/nodejs/semver/package.json';
    const copyright = (name: string) => `usr/share/doc/${name}/copyright`;
    const inventory = await inventoryOfLayers(
      [
        debianRelease,
        status({ a: '1', 'node-semver': '7.3.4' }),
        { path: lower, content: 'Metadata-Version: 2.1\nName: six\nVersion: 1\n\n' },
        { path: 'var/lib/dpkg/info/old.list', content: `/${path}\n` },
        { path: copyright('a'), content: 'Free text.\n' },
        manifest(path, 'semver', '7.3.4'),
      ],
      [
        { path: 'opt/six-1.dist-info/METADATA', type: 'hardlink', linkTarget: lower },
        { path: list, type: 'hardlink', linkTarget: 'var/lib/dpkg/info/old.list' },
        { path: copyright('node-semver'), type: 'hardlink', linkTarget: copyright('a') },
      ],
      [
        { path: 'usr/lib/six-1.dist-info', type: 'whiteout' },
        { path: 'var/lib/dpkg/info/old.list', type: 'whiteout' },
      ],
    );
    expect(placed(inventory)).toMatchObject({ 'six@1': 'layer 1' });
    const deb = inventory.packages.find(({ name }) => name === 'node-semver');
    expect(inventory.packages.find(({ name }) => name === 'semver')?.ownedBy).toBe(deb?.id);
    expect(inventory).toMatchObject({ complete: true, diagnostics: [] });
  });

  it('does not miss what may be a program and is nowhere', async () => {
    const inventory = await inventoryOfLayers(
      [debianRelease, status({ a: '1' }), { path: 'etc/motd', content: 'x' }],
      [
        { path: 'opt/a', type: 'hardlink', linkTarget: 'nowhere' },
        { path: 'opt/b', type: 'hardlink', linkTarget: 'opt/b' },
        { path: 'opt/c', type: 'hardlink', linkTarget: 'etc/motd' },
      ],
    );
    expect(inventory).toMatchObject({ complete: true, diagnostics: [] });
  });

  it('names distilled files that a hard link leads to and that nobody kept', async () => {
    const link = (linkTarget: string): TarEntry => ({ path: 'opt/x.dist-info/METADATA', type: 'hardlink', linkTarget });
    for (const target of ['nowhere', 'usr/y.dist-info/METADATA', 'etc/shadow']) {
      const inventory = await inventoryOfLayers([debianRelease, { path: 'etc/shadow', content: 'x' }], [link(target)]);
      expect(inventory).toMatchObject({ complete: false, diagnostics: [{ code: 'archive/corrupt' }] });
    }
  });

  it('reads hard links to files that only they make interesting', async () => {
    const opened = { count: 0 };
    const layer = layerOf(
      0,
      [
        manifest('store/files/ab/cdef', 'left-pad', '1.3.0'),
        { path: 'app/node_modules/left-pad/package.json', type: 'hardlink', linkTarget: 'store/files/ab/cdef' },
        { path: 'app/node_modules/gone/package.json', type: 'hardlink', linkTarget: 'store/files/missing' },
      ],
      opened,
    );
    const inventory = await buildInventory(imageOf([layer]), {}, testContext());
    expect(placed(inventory)).toEqual({ 'left-pad@1.3.0': 'layer 0' });
    // Once for the store, once for the link that leads out of the layer and may be a program.
    expect(opened.count).toBe(3);
  });

  it('T11 says that a layer hides the package database or sets a package back', async () => {
    const removed = await inventoryOfLayers(
      [debianRelease, status({ bash: '5.2' })],
      [{ path: 'var/lib/dpkg', type: 'whiteout' }],
    );
    expect(removed.packages).toEqual([]);
    expect(removed.diagnostics.map((note) => note.code)).toContain('package/database-removed');
    const setBack = await inventoryOfLayers(
      [debianRelease, status({ openssl: '3.0.1' })],
      [status({ openssl: '3.0.15' })],
      [status({ openssl: '3.0.1' })],
    );
    expect(placed(setBack)).toEqual({ 'openssl@3.0.1': 'layer 2' });
    expect(setBack.diagnostics.map((note) => note.code)).toContain('package/database-rewritten');
  });

  it('T11 a database that is hidden and added again in an older state is read as it is, and told', async () => {
    const inventory = await inventoryOfLayers(
      [debianRelease, status({ openssl: '3.0.1', bash: '5.2' })],
      [status({ openssl: '3.0.15', bash: '5.2' })],
      [{ path: 'var/lib/dpkg/status', type: 'whiteout' }],
      [status({ openssl: '3.0.1' })],
    );
    expect(placed(inventory)).toEqual({ 'openssl@3.0.1': 'layer 3' });
    const codes = inventory.diagnostics.map((note) => note.code);
    expect(codes).toEqual(expect.arrayContaining(['package/database-removed', 'package/database-rewritten']));
  });

  it('T11 two versions installed side by side are no version set back, whenever the database changes', async () => {
    const both = [{ kernel: '6.1' }, { kernel: '6.6' }];
    const database = (...packages: readonly Readonly<Record<string, string>>[]): TarEntry => ({
      path: 'var/lib/dpkg/status',
      content: packages.map(dpkgStatus).join('\n'),
    });
    const inventory = await inventoryOfLayers(
      [debianRelease, database(...both)],
      [database(...both, { bash: '5.2' })],
      [database(...both, { bash: '5.2', jq: '1.6' })],
    );
    expect(placed(inventory)).toEqual({
      'kernel@6.1': 'layer 0',
      'kernel@6.6': 'layer 0',
      'bash@5.2': 'layer 1',
      'jq@1.6': 'layer 2',
    });
    expect(inventory.diagnostics).toEqual([]);
  });

  it('names the place that a package was listed at in the layer that introduced it, where the database moved since', async () => {
    const inventory = await inventoryOfLayers(
      [debianRelease, { path: 'var/lib/dpkg/status.d/bash', content: dpkgStatus({ bash: '5.2' }) }],
      [{ path: 'var/lib/dpkg/status.d/bash', type: 'whiteout' }, status({ bash: '5.2', jq: '1.6' })],
    );
    const places = inventory.packages.map(({ name, evidence }) => [
      name,
      ...evidence.map(({ layerIndex, path }) => `${layerIndex} ${path}`),
    ]);
    expect(places).toEqual([
      ['bash', '0 var/lib/dpkg/status.d/bash', '1 var/lib/dpkg/status'],
      ['jq', '1 var/lib/dpkg/status'],
    ]);
  });

  it.each<[string, readonly TarEntry[]]>([
    ['an opaque folder', [{ path: 'var/lib/dpkg', type: 'opaque' }]],
    [
      'an opaque folder above, listed again',
      [
        { path: 'var/lib/dpkg', type: 'directory' },
        { path: 'var', type: 'opaque' },
      ],
    ],
    ['an opaque root', [debianRelease, { path: '', type: 'opaque' }]],
    ['a whiteout of a folder above', [{ path: 'var', type: 'whiteout' }]],
    ['a directory in its place', [{ path: 'var/lib/dpkg/status', type: 'directory' }]],
    ['a device in its place', [{ path: 'var/lib/dpkg/status', type: 'device' }]],
    ['a FIFO in its place', [{ path: 'var/lib/dpkg/status', type: 'fifo' }]],
    ['a symlink to nothing in its place', [{ path: 'var/lib/dpkg/status', type: 'symlink', linkTarget: '/dev/null' }]],
    ['a symlink to itself in its place', [{ path: 'var/lib/dpkg/status', type: 'symlink', linkTarget: 'status' }]],
    ['a hard link to nothing in its place', [{ path: 'var/lib/dpkg/status', type: 'hardlink', linkTarget: 'nowhere' }]],
    [
      'a symlink in place of its folder',
      [
        { path: 'var/lib/dpkg', type: 'symlink', linkTarget: '../../opt/dpkg' },
        { path: 'opt/dpkg/status', content: dpkgStatus({ evil: '1' }) },
      ],
    ],
    ['an empty file in its place', [{ path: 'var/lib/dpkg/status', content: '' }]],
  ])('T11 %s hides the packages below it, and that is told', async (_, upper) => {
    const app = manifest('srv/node_modules/a/package.json', 'a', '1.0.0');
    const inventory = await inventoryOfLayers([debianRelease, status({ bash: '5.2' })], [...upper, app]);
    expect(placed(inventory)).toEqual({ 'a@1.0.0': 'layer 1' });
    expect(inventory.diagnostics.map((note) => note.code)).toContain('package/database-removed');
  });

  it.each<[string, readonly TarEntry[]]>([
    [
      'a hard link to another file',
      [
        { path: 'x', content: dpkgStatus({ bash: '5.1' }) },
        { path: 'var/lib/dpkg/status', type: 'hardlink', linkTarget: 'x' },
      ],
    ],
    ['an opaque folder with a new file in it', [status({ bash: '5.1' }), { path: 'var/lib/dpkg', type: 'opaque' }]],
    ['a whiteout and a new file', [{ path: 'var/lib/dpkg/status', type: 'whiteout' }, status({ bash: '5.1' })]],
    [
      'a new file and a whiteout of its own layer',
      [status({ bash: '5.1' }), { path: 'var/lib/dpkg/status', type: 'whiteout' }],
    ],
    ['the file twice, the last one counts', [status({ bash: '4' }), status({ bash: '5.1' })]],
  ])('T11 %s replaces the database', async (_, upper) => {
    const inventory = await inventoryOfLayers([debianRelease, status({ bash: '5.2' })], upper);
    expect(placed(inventory)).toEqual({ 'bash@5.1': 'layer 1' });
  });

  it('T04 T10 owners, modes and devices of any path change nothing but themselves', async () => {
    const inventory = await inventoryOfLayers(
      [debianRelease, status({ bash: '5.2' })],
      [
        { path: '../../etc', type: 'directory', mode: 0o7777, uid: 4_294_967_295, gid: 4_294_967_295 },
        { path: '../../../etc/passwd', type: 'device', mode: 0o6777 },
        { path: 'proc/self/mem', type: 'hardlink', linkTarget: '../../../../proc/self/mem' },
        { path: 'dev/sda', type: 'device', mode: 0o666 },
        { path: 'run/initctl', type: 'fifo' },
        { path: 'usr/bin/su', content: 'x', mode: 0o4755, pax: { 'SCHILY.xattr.security.capability': 'x' } },
      ],
    );
    expect(placed(inventory)).toEqual({ 'bash@5.2': 'layer 0' });
    const escapes = inventory.diagnostics.filter((note) => note.code === 'archive/path-escape');
    expect(escapes.map((note) => [note.level, note.layerIndex])).toEqual([
      ['warning', 1],
      ['warning', 1],
    ]);
  });

  it.each(['4294967296', 'root:99999999999999999999', '0:0', '-1', '\u001b[31m::set-env name=X::y', '../../etc'])(
    'T20 the user %j of a config is kept as text and read as nothing',
    async (user) => {
      const image = {
        ...imageOf([layerOf(0, [debianRelease, status({ bash: '5.2' })])]),
        config: { labels: {}, user },
      };
      const { config, packages, complete } = await buildInventory(image, {}, testContext());
      expect([config?.user, packages.length, complete]).toEqual([user, 1, true]);
    },
  );

  it('T22 an SBOM inside the image is no evidence, whatever it claims', async () => {
    const empty = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [] });
    const component = { type: 'library', name: 'bash', version: '99', purl: 'pkg:deb/debian/bash@99' };
    const claiming = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] });
    const spdx = JSON.stringify({ spdxVersion: 'SPDX-2.3', packages: [{ name: 'evil', versionInfo: '1' }] });
    const base = [debianRelease, status({ bash: '5.2' }), manifest('opt/node_modules/a/package.json', 'a', '1.0.0')];
    const without = await inventoryOfLayers(base, [{ path: 'x', content: '' }]);
    const inventory = await inventoryOfLayers(base, [
      { path: 'bom.json', content: empty },
      { path: 'sbom.cdx.json', content: claiming },
      { path: 'opt/bitnami/app/.spdx-app.spdx', content: spdx },
      { path: 'usr/local/share/sbom/sbom.spdx.json', content: spdx },
      { path: 'var/lib/db/sbom/bash.spdx.json', content: spdx },
      { path: 'opt/node_modules/a/bom.json', content: empty },
    ]);
    expect(inventory.packages).toEqual(without.packages);
    expect([inventory.diagnostics, inventory.complete]).toEqual([without.diagnostics, true]);
  });

  it('T36 believes a record of the cache only for the digest it was read from', async () => {
    const cacheDirectory = mkdtempSync(join(tmpdir(), 'plombe-inventory-'));
    const good = layerOf(0, [debianRelease, status({ bash: '5.2' })]);
    await buildInventory(imageOf([good]), { cacheDirectory }, testContext());
    const evil = layerOf(0, [debianRelease, status({ evil: '1' })]);
    const lying = imageOf([{ ...evil, diffID: good.diffID! }]);
    const [cold, warm] = [
      await buildInventory(lying, {}, testContext()),
      await buildInventory(lying, { cacheDirectory }, testContext()),
    ];
    expect(warm).toEqual(cold);
    expect(warm.diagnostics.map((note) => note.code)).toContain('archive/digest-mismatch');
    const unnamed = { index: 0, mediaType: good.mediaType, diffID: good.diffID!, content: evil.content };
    expect(placed(await buildInventory(imageOf([unnamed]), { cacheDirectory }, testContext()))).toEqual({
      'bash@5.2': 'layer 0',
    });
  });

  it('a folder of a machine that stays closed makes the inventory incomplete', async () => {
    const walk = async () => [
      { path: 'root', cause: 'could not be read (EACCES)' },
      { path: 'srv', cause: 'could not be read (EACCES)' },
    ];
    const layer = { index: 0, mediaType: 'directory', content: { kind: 'tree' as const, walk } };
    const inventory = await buildInventory(imageOf([layer]), {}, testContext());
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'error root and 1 more files or folders could not be read; what is in them is not in the inventory.',
      'warning root: could not be read (EACCES).',
      'warning srv: could not be read (EACCES).',
    ]);
  });

  it('T27 claims nothing from a layer whose digest is wrong, and keeps the rest', async () => {
    const good = layerOf(0, [debianRelease, status({ bash: '5.2' })]);
    const other = layerOf(1, [manifest('node_modules/evil/package.json', 'evil', '1.0.0')]);
    const inventory = await buildInventory(
      imageOf([good, { ...other, digest: good.digest ?? other.digest! }]),
      {},
      testContext(),
    );
    expect(placed(inventory)).toEqual({ 'bash@5.2': 'layer 0' });
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics.map((note) => note.code)).toContain('archive/digest-mismatch');
    const lying = await buildInventory(
      imageOf([good, { ...other, diffID: good.diffID ?? other.diffID! }]),
      {},
      testContext(),
    );
    expect(placed(lying)).toEqual({ 'bash@5.2': 'layer 0' });
  });

  it('T33 reads no layer that is elsewhere, and says so', async () => {
    const foreign = { ...layerOf(1, []), content: { kind: 'absent' as const, cause: 'a foreign layer' } };
    const inventory = await buildInventory(
      imageOf([layerOf(0, [debianRelease, status({ bash: '5' })]), foreign]),
      {},
      testContext(),
    );
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics[0]?.message).toContain('a foreign layer');
  });

  it('T38 says that the system of a Windows image was not read', async () => {
    const layer = layerOf(0, [manifest('Files/app/node_modules/a/package.json', 'a', '1.0.0')]);
    const image = { ...imageOf([layer]), platform: { os: 'windows', architecture: 'amd64' } };
    const { diagnostics, complete } = await buildInventory(image, {}, testContext());
    expect(complete).toBe(false);
    expect(diagnostics.map(({ code, level }) => [code, level])).toEqual([['distribution/unknown', 'error']]);
  });

  it('tells a damaged blob from a layer of a kind that is not read', async () => {
    const content = { kind: 'absent' as const, cause: 'cut off', damaged: true };
    const { diagnostics } = await buildInventory(imageOf([{ ...layerOf(0, []), content }]), {}, testContext());
    expect(diagnostics.map(({ code }) => code)).toEqual(['archive/corrupt']);
  });

  it('keeps what was read before a tar breaks off', async () => {
    const whole = layerOf(0, [debianRelease, status({ bash: '5.2' }), { path: 'big', content: 'x'.repeat(100_000) }]);
    expect(whole.content.kind).toBe('tar');
    const { writeTar } = await import('@plombe/formats/testing');
    const tar = writeTar([debianRelease, status({ bash: '5.2' }), { path: 'big', content: 'x'.repeat(100_000) }]);
    const inventory = await buildInventory(
      imageOf([tarLayer(0, tar.subarray(0, tar.length - 50_000))]),
      {},
      testContext(),
    );
    expect(placed(inventory)).toEqual({ 'bash@5.2': 'layer 0' });
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics.map((note) => note.code)).toContain('archive/corrupt');
  });

  it('is the same from the cache, reads nothing then, and parses again after an upgrade of a cataloger', async () => {
    const cacheDirectory = mkdtempSync(join(tmpdir(), 'plombe-inventory-'));
    const opened = { count: 0 };
    const image = imageOf([
      layerOf(0, [debianRelease, status({ bash: '5.2' })], opened),
      layerOf(
        1,
        [manifest('node_modules/a/package.json', 'a', '1.0.0'), { path: 'etc/os-release', type: 'whiteout' }],
        opened,
      ),
    ]);
    const cold = await buildInventory(image, { cacheDirectory }, testContext());
    expect(opened.count).toBe(2);
    const warm = await buildInventory(image, { cacheDirectory }, testContext());
    expect(opened.count).toBe(2);
    expect(warm).toEqual(cold);
    const upgraded = catalogers.map((cataloger) => ({ ...cataloger, version: cataloger.version + 1 }));
    await buildInventory(image, { cacheDirectory, catalogers: upgraded }, testContext());
    expect(opened.count).toBe(2);
    const wanting = catalogers.map((cataloger) => ({ ...cataloger, wantsVersion: cataloger.wantsVersion + 1 }));
    await buildInventory(image, { cacheDirectory, catalogers: wanting }, testContext());
    expect(opened.count).toBe(4);
  });

  it('asks the catalogers again only after an upgrade, for another question or where its answer is torn', async () => {
    const cacheDirectory = mkdtempSync(join(tmpdir(), 'plombe-inventory-'));
    const image = imageOf([layerOf(0, [debianRelease, status({ bash: '5.2' })])]);
    let asked = 0;
    const counting = catalogers.map((cataloger) => ({
      ...cataloger,
      catalog: (...given: Parameters<typeof cataloger.catalog>) => {
        asked += cataloger.id === 'dpkg' ? 1 : 0;
        return cataloger.catalog(...given);
      },
    }));
    const build = (options: InventoryOptions = {}, of = image): Promise<Inventory> =>
      buildInventory(of, { cacheDirectory, catalogers: counting, ...options }, testContext());
    const first = await build();
    expect([await build(), asked]).toEqual([first, 1]);

    const [kept = ''] = globSync(join(cacheDirectory, '**/*.inventory'));
    const bytes = readFileSync(kept);
    const altered = Buffer.from(bytes);
    altered[altered.length - 3]! ^= 1;
    for (const damaged of [bytes.subarray(0, -1), altered, Buffer.alloc(0)]) {
      writeFileSync(kept, damaged);
      asked = 0;
      expect([await build(), asked]).toEqual([first, 1]);
      expect(readFileSync(kept).equals(bytes)).toBe(true);
    }

    const upgraded = counting.map((cataloger) => ({ ...cataloger, version: cataloger.version + 1 }));
    asked = 0;
    expect([await build({ catalogers: upgraded }), asked]).toEqual([first, 1]);
    expect((await build({ limits: { ...defaultLayerLimits, keptBytes: 1 } })).complete).toBe(false);
    const renamed = imageOf(image.layers.map((layer) => ({ ...layer, createdBy: 'RUN another' })));
    expect((await build({}, renamed)).packages[0]?.evidence[0]?.createdBy).toBe('RUN another');
  });

  it('a cataloger that fails costs only itself', async () => {
    const [first, ...rest] = catalogers;
    const { where: _, ...anywhere } = first!;
    const broken = {
      ...anywhere,
      wants: () => ({ kind: 'head', maxBytes: 1 }) as const,
      catalog: () => {
        throw new Error('boom');
      },
    };
    const image = imageOf([layerOf(0, [debianRelease, status({ bash: '5.2' })])]);
    const inventory = await buildInventory(image, { catalogers: [broken, ...rest] }, testContext());
    expect(placed(inventory)).toEqual({ 'bash@5.2': 'layer 0' });
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics.map((note) => note.code)).toContain('internal/bug');
  });

  it('T25 keeps no more of a layer than the limit and says so', async () => {
    const image = imageOf([
      layerOf(0, [debianRelease, status({ bash: '5.2' }), manifest('node_modules/a/package.json', 'a', '1.0.0')]),
    ]);
    const inventory = await buildInventory(image, { limits: { ...defaultLayerLimits, keptBytes: 150 } }, testContext());
    expect(inventory.complete).toBe(false);
    expect(inventory.diagnostics.map((note) => note.code)).toContain('archive/limit');
  });

  it('ends when the signal does', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(buildInventory(imageOf([layerOf(0, [debianRelease])]), {}, testContext({ signal }))).rejects.toThrow(
      'enough',
    );
  });
});
