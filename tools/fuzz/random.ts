// Chance that can be repeated: the same seed gives the same numbers.

/** A stream of numbers. */
export interface Chance {
  /** A whole number of 0 to `below` - 1; 0 where `below` is under 1. */
  below(below: number): number;
  /** One of these; they must not be none. */
  pick<T>(from: readonly T[]): T;
}

/** Returns the numbers of a seed (mulberry32; good enough to choose mutations by). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => (bound < 1 ? 0 : Math.floor(next() * bound));
  return { below, pick: (from) => from[below(from.length)] as (typeof from)[number] };
}
