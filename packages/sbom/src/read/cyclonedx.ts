// CycloneDX as JSON, versions 1.2 to 1.7: components within components too. XML comes here in the same shape.
import { isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';
import {
  FactList,
  type ComponentKind,
  type Facts,
  type Place,
  type SbomComponent,
  type SbomDocument,
} from './document.ts';
import { cpesOf, isImagePurl, ObjectLists, optional, trimmed, versionField } from './fields.ts';
import { maxElements } from './json.ts';
import { SbomProblem } from './problems.ts';

/** The last minor version whose schema was read. */
const knownMinor = 7;

/** Reads a bill of materials. Throws SbomProblem where its version is not 1.x. */
export function readCycloneDx(bom: JsonObject): SbomDocument {
  const version = textField(bom, 'specVersion') ?? '';
  const minor = /^1\.(\d{1,2})$/.exec(version)?.[1];
  if (minor === undefined)
    throw new SbomProblem('is CycloneDX of no version that is known: specVersion must be 1.0 to 1.7');
  const lists = new ObjectLists();
  const metadata = objectField(bom, 'metadata') ?? {};
  const root = objectField(metadata, 'component');
  const components: SbomComponent[] = [];
  addComponents(bom, lists, components);
  if (root !== undefined) addComponents(root, lists, components);
  const facts = factsOf(metadata);
  return {
    format: `CycloneDX ${version}`,
    tools: toolsOf(metadata),
    ...(root === undefined ? {} : { subject: componentOf(root) }),
    components,
    facts,
    complete: !objectsField(bom, 'compositions').some(saysIncomplete),
    diagnostics: [...lists.diagnostics(), ...notesOf(bom, Number(minor))],
  };
}

/** Breadth first, so that no nesting is a depth of calls. */
function addComponents(owner: JsonObject, lists: ObjectLists, found: SbomComponent[]): void {
  const queue = [...lists.of(owner, 'components')];
  for (const component of queue) {
    if (found.length >= maxElements) throw new SbomProblem(`holds over ${maxElements} components`, true);
    found.push(componentOf(component));
    for (const inner of lists.of(component, 'components')) queue.push(inner);
  }
}

function componentOf(component: JsonObject): SbomComponent {
  const facts = factsOf(component);
  const purl = trimmed(component, 'purl');
  const scope = scopes.get(textField(component, 'scope') ?? '');
  if (scope !== undefined) facts.set('scope', [scope]);
  return {
    kind: kindOf(component, purl, facts),
    ...optional('type', textField(component, 'type')?.toLowerCase()),
    ref: textField(component, 'bom-ref') ?? '',
    ...optional('group', textField(component, 'group')),
    name: textField(component, 'name') ?? '',
    ...optional('version', versionField(component, 'version')),
    ...optional('purl', purl),
    cpes: cpesOf([textField(component, 'cpe'), ...(facts.get('plombe:cpe') ?? []), ...(facts.get('syft:cpe23') ?? [])]),
    ...optional('supplier', textField(objectField(component, 'supplier') ?? {}, 'name')),
    ...optional('description', textField(component, 'description')),
    licences: licencesOf(component),
    places: placesOf(component),
    facts,
  };
}

/** `excluded` documents what is used to build or test, and not at run time. */
const scopes: ReadonlyMap<string, string> = new Map([
  ['required', 'runtime'],
  ['optional', 'optional'],
  ['excluded', 'development'],
]);
const files: ReadonlySet<string> = new Set(['file', 'data', 'machine-learning-model', 'cryptographic-asset', 'device']);

/** Type, unless a package URL says that it is a package. */
function kindOf(component: JsonObject, purl: string | undefined, facts: Facts): ComponentKind {
  const type = textField(component, 'type') ?? '';
  if (type === 'operating-system') return 'system';
  if (type === 'container' || isImagePurl(purl)) return 'image';
  if (purl !== undefined) return 'package';
  if (files.has(type)) return 'file';
  return facts.has('aquasecurity:trivy:Class') ? 'group' : 'package';
}

function factsOf(holder: JsonObject): Map<string, string[]> {
  const list = new FactList();
  for (const property of objectsField(holder, 'properties')) {
    const name = textField(property, 'name');
    const value = textField(property, 'value');
    if (name !== undefined && value !== undefined) list.add(name, value);
  }
  return list.facts;
}

function licencesOf(component: JsonObject): string[] {
  return objectsField(component, 'licenses').flatMap((choice) => {
    const licence = objectField(choice, 'license') ?? {};
    const text = textField(choice, 'expression') ?? textField(licence, 'id') ?? textField(licence, 'name');
    return text === undefined || text.trim() === '' ? [] : [text];
  });
}

/** Occurrences; Plombe writes the layer beside them as `layer 3 sha256:…`. */
function placesOf(component: JsonObject): Place[] {
  return objectsField(objectField(component, 'evidence') ?? {}, 'occurrences').flatMap((occurrence) => {
    const path = textField(occurrence, 'location');
    if (path === undefined) return [];
    const layer = /^layer (\d{1,4})(?: (\S+))?$/.exec(textField(occurrence, 'additionalContext') ?? '');
    if (layer === null) return [{ path }];
    return [{ path, layerIndex: Number(layer[1]), ...(layer[2] === undefined ? {} : { diffID: layer[2] }) }];
  });
}

/** Until 1.4 a list of tools, since 1.5 also components and services. */
function toolsOf(metadata: JsonObject): string[] {
  const inner = objectField(metadata, 'tools');
  const tools =
    inner === undefined
      ? objectsField(metadata, 'tools')
      : ['components', 'services'].flatMap((key) => objectsField(inner, key));
  return tools.map((tool) => (textField(tool, 'name') ?? '').toLowerCase());
}

function saysIncomplete(composition: JsonObject): boolean {
  const aggregate = textField(composition, 'aggregate') ?? '';
  return aggregate.startsWith('incomplete') && textsField(composition, 'assemblies').length > 0;
}

function notesOf(bom: JsonObject, minor: number): Diagnostic[] {
  const notes: Diagnostic[] = [];
  if (minor > knownMinor) {
    const message = `The SBOM is CycloneDX 1.${minor}; what came after 1.${knownMinor} is not read.`;
    notes.push({ code: 'sbom/incomplete', level: 'error', message });
  }
  const said = bom['vulnerabilities'];
  if (Array.isArray(said) && said.some(isObject)) {
    const message = `What the SBOM says itself about vulnerabilities (${said.length}), their analysis included, was not read.`;
    notes.push({ code: 'sbom/not-read', level: 'note', message });
  }
  return notes;
}
