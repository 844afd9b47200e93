// The licence of a formula (Homebrew's "License Guidelines"): a line of Ruby, or several up to the bracket that closes, read and never run.
import { joinExpressions, licenceExpression } from '@plombe/kit';
import type { Distiller } from '../cataloger.ts';
import { lineDistiller } from '../lines.ts';

/** The longest in homebrew-core has 17 lines. */
const maxLines = 60;
const maxDepth = 8;

/** Keeps the lines of the licence; what follows it is not looked at. */
export function licenceDistiller(): Distiller {
  let depth = 0;
  let lines = 0;
  return lineDistiller((line) => {
    if (lines === 0 && !/^ {2}license[ (]/.test(line)) return undefined;
    if (lines > 0 && (depth <= 0 || lines >= maxLines)) return false;
    lines += 1;
    const code = line.replace(/(?:^|\s)#.*$/, '');
    for (const character of code) {
      if (character === '[' || character === '{' || character === '(') depth += 1;
      else if (character === ']' || character === '}' || character === ')') depth -= 1;
    }
    return code;
  });
}

const token = /"([^"\\]{1,100})"|(any_of|all_of|one_of|with):|:([a-z_]{1,40})|=>|[[\]{},()]/g;

/**
 * Returns the licences of `license "MIT"`, `"X" => { with: "Y" }`, `any_of: […]` and `all_of: […]` within each other: an expression, or text as
 * Homebrew writes it (`:public_domain`); empty where it is written otherwise.
 */
export function licencesOf(text: string): readonly string[] {
  const tokens = [...text.replace(/^ {2}license/, '').matchAll(token)].slice(0, 400);
  let at = 0;
  const take = (sign: string): boolean => {
    if (tokens[at]?.[0] !== sign) return false;
    at += 1;
    return true;
  };
  const value = (depth: number): string | undefined => {
    const [, name, key, symbol] = tokens[at++] ?? [];
    if (symbol !== undefined) return symbol;
    if (name !== undefined) {
      if (!take('=>')) return name;
      const exception = take('{') && take('with:') ? tokens[at++]?.[1] : undefined;
      return exception !== undefined && take('}') ? `${name} WITH ${exception}` : undefined;
    }
    return key === undefined || key === 'with' || !take('[') || depth > maxDepth ? undefined : group(key, depth);
  };
  const group = (key: string, depth: number): string | undefined => {
    const parts: string[] = [];
    while (!take(']')) {
      const isBraced = take('{');
      const part = value(depth + 1);
      if (part === undefined || (isBraced && !take('}'))) return undefined;
      parts.push(part);
      take(',');
    }
    const read = parts.map((part) => licenceExpression(part) ?? part);
    return read.length === 0 ? undefined : joinExpressions(read, key === 'all_of' ? 'AND' : 'OR');
  };
  const isBracketed = take('(');
  const read = value(0);
  if (isBracketed) take(')');
  return read === undefined || at < tokens.length ? [] : [licenceExpression(read) ?? read];
}
