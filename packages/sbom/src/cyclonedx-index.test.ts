// CycloneDX of an index: every image a component, every package once, and which image holds which.
import { objectsField, textsField, type JsonObject } from '@plombe/kit';
import type { Assessment, Inventory } from '@plombe/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openIndexBom, type IndexBom, type SkippedMember } from './cyclonedx-index.ts';
import { activeText, digestOf, hostileInventory, inventoryOf, packageOf } from './testing/inventories.ts';
import { validateCycloneDx } from './testing/schemas.ts';

const assessed: Assessment = { state: 'assessed', causes: [] };
const partial: Assessment = { state: 'partial', causes: [{ code: 'feed/stale', message: 'old' }] };
const lodash = (path: string) =>
  packageOf({
    id: `pkg:npm/lodash@4.17.21#${path}`,
    purl: 'pkg:npm/lodash@4.17.21' as ReturnType<typeof packageOf>['purl'],
    type: 'npm',
    name: 'lodash',
    version: '4.17.21',
    licences: ['MIT'],
    evidence: [{ path, layerIndex: 0 }],
  });
const amd64 = inventoryOf([packageOf(), lodash('/a')]);
const arm64 = inventoryOf([
  packageOf({ architecture: 'arm64', purl: 'pkg:deb/debian/libssl3@3?arch=arm64' as never }),
  lodash('/b'),
]);

function render(bom: IndexBom, skipped: readonly SkippedMember[] = [], assessment = assessed): JsonObject {
  const subject = { digest: digestOf('f'), repository: 'example.com/team/app', skipped };
  const text = [...bom.render(subject, { tool: { name: 'plombe', version: '0.1.0' }, assessment })].join('');
  return JSON.parse(text) as JsonObject;
}

function bomOf(...inventories: readonly Inventory[]): IndexBom {
  const bom = openIndexBom();
  inventories.forEach((inventory, n) =>
    bom.add({ digest: digestOf(`${n}`), assessment: assessed, listedAs: [] }, inventory),
  );
  return bom;
}

const expectValid = (document: JsonObject): void => {
  if (validateCycloneDx === undefined) return;
  expect(validateCycloneDx(document), JSON.stringify(validateCycloneDx.errors)).toBe(true);
};

describe('the inventory of an index', () => {
  it('names each image, each package once, and which image holds which', () => {
    const bom = bomOf(amd64, arm64);
    const document = render(bom);
    expectValid(document);
    const components = objectsField(document, 'components');
    expect(components.slice(0, 2)).toMatchObject([
      { type: 'container', 'bom-ref': digestOf('0'), version: digestOf('0'), hashes: [{ content: '0'.repeat(64) }] },
      { type: 'container', 'bom-ref': digestOf('1') },
    ]);
    const named = components
      .slice(2)
      .map(({ name, purl }) => `${String(name)} ${typeof purl === 'string' ? purl : ''}`);
    expect(named).toHaveLength(4);
    expect(named.filter((text) => text.startsWith('lodash'))).toEqual(['lodash pkg:npm/lodash@4.17.21']);
    expect(bom.packages()).toBe(3);
    const refs = new Map(components.map((one) => [one['bom-ref'], one['name']]));
    const [whole, first, second] = objectsField(document, 'dependencies');
    expect(whole).toEqual({ ref: 'index', dependsOn: [digestOf('0'), digestOf('1')] });
    for (const one of [first, second])
      expect(textsField(one ?? {}, 'dependsOn').map((ref) => refs.get(ref))).toEqual(['debian', 'libssl3', 'lodash']);
    expect(first?.['dependsOn']).not.toEqual(second?.['dependsOn']);
    expect(document['metadata']).toMatchObject({
      component: { version: digestOf('f'), properties: [{ name: 'plombe:image:kind', value: 'index' }, {}] },
      properties: [{ name: 'plombe:state', value: 'assessed' }],
    });
  });

  it('is complete only where every image is read whole and none is missing', () => {
    const aggregates = (document: JsonObject) =>
      objectsField(document, 'compositions').map(({ aggregate }) => aggregate);
    const skip = { digest: digestOf('9'), reason: 'why' };
    expect(aggregates(render(bomOf(amd64, arm64)))).toEqual(['complete', 'complete', 'complete']);
    expect(aggregates(render(bomOf(amd64), [{ ...skip, isGap: false }]))).toEqual(['complete', 'complete']);
    const missing = render(bomOf(amd64), [{ ...skip, isGap: true }]);
    expect(aggregates(missing)).toEqual(['incomplete', 'complete']);
    expect(JSON.stringify(missing)).toContain(`${digestOf('9')}: why`);
    expect(aggregates(render(bomOf(amd64, { ...arm64, complete: false })))).toEqual([
      'incomplete',
      'complete',
      'incomplete',
    ]);
    const unread = bomOf(amd64);
    unread.addUnread({ digest: digestOf('8'), assessment: partial, listedAs: ['linux/arm64'] });
    const document = render(unread);
    expectValid(document);
    expect(aggregates(document)).toEqual(['incomplete', 'complete', 'incomplete']);
    expect(objectsField(document, 'components')[1]).toMatchObject({
      properties: [{ value: 'linux/arm64' }, { value: 'partial' }, { value: 'feed/stale: old' }],
    });
  });

  it('has the same bytes for the same images, and another number for others', () => {
    expect(render(bomOf(amd64, arm64))).toEqual(render(bomOf(amd64, arm64)));
    const numbers = [render(bomOf(amd64)), render(bomOf(arm64)), render(bomOf(amd64), [], partial)];
    expect(new Set(numbers.map(({ serialNumber }) => serialNumber)).size).toBe(3);
  });

  it('T21 T68 is valid and inert whatever is in the images', () => {
    fc.assert(
      fc.property(fc.array(hostileInventory, { maxLength: 3 }), (inventories) => {
        const document = render(bomOf(...inventories));
        expectValid(document);
        expect(JSON.stringify(document)).not.toMatch(activeText);
        const refs = new Set(objectsField(document, 'components').map((one) => one['bom-ref']));
        expect(refs.size).toBe(objectsField(document, 'components').length);
        for (const one of objectsField(document, 'dependencies'))
          expect(textsField(one, 'dependsOn').every((ref) => refs.has(ref))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
