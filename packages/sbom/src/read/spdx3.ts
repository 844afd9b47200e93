// SPDX 3.0 as JSON-LD: a graph of elements that name each other by IRI.
import { field, isObject, listField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import { FactList, saysOwnership, type ComponentKind, type SbomComponent, type SbomDocument } from './document.ts';
import { cpesOf, isImagePurl, optional, trimmed, versionField } from './fields.ts';
import { maxElements } from './json.ts';
import { LicenceReferences } from './spdx-licence.ts';
import { counted, SbomProblem } from './problems.ts';

/** Whether a JSON object is SPDX 3: its context is SPDX's. */
export function isSpdx3(document: JsonObject): boolean {
  const context = field(document, '@context');
  const contexts = Array.isArray(context) ? (context as readonly unknown[]) : [context];
  return contexts.some((one) => typeof one === 'string' && /^https:\/\/spdx\.org\/rdf\/3\.\d/.test(one));
}

/** Reads a graph, or one element without a graph. Throws SbomProblem where its version is not 3.x. */
export function readSpdx3(document: JsonObject): SbomDocument {
  const entries = field(document, '@graph') === undefined ? [document] : listField(document, '@graph');
  const elements = entries.filter(isObject);
  if (elements.length > maxElements * 4) throw new SbomProblem(`holds over ${maxElements * 4} elements`, true);
  const version =
    elements.map((element) => textField(element, 'specVersion')).find((text) => text !== undefined) ?? '3.0';
  if (!/^3\.\d/.test(version)) throw new SbomProblem('is SPDX of no version that is known: 2.x and 3.0 are read');
  const graph = new Graph(elements);
  const components = elements.filter(isPackage).map((element) => graph.componentOf(element));
  const roots = new Set(elements.filter(isDocument).flatMap((element) => textsField(element, 'rootElement')));
  // The root of a document may be its bill of materials, whose root is what it is about.
  const subject = components.find(({ ref, kind }) => kind === 'image' && roots.has(ref)) ?? onlyRoot(components, roots);
  const wrong = entries.length - elements.length;
  const message = `${counted(wrong, 'value')} in "@graph" cannot be read: objects are expected.`;
  return {
    format: `SPDX-${version}`,
    tools: elements
      .filter((element) => typeOf(element) === 'Tool')
      .map((tool) => (textField(tool, 'name') ?? '').toLowerCase().replace(/-v?[\d.]+$/, '')),
    ...(subject === undefined ? {} : { subject }),
    components: components.filter((component) => component !== subject),
    facts: new Map(),
    complete: !elements.some(
      (element) =>
        textField(element, 'completeness') === 'incomplete' && textField(element, 'relationshipType') === 'contains',
    ),
    diagnostics: wrong > 0 ? [{ code: 'sbom/malformed', level: 'error', message }] : [],
  };
}

function onlyRoot(components: readonly SbomComponent[], roots: ReadonlySet<string>): SbomComponent | undefined {
  const found = components.filter(({ ref }) => roots.has(ref));
  return found.length === 1 ? found[0] : undefined;
}

/** `type`, as the context abbreviates it, or `@type` with a whole IRI. */
function typeOf(element: JsonObject): string {
  const type = textField(element, 'type') ?? textField(element, '@type') ?? '';
  const match = /^https:\/\/spdx\.org\/rdf\/3\.\d(?:\.\d)?\/terms\/(\w+)\/(\w+)$/.exec(type);
  if (match === null) return type;
  return match[1] === 'Core' ? (match[2] as string) : `${(match[1] as string).toLowerCase()}_${match[2] as string}`;
}

function isPackage(element: JsonObject): boolean {
  const type = typeOf(element);
  return type === 'software_Package' || type === 'ai_AIPackage' || type === 'dataset_DatasetPackage';
}

function isDocument(element: JsonObject): boolean {
  const type = typeOf(element);
  return type === 'SpdxDocument' || type === 'software_Sbom' || type === 'Bom';
}

function idOf(element: JsonObject): string {
  return textField(element, 'spdxId') ?? textField(element, '@id') ?? '';
}

/** The elements by id, and what relationships and annotations say of a package. */
class Graph {
  readonly #names = new Map<string, string>();
  readonly #expressions = new Map<string, string>();
  readonly #licences = new Map<string, string[]>();
  readonly #annotations = new Map<string, string[]>();
  readonly #owners = new Map<string, string>();

  constructor(elements: readonly JsonObject[]) {
    for (const element of elements) {
      const id = idOf(element);
      const name = textField(element, 'name');
      if (name !== undefined) this.#names.set(id, name);
      const expression = textField(element, 'simplelicensing_licenseExpression');
      if (expression !== undefined) this.#expressions.set(id, expression);
    }
    for (const element of elements) {
      const relation = textField(element, 'relationshipType');
      if (relation === 'hasDeclaredLicense' || relation === 'hasConcludedLicense') this.#license(element, relation);
      if (relation === 'other' && saysOwnership(textField(element, 'comment'))) this.#own(element);
      const subject = textField(element, 'subject');
      const statement = textField(element, 'statement');
      if (subject !== undefined && statement !== undefined) append(this.#annotations, subject, statement);
    }
  }

  componentOf(element: JsonObject): SbomComponent {
    const ref = idOf(element);
    const list = new FactList();
    for (const statement of this.#annotations.get(ref) ?? []) addFacts(statement, list);
    const purl = purlOf(element);
    const source = /^built package from: (\S+)(?: (\S+))?$/.exec(textField(element, 'software_sourceInfo') ?? '');
    if (source !== null) list.add('source', `${source[1] as string}@${source[2] ?? ''}`);
    const supplier = this.#names.get(textField(element, 'suppliedBy') ?? '');
    return {
      kind: kindOf(element, purl, list),
      ...optional('type', textField(element, 'software_primaryPurpose')?.toLowerCase()),
      ref,
      ...optional('owner', this.#owners.get(ref)),
      name: textField(element, 'name') ?? '',
      ...optional('version', versionField(element, 'software_packageVersion')),
      ...optional('purl', purl),
      cpes: cpesOf(identifiers(element, 'cpe23')),
      ...optional('supplier', supplier),
      ...optional('description', textField(element, 'summary')),
      licences: this.#licencesOf(ref),
      places: [],
      facts: list.facts,
    };
  }

  #own(relation: JsonObject): void {
    const owner = textField(relation, 'from');
    if (owner !== undefined) for (const id of targetsOf(relation)) this.#owners.set(id, owner);
  }

  #license(relation: JsonObject, type: string): void {
    const key = `${type} ${textField(relation, 'from') ?? ''}`;
    for (const id of targetsOf(relation)) {
      const text =
        this.#expressions.get(id) ??
        /^https?:\/\/spdx\.org\/licenses\/([\w.+-]+)$/.exec(id)?.[1] ??
        this.#names.get(id);
      if (text !== undefined) append(this.#licences, key, text);
    }
  }

  #licencesOf(ref: string): string[] {
    const declared =
      this.#licences.get(`hasDeclaredLicense ${ref}`) ?? this.#licences.get(`hasConcludedLicense ${ref}`) ?? [];
    const references = new LicenceReferences([]);
    return declared.filter((text) => text !== 'NOASSERTION' && text !== 'NONE').flatMap((text) => references.of(text));
  }
}

/** JSON-LD writes a list of one as itself. */
function targetsOf(relation: JsonObject): readonly string[] {
  const to = field(relation, 'to');
  return typeof to === 'string' ? [to] : textsField(relation, 'to');
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** `software_packageUrl`, else an external identifier of type `packageUrl`. */
function purlOf(element: JsonObject): string | undefined {
  return trimmed(element, 'software_packageUrl') ?? identifiers(element, 'packageUrl')[0];
}

function identifiers(element: JsonObject, type: string): string[] {
  const found = objectsField(element, 'externalIdentifier').filter(
    (one) => textField(one, 'externalIdentifierType') === type,
  );
  return found.flatMap((one) => trimmed(one, 'identifier') ?? []);
}

const files: ReadonlySet<string> = new Set(['file', 'archive', 'data', 'device', 'model']);

function kindOf(element: JsonObject, purl: string | undefined, { facts }: FactList): ComponentKind {
  const purpose = textField(element, 'software_primaryPurpose') ?? '';
  if (purpose === 'operatingSystem') return 'system';
  if (purpose === 'container' || isImagePurl(purl)) return 'image';
  if (purl !== undefined) return 'package';
  if (files.has(purpose) || typeOf(element) !== 'software_Package') return 'file';
  return facts.has('aquasecurity:trivy:Class') ? 'group' : 'package';
}

/** Statements as SPDX 2's annotations write them: Plombe's lines, Trivy's `NAME: VALUE`. */
function addFacts(statement: string, list: FactList): void {
  const trivy =
    /^(LayerDiffID|LayerDigest|DiffID|ImageID|RepoDigest|RepoTag|Class|Type|FilePath|Modularitylabel): (.*)$/s.exec(
      statement,
    );
  if (trivy !== null) list.add(`aquasecurity:trivy:${trivy[1] as string}`, trivy[2] as string);
  for (const line of statement.split('\n')) {
    const match = /^(plombe:[^=]*)=(.*)$/.exec(line);
    if (match !== null) list.add(match[1] as string, match[2] as string);
  }
}
