// Pub versions to order keys: semantic versions whose build metadata counts.
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

/**
 * Returns the order key of `N[.N[.N]][-identifiers][+identifiers]`, where a version with build metadata comes after the same without.
 * Leading zeros do not count; a missing minor or patch number is 0. Undefined for all else.
 */
export function parsePub(text: string): VersionKey | undefined {
  const version = withoutBlanks(text);
  let at = 0;
  let key = '';
  for (let numbers = 1; ; numbers++) {
    const to = skipDigits(version, at);
    if (to === at) return undefined;
    key += numberKey(version, at, to);
    at = to;
    if (numbers === 3 || version.charCodeAt(at) !== 46) {
      key += '\u0000'.repeat(3 - numbers);
      break;
    }
    at += 1;
  }
  const plus = version.indexOf('+', at);
  const end = plus < 0 ? version.length : plus;
  const prerelease =
    at === end ? '\u0002' : version.charCodeAt(at) === 45 ? identifiersKey(version, at + 1, end) : undefined;
  const build = plus < 0 ? '\u0000' : identifiersKey(version, plus + 1, version.length);
  return prerelease === undefined || build === undefined ? undefined : ((key + prerelease + build) as VersionKey);
}

// Dots are between identifiers; the end sorts before a number, a number before text.
function identifiersKey(text: string, from: number, to: number): string | undefined {
  let key = '\u0001';
  for (let at = from; ;) {
    let next = at;
    let digits = true;
    for (; next < to && text.charCodeAt(next) !== 46; next++) {
      const code = text.charCodeAt(next);
      if (!isDigit(code) && !isLetter(code) && code !== 45) return undefined;
      digits &&= isDigit(code);
    }
    if (next === at) return undefined;
    key += digits ? `\u0002${numberKey(text, at, next)}` : `\u0003${text.slice(at, next)}\u0000`;
    if (next === to) return `${key}\u0001`;
    at = next + 1;
  }
}
