// Gentoo's LICENSE (Package Manager Specification 8, 7.2 and 8.2) as SPDX expressions.
import { joinExpressions, licenceExpression, type OwnNames, sortedUnique } from '@plombe/kit';

/** Files in Gentoo's `licenses` whose names mean something else, or nothing, elsewhere. */
const identifiers: OwnNames = new Map([
  ['BSD', 'BSD-3-Clause'],
  ['Artistic', 'Artistic-1.0'],
  ['PSF-2.4', 'PSF-2.0'],
]);

const maxLength = 100;
/** 100 words are in the longest LICENSE of Gentoo's repository. */
const maxWords = 400;

/**
 * Returns the licences of a LICENSE as it is after USE conditions were evaluated, as in the database of installed packages: one expression
 * where all its names have an SPDX identifier, else the names, as identifiers where they have one, sorted.
 */
export function licencesOf(text: string): readonly string[] {
  const words = text.split(/\s+/).filter(Boolean).slice(0, maxWords);
  if (words.some((word) => word.length > maxLength)) return [];
  const expression = expressionOf(words);
  if (expression !== undefined) return expression === '' ? [] : [expression];
  const names = words.filter((word) => !/^(?:\|\||[()]|.*\?)$/.test(word));
  return sortedUnique(names.map((name) => spdxOf(name) ?? name));
}

function spdxOf(name: string): string | undefined {
  return licenceExpression(name, identifiers);
}

interface Group {
  readonly operator: 'AND' | 'OR';
  readonly parts: string[];
}

/** `|| ( A B )` is a choice; everything else holds together. Undefined where a name has no identifier or the brackets do not fit. */
function expressionOf(words: readonly string[]): string | undefined {
  const open: Group[] = [{ operator: 'AND', parts: [] }];
  for (const [index, word] of words.entries()) {
    const group = open.at(-1) as Group;
    if (word === '||') {
      if (words[index + 1] !== '(') return undefined;
    } else if (word === '(') {
      open.push({ operator: words[index - 1] === '||' ? 'OR' : 'AND', parts: [] });
    } else if (word === ')') {
      if (open.length === 1) return undefined;
      open.pop();
      if (group.parts.length > 0) open.at(-1)?.parts.push(joinExpressions(group.parts, group.operator));
    } else {
      const identifier = spdxOf(word);
      if (identifier === undefined) return undefined;
      group.parts.push(identifier);
    }
  }
  const [whole] = open;
  if (open.length > 1 || whole === undefined) return undefined;
  return joinExpressions(whole.parts, whole.operator);
}
