import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { Package } from '@plombe/model';
import { renderCycloneDx } from './cyclonedx.ts';
import { rootsOf } from './graph.ts';
import { renderSpdx } from './spdx.ts';
import { inventoryOf, packageOf } from './testing/inventories.ts';

const of = (id: string, dependsOn: readonly string[] = [], direct?: boolean): Package =>
  packageOf({
    id,
    name: id,
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(direct === undefined ? {} : { direct }),
  });

it.each([
  ['nothing is known', [of('a'), of('b')], ['a', 'b']],
  ['a way leads from one to the others', [of('a', ['b']), of('b', ['c']), of('c')], ['a']],
  ['the project asks for one that another needs too', [of('a', ['b']), of('b', [], true)], ['a', 'b']],
  ['two need each other', [of('a', ['b']), of('b', ['a']), of('c')], ['c', 'a']],
])('where %s, the subject leads to what nothing else leads to', (_, packages, roots) => {
  expect([...rootsOf(packages)]).toEqual(roots);
});

it('everything is reached from the roots', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const graph = fc.tuple(...ids.map(() => fc.subarray(ids)));
  fc.assert(
    fc.property(graph, (needs) => {
      const packages = ids.map((id, index) => of(id, needs[index]));
      const known = new Map(packages.map((item) => [item.id, item]));
      const reached = new Set(rootsOf(packages));
      for (const id of reached) for (const need of known.get(id)?.dependsOn ?? []) reached.add(need);
      expect(reached.size).toBe(ids.length);
    }),
  );
});

it('is written in both formats, and only of packages that are there', () => {
  const inventory = inventoryOf([of('a', ['b', 'gone']), of('b')]);
  const tool = { name: 'plombe', version: '1' } as const;
  const cyclonedx = JSON.parse([...renderCycloneDx(inventory, { tool })].join('')) as { dependencies: object[] };
  expect(cyclonedx.dependencies).toEqual([
    { ref: 'image', dependsOn: ['distribution', 'a'] },
    { ref: 'a', dependsOn: ['b'] },
  ]);
  const spdx = JSON.parse([...renderSpdx(inventory, { tool })].join('')) as {
    packages: { SPDXID: string; name: string }[];
    relationships: { relationshipType: string; spdxElementId: string; relatedSpdxElement: string }[];
  };
  const idOf = (name: string) => spdx.packages.find((item) => item.name === name)?.SPDXID;
  expect(spdx.relationships.filter(({ relationshipType }) => relationshipType === 'DEPENDS_ON')).toEqual([
    { spdxElementId: idOf('a'), relationshipType: 'DEPENDS_ON', relatedSpdxElement: idOf('b') },
  ]);
});
