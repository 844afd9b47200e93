// pacman's versions to order keys: epoch, version, release, the parts compared as vercmp(8) does.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const printable = /^[\x21-\x7e]+$/;

/** Separators in a row that are told apart; more count as that many. */
const maxSeparators = 16_000;

/**
 * Returns the order key of `[epoch:]version[-release]`, undefined for text that is not printable ASCII or without any letter or digit.
 * An absent epoch is 0; an absent release sorts before any, where vercmp takes the two for equal and so has no order (readme.md).
 */
export function parseAlpm(written: string): VersionKey | undefined {
  const text = withoutBlanks(written);
  if (!printable.test(text) || !/[A-Za-z0-9]/.test(text)) return undefined;
  const epochEnd = skipDigits(text, 0);
  const hasEpoch = text.charCodeAt(epochEnd) === 58;
  const start = hasEpoch ? epochEnd + 1 : 0;
  const dash = text.lastIndexOf('-');
  const hasRelease = dash >= start;
  const version = text.slice(start, hasRelease ? dash : text.length);
  const release = hasRelease ? `\u0001${partKey(text.slice(dash + 1))}` : '\u0000';
  return (numberKey(text, 0, hasEpoch ? epochEnd : 0) + partKey(version) + release) as VersionKey;
}

// What may follow a segment, from least to greatest: letters at once, the end, separators and then the end, a number at once, one separator
// and letters, one separator and a number, two separators and letters …
const lettersAtOnce = '\u0001';
const end = '\u0002';
const separatorsAndEnd = '\u0003';
const numberAtOnce = '\u0004';
const afterSeparators = 5;

function partKey(text: string): string {
  let key = '';
  let at = 0;
  while (at < text.length) {
    let next = at;
    while (next < text.length && !isAlphanumeric(text.charCodeAt(next))) next += 1;
    if (next === text.length) return key + separatorsAndEnd;
    const isNumber = isDigit(text.charCodeAt(next));
    key += segmentMark(next - at, isNumber);
    at = next;
    if (isNumber) {
      next = skipDigits(text, at);
      key += numberKey(text, at, next);
    } else {
      while (next < text.length && isLetter(text.charCodeAt(next))) next += 1;
      key += `${text.slice(at, next)}\u0000`;
    }
    at = next;
  }
  return key + end;
}

function segmentMark(separators: number, isNumber: boolean): string {
  if (separators === 0) return isNumber ? numberAtOnce : lettersAtOnce;
  return String.fromCharCode(afterSeparators + 2 * Math.min(separators, maxSeparators) + (isNumber ? 1 : 0));
}

function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code);
}
