// SPDX licence expressions (SPDX 2.3, annex D): read by one grammar, whatever the words between the operators are.
import { exceptionIds, licenceIds } from './ids.ts';
import { remembered } from './remembered.ts';
import { replacedIds } from './replaced-ids.ts';

/** Turns what stands between operators into a licence, with its exception; undefined where it is none. */
export type ReadTerm = (text: string) => string | undefined;

// Real expressions have under 300 characters and three levels; licence texts put into the field have thousands.
const maxCharacters = 2000;
const maxDepth = 32;
const reference = /^LicenseRef-[A-Za-z0-9.-]{1,200}$/i;

/**
 * Returns the expression as the standard writes it: ids as the list spells them, operators in capitals, deprecated ids as what replaced them,
 * no brackets too many; undefined where it is not valid. Never throws; linear in its length.
 */
export function validExpression(text: string): string | undefined {
  return validExpressions(text);
}

const validExpressions = remembered((text) => read(text, listedTerm, standardSeparator));

/** One id, with `+` or an exception, as the list spells them, or a reference to a licence that is on no list. */
export function listedTerm(text: string): string | undefined {
  const [left = '', exception, ...more] = text.split(/ with /i);
  if (more.length > 0) return undefined;
  const licence = listedLicence(left);
  if (exception === undefined || licence === undefined) return licence;
  const id = exceptionIds.get(exception.toLowerCase());
  return id === undefined || licence.includes(' ') ? undefined : `${licence} WITH ${id}`;
}

function listedLicence(text: string): string | undefined {
  const id = licenceIds.get(text.toLowerCase());
  if (id !== undefined) return replacedIds.get(id) ?? id;
  if (reference.test(text)) return `LicenseRef-${text.slice('LicenseRef-'.length)}`;
  if (!text.endsWith('+')) return undefined;
  const older = licenceIds.get(text.slice(0, -1).toLowerCase());
  if (older === undefined) return undefined;
  const [, family] =
    /^((?:AGPL|GFDL|GPL|LGPL)-[\d.]+(?:-no-invariants|-invariants)?)(?:-only|-or-later)?$/.exec(older) ?? [];
  return family === undefined ? `${older}+` : `${family}-or-later`;
}

/** Joins expressions that hold together or of which one may be chosen; each once, in their order, brackets where they are needed. */
export function joinExpressions(parts: readonly string[], operator: 'AND' | 'OR'): string {
  const distinct = [...new Set(parts.flatMap((part) => outermost(part, operator)))];
  if (distinct.length < 2) return distinct[0] ?? '';
  return distinct.map((part) => (/ (?:AND|OR) /.test(part) ? `(${part})` : part)).join(` ${operator} `);
}

/** Splits a canonical expression where the operator joins it at its outermost level, and takes the brackets off the parts. */
function outermost(expression: string, operator: 'AND' | 'OR'): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: found, index } of expression.matchAll(/[()]| AND | OR /g)) {
    if (found === '(') depth += 1;
    else if (found === ')') depth -= 1;
    else if (depth > 0) continue;
    else if (found !== ` ${operator} `) return [expression];
    else {
      parts.push(expression.slice(from, index));
      from = index + found.length;
    }
  }
  parts.push(expression.slice(from));
  return parts.map((part) => (part.startsWith('(') ? part.slice(1, -1) : part));
}

/**
 * Reads `&`, `|` and commas as operators too, and the terms that `readTerm` knows. Of `A or B, and C` the comma binds last, as in Debian's
 * copyright format.
 */
export function readExpression(text: string, readTerm: ReadTerm): string | undefined {
  return read(text, readTerm, anySeparator);
}

function read(text: string, readTerm: ReadTerm, separator: RegExp): string | undefined {
  if (text.length > maxCharacters) return undefined;
  const tokens = tokensOf(text.replace(/\s+/g, ' ').trim(), separator);
  return tokens === undefined ? undefined : new Reader(tokens, readTerm).read();
}

type Token =
  | { readonly kind: 'open' | 'close' | 'and' | 'or' | 'late-and' | 'late-or' }
  | { readonly kind: 'term'; readonly text: string };

const standardSeparator = /\(|\)| (?:and|or)(?= |\(|$)/gi;
const anySeparator = /\(|\)|, ?(?:and |or )?| (?:and|or)(?= |\(|$)| ?(?:&&?|\|\|?) ?/gi;

/** Brackets behind a word are a part of its name: `GPL (>= 2)`. Undefined where one is not closed. */
function tokensOf(text: string, separator: RegExp): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let from = 0;
  const flush = (to: number): void => {
    const term = text.slice(from, to).trim();
    if (term !== '') tokens.push({ kind: 'term', text: term });
  };
  separator.lastIndex = 0;
  for (let match = separator.exec(text); match !== null; match = separator.exec(text)) {
    const [found] = match;
    if (found === '(' && text.slice(from, match.index).trim() !== '') {
      const close = text.indexOf(')', match.index);
      if (close < 0) return undefined;
      separator.lastIndex = close + 1;
      continue;
    }
    flush(match.index);
    from = match.index + found.length;
    tokens.push({ kind: kindOf(found) });
  }
  flush(text.length);
  return tokens;
}

function kindOf(found: string): Exclude<Token['kind'], 'term'> {
  if (found === '(') return 'open';
  if (found === ')') return 'close';
  const word = found.trim().toLowerCase();
  if (word.startsWith(',')) return word.endsWith('or') ? 'late-or' : 'late-and';
  return word === 'or' || word.startsWith('|') ? 'or' : 'and';
}

/** Operators from the one that binds last to the one that binds first. */
const levels = [
  ['late-or', 'late-and'],
  ['or', 'or'],
  ['and', 'and'],
] as const;

class Reader {
  readonly #tokens: readonly Token[];
  readonly #readTerm: ReadTerm;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], readTerm: ReadTerm) {
    this.#tokens = tokens;
    this.#readTerm = readTerm;
  }

  read(): string | undefined {
    const expression = this.#sequence(0);
    return this.#at === this.#tokens.length ? expression : undefined;
  }

  #sequence(level: 0 | 1 | 2): string | undefined {
    const parts: string[] = [];
    const [one, other] = levels[level];
    let joined: Token['kind'] | undefined;
    for (;;) {
      const part = level === 2 ? this.#term() : this.#sequence(level === 0 ? 1 : 2);
      if (part === undefined) return undefined;
      parts.push(part);
      const kind = this.#tokens[this.#at]?.kind;
      if (kind !== one && kind !== other) break;
      if (joined !== undefined && joined !== kind) return undefined;
      joined = kind;
      this.#at += 1;
    }
    return joinExpressions(parts, joined?.endsWith('or') === true ? 'OR' : 'AND');
  }

  #term(): string | undefined {
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'term') return this.#readTerm(token.text);
    if (token?.kind !== 'open') return undefined;
    this.#depth += 1;
    const inner = this.#depth > maxDepth ? undefined : this.#sequence(0);
    this.#depth -= 1;
    return this.#tokens[this.#at++]?.kind === 'close' ? inner : undefined;
  }
}
