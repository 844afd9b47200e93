// Where an approval holds: the fields of a deployment that it names; what it does not name, it does not limit.
import { isObject } from '@plombe/kit';

/** The fields, in the order they are written. Policies select by the same. */
export const scopeFields = ['environment', 'cluster', 'namespace', 'subscription'] as const;

/** Every field given must be that of the deployment. Empty: everywhere. */
export type ApprovalScope = Readonly<Partial<Record<(typeof scopeFields)[number], string>>>;

/** A name of an environment, cluster, namespace or subscription: printable, without the marks of the written form. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;

/** Reads a scope as people write it: `environment=production,cluster=eu`, or one word for the environment, or `*` for everywhere. */
export function parseScope(text: string): ApprovalScope | undefined {
  if (text === '*') return {};
  const scope: Record<string, string> = {};
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const [name, value] = equals < 0 ? ['environment', part] : [part.slice(0, equals), part.slice(equals + 1)];
    if (!isField(name) || Object.hasOwn(scope, name) || !namePattern.test(value)) return undefined;
    scope[name] = value;
  }
  return ordered(scope);
}

/** Writes a scope as `parseScope` reads it. */
export function formatScope(scope: ApprovalScope): string {
  const parts = scopeFields.flatMap((name) => (scope[name] === undefined ? [] : [`${name}=${scope[name]}`]));
  return parts.length === 0 ? '*' : parts.join(',');
}

/** Reads the scope of a predicate; undefined where it names a field that is not known: what is not understood cannot be kept within. */
export function readScope(value: unknown): ApprovalScope | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const known = entries.every(([name, text]) => isField(name) && typeof text === 'string' && namePattern.test(text));
  return known ? ordered(value as Record<string, string>) : undefined;
}

function isField(name: string): boolean {
  return (scopeFields as readonly string[]).includes(name);
}

function ordered(scope: Readonly<Record<string, string>>): ApprovalScope {
  return Object.fromEntries(scopeFields.flatMap((name) => (Object.hasOwn(scope, name) ? [[name, scope[name]]] : [])));
}

/** True where `outer` holds everywhere that `inner` does: an approval may narrow its request, never widen it. */
export function covers(outer: ApprovalScope, inner: ApprovalScope): boolean {
  return scopeFields.every((name) => outer[name] === undefined || outer[name] === inner[name]);
}
