// VEX in CycloneDX 1.4 and later (ECMA-424): `vulnerabilities` with an analysis, beside the components or pointing at those of another document.
import { isObject, field, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import {
  productOf,
  textOf,
  type VexDocument,
  type VexProduct,
  type VexStatement,
  type VexStatus,
} from './statement.ts';

/** True for a document that says it is one. */
export function isCycloneDx(value: JsonObject): boolean {
  return textField(value, 'bomFormat') === 'CycloneDX';
}

const statuses: Readonly<Record<string, VexStatus>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

/** The words of OpenVEX for those of CycloneDX, where there is one. */
const justifications: Readonly<Record<string, string>> = {
  code_not_present: 'vulnerable_code_not_present',
  code_not_reachable: 'vulnerable_code_not_in_execute_path',
  protected_by_compiler: 'inline_mitigations_already_exist',
  protected_at_runtime: 'inline_mitigations_already_exist',
  protected_at_perimeter: 'inline_mitigations_already_exist',
  protected_by_mitigating_control: 'inline_mitigations_already_exist',
};

/** Components nest; deeper than this is no document of a tool. */
const maxDepth = 64;

/** Returns the statements: vulnerabilities without an analysis say nothing of their effect and are left out. */
export function parseCycloneDxVex(value: JsonObject, name: string): VexDocument {
  const metadata = objectField(value, 'metadata') ?? {};
  const author = authorOf(metadata);
  const issued = textField(metadata, 'timestamp');
  const components = new Map<string, JsonObject>();
  const subject = objectField(metadata, 'component');
  if (subject !== undefined) collect([subject], components, 0);
  collect(objectsField(value, 'components'), components, 0);
  return {
    name,
    format: 'cyclonedx',
    ...(author === undefined ? {} : { author }),
    statements: objectsField(value, 'vulnerabilities').flatMap((one) => statementOf(one, components, issued) ?? []),
  };
}

function collect(list: readonly JsonObject[], into: Map<string, JsonObject>, depth: number): void {
  if (depth > maxDepth) return;
  for (const component of list) {
    const ref = textField(component, 'bom-ref');
    if (ref !== undefined && !into.has(ref)) into.set(ref, component);
    collect(objectsField(component, 'components'), into, depth + 1);
  }
}

function authorOf(metadata: JsonObject): string | undefined {
  const [first] = objectsField(metadata, 'authors');
  const named = first ?? objectField(metadata, 'supplier') ?? objectField(metadata, 'manufacturer');
  return named === undefined ? undefined : textOf(textField(named, 'name'));
}

function statementOf(
  vulnerability: JsonObject,
  components: ReadonlyMap<string, JsonObject>,
  issued: string | undefined,
): VexStatement | undefined {
  const id = textField(vulnerability, 'id');
  const analysis = objectField(vulnerability, 'analysis');
  const status = statuses[analysis === undefined ? '' : (textField(analysis, 'state') ?? '')];
  if (id === undefined || analysis === undefined || status === undefined) return undefined;
  const said = textField(analysis, 'justification');
  const justification = said === undefined ? undefined : justifications[said];
  const words = [justification === undefined ? said?.replaceAll('_', ' ') : undefined, textField(analysis, 'detail')];
  const statement = textOf(words.filter((text) => text !== undefined).join(': '));
  const timestamp = textField(analysis, 'lastUpdated') ?? textField(vulnerability, 'updated') ?? issued;
  return {
    vulnerability: id,
    aliases: objectsField(vulnerability, 'references').flatMap((reference) => textField(reference, 'id') ?? []),
    status,
    products: objectsField(vulnerability, 'affects').flatMap((affected) => productsOf(affected, components)),
    ...(justification === undefined ? {} : { justification }),
    ...(statement === undefined ? {} : { statement }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** A reference in this document, or a BOM-Link to another one's, whose references are package URLs with most tools. */
function productsOf(affected: JsonObject, components: ReadonlyMap<string, JsonObject>): VexProduct[] {
  const ref = textField(affected, 'ref') ?? '';
  const component = components.get(ref);
  const versions = versionsOf(affected);
  if (versions?.length === 0) return [];
  const more = versions === undefined ? {} : { versions };
  if (component === undefined) return [productOf(ref, { purls: [linked(ref)] }, more)];
  const purl = textField(component, 'purl');
  const digests = objectsField(component, 'hashes').flatMap((hash) => {
    const [algorithm, hex] = [textField(hash, 'alg'), textField(hash, 'content')];
    return algorithm === 'SHA-256' && hex !== undefined ? [`sha256:${hex}`] : [];
  });
  const version = textField(component, 'version');
  const label = [textField(component, 'name') ?? ref, version].filter((text) => text !== undefined).join('@');
  return [productOf(purl ?? label, { purls: [purl ?? linked(ref)], digests }, more)];
}

/** Undefined where all count. Ranges (`vers:…`) cannot be told apart from versions that they leave out, so none of them does. */
function versionsOf(affected: JsonObject): readonly string[] | undefined {
  const list = field(affected, 'versions');
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return (list as readonly unknown[]).filter(isObject).flatMap((entry) => textField(entry, 'version') ?? []);
}

function linked(ref: string): string {
  const fragment = /^urn:cdx:[^#]+#(.+)$/s.exec(ref)?.[1] ?? ref;
  try {
    return fragment.startsWith('pkg:') ? fragment : decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
