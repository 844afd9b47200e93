// The contract suite of a version scheme: a total order, no throw on any text, linear time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VersionScheme } from '../scheme.ts';

/** Runs the suite; `versions` gives nasty versions, most of them valid, and `long` a valid or invalid version of about that many characters. */
export function schemeContract<Parsed>(
  scheme: VersionScheme<Parsed>,
  versions: fc.Arbitrary<string>,
  long: readonly ((size: number) => string)[],
): void {
  const parsed = versions.map((text) => scheme.parse(text)).filter((value) => value !== undefined);
  const sign = (a: Parsed, b: Parsed): number => Math.sign(scheme.compare(a, b));

  describe(`${scheme.id} is a total order`, () => {
    it('is reflexive and antisymmetric', () => {
      fc.assert(
        fc.property(parsed, parsed, (a, b) => {
          expect(sign(a, a)).toBe(0);
          expect(sign(a, b) + sign(b, a)).toBe(0);
        }),
        { numRuns: 2000 },
      );
    });

    it('is transitive', () => {
      fc.assert(
        fc.property(parsed, parsed, parsed, (a, b, c) => {
          const [low, middle, high] = [a, b, c].sort((x, y) => scheme.compare(x, y)) as [Parsed, Parsed, Parsed];
          expect(sign(low, middle)).toBeLessThanOrEqual(0);
          expect(sign(middle, high)).toBeLessThanOrEqual(0);
          expect(sign(low, high)).toBe(Math.min(sign(low, middle), sign(middle, high)));
        }),
        { numRuns: 3000 },
      );
    });

    it('takes or refuses any text and keeps reflexive', () => {
      const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), versions);
      fc.assert(
        fc.property(texts, (text) => {
          const value = scheme.parse(text);
          if (value !== undefined) expect(sign(value, scheme.parse(text) as Parsed)).toBe(0);
        }),
        { numRuns: 2000 },
      );
    });
  });

  describe(`T57 ${scheme.id} under hostile versions`, () => {
    it.each(['', ' ', '-1', '-', ':', '١.٢', '１.２', '1.٢', '\u0000', '1\n2', '\ud800', '1.0\u202e', 'NaN', '1e3 '])(
      'is no version or a consistent one: %j',
      (text) => {
        const value = scheme.parse(text);
        const one = scheme.parse('1') as Parsed;
        if (value !== undefined) expect(sign(value, one) + sign(one, value)).toBe(0);
        if (/[^\x00-\x7f]/.test(text) || text.trim() === '') expect(value).toBeUndefined();
      },
    );

    it.each(long.map((make, index) => [index, make] as const))('reads a megabyte in linear time (%i)', (_, make) => {
      expect(timeOf(() => scheme.parse(make(1_000_000)))).toBeLessThan(
        100 + 40 * timeOf(() => scheme.parse(make(100_000))),
      );
    });
  });
}

/** Milliseconds of this thread's processor in the fastest of three runs: what else the machine does has no part in it. */
function timeOf(run: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
