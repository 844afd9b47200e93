// Hex versions to order keys: the semantic versions of Elixir's Version module.
import type { VersionKey } from '../key.ts';
import { shapeOfSemver } from '../semver/parse.ts';

/**
 * Returns the order key of a version of an Erlang or Elixir package, build metadata not counting. A missing minor or patch number, which
 * requirements may have, is 0. Undefined for all else: prefixes and leading zeros too.
 */
export function parseHex(text: string): VersionKey | undefined {
  const shape = shapeOfSemver(text);
  return shape === undefined || shape.hasPrefix || shape.hasLeadingZero ? undefined : shape.key;
}
