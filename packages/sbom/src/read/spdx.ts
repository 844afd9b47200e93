// SPDX 2.x as JSON. Tag-value comes here in the same shape.
import { field, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import {
  FactList,
  saysOwnership,
  type ComponentKind,
  type Place,
  type SbomComponent,
  type SbomDocument,
} from './document.ts';
import { cpesOf, isImagePurl, ObjectLists, optional, trimmed, versionField } from './fields.ts';
import { maxElements } from './json.ts';
import { LicenceReferences } from './spdx-licence.ts';
import { SbomProblem } from './problems.ts';

/** Reads a document. Throws SbomProblem where its version is not 2.x. */
export function readSpdx(document: JsonObject): SbomDocument {
  const version = textField(document, 'spdxVersion') ?? '';
  if (!/^SPDX-2\.\d{1,2}$/.test(version))
    throw new SbomProblem('is SPDX of no version that is known: 2.x and 3.0 are read');
  const lists = new ObjectLists();
  const licences = new LicenceReferences(objectsField(document, 'hasExtractedLicensingInfos'));
  const creators = textsField((field(document, 'creationInfo') as JsonObject) ?? {}, 'creators');
  const packages = lists.of(document, 'packages');
  if (packages.length > maxElements) throw new SbomProblem(`holds over ${maxElements} packages`, true);
  const owners = ownersIn(document);
  const components = packages.map((item) => componentOf(item, licences, owners));
  const described = describedBy(document);
  const subject =
    components.find(({ ref, kind }) => kind === 'image' && described.has(ref)) ?? onlyDescribed(components, described);
  const list = new FactList();
  addFacts(document, list);
  return {
    format: version,
    tools: creators.flatMap((text) => /^Tool: ?(.+?)(?:-[^-]*)?$/.exec(text)?.[1]?.toLowerCase() ?? []),
    ...(subject === undefined ? {} : { subject }),
    components: components.filter((component) => component !== subject),
    facts: list.facts,
    complete: !(textField(document, 'comment') ?? '').startsWith('The inventory is not complete'),
    diagnostics: lists.diagnostics(),
  };
}

/** SPDXIDs that the document says it describes. */
function describedBy(document: JsonObject): ReadonlySet<string> {
  const ids = new Set(textsField(document, 'documentDescribes'));
  for (const relation of objectsField(document, 'relationships')) {
    const from = textField(relation, 'spdxElementId');
    const to = textField(relation, 'relatedSpdxElement');
    const type = textField(relation, 'relationshipType');
    if (type === 'DESCRIBES' && to !== undefined) ids.add(to);
    if (type === 'DESCRIBED_BY' && from !== undefined) ids.add(from);
  }
  return ids;
}

/** SPDXIDs of owners by those of what they own. Tools state it on packages of a distribution and what lies in their files. */
function ownersIn(document: JsonObject): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const relation of objectsField(document, 'relationships')) {
    if (textField(relation, 'relationshipType') !== 'OTHER' || !saysOwnership(textField(relation, 'comment'))) continue;
    const owner = textField(relation, 'spdxElementId');
    const owned = textField(relation, 'relatedSpdxElement');
    if (owner !== undefined && owned !== undefined) owners.set(owned, owner);
  }
  return owners;
}

function onlyDescribed(
  components: readonly SbomComponent[],
  described: ReadonlySet<string>,
): SbomComponent | undefined {
  return described.size === 1 ? components.find(({ ref }) => described.has(ref)) : undefined;
}

