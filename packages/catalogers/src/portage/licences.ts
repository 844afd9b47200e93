// Gentoo's LICENSE (Package Manager Specification 8, 7.2 and 8.2) as SPDX expressions.
import { sortedUnique } from '@plombe/kit';

/** Files in Gentoo's `licenses` whose names are no SPDX identifiers but mean one. */
const identifiers: ReadonlyMap<string, string> = new Map([
  ['BSD', 'BSD-3-Clause'],
  ['BSD-1', 'BSD-1-Clause'],
  ['BSD-2', 'BSD-2-Clause'],
  ['BSD-4', 'BSD-4-Clause'],
  ['Boost-1.0', 'BSL-1.0'],
  ['Artistic', 'Artistic-1.0'],
  ['Artistic-2', 'Artistic-2.0'],
  ['CC0-1.0-Universal', 'CC0-1.0'],
  ['PSF-2', 'PSF-2.0'],
  ['PSF-2.4', 'PSF-2.0'],
  ['ZLIB', 'Zlib'],
  ['openssl', 'OpenSSL'],
  ['curl', 'curl'],
  ['vim', 'Vim'],
  ['Unlicense', 'Unlicense'],
]);

const gnu = /^(A?GPL|LGPL)-(\d(?:\.\d)?)(\+?)$/;
const identifierPattern =
  /^(?:MIT|ISC|0BSD|Zlib|(?:Apache|MPL|CC-BY|CC-BY-SA|EPL|EUPL)-\d\.\d|CC0-1\.0|(?:A|L)?GPL-[\d.]+-(?:only|or-later))$/;
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
  const known = identifiers.get(name);
  if (known !== undefined) return known;
  const [, family, version = '', later] = gnu.exec(name) ?? [];
  if (family !== undefined)
    return `${family}-${version.includes('.') ? version : `${version}.0`}-${later === '+' ? 'or-later' : 'only'}`;
  return identifierPattern.test(name) ? name : undefined;
}

interface Group {
  readonly operator: ' AND ' | ' OR ';
  readonly parts: string[];
}

/** `|| ( A B )` is a choice; everything else holds together. Undefined where a name has no identifier or the brackets do not fit. */
function expressionOf(words: readonly string[]): string | undefined {
  const open: Group[] = [{ operator: ' AND ', parts: [] }];
  for (const [index, word] of words.entries()) {
    const group = open.at(-1) as Group;
    if (word === '||') {
      if (words[index + 1] !== '(') return undefined;
    } else if (word === '(') {
      open.push({ operator: words[index - 1] === '||' ? ' OR ' : ' AND ', parts: [] });
    } else if (word === ')') {
      if (open.length === 1) return undefined;
      open.pop();
      const parts = [...new Set(group.parts)];
      const inner = parts.join(group.operator);
      if (parts.length > 0) open.at(-1)?.parts.push(parts.length > 1 ? `(${inner})` : inner);
    } else {
      const identifier = spdxOf(word);
      if (identifier === undefined) return undefined;
      group.parts.push(identifier);
    }
  }
  const [whole] = open;
  if (open.length > 1 || whole === undefined) return undefined;
  const parts = [...new Set(whole.parts)];
  return parts.length === 1 ? (parts[0] as string).replace(/^\((?=[^()]*\)$)|\)$/g, '') : parts.join(whole.operator);
}
