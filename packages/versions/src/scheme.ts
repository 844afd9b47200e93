// The contract of a version scheme.
import type { Interval } from './interval.ts';

/**
 * The order of versions in one ecosystem. `parse` answers undefined for text that is no version; `compare` orders parsed
 * versions totally. Both run in linear time of the text. Register in `schemes.ts`.
 */
export interface VersionScheme<Parsed = unknown> {
  /** Stable id, as `plombe versions list` prints it. */
  readonly id: string;
  readonly title: string;
  /** The standards or programs that define the order. */
  readonly urls: readonly string[];
  parse(text: string): Parsed | undefined;
  /** Negative, zero or positive. */
  compare(a: Parsed, b: Parsed): number;
  /** What a requirement in the ecosystem's own notation allows; undefined for text that is none. Feeds that do not write OSV's events need it. */
  requirement?(text: string): readonly Interval[] | undefined;
}
