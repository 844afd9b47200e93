// CycloneDX: what each part says, validity against the published schema, hostile text, and memory.
import { isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { Assessment } from '@plombe/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderCycloneDx } from './cyclonedx.ts';
import type { SbomOptions } from './sbom.ts';
import {
  activeText,
  digestOf,
  findingOf,
  hostileFindings,
  hostileInventory,
  inventoryOf,
  matchOf,
  packageOf,
} from './testing/inventories.ts';
import { validateCycloneDx } from './testing/schemas.ts';

const options: SbomOptions = { tool: { name: 'plombe', version: '0.1.0' }, timestamp: '2026-03-01T12:00:00.5Z' };
const partial: Assessment = {
  state: 'partial',
  causes: [
    { code: 'feed/stale', message: 'Data for Go is 40 days old.' },
    { code: 'package/database-corrupt', message: 'One database cannot be read.' },
  ],
};

function render(...[inventory, more = options]: [Parameters<typeof renderCycloneDx>[0], SbomOptions?]): JsonObject {
  return JSON.parse([...renderCycloneDx(inventory, more)].join('')) as JsonObject;
}

function properties(object: JsonObject | undefined): readonly (readonly [unknown, unknown])[] {
  return objectsField(object ?? {}, 'properties').map(({ name, value }) => [name, value]);
}

describe('an inventory', () => {
  const document = render(inventoryOf([packageOf()]));

  it('describes the image by digest and purl', () => {
    const image = objectField(objectField(document, 'metadata') ?? {}, 'component') ?? {};
    expect(image).toMatchObject({
      type: 'container',
      name: 'example.com/team/app',
      version: digestOf('b'),
      purl: `pkg:oci/app@${digestOf('b')}?arch=amd64&repository_url=example.com%2Fteam%2Fapp&tag=1.2`,
      hashes: [{ alg: 'SHA-256', content: 'b'.repeat(64) }],
    });
    expect(properties(image)).toContainEqual(['plombe:layer:0:diffID', digestOf('a')]);
  });

  it('gives each package its purl, licence, evidence and layer', () => {
    const component = objectsField(document, 'components')[1] ?? {};
    expect(component).toMatchObject({
      'bom-ref': packageOf().id,
      purl: packageOf().purl,
      name: 'libssl3',
      version: '3.0.11-1~deb12u2',
      licenses: [{ license: { id: 'Apache-2.0', acknowledgement: 'declared' } }],
      evidence: { occurrences: [{ location: '/var/lib/dpkg/status' }] },
    });
    expect(properties(component)).toEqual(
      expect.arrayContaining([
        ['plombe:layer:diffID', digestOf('a')],
        ['plombe:layer:index', '0'],
        ['plombe:layer:createdBy', 'RUN apt-get install libssl3'],
        ['plombe:path', '/var/lib/dpkg/status'],
        ['plombe:source', 'openssl@3.0.11-1~deb12u2'],
      ]),
    );
  });

  it('names the distribution and what the image depends on', () => {
    expect(objectsField(document, 'components')[0]).toMatchObject({
      type: 'operating-system',
      name: 'debian',
      version: '12',
    });
    expect(document['dependencies']).toEqual([{ ref: 'image', dependsOn: ['distribution', packageOf().id] }]);
  });

  it('carries neither state nor vulnerabilities without a scan', () => {
    expect(document['vulnerabilities']).toBeUndefined();
    expect(objectField(document, 'metadata')?.['properties']).toBeUndefined();
    expect(objectField(document, 'metadata')?.['timestamp']).toBe('2026-03-01T12:00:00Z');
  });

  it('is incomplete where the inventory is', () => {
    const broken = render(inventoryOf([], { complete: false }));
    expect(broken['compositions']).toEqual([{ aggregate: 'incomplete', assemblies: ['image'] }]);
  });

  it('groups scoped npm packages, keeps Go paths whole and marks owned packages', () => {
    const items = [
      packageOf({ id: 'a', type: 'npm', namespace: '@scope', name: 'x', ownedBy: 'c' }),
      packageOf({ id: 'b', type: 'golang', namespace: 'example.com/m', name: 'y' }),
    ];
    const [, npm, module] = objectsField(render(inventoryOf(items)), 'components');
    expect(npm).toMatchObject({ group: '@scope', name: 'x' });
    expect(properties(npm)).toContainEqual(['plombe:ownedBy', 'c']);
    expect(module).toMatchObject({ name: 'example.com/m/y' });
  });

  it('gives an expression alone and names beside other licences', () => {
    const licences = (declared: readonly string[]): unknown =>
      objectsField(render(inventoryOf([packageOf({ licences: declared })])), 'components')[1]?.['licenses'];
    expect(licences(['mit or apache-2.0'])).toEqual([{ expression: 'MIT OR Apache-2.0', acknowledgement: 'declared' }]);
    expect(licences(['MIT OR Apache-2.0', 'BSD'])).toEqual([
      { license: { name: 'MIT OR Apache-2.0', acknowledgement: 'declared' } },
      { license: { name: 'BSD', acknowledgement: 'declared' } },
    ]);
    expect(licences(['MIT OR Apache-2.0', 'GPL-2.0+'])).toEqual([
      { expression: '(MIT OR Apache-2.0) AND GPL-2.0-or-later', acknowledgement: 'declared' },
    ]);
    expect(licences(['GPL-2.0', 'MIT'])).toEqual([
      { license: { id: 'GPL-2.0-only', acknowledgement: 'declared' } },
      { license: { id: 'MIT', acknowledgement: 'declared' } },
    ]);
    expect(licences([])).toBeUndefined();
  });
});

describe('a scan', () => {
  const inventory = inventoryOf([packageOf()]);
  const document = render(inventory, {
    ...options,
    assessment: partial,
    match: matchOf([findingOf([packageOf().id])]),
  });
  const [vulnerability = {}] = objectsField(document, 'vulnerabilities');

  it('says its state and every cause', () => {
    expect(properties(objectField(document, 'metadata'))).toEqual([
      ['plombe:state', 'partial'],
      ['plombe:cause', 'feed/stale: Data for Go is 40 days old.'],
      ['plombe:cause', 'package/database-corrupt: One database cannot be read.'],
    ]);
  });

  it('says what is affected, with ratings, aliases and the fix', () => {
    expect(vulnerability).toMatchObject({
      id: 'CVE-2024-0001',
      source: { name: 'NVD', url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-0001' },
      ratings: [
        { source: { name: 'debian' }, severity: 'high', score: 7.5, method: 'CVSSv31' },
        { source: { name: 'nvd' }, severity: 'medium' },
      ],
      affects: [{ ref: packageOf().id, versions: [{ version: '3.0.11-1~deb12u2', status: 'affected' }] }],
      recommendation: 'Upgrade openssl to 3.0.13-1~deb12u1.',
      published: '2024-01-01T00:00:00Z',
    });
    expect(objectsField(vulnerability, 'references').map((reference) => textField(reference, 'id'))).toEqual([
      'GHSA-aaaa-bbbb-cccc',
      'GO-2024-0001',
      'DSA-5000-1',
    ]);
    expect(properties(vulnerability)).toEqual(
      expect.arrayContaining([
        ['plombe:status', 'affected'],
        ['plombe:priority', '80'],
        ['plombe:epss:score', '0.5'],
        ['plombe:kev:dateAdded', '2024-02-01'],
      ]),
    );
  });

  it.each([
    ['will_not_fix', { response: ['will_not_fix'] }, 'affected'],
    ['not_affected', { state: 'not_affected' }, 'unaffected'],
    ['fixed', { state: 'resolved' }, 'unaffected'],
    ['under_investigation', { state: 'in_triage' }, 'unknown'],
    ['affected', undefined, 'affected'],
  ] as const)('status %s is analysis %j', (status, analysis, affected) => {
    const match = matchOf([findingOf([packageOf().id], { status })]);
    const [found = {}] = objectsField(render(inventory, { ...options, match }), 'vulnerabilities');
    expect(found['analysis']).toEqual(analysis);
    expect(found['affects']).toMatchObject([{ versions: [{ status: affected }] }]);
  });

  it('marks the packages that could not be compared', () => {
    const cause = { code: 'feed/missing', message: 'No data for deb.' };
    const match = { ...matchOf([]), unassessed: [{ cause, packages: [packageOf().id] }] };
    const [, component] = objectsField(render(inventory, { ...options, match }), 'components');
    expect(properties(component)).toContainEqual(['plombe:unassessed', 'feed/missing: No data for deb.']);
  });

  it('has an empty list of vulnerabilities where a scan found none', () => {
    expect(render(inventory, { ...options, match: matchOf([]) })['vulnerabilities']).toEqual([]);
  });
});

it('renders the same bytes for the same input, and another serial number for other content', () => {
  const text = (inventory: Parameters<typeof renderCycloneDx>[0]): string =>
    [...renderCycloneDx(inventory, options)].join('');
  expect(text(inventoryOf([packageOf()]))).toBe(text(inventoryOf([packageOf()])));
  const serials = [inventoryOf([]), inventoryOf([packageOf()])].map((one) => render(one)['serialNumber']);
  expect(new Set(serials).size).toBe(2);
});

describe.skipIf(validateCycloneDx === undefined)('the published schema', () => {
  it('T21 accepts every inventory and scan, however hostile its text, and the text is inert', () => {
    const scans = hostileInventory.chain((inventory) => fc.tuple(fc.constant(inventory), hostileFindings(inventory)));
    fc.assert(
      fc.property(scans, ([inventory, findings]) => {
        const more = { ...options, assessment: partial, match: matchOf(findings) };
        const text = [...renderCycloneDx(inventory, more)].join('');
        const document = JSON.parse(text) as unknown;
        expect(validateCycloneDx?.(document) === true ? [] : validateCycloneDx?.errors).toEqual([]);
        expect(activeText.exec(text)?.[0]).toBeUndefined();
        const refs = isObject(document) ? objectsField(document, 'components').map((one) => one['bom-ref']) : [];
        expect(new Set(refs).size).toBe(inventory.packages.length + 1);
      }),
      { numRuns: 150 },
    );
  });
});

it('T56 streams two hundred thousand packages in small chunks', () => {
  const one = packageOf();
  const packages = {
    *[Symbol.iterator]() {
      for (let i = 0; i < 200_000; i++) yield one;
    },
    map: () => [],
  };
  let longest = 0;
  let total = 0;
  for (const chunk of renderCycloneDx(inventoryOf(packages as never), options)) {
    longest = Math.max(longest, chunk.length);
    total += chunk.length;
  }
  expect(total).toBeGreaterThan(100_000_000);
  expect(longest).toBeLessThan(200_000);
});
