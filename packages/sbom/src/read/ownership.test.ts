// What lies in the files of another package: Syft says so in relationships, in each form of SPDX; cycles and strangers are not believed.
import { expect, it } from 'vitest';
import type { Package } from '@plombe/model';
import { readSbom } from './read-sbom.ts';

const comment = 'ownership-by-file-overlap: indicates that the parent package claims ownership of a child package';
const deb = 'pkg:deb/debian/node-lodash@4.17.21?arch=all&distro=debian-12';
const npm = 'pkg:npm/lodash@4.17.21';
const other = 'pkg:npm/x@1.0.0';

const owned = (text: string): (readonly [string, string | undefined])[] =>
  readSbom(Buffer.from(text), 'bom', 'sbom:bom').packages.map(({ id, ownedBy }: Package) => [id, ownedBy] as const);

const packages = [
  ['deb', deb],
  ['npm', npm],
  ['x', other],
] as const;
/** Owner, owned, comment. */
const relations = [
  ['deb', 'npm', comment],
  ['npm', 'x', comment],
  ['deb', 'x', 'evident-by: a file'],
  ['gone', 'deb', comment],
] as const;

const spdx2 = JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  packages: packages.map(([id, purl]) => ({
    SPDXID: `SPDXRef-${id}`,
    name: id,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  })),
  relationships: relations.map(([from, to, said]) => ({
    spdxElementId: `SPDXRef-${from}`,
    relationshipType: 'OTHER',
    relatedSpdxElement: `SPDXRef-${to}`,
    comment: said,
  })),
});
const tagValue = [
  'SPDXVersion: SPDX-2.3',
  ...packages.flatMap(([id, purl]) => [
    `PackageName: ${id}`,
    `SPDXID: SPDXRef-${id}`,
    `ExternalRef: PACKAGE-MANAGER purl ${purl}`,
  ]),
  ...relations.flatMap(([from, to, said]) => [
    `Relationship: SPDXRef-${from} OTHER SPDXRef-${to}`,
    `RelationshipComment: ${said}`,
  ]),
].join('\n');
const spdx3 = JSON.stringify({
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    ...packages.map(([id, purl]) => ({
      type: 'software_Package',
      spdxId: `urn:${id}`,
      name: id,
      software_packageUrl: purl,
    })),
    ...relations.map(([from, to, said]) => ({
      type: 'Relationship',
      relationshipType: 'other',
      from: `urn:${from}`,
      to: from === 'deb' ? [`urn:${to}`] : `urn:${to}`,
      comment: said,
    })),
  ],
});

it.each([
  ['SPDX 2.3 as JSON', spdx2],
  ['SPDX 2.3 as tag-value', tagValue],
  ['SPDX 3.0', spdx3],
])('%s', (_, text) => {
  expect(owned(text)).toEqual([
    [deb, undefined],
    [npm, deb],
    [other, undefined],
  ]);
});
