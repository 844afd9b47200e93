// Tags of releases to order keys: a name before the numbers, the numbers, then words whose place is known.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const allowed = /^[0-9A-Za-z._/+-]+$/;

// What may follow a number or a word, from least to greatest; words before the end come before the release, `\u0006` is it.
const end = '\u0006';
const letter = '\u0007';
const number = '\u0009';
const words: ReadonlyMap<string, string> = new Map([
  ['dev', '\u0001'],
  ['nightly', '\u0001'],
  ['snapshot', '\u0001'],
  ['canary', '\u0001'],
  ['alpha', '\u0002'],
  ['a', '\u0002'],
  ['beta', '\u0003'],
  ['b', '\u0003'],
  ['m', '\u0004'],
  ['milestone', '\u0004'],
  ['pre', '\u0005'],
  ['preview', '\u0005'],
  ['cr', '\u0005'],
  ['rc', '\u0005'],
  ['final', ''],
  ['ga', ''],
  ['lts', ''],
  ['release', ''],
  ['stable', ''],
  ['hotfix', '\u0008'],
  ['p', '\u0008'],
  ['patch', '\u0008'],
  ['pl', '\u0008'],
  ['post', '\u0008'],
  ['r', '\u0008'],
  ['rev', '\u0008'],
  ['sp', '\u0008'],
]);

/**
 * Returns the order key of a tag such as `v1.2.3-rc.1`, `curl-8_5_0`, `OpenSSL_1_1_1w` or `2024.03.1`. The name in front, separators, `+metadata`
 * and zeros at the end of the numbers do not count. Undefined for all else, above all where a word's place is not known.
 */
export function parseTag(text: string): VersionKey | undefined {
  const whole = withoutBlanks(text);
  if (!allowed.test(whole)) return undefined;
  const plus = whole.indexOf('+');
  const tag = (plus < 0 ? whole : whole.slice(0, plus)).toLowerCase();
  let at = afterName(tag);
  if (at === undefined) return undefined;
  let key = '';
  // Zeros that count only if another number follows.
  let zeros = '';
  while (at < tag.length) {
    const code = tag.charCodeAt(at);
    if (isDigit(code)) {
      const to = skipDigits(tag, at);
      const value = number + numberKey(tag, at, to);
      if (value.length === 2) zeros += value;
      else {
        key += zeros + value;
        zeros = '';
      }
      at = to;
    } else if (isLetter(code)) {
      const to = skipLetters(tag, at);
      const place = isLetterOfRelease(tag, at, to) ? letter + tag.slice(at, to) : words.get(tag.slice(at, to));
      if (place === undefined) return undefined;
      key += place;
      zeros = '';
      at = to;
    } else {
      // One separator between two pieces, none at the end.
      at += 1;
      if (at === tag.length || !(isDigit(tag.charCodeAt(at)) || isLetter(tag.charCodeAt(at)))) return undefined;
    }
  }
  return (key + end) as VersionKey;
}

/** One letter at a number, or `z` and another: OpenSSL goes on from `1.0.2y` and `1.0.2z` with `1.0.2za`. */
function isLetterOfRelease(tag: string, from: number, to: number): boolean {
  if (!isDigit(tag.charCodeAt(from - 1)) || isDigit(tag.charCodeAt(to))) return false;
  return to === from + 1 || (to === from + 2 && tag[from] === 'z');
}

/** Where the numbers begin: after words with separators. Undefined where there is no number, or a word says which kind of release it is. */
function afterName(tag: string): number | undefined {
  let at = 0;
  while (at < tag.length && !isDigit(tag.charCodeAt(at))) {
    const to = skipLetters(tag, at);
    const place = to - at > 1 ? words.get(tag.slice(at, to)) : '';
    if (to === at || (place !== undefined && place !== '')) return undefined;
    at = to;
    if (at < tag.length && !isDigit(tag.charCodeAt(at))) at += 1;
  }
  return at < tag.length ? at : undefined;
}

function skipLetters(text: string, from: number): number {
  let at = from;
  while (at < text.length && isLetter(text.charCodeAt(at))) at += 1;
  return at;
}
