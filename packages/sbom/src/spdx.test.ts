// SPDX: what each part says, validity against the published schema, hostile text.
import { objectsField, textField, type JsonObject } from '@plombe/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SbomOptions } from './sbom.ts';
import { renderSpdx } from './spdx.ts';
import { activeText, digestOf, hostileInventory, inventoryOf, packageOf } from './testing/inventories.ts';
import { validateSpdx } from './testing/schemas.ts';

const options: SbomOptions = { tool: { name: 'plombe', version: '0.1.0' }, timestamp: '2026-03-01T12:00:00.5Z' };

function render(inventory: Parameters<typeof renderSpdx>[0], more: SbomOptions = options): JsonObject {
  return JSON.parse([...renderSpdx(inventory, more)].join('')) as JsonObject;
}

describe('an inventory', () => {
  const document = render(inventoryOf([packageOf()]));
  const [image = {}, system, item = {}] = objectsField(document, 'packages');

  it('describes the image by digest and purl', () => {
    expect(image).toMatchObject({
      name: 'example.com/team/app',
      versionInfo: digestOf('b'),
      primaryPackagePurpose: 'CONTAINER',
      checksums: [{ algorithm: 'SHA256', checksumValue: 'b'.repeat(64) }],
    });
    expect(system).toMatchObject({ name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING_SYSTEM' });
  });

  it('gives each package its purl, licence, source and layer', () => {
    expect(item).toMatchObject({
      name: 'libssl3',
      versionInfo: '3.0.11-1~deb12u2',
      licenseDeclared: 'Apache-2.0',
      sourceInfo: 'read from /var/lib/dpkg/status (layer 0)',
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: packageOf().purl },
      ],
    });
    const comment = textField(objectsField(item, 'annotations')[0] ?? {}, 'comment') ?? '';
    expect(comment.split('\n')).toEqual(
      expect.arrayContaining([
        `plombe:layer:diffID=${digestOf('a')}`,
        'plombe:layer:index=0',
        'plombe:path=/var/lib/dpkg/status',
        'plombe:source=openssl@3.0.11-1~deb12u2',
      ]),
    );
  });

  it('relates document, image and packages', () => {
    const relations = objectsField(document, 'relationships').map((one) => Object.values(one).join(' '));
    expect(relations).toEqual([
      'SPDXRef-DOCUMENT DESCRIBES SPDXRef-Image',
      'SPDXRef-Image CONTAINS SPDXRef-Distribution',
      `SPDXRef-Image CONTAINS ${textField(item, 'SPDXID')}`,
    ]);
  });

  it('defines the references that expressions make, once each', () => {
    const licensed = render(
      inventoryOf([
        packageOf({ licences: ['MIT AND LicenseRef-Fedora-Public-Domain'] }),
        packageOf({ name: 'b', licences: ['LicenseRef-b', 'LicenseRef-b OR MIT'] }),
      ]),
    );
    expect(objectsField(licensed, 'hasExtractedLicensingInfos').map((one) => textField(one, 'licenseId'))).toEqual([
      'LicenseRef-Fedora-Public-Domain',
      'LicenseRef-b',
    ]);
    expect(
      objectsField(licensed, 'packages')
        .slice(2)
        .map((one) => textField(one, 'licenseDeclared')),
    ).toEqual(['MIT AND LicenseRef-Fedora-Public-Domain', 'LicenseRef-b AND (LicenseRef-b OR MIT)']);
  });

  it('joins declared licences and extracts what is no expression', () => {
    const licensed = render(inventoryOf([packageOf({ licences: ['mit', 'GPL-2.0+ or BSD-3-Clause', 'Weird'] })]));
    const [extracted = {}] = objectsField(licensed, 'hasExtractedLicensingInfos');
    const reference = textField(extracted, 'licenseId');
    expect(reference).toMatch(/^LicenseRef-[A-Za-z0-9.-]+$/);
    expect(extracted).toMatchObject({ extractedText: 'Weird', name: 'Weird' });
    expect(objectsField(licensed, 'packages')[2]?.['licenseDeclared']).toBe(
      `MIT AND (GPL-2.0-or-later OR BSD-3-Clause) AND ${reference}`,
    );
  });

  it('is dated by the caller, else by the image, else by the epoch', () => {
    const created = (more: SbomOptions, createdAt?: string): unknown => {
      const config = { labels: {}, ...(createdAt === undefined ? {} : { createdAt }) };
      return render(inventoryOf([], { config }), more)['creationInfo'];
    };
    const { tool } = options;
    expect(created(options)).toMatchObject({ created: '2026-03-01T12:00:00Z' });
    expect(created({ tool }, '2026-01-02T03:04:05.678+01:00')).toMatchObject({ created: '2026-01-02T02:04:05Z' });
    expect(created({ tool }, 'yesterday')).toMatchObject({ created: '1970-01-01T00:00:00Z' });
  });

  it('says the state and that something is missing', () => {
    const comment = render(inventoryOf([], { complete: false }), {
      ...options,
      assessment: { state: 'unassessable', causes: [{ code: 'distribution/unknown', message: 'No os-release.' }] },
    })['comment'];
    expect(comment).toContain('plombe:state=unassessable\nplombe:cause=distribution/unknown: No os-release.');
    expect(comment).toContain('not complete');
  });
});

it('renders the same bytes for the same input, and another namespace for other content', () => {
  const text = (inventory: Parameters<typeof renderSpdx>[0]): string => [...renderSpdx(inventory, options)].join('');
  expect(text(inventoryOf([packageOf()]))).toBe(text(inventoryOf([packageOf()])));
  const spaces = [inventoryOf([]), inventoryOf([packageOf()])].map((one) => render(one)['documentNamespace']);
  expect(new Set(spaces).size).toBe(2);
});

describe.skipIf(validateSpdx === undefined)('the published schema', () => {
  it('T21 accepts every inventory, however hostile its text, and the text is inert', () => {
    fc.assert(
      fc.property(hostileInventory, (inventory) => {
        const text = [...renderSpdx(inventory, options)].join('');
        const document = JSON.parse(text) as JsonObject;
        expect(validateSpdx?.(document) === true ? [] : validateSpdx?.errors).toEqual([]);
        expect(activeText.exec(text)?.[0]).toBeUndefined();
        const ids = objectsField(document, 'packages').map((one) => one['SPDXID']);
        expect(new Set(ids).size).toBe(inventory.packages.length + 2);
      }),
      { numRuns: 150 },
    );
  });
});
