// Versions of ebuilds (Package Manager Specification 8, sections 3.2 and 3.3) to order keys.
import { isLower, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const dot = 46;
const underscore = 95;

// What may follow a number, from least to greatest: the end of the numbers, one that begins with a zero, any other.
const endOfNumbers = '\u0001';
const fraction = '\u0002';
const whole = '\u0003';

// Suffixes around none, section 3.3, algorithm 3.6.
const suffixes: readonly (readonly [string, string])[] = [
  ['alpha', '\u0001'],
  ['beta', '\u0002'],
  // `pre` before `p`, which it begins with.
  ['pre', '\u0003'],
  ['rc', '\u0004'],
  ['p', '\u0006'],
];
const endOfSuffixes = '\u0005';

/**
 * Returns the order key of `1.2.3b_rc1_p2-r4`, undefined for any other form. A number after the first that begins with a zero
 * is compared as text without the zeros at its end, so `1.01` < `1.1` and `1.0` = `1.00`. An absent revision is `r0`.
 */
export function parseEbuild(written: string): VersionKey | undefined {
  const text = withoutBlanks(written);
  let at = skipDigits(text, 0);
  if (at === 0) return undefined;
  let key = numberKey(text, 0, at);
  while (text.charCodeAt(at) === dot) {
    const end = skipDigits(text, at + 1);
    if (end === at + 1) return undefined;
    key += text[at + 1] === '0' ? fractionKey(text, at + 1, end) : whole + numberKey(text, at + 1, end);
    at = end;
  }
  key += endOfNumbers;
  if (isLower(text.charCodeAt(at))) key += text[at++];
  else key += '\u0001';
  while (text.charCodeAt(at) === underscore) {
    const suffix = suffixes.find(([name]) => text.startsWith(name, at + 1));
    if (suffix === undefined) return undefined;
    const from = at + 1 + suffix[0].length;
    at = skipDigits(text, from);
    key += suffix[1] + numberKey(text, from, at);
  }
  key += endOfSuffixes;
  if (at === text.length) return (key + numberKey('', 0, 0)) as VersionKey;
  if (!text.startsWith('-r', at) || at + 2 === text.length || skipDigits(text, at + 2) < text.length) return undefined;
  return (key + numberKey(text, at + 2, text.length)) as VersionKey;
}

function fractionKey(text: string, from: number, to: number): string {
  let end = to;
  while (end > from && text[end - 1] === '0') end -= 1;
  return `${fraction}${text.slice(from, end)}\u0000`;
}
