// RFC 8785: the one spelling of a JSON value.
import { isObject } from '@plombe/kit';

/** Nested deeper than this is refused: no predicate we know nests over 20, and recursion stays far from the stack's end. */
const maxDepth = 100;

/** A value without canonical form: not JSON, a lone surrogate, or nested over 100 deep. */
export class NotCanonical extends Error {}

/** Returns the canonical text of a JSON value, RFC 8785. Throws `NotCanonical` for what has none. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > maxDepth) throw new NotCanonical(`nested over ${maxDepth} deep`);
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (!isObject(value)) throw new NotCanonical('a value that JSON does not have');
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalText(key)}:${canonicalJson(value[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}

function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new NotCanonical('text with half a surrogate pair');
  return JSON.stringify(text);
}

/**
 * Parses JSON for being written again in canonical form. Throws `NotCanonical` for an integer that a double does not hold exactly, and
 * `SyntaxError` for what is not JSON: what is stored must mean what was given.
 */
export function parseExact(text: string): unknown {
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
  return parse(text, (_, value, context) => {
    const inexact = typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') && !Number.isSafeInteger(value);
    if (inexact || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new NotCanonical(`the number ${context?.source?.slice(0, 40) ?? ''} is not held exactly; write it as text`);
    }
    return value;
  });
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** Parses text that must already be canonical; undefined where it is not JSON or has another spelling. */
export function parseCanonical(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof NotCanonical) return undefined;
    throw thrown;
  }
}