function componentOf(
  item: JsonObject,
  licences: LicenceReferences,
  owners: ReadonlyMap<string, string>,
): SbomComponent {
  const list = new FactList();
  addFacts(item, list);
  const purl = purlOf(item);
  const ref = textField(item, 'SPDXID') ?? '';
  const places = placesIn(textField(item, 'sourceInfo') ?? '', list);
  return {
    kind: kindOf(item, purl, list),
    ...optional('type', textField(item, 'primaryPackagePurpose')?.toLowerCase()),
    ref,
    ...optional('owner', owners.get(ref)),
    name: textField(item, 'name') ?? '',
    ...optional('version', stated(versionField(item, 'versionInfo'))),
    ...optional('purl', purl),
    cpes: cpesOf(references(item, 'cpe23Type')),
    ...optional('supplier', /^(?:Organization|Person): (.+)$/.exec(textField(item, 'supplier') ?? '')?.[1]),
    ...optional('description', textField(item, 'summary')),
    licences: licences.of(stated(textField(item, 'licenseDeclared')) ?? stated(textField(item, 'licenseConcluded'))),
    places,
    facts: list.facts,
  };
}

/** `NOASSERTION` and `NONE` say nothing. */
function stated(text: string | undefined): string | undefined {
  return text === 'NOASSERTION' || text === 'NONE' ? undefined : text;
}

function purlOf(item: JsonObject): string | undefined {
  return references(item, 'purl')[0];
}

/** Locators of external references. The type may be written as an IRI that ends with it. */
function references(item: JsonObject, type: string): string[] {
  const found = objectsField(item, 'externalRefs').filter((ref) => textField(ref, 'referenceType')?.endsWith(type));
  return found.flatMap((ref) => trimmed(ref, 'referenceLocator') ?? []);
}

const files: ReadonlySet<string> = new Set(['FILE', 'ARCHIVE', 'DEVICE']);

function kindOf(item: JsonObject, purl: string | undefined, { facts }: FactList): ComponentKind {
  const purpose = (textField(item, 'primaryPackagePurpose') ?? '').replaceAll('_', '-');
  if (purpose === 'OPERATING-SYSTEM') return 'system';
  if (purpose === 'CONTAINER' || isImagePurl(purl)) return 'image';
  if (purl !== undefined) return 'package';
  if (files.has(purpose)) return 'file';
  // Trivy's tag-value has no annotations: what it gathers packages under is told by its id.
  const isGroup =
    purpose === 'APPLICATION' &&
    item['versionInfo'] === undefined &&
    /^SPDXRef-Application-[0-9a-f]{16}$/.test(textField(item, 'SPDXID') ?? '');
  return isGroup || facts.has('aquasecurity:trivy:Class') ? 'group' : 'package';
}

/** Annotations: Plombe's lines `plombe:NAME=VALUE`, Trivy's `NAME: VALUE`, which its CycloneDX calls `aquasecurity:trivy:NAME`. */
function addFacts(holder: JsonObject, list: FactList): void {
  for (const annotation of objectsField(holder, 'annotations')) {
    const comment = textField(annotation, 'comment') ?? '';
    if ((textField(annotation, 'annotator') ?? '').startsWith('Tool: trivy')) {
      const [, name, value] = /^([A-Za-z]+): (.*)$/s.exec(comment) ?? [];
      if (name !== undefined && value !== undefined) list.add(`aquasecurity:trivy:${name}`, value);
      continue;
    }
    for (const line of comment.split('\n')) {
      const [, name, value] = /^(plombe:[^=]*)=(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) list.add(name, value);
    }
  }
}

/** What tools write as free text: Plombe's and Syft's paths, Trivy's source package. */
function placesIn(info: string, list: FactList): Place[] {
  const source = /^built package from: (\S+)(?: (\S+))?$/.exec(info);
  if (source !== null) list.add('source', `${source[1] as string}@${source[2] ?? ''}`);
  if (info.startsWith('read from ')) return ownPlaces(info.slice('read from '.length));
  const paths = /^acquired package info from [^:]{1,200}: (.+)$/s.exec(info)?.[1];
  return (paths?.split(', ') ?? []).map((path) => ({ path }));
}

function ownPlaces(text: string): Place[] {
  const places: Place[] = [];
  let from = 0;
  for (const match of text.matchAll(/ \(layer (\d{1,4})\)(?:, |$)/g)) {
    places.push({ path: text.slice(from, match.index), layerIndex: Number(match[1]) });
    from = match.index + match[0].length;
  }
  return places.length === 0 && text !== '' ? [{ path: text }] : places;
}
