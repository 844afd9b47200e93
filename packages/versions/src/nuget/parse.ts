// NuGet versions to order keys: up to four numbers, then labels without regard to case.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

const least = -2_147_483_648;
const greatest = 2_147_483_647;
const integer = /^-?[0-9]+$/;

/**
 * Returns the order key of `N[.N[.N[.N]]][-label(.label)*][+metadata]`; missing numbers are 0, metadata does not count. A number
 * beyond 32 bits is refused; a label beyond is text, as the client takes it. Undefined for all else.
 */
export function parseNuget(text: string): VersionKey | undefined {
  const version = withoutBlanks(text);
  let at = 0;
  let key = '';
  for (let numbers = 1; ; numbers++) {
    const to = skipDigits(version, at);
    if (to === at || Number(version.slice(at, to)) > greatest) return undefined;
    key += numberKey(version, at, to);
    at = to;
    if (numbers === 4 || version.charCodeAt(at) !== 46) {
      key += '\u0000'.repeat(4 - numbers);
      break;
    }
    at += 1;
  }
  const plus = version.indexOf('+', at);
  const end = plus < 0 ? version.length : plus;
  if (plus >= 0 && !areLabels(version, plus + 1, version.length)) return undefined;
  if (at === end) return `${key}\u0002` as VersionKey;
  if (version.charCodeAt(at) !== 45 || !areLabels(version, at + 1, end)) return undefined;
  const labels = version
    .slice(at + 1, end)
    .split('.')
    .map(labelKey);
  return `${key}\u0001${labels.join('')}\u0001` as VersionKey;
}

// The end sorts before a number, a number before text.
function labelKey(label: string): string {
  const value = integer.test(label) ? Number(label) : Number.NaN;
  if (!(value >= least && value <= greatest)) return `\u0003${label.toUpperCase()}\u0000`;
  const shifted = value - least;
  return `\u0002${String.fromCharCode(Math.floor(shifted / 0x1_0000), shifted % 0x1_0000)}`;
}

/** True where the text from `from` to `to` is labels of digits, letters and hyphens with one dot between them. */
function areLabels(text: string, from: number, to: number): boolean {
  let empty = true;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isLetter(code) || code === 45) empty = false;
    else if (code !== 46 || empty) return false;
    else empty = true;
  }
  return !empty;
}
