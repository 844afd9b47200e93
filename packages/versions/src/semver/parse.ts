// Semantic versions to order keys (SemVer 2.0.0, section 11).
import { isDigit, isLetter, numberKey, skipDigits, type VersionKey } from '../key.ts';

/** A semantic version in pieces of its key, for schemes that build on it. */
export interface SemverShape {
  /** How many of major, minor and patch are written. */
  readonly numbers: number;
  readonly hasPrefix: boolean;
  readonly hasLeadingZero: boolean;
  /** Whether a pre-release or build metadata follows. */
  readonly hasTail: boolean;
  readonly key: VersionKey;
}

/**
 * Returns the order key of a semantic version; build metadata does not count. Beyond the standard it takes surrounding space, one
 * `v` or `=` in front, a missing minor or patch number as 0, and leading zeros in these three (Bitnami's `2021.03.04`). Undefined for all else.
 */
export function parseSemver(text: string): VersionKey | undefined {
  return shapeOfSemver(text)?.key;
}

/** Parses as `parseSemver` does and tells the shape. */
export function shapeOfSemver(text: string): SemverShape | undefined {
  const trimmed = text.trim();
  let at = 0;
  if (trimmed[at] === '=') at += 1;
  if (trimmed[at] === 'v' || trimmed[at] === 'V') at += 1;
  const hasPrefix = at > 0;
  let key = '';
  let numbers = 0;
  let leadingZero = false;
  for (;;) {
    const to = skipDigits(trimmed, at);
    if (to === at) return undefined;
    leadingZero ||= hasLeadingZero(trimmed, at, to);
    key += numberKey(trimmed, at, to);
    numbers += 1;
    at = to;
    if (numbers === 3 || trimmed.charCodeAt(at) !== 46) break;
    at += 1;
  }
  key += '\u0000'.repeat(3 - numbers);
  const hasTail = at < trimmed.length;
  if (trimmed.charCodeAt(at) === 45) {
    const plus = trimmed.indexOf('+', at);
    const to = plus < 0 ? trimmed.length : plus;
    const prerelease = identifiersKey(trimmed, at + 1, to);
    if (prerelease === undefined) return undefined;
    key += `\u0001${prerelease}`;
    at = to;
  } else {
    key += '\u0002';
  }
  if (at < trimmed.length && !(trimmed.charCodeAt(at) === 43 && isBuild(trimmed, at + 1))) return undefined;
  return { numbers, hasPrefix, hasLeadingZero: leadingZero, hasTail, key: key as VersionKey };
}

// In a pre-release the end sorts before a number, a number before text.
function identifiersKey(text: string, from: number, to: number): string | undefined {
  let key = '';
  let at = from;
  for (;;) {
    let next = at;
    let digits = true;
    while (next < to && isIdentifier(text.charCodeAt(next))) {
      digits &&= isDigit(text.charCodeAt(next));
      next += 1;
    }
    if (next === at || (digits && hasLeadingZero(text, at, next))) return undefined;
    key += digits ? `\u0002${numberKey(text, at, next)}` : `\u0003${text.slice(at, next)}\u0000`;
    if (next === to) return `${key}\u0001`;
    if (text.charCodeAt(next) !== 46) return undefined;
    at = next + 1;
  }
}

function isBuild(text: string, from: number): boolean {
  let empty = true;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isIdentifier(code)) empty = false;
    else if (code !== 46 || empty) return false;
    else empty = true;
  }
  return !empty;
}

function isIdentifier(code: number): boolean {
  return isDigit(code) || isLetter(code) || code === 45;
}

function hasLeadingZero(text: string, from: number, to: number): boolean {
  return to - from > 1 && text.charCodeAt(from) === 48;
}
