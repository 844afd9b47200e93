// R package versions to order keys: numbers with dots or hyphens between them.
import type { VersionKey } from '../key.ts';
import { numbersKey } from '../numbers.ts';

/** Returns the order key of `N([.-]N)*`; dot and hyphen are the same, a missing number is 0. Undefined for all else. */
export function parseCran(text: string): VersionKey | undefined {
  return numbersKey(text, '.-', true);
}
