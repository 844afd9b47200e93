// RPM versions to order keys: epoch, version, release, each compared as rpmvercmp does.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const printable = /^[\x21-\x7e]+$/;
const spaceAfterEpoch = /^(\d+:) +/;

/**
 * Returns the order key of `[epoch:]version[-release]`, undefined for text that is not printable ASCII or without
 * any letter or digit. An absent epoch is 0; an absent release sorts before any release, as in rpm's own version objects.
 * Azure Linux's data has versions with a space after the epoch's colon; it does not count.
 */
export function parseRpm(written: string): VersionKey | undefined {
  const text = withoutBlanks(written).replace(spaceAfterEpoch, '$1');
  if (!printable.test(text) || !/[A-Za-z0-9]/.test(text)) return undefined;
  const epochEnd = skipDigits(text, 0);
  const hasEpoch = text.charCodeAt(epochEnd) === 58;
  const start = hasEpoch ? epochEnd + 1 : 0;
  const dash = text.lastIndexOf('-');
  const hasRelease = dash >= start;
  const version = text.slice(start, hasRelease ? dash : text.length);
  const release = hasRelease ? `\u0001${segmentsKey(text.slice(dash + 1))}` : '\u0000';
  return (numberKey(text, 0, hasEpoch ? epochEnd : 0) + segmentsKey(version) + release) as VersionKey;
}

// Tilde sorts before the end, the caret after it, then letters, then numbers.
const tilde = '\u0001';
const end = '\u0002';
const caret = '\u0003';
const letters = '\u0004';
const number = '\u0005';

function segmentsKey(text: string): string {
  let key = '';
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    let next = at + 1;
    if (isDigit(code)) {
      next = skipDigits(text, at);
      key += number + numberKey(text, at, next);
    } else if (isLetter(code)) {
      while (next < text.length && isLetter(text.charCodeAt(next))) next += 1;
      key += `${letters + text.slice(at, next)}\u0000`;
    } else if (code === 126) {
      key += tilde;
    } else if (code === 94) {
      key += caret;
    }
    at = next;
  }
  return key + end;
}
