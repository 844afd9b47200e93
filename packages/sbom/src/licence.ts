// Declared licences: SPDX expressions where they are valid ones, else names.
import { exceptionIds, licenceIds } from './spdx-ids.ts';

/** A declared licence: one id of the SPDX list, a valid expression of several, or text that is neither. */
export type DeclaredLicence =
  | { readonly kind: 'id'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string };

// Real expressions have under 300 characters and three levels; licence texts put into the field have thousands.
const maxExpressionCharacters = 2000;
const maxDepth = 32;

/** Tells what a declared licence is; ids are given as the list spells them (SPDX 2.3, annex D). */
export function readLicence(text: string): DeclaredLicence {
  const id = licenceIds.get(text.trim().toLowerCase());
  if (id !== undefined) return { kind: 'id', text: id };
  const expression = text.length > maxExpressionCharacters ? undefined : new ExpressionReader(text).read();
  return expression === undefined ? { kind: 'name', text } : { kind: 'expression', text: expression };
}

/** Reads `or := and {OR and}`, `and := term {AND term}`, `term := ( or ) | licence[+] [WITH exception]`. */
class ExpressionReader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  }

  read(): string | undefined {
    const expression = this.#sequence('OR');
    return this.#at === this.#tokens.length ? expression : undefined;
  }

  #sequence(operator: 'OR' | 'AND'): string | undefined {
    const parts: string[] = [];
    do {
      const part = operator === 'OR' ? this.#sequence('AND') : this.#term();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.#take(operator));
    return parts.join(` ${operator} `);
  }

  #term(): string | undefined {
    if (this.#take('(')) {
      this.#depth += 1;
      const inner = this.#depth > maxDepth ? undefined : this.#sequence('OR');
      this.#depth -= 1;
      return inner !== undefined && this.#take(')') ? `(${inner})` : undefined;
    }
    const licence = licenceOf(this.#tokens[this.#at++] ?? '');
    if (licence === undefined || !this.#take('WITH')) return licence;
    const exception = exceptionIds.get(this.#tokens[this.#at++]?.toLowerCase() ?? '');
    return exception === undefined ? undefined : `${licence} WITH ${exception}`;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }
}

function licenceOf(token: string): string | undefined {
  const id = licenceIds.get(token.toLowerCase());
  if (id !== undefined) return id;
  const older = token.endsWith('+') ? licenceIds.get(token.slice(0, -1).toLowerCase()) : undefined;
  return older === undefined ? undefined : `${older}+`;
}
