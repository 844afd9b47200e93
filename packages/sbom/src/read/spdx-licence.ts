// Licence expressions of SPDX as a list of what holds together, with the names behind the document's own references.
import { textField, type JsonObject } from '@plombe/kit';

/** Longer texts are the licence itself, not its name. */
const maxNameLength = 200;

/** The licences that a document defines itself, by their ids. */
export class LicenceReferences {
  readonly #names = new Map<string, string>();

  constructor(extracted: readonly JsonObject[]) {
    for (const licence of extracted) {
      const id = textField(licence, 'licenseId');
      const text = textField(licence, 'extractedText');
      const isName = text !== undefined && text.length <= maxNameLength && !text.includes('\n');
      const name = id?.startsWith('LicenseRef-plombe-') === true && isName ? text : textField(licence, 'name');
      if (id !== undefined && name !== undefined && name !== 'NOASSERTION') this.#names.set(id, name);
    }
  }

  /** Splits `A AND (B OR C)` where it is joined at the outermost level; a reference alone becomes its name. */
  of(expression: string | undefined): string[] {
    if (expression === undefined) return [];
    return outermost(expression).map((part) => this.#names.get(part) ?? part);
  }
}

function outermost(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const match of expression.matchAll(/[()]| AND | OR /gi)) {
    if (match[0] === '(') depth += 1;
    else if (match[0] === ')') depth -= 1;
    else if (depth === 0 && match[0].toUpperCase() === ' OR ') return [expression];
    else if (depth === 0) {
      parts.push(expression.slice(from, match.index));
      from = match.index + match[0].length;
    }
  }
  parts.push(expression.slice(from));
  return parts.map(bare).filter((part) => part !== '');
}

/** Takes off brackets around all of it. */
function bare(part: string): string {
  const text = part.trim();
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let at = 0; at < text.length - 1; at++) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return text;
  }
  return text.slice(1, -1).trim();
}
