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
 * Parses JSON for being written again in canonical form. Throws `NotCanonical` for what would not mean the same afterwards, an integer that a
 * double does not hold exactly or a name that is there twice, and for what is nested too deep; `SyntaxError` for what is not JSON.
 */
export function parseExact(text: string): unknown {
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
  let value: unknown;
  try {
    value = parse(text, (_, item, context) => {
      if (typeof item === 'number' && !isExact(item, context?.source ?? '')) {
        const source = context?.source?.slice(0, 40) ?? '';
        throw new NotCanonical(`the number ${source} is not held exactly; write it as text`);
      }
      return item;
    });
  } catch (thrown) {
    // The engine calls the reviver from the inside out, and its stack ends at some thousand levels.
    if (thrown instanceof RangeError) throw new NotCanonical(`nested over ${maxDepth} deep`);
    throw thrown;
  }
  const twice = repeatedName(text);
  if (twice !== undefined) throw new NotCanonical(`the name ${twice} is there twice`);
  return value;
}

/** False for an integer that readers would round: as it was written, or as its canonical form writes it (all below 1e21). */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  return Number.isSafeInteger(value) || !(/^-?\d+$/.test(source) || /^-?\d+$/.test(JSON.stringify(value)));
}

/** Returns the first name that an object of valid JSON has twice, as `JSON.parse` would keep only the last of them. (RFC 8785, 3.1) */
function repeatedName(text: string): string | undefined {
  const open: Set<string>[] = [];
  let name = '';
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token !== ':') name = token;
    else {
      const names = open.at(-1);
      const read = name.includes('\\') ? JSON.stringify(JSON.parse(name)) : name;
      if (names?.has(read) === true) return read.slice(0, 100);
      names?.add(read);
    }
  }
  return undefined;
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
