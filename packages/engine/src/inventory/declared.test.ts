// Lock files in source trees, root file systems and images, beside what is installed there.
import { describe, expect, it } from 'vitest';
import type { Image, Inventory, Package } from '@plombe/model';
import { imageOf, layerOf, testContext } from '../testing/images.ts';
import type { DeclaredChoice } from './declared.ts';
import { buildInventory } from './inventory.ts';

/** The files as a folder gives them: one layer, of the source `dir`. */
function treeOf(files: Readonly<Record<string, string>>): Image {
  const entries = Object.entries(files).map(([path, content]) => ({ path, content }));
  return { ...imageOf([layerOf(0, entries)]), source: 'dir' };
}

const read = (image: Image, declared?: DeclaredChoice): Promise<Inventory> =>
  buildInventory(image, declared === undefined ? {} : { declared }, testContext());

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });
const installed = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version, license: 'MIT' });
const said = ({ packages }: Inventory): readonly string[] =>
  packages.map(
    ({ name, scope, origin, evidence }: Package) =>
      `${name} ${scope ?? '-'} ${origin ?? '-'} ${evidence.map(({ path }) => path).join(' ')}`,
  );

const twoPackages = lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0', dev: true } });
const osRelease = 'ID=debian\nVERSION_ID="12"\n';

describe('where lock files count', () => {
  it('in a source tree, unless never', async () => {
    const tree = treeOf({ 'package-lock.json': twoPackages });
    expect(said(await read(tree))).toEqual(['a runtime - package-lock.json', 'b development - package-lock.json']);
    expect(said(await read(tree, 'never'))).toEqual([]);
  });

  it('not in a root file system, where they are counted in a note, unless always', async () => {
    const roots: readonly Readonly<Record<string, string>>[] = [
      { 'etc/os-release': osRelease },
      { 'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\n\n' },
    ];
    for (const more of roots) {
      const tree = treeOf({ ...more, 'srv/package-lock.json': twoPackages });
      const inventory = await read(tree);
      expect(inventory.packages.filter(({ type }) => type === 'npm')).toEqual([]);
      expect(inventory.diagnostics.map(({ code, level }) => [code, level])).toContainEqual([
        'package/declared-not-read',
        'note',
      ]);
      expect((await read(tree, 'always')).packages.filter(({ type }) => type === 'npm')).toHaveLength(2);
    }
  });

  it('not in an image, unless always', async () => {
    const image = imageOf([layerOf(0, [{ path: 'app/package-lock.json', content: twoPackages }])]);
    expect(said(await read(image))).toEqual([]);
    expect(said(await read(image, 'always'))).toHaveLength(2);
  });
});

describe('what is installed and declared', () => {
  it('is one package with both places, described by what is installed', async () => {
    const inventory = await read(
      treeOf({
        'package-lock.json': twoPackages,
        'node_modules/a/package.json': installed('a'),
        'node_modules/b/package.json': installed('b'),
      }),
    );
    expect(said(inventory)).toEqual([
      'a runtime - node_modules/a/package.json package-lock.json',
      'b development - node_modules/b/package.json package-lock.json',
    ]);
    expect(inventory.packages.map(({ licences, cataloger }) => [licences, cataloger])).toEqual([
      [['MIT'], 'npm'],
      [['MIT'], 'npm'],
    ]);
  });

  it('is not for development where it is installed elsewhere, or another file needs it to run', async () => {
    const dev = lock({ 'node_modules/b': { version: '1.0.0', dev: true } });
    const elsewhere = treeOf({
      'tools/package-lock.json': dev,
      'deploy/node_modules/b/package.json': installed('b'),
    });
    expect(said(await read(elsewhere))).toEqual([
      'b runtime - deploy/node_modules/b/package.json tools/package-lock.json',
    ]);
    const other = treeOf({ 'x/package-lock.json': dev, 'y/package-lock.json': dev.replace('true', 'false') });
    expect(said(await read(other))).toEqual(['b runtime - x/package-lock.json y/package-lock.json']);
  });

  it('is no part of the tree where an installed one has its name', async () => {
    const files = {
      'package-lock.json': lock({
        b: { name: 'b', version: '1.0.0' },
        'node_modules/b': { resolved: 'b', link: true },
      }),
    };
    expect(said(await read(treeOf({ ...files, 'b/package.json': installed('b') })))).toEqual([
      'b runtime local b/package.json package-lock.json',
    ]);
    expect(said(await read(treeOf({ ...files, 'node_modules/b/package.json': installed('b') })))).toEqual([
      'b runtime - node_modules/b/package.json package-lock.json',
    ]);
  });
});
