// Order keys: a version becomes one string, built so that comparing code units compares versions.
import { compareText } from '@plombe/kit';

/**
 * A version as a string whose code-unit order is the scheme's order, which makes every order total by construction.
 * Keys of one scheme are comparable with each other only; they are no text to show or store.
 */
export type VersionKey = string & { readonly __versionKey: unique symbol };

const zero = 48;
const nine = 57;

/** The text without the ASCII blanks around it; no other blank is one for the package managers. */
export function withoutBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** True for the code of an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** True for the code of an ASCII letter. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** True for the code of an ASCII lower-case letter. */
export function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** Returns the index of the first character at or after `from` that is not an ASCII digit. */
export function skipDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Returns the key of the decimal number in `text[from, to)`, of any length, leading zeros ignored, nothing counting as 0: how many
 * digits, then the digits. Lengths from 32,768 on take two code units.
 */
export function numberKey(text: string, from: number, to: number): string {
  let start = from;
  while (start < to && text.charCodeAt(start) === zero) start += 1;
  const length = to - start;
  const digits = text.slice(start, to);
  if (length < 0x8000) return String.fromCharCode(length) + digits;
  return String.fromCharCode(0x8000 + Math.floor(length / 0x8000), length % 0x8000) + digits;
}

/** Compares two keys of one scheme. Returns -1, 0 or 1. */
export function compareKeys(a: VersionKey, b: VersionKey): -1 | 0 | 1 {
  return compareText(a, b);
}
