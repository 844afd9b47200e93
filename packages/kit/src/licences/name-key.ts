// Names of licences made comparable: the words that tell licences apart, without those that come with each of them.

const fillers = new Set([
  '',
  'the',
  'a',
  'license',
  'licenses',
  'licensed',
  'under',
  'terms',
  'of',
  'software',
  'version',
  'ver',
  'v',
  'gnu',
  'open',
  'source',
  'osi',
  'approved',
  '-',
  '&',
]);
const phrases: readonly (readonly [RegExp, string])[] = [
  [/\b(?:library or lesser|lesser|library) general public\b/g, 'lgpl'],
  [/\baffero general public\b/g, 'agpl'],
  [/\bgeneral public\b/g, 'gpl'],
  [/\bfree documentation\b/g, 'gfdl'],
];
const later =
  /,? \(?(?:or|and) (?:\(?at your option\)? )?(?:any )?(?:later|newer|above|greater|higher)(?: version)?s?\)?/g;

/**
 * Returns the words of a name, one space between them: `Apache License, Version 2.0` and `apache-2` are `apache 2`; `or later` is a `+` at the
 * version. Linear in the name, which is cut at 300 characters.
 */
export function nameKey(name: string): string {
  const text = name
    .slice(0, 300)
    .toLowerCase()
    .replaceAll('licence', 'license')
    .replace(/["'\u2018\u2019\u201c\u201d]/g, '')
    .replace(/\s+/g, ' ')
    .replace(later, '+')
    .replace(/-or-later\b/g, '+')
    .replace(/>= ?v?(\d[\d.]{0,8})/g, '$1+')
    .replace(/== ?v?(?=\d)/g, '');
  const words = text
    .split(/[\s,:;()[\]{}_/-]+/)
    .flatMap(wordsOf)
    .filter((word) => !fillers.has(word));
  let key = words.join(' ');
  for (const [pattern, replacement] of phrases) key = key.replace(pattern, replacement);
  return key;
}

/** `gplv3+` is `gpl` and `3+`; `2.0` is `2`. */
function wordsOf(text: string): readonly string[] {
  const word = text.replace(/^v(?=[.\d])/, '').replace(/^\.|\.$/g, '');
  const [, letters, number] = /^([a-z]{2,20}?)v?(\d[\d.]{0,8}\+?)$/.exec(word) ?? [];
  return letters === undefined || number === undefined ? [shortNumber(word)] : [letters, shortNumber(number)];
}

function shortNumber(word: string): string {
  const [, number, plus] = /^(\d{1,4}(?:\.[1-9]\d{0,3})?)(?:\.0){0,2}(\+?)$/.exec(word) ?? [];
  return number === undefined ? word : `${number}${plus ?? ''}`;
}
