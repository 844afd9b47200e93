// Functions of text: the standard ones and the extension `strings`. Positions count code points.
import type { Budget } from './budget.ts';
import { codePoints } from './conversions.ts';
import { binary, unary, type CelFunction, type FunctionGroup } from './function.ts';
import { compileRegex, RegexError } from './regex/regex.ts';
import { CelError, isList, type CelValue } from './value.ts';

/** Tells whether the text holds a match. */
export type Matcher = (text: string, budget: Budget) => boolean;

/** Returns a matcher in linear time of a pattern in RE2's syntax, or an error where it is none. (T18) */
export function compilePattern(pattern: string): Matcher | CelError {
  try {
    return compileRegex(pattern);
  } catch (thrown) {
    if (thrown instanceof RegexError) return new CelError(`the pattern is wrong: ${thrown.message}`);
    throw thrown;
  }
}

function ofText(compute: (text: string, budget: Budget) => CelValue): CelFunction {
  return unary((text, budget) => {
    if (typeof text !== 'string') return undefined;
    budget.spendText(text.length);
    return compute(text, budget);
  });
}

function ofTexts(compute: (text: string, other: string, budget: Budget) => CelValue): CelFunction {
  return binary((text, other, budget) => {
    if (typeof text !== 'string' || typeof other !== 'string') return undefined;
    budget.spendText(text.length + other.length);
    return compute(text, other, budget);
  });
}

const matches = ofTexts((text, pattern, budget) => {
  budget.spend(pattern.length);
  const matcher = compilePattern(pattern);
  return matcher instanceof CelError ? matcher : matcher(text, budget);
});

const outOfRange = new CelError('index out of range');

/** A position as a number, or undefined where it is no int between 0 and `most`. */
function position(value: CelValue | undefined, most: number): number | CelError | undefined {
  if (typeof value !== 'bigint') return undefined;
  return value < 0n || value > BigInt(most) ? outOfRange : Number(value);
}

/** A search looks at each pair of positions at worst; below 64 characters it is as fast as what is paid for reading the text. */
function spendSearch(text: string, wanted: string, budget: Budget): void {
  if (wanted.length <= text.length) budget.spendText(text.length * (wanted.length >>> 6));
}

function search(last: boolean): CelFunction {
  return {
    parameters: [2, 3],
    call([text, wanted, from], budget) {
      if (typeof text !== 'string' || typeof wanted !== 'string') return undefined;
      budget.spend(text.length >>> 1);
      spendSearch(text, wanted, budget);
      const points = Array.from(text);
      let start = last ? points.length : 0;
      if (from !== undefined) {
        const given = position(from, points.length);
        if (typeof given !== 'number') return given;
        start = given;
      }
      const unit = points.slice(0, start).join('').length;
      const found = last ? text.lastIndexOf(wanted, unit) : text.indexOf(wanted, unit);
      return found < 0 ? -1n : BigInt(codePoints(text.slice(0, found)));
    },
  };
}

/** Changes ASCII letters only. */
function ascii(pattern: RegExp, change: (text: string) => string): CelFunction {
  return ofText((text) => text.replace(pattern, change));
}

/** White space as Unicode has it; JavaScript's `trim` also takes U+FEFF and leaves U+0085. */
const blank = '[\\p{White_Space}]';
const leading = new RegExp(`^${blank}+`, 'u');

function trimmed(text: string): string {
  const points = Array.from(text.replace(leading, ''));
  let end = points.length;
  while (end > 0 && /^\p{White_Space}$/u.test(points[end - 1] ?? '')) end--;
  return points.slice(0, end).join('');
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

export const stringFunctions: FunctionGroup = {
  '.contains': ofTexts((text, other, budget) => {
    spendSearch(text, other, budget);
    return text.includes(other);
  }),
  '.startsWith': ofTexts((text, other) => text.startsWith(other)),
  '.endsWith': ofTexts((text, other) => text.endsWith(other)),
  matches,
  '.matches': matches,
  '.charAt': binary((text, index, budget) => {
    if (typeof text !== 'string') return undefined;
    budget.spend(1 + (text.length >>> 1));
    const points = Array.from(text);
    const at = position(index, points.length);
    return typeof at === 'number' ? (points[at] ?? '') : at;
  }),
  '.indexOf': search(false),
  '.lastIndexOf': search(true),
  '.lowerAscii': ascii(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  '.upperAscii': ascii(/[a-z]+/g, (letters) => letters.toUpperCase()),
  '.trim': ofText(trimmed),
  '.reverse': unary((value, budget) => {
    if (typeof value === 'string') {
      budget.spend(1 + (value.length >>> 1));
      return Array.from(value).toReversed().join('');
    }
    if (!isList(value)) return undefined;
    budget.spend(value.length);
    return value.toReversed();
  }),
  'strings.quote': ofText(
    (text) => `"${text.toWellFormed().replace(/[\u0007\b\f\n\r\t\v\\"]/g, (c) => escapes[c] ?? c)}"`,
  ),
  '.replace': {
    parameters: [3, 4],
    call([text, from, to, limit], budget) {
      if (typeof text !== 'string' || typeof from !== 'string' || typeof to !== 'string') return undefined;
      if (limit !== undefined && typeof limit !== 'bigint') return undefined;
      budget.spend(text.length >>> 1);
      spendSearch(text, from, budget);
      const pieces = splitText(text, from, limit === undefined || limit < 0n ? Infinity : Number(limit) + 1);
      budget.spendText(text.length + pieces.length * (to.length + 16));
      return pieces.join(to);
    },
  },
  '.split': {
    parameters: [2, 3],
    call([text, separator, limit], budget) {
      if (typeof text !== 'string' || typeof separator !== 'string') return undefined;
      if (limit !== undefined && typeof limit !== 'bigint') return undefined;
      budget.spend(1 + text.length);
      spendSearch(text, separator, budget);
      if (limit === 0n) return [];
      return splitText(text, separator, limit === undefined || limit < 0n ? Infinity : Number(limit));
    },
  },
  '.substring': {
    parameters: [2, 3],
    call([text, from, to], budget) {
      if (typeof text !== 'string') return undefined;
      budget.spend(1 + (text.length >>> 1));
      const points = Array.from(text);
      const start = position(from, points.length);
      if (typeof start !== 'number') return start;
      const end = to === undefined ? points.length : position(to, points.length);
      if (typeof end !== 'number') return end;
      return end < start ? outOfRange : points.slice(start, end).join('');
    },
  },
  '.join': {
    parameters: [1, 2],
    call([list, separator = ''], budget) {
      if (list === undefined || !isList(list) || typeof separator !== 'string') return undefined;
      budget.spend(list.length);
      if (!list.every((item) => typeof item === 'string')) return undefined;
      budget.spendText(list.reduce((sum, item) => sum + item.length + separator.length, 0));
      return list.join(separator);
    },
  },
};

/** Splits into at most `most` pieces; an empty separator splits between code points. */
function splitText(text: string, separator: string, most: number): string[] {
  const all = separator === '' ? Array.from(text) : text.split(separator);
  if (all.length <= most) return all;
  return [...all.slice(0, most - 1), all.slice(most - 1).join(separator)];
}
