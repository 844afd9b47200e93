// RubyGems versions to order keys: numbers and letters, missing segments being 0, letters before every number.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const allowed = /^[0-9][0-9A-Za-z.-]*$/;

// What may follow, from least to greatest. The end stands for zeros without end, so zeros lie beside it on the side of what follows them.
const letters = '\u0001';
const zerosBeforeLetters = '\u0002';
const end = '\u0003';
const zerosBeforeNumber = '\u0004';
const number = '\u0005';

/**
 * Returns the order key of `N(.[0-9A-Za-z]+)*[-[0-9A-Za-z-]+(.[0-9A-Za-z-]+)*]`, the pattern of `Gem::Version`; undefined for all else.
 * A hyphen counts as `.pre.`. Zeros do not count at the end and before the first letters.
 */
export function parseGem(text: string): VersionKey | undefined {
  const written = withoutBlanks(text);
  if (!allowed.test(written) || !isWellFormed(written)) return undefined;
  const version = written.replaceAll('-', '.pre.');
  const key: string[] = [];
  let zeros = 0;
  let inNumbers = true;
  for (let at = 0; at < version.length;) {
    const code = version.charCodeAt(at);
    let to = at + 1;
    if (isDigit(code)) {
      to = skipDigits(version, at);
      const value = numberKey(version, at, to);
      if (value.length === 1) zeros += 1;
      else {
        if (zeros > 0) key.push(zerosBeforeNumber + countKey(0x3fff_ffff - zeros));
        key.push(number + value);
        zeros = 0;
      }
    } else if (isLetter(code)) {
      while (to < version.length && isLetter(version.charCodeAt(to))) to += 1;
      if (zeros > 0 && !inNumbers) key.push(zerosBeforeLetters + countKey(zeros));
      key.push(`${letters + version.slice(at, to)}\u0000`);
      zeros = 0;
      inNumbers = false;
    }
    at = to;
  }
  return (key.join('') + end) as VersionKey;
}

// No segment is empty; digits and letters only before the first hyphen, where one segment may hold both.
function isWellFormed(text: string): boolean {
  const dash = text.indexOf('-');
  return (
    !text.includes('..') &&
    !text.endsWith('.') &&
    skipDigits(text, 0) >= firstOf(text, '.-') &&
    (dash < 0 || (dash < text.length - 1 && text[dash - 1] !== '.' && text[dash + 1] !== '.'))
  );
}

function firstOf(text: string, characters: string): number {
  let at = 0;
  while (at < text.length && !characters.includes(text.charAt(at))) at += 1;
  return at;
}

/** A count below 2^30 as two code units. */
function countKey(count: number): string {
  return String.fromCharCode(Math.floor(count / 0x8000), count % 0x8000);
}
