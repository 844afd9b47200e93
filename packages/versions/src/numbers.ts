// Versions that are numbers and separators only: the first differing number decides, else the longer one is greater.
import { numberKey, skipDigits, withoutBlanks, type VersionKey } from './key.ts';

/**
 * Returns the order key of numbers with one of the separators between each two; undefined for all else. With `padded` a missing number
 * is 0, otherwise less than 0.
 */
export function numbersKey(text: string, separators: string, padded: boolean): VersionKey | undefined {
  const version = withoutBlanks(text);
  const key: string[] = [];
  let counted = 0;
  for (let at = 0; ;) {
    const to = skipDigits(version, at);
    if (to === at) return undefined;
    const number = numberKey(version, at, to);
    key.push(`\u0002${number}`);
    if (!padded || number.length > 1) counted = key.length;
    if (to === version.length) return `${key.slice(0, counted).join('')}\u0001` as VersionKey;
    if (!separators.includes(version.charAt(to))) return undefined;
    at = to + 1;
  }
}
