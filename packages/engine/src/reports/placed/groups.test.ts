import { describe, expect, it } from 'vitest';
import { packageOf, resultOf } from '../../testing/results.ts';
import { byPlace, comparePlaces, placeGroups } from './groups.ts';

const tree = (...paths: readonly string[]) => {
  const packages = paths.map((path, index) =>
    packageOf(`p${index}`, { type: 'npm', evidence: [{ path, layerIndex: 0 }] }),
  );
  const { distribution: _, ...inventory } = resultOf(packages, []).inventory;
  const layers = [{ index: 0, mediaType: 'inode/directory', complete: true }];
  const groups = placeGroups(
    resultOf(packages, [], { inventory: { ...inventory, subject: { name: 'dir:x', source: 'dir' }, layers } }),
  );
  return {
    groups,
    keys: [...new Set(paths.map((path) => groups.keyOf({ path, layerIndex: 0 })))].sort(comparePlaces(groups)),
  };
};

describe('findings are told apart', () => {
  it('by the layers of an image', () => {
    const groups = placeGroups(resultOf([packageOf('a')], []));
    expect(groups.kind).toBe('layer');
    expect(groups.keyOf({ path: 'x', layerIndex: 3 })).toBe('3');
    expect(groups.keyOf(undefined)).toBe('-1');
    expect(['10', '9', '-1'].sort(comparePlaces(groups))).toEqual(['-1', '9', '10']);
  });

  it('by the files of a tree, not by what lies within them', () => {
    const { groups, keys } = tree('web/yarn.lock', 'go.sum', 'app.jar!/lib/x.jar');
    expect(groups.kind).toBe('file');
    expect(keys).toEqual(['app.jar', 'go.sum', 'web/yarn.lock']);
    expect(groups.keyOf(undefined)).toBe('');
  });

  it('and what is in several files is in the group of each, a layer is that which introduced it', () => {
    const { groups } = tree('web/yarn.lock', 'admin/yarn.lock');
    const places = [
      { path: 'web/yarn.lock', layerIndex: 0 },
      { path: 'admin/yarn.lock', layerIndex: 0 },
    ];
    expect([...byPlace(['x'], groups, () => places).keys()]).toEqual(['web/yarn.lock', 'admin/yarn.lock']);
    expect([...byPlace(['x'], groups, () => []).keys()]).toEqual(['']);
    const layered = placeGroups(resultOf([packageOf('a')], []));
    expect([...byPlace(['x'], layered, () => [...places, { path: 'x', layerIndex: 3 }]).keys()]).toEqual(['0']);
  });

  it('by folders where there are many files', () => {
    const many = Array.from({ length: 100 }, (_, index) => `srv/app/node_modules/m${index}/package.json`);
    expect(tree(...many, 'usr/lib/node_modules/npm/package.json', 'go.sum').keys).toEqual([
      'go.sum',
      'srv/app/node_modules/',
      'usr/lib/node_modules/',
    ]);
  });

  it('by the topmost folders where even those are many', () => {
    expect(tree(...Array.from({ length: 100 }, (_, index) => `f${index}/x/yarn.lock`)).keys).toHaveLength(100);
  });
});
