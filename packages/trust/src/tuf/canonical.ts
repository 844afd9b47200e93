// OLPC canonical JSON, the spelling that TUF metadata is signed in (TUF specification 1.0, section 4.2).
import { isObject } from '@plombe/kit';
import { malformed } from '../parse/refused.ts';

/** TUF metadata nests 6 deep; recursion stays far from the stack's end (T46). */
const maxDepth = 32;

/** Returns the bytes that a signature over `value` covers. Refuses as malformed what has none: fractions, lone surrogates, deep nesting. */
export function olpcBytes(value: unknown): Uint8Array {
  return Buffer.from(olpcText(value, 0));
}

function olpcText(value: unknown, depth: number): string {
  if (depth > maxDepth) malformed(`metadata nests over ${maxDepth} deep`);
  if (typeof value === 'string') return quoted(value);
  if (Number.isSafeInteger(value) || value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => olpcText(item, depth + 1)).join(',')}]`;
  if (!isObject(value)) malformed('metadata holds a number that is no exact integer');
  const members = Object.entries(value)
    .map(([key, item]) => [Buffer.from(wellFormed(key)), `${quoted(key)}:${olpcText(item, depth + 1)}`] as const)
    .sort(([a], [b]) => Buffer.compare(a, b));
  return `{${members.map(([, text]) => text).join(',')}}`;
}

/** Only quotation mark and backslash are escaped; all else stands for itself. */
function quoted(text: string): string {
  return `"${wellFormed(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Two texts with different halves of surrogate pairs would have the same bytes. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : malformed('metadata holds half a surrogate pair');
}
