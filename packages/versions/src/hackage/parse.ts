// Haskell package versions to order keys: numbers with dots between them.
import type { VersionKey } from '../key.ts';
import { numbersKey } from '../numbers.ts';

/** Returns the order key of `N(.N)*`; a missing number is less than 0. Undefined for all else, tags (`1.0-beta`) among it. */
export function parseHackage(text: string): VersionKey | undefined {
  return numbersKey(text, '.', false);
}
