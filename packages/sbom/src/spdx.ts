// SPDX 2.3 JSON: the image, its packages, layers and evidence as annotations.
import { compareText } from '@plombe/kit';
import type { Inventory } from '@plombe/model';
import { diagnosticFacts } from './facts.ts';
import { needsOf } from './graph.ts';
import { inChunks, jsonArray, jsonObject, jsonOf, type JsonText } from './json-stream.ts';
import { readLicence, referencesIn } from './licence.ts';
import { contentUuid, type SbomOptions } from './sbom.ts';
import {
  imageId,
  imagePackage,
  licenceRef,
  packageId,
  spdxPackage,
  systemId,
  systemPackage,
  type Annotate,
} from './spdx-package.ts';
import { instant, visible } from './text.ts';

/**
 * Renders an SPDX 2.3 document as chunks of JSON text. Same input, same bytes: the namespace is made of the content. `created` is
 * `timestamp`, else when the image was made, else the epoch, because the standard asks for one.
 */
export function renderSpdx(inventory: Inventory, options: SbomOptions): Iterable<string> {
  const created = instant(options.timestamp) ?? instant(inventory.config?.createdAt) ?? '1970-01-01T00:00:00Z';
  const tool = `Tool: ${options.tool.name}-${options.tool.version}`;
  const annotate: Annotate = (facts) => ({
    annotationDate: created,
    annotationType: 'OTHER',
    annotator: tool,
    comment: facts.map(([name, value]) => `${visible(name)}=${visible(value)}`).join('\n'),
  });
  const name = visible(inventory.subject.reference ?? inventory.subject.name) || 'image';
  const licences = [...extractedLicences(inventory)];
  const diagnostics = diagnosticFacts(inventory);
  return inChunks(
    jsonObject([
      ['spdxVersion', '"SPDX-2.3"'],
      ['dataLicense', '"CC0-1.0"'],
      ['SPDXID', '"SPDXRef-DOCUMENT"'],
      ['name', jsonOf(name)],
      ['documentNamespace', jsonOf(`urn:uuid:${contentUuid('spdx', inventory, options)}`)],
      ['comment', commentOf(inventory, options)],
      ['creationInfo', jsonOf({ created, creators: [tool] })],
      ['annotations', diagnostics.length === 0 ? undefined : jsonOf([annotate(diagnostics)])],
      ['hasExtractedLicensingInfos', licences.length === 0 ? undefined : jsonArray(licences)],
      ['packages', jsonArray(packages(inventory, annotate))],
      ['relationships', jsonArray(relationships(inventory))],
    ]),
  );
}

function commentOf({ complete }: Inventory, { assessment }: SbomOptions): string | undefined {
  const lines = complete ? [] : ['The inventory is not complete: something in the image could not be read.'];
  if (assessment !== undefined) lines.push(`plombe:state=${assessment.state}`);
  for (const { code, message } of assessment?.causes ?? [])
    lines.push(`plombe:cause=${visible(`${code}: ${message}`)}`);
  return lines.length === 0 ? undefined : jsonOf(lines.join('\n'));
}

function* packages(inventory: Inventory, annotate: Annotate): Iterable<JsonText> {
  yield jsonOf(imagePackage(inventory, annotate));
  if (inventory.distribution !== undefined) yield jsonOf(systemPackage(inventory.distribution, annotate));
  for (const item of inventory.packages) yield jsonOf(spdxPackage(item, annotate));
}

function* relationships({ distribution, packages: items }: Inventory): Iterable<JsonText> {
  yield relationship('SPDXRef-DOCUMENT', 'DESCRIBES', imageId);
  if (distribution !== undefined) yield relationship(imageId, 'CONTAINS', systemId);
  for (const { id, ownedBy } of items) {
    yield relationship(imageId, 'CONTAINS', packageId(id));
    if (ownedBy !== undefined) yield relationship(packageId(ownedBy), 'CONTAINS', packageId(id));
  }
  for (const { id, needs } of needsOf(items))
    for (const need of needs) yield relationship(packageId(id), 'DEPENDS_ON', packageId(need));
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): string {
  return jsonOf({ spdxElementId, relationshipType, relatedSpdxElement });
}

/** Declared licences that are no SPDX expression, and those that expressions only refer to, once each. */
function* extractedLicences({ packages: items }: Inventory): Iterable<string> {
  const names = new Set<string>();
  const references = new Set<string>();
  for (const text of new Set(items.flatMap(({ licences }) => licences))) {
    const licence = readLicence(text);
    if (licence.kind !== 'name') for (const reference of referencesIn(licence.text)) references.add(reference);
    else if (text.trim() !== '') names.add(text);
  }
  for (const text of [...names].sort(compareText)) {
    const licenseId = licenceRef(text);
    references.delete(licenseId);
    yield jsonOf({ licenseId, extractedText: visible(text), name: visible(text.slice(0, 200)) });
  }
  for (const licenseId of [...references].sort(compareText)) {
    yield jsonOf({
      licenseId,
      extractedText: 'The package names this licence and does not give its text.',
      name: licenseId,
    });
  }
}
