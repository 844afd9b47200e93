// OpenVEX 0.2.0 (https://github.com/openvex/spec), and what 0.0.x wrote as plain texts.
import { field, isObject, objectField, objectsField, textField, textsField, type JsonObject } from '@plombe/kit';
import {
  productOf,
  textOf,
  vexJustifications,
  vexStatuses,
  type VexDocument,
  type VexProduct,
  type VexStatement,
} from './statement.ts';

/** True for a document that says it is one. */
export function isOpenVex(value: JsonObject): boolean {
  return /^https:\/\/openvex\.dev\/ns(?:\/|$)/.test(textField(value, '@context') ?? '');
}

/** Returns the statements; those without a vulnerability or a known status say nothing and are left out. */
export function parseOpenVex(value: JsonObject, name: string): VexDocument {
  const issued = textField(value, 'last_updated') ?? textField(value, 'timestamp');
  const author = textOf(textField(value, 'author'));
  return {
    name,
    format: 'openvex',
    ...(author === undefined ? {} : { author }),
    statements: objectsField(value, 'statements').flatMap((statement) => statementOf(statement, issued) ?? []),
  };
}

function statementOf(statement: JsonObject, issued: string | undefined): VexStatement | undefined {
  const named = objectField(statement, 'vulnerability');
  const vulnerability = named === undefined ? textField(statement, 'vulnerability') : nameOf(named);
  const status = vexStatuses.find((word) => word === textField(statement, 'status'));
  if (vulnerability === undefined || status === undefined) return undefined;
  const justification = textField(statement, 'justification');
  const said = textOf(textField(statement, 'impact_statement') ?? textField(statement, 'status_notes'));
  const timestamp = textField(statement, 'last_updated') ?? textField(statement, 'timestamp') ?? issued;
  const parts = listOf(statement, 'subcomponents').flatMap((part) => componentOf(part, []));
  return {
    vulnerability,
    aliases: named === undefined ? [] : textsField(named, 'aliases'),
    status,
    products: listOf(statement, 'products').flatMap((product) => componentOf(product, parts)),
    ...(justification !== undefined && vexJustifications.has(justification) ? { justification } : {}),
    ...(said === undefined ? {} : { statement: said }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** The name, else the last part of the id: `https://nvd.nist.gov/vuln/detail/CVE-2024-1`. */
function nameOf(vulnerability: JsonObject): string | undefined {
  return textField(vulnerability, 'name') ?? textField(vulnerability, '@id')?.replace(/^.*\//, '');
}

function listOf(object: JsonObject, key: string): readonly unknown[] {
  const value = field(object, key);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Digests as images have them. */
const algorithms: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };

function componentOf(component: unknown, inherited: readonly VexProduct[]): VexProduct[] {
  if (typeof component === 'string') {
    return [productOf(component, { purls: [component] }, inherited.length === 0 ? {} : { parts: inherited })];
  }
  if (!isObject(component)) return [];
  const id = textField(component, '@id');
  const identifiers = objectField(component, 'identifiers') ?? {};
  const hashes = objectField(component, 'hashes') ?? {};
  const purl = textField(identifiers, 'purl');
  const cpes = ['cpe22', 'cpe23'].flatMap((key) => textField(identifiers, key) ?? []);
  const digests = Object.entries(algorithms).flatMap(([key, prefix]) => {
    const hex = textField(hashes, key);
    return hex === undefined ? [] : [`${prefix}:${hex}`];
  });
  const own = listOf(component, 'subcomponents').flatMap((part) => componentOf(part, []));
  const parts = own.length > 0 ? own : inherited;
  const purls = [id, purl].filter((text) => text !== undefined);
  return [productOf(id ?? purl ?? '', { purls, digests, cpes }, parts.length === 0 ? {} : { parts })];
}
