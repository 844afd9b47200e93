import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { severityOrder, type Finding } from '@plombe/model';
import { priorityOf } from './priority.ts';

type Ranked = Parameters<typeof priorityOf>[0];

const plain: Ranked = { severity: { author: 'nvd', word: 'medium' }, status: 'affected', fixedVersions: [] };
const exploited = (ransomware: boolean): Pick<Finding, 'knownExploited'> => ({
  knownExploited: { dateAdded: '2026-01-01', ransomware },
});

describe('priorityOf', () => {
  it.each<[string, Partial<Ranked>, number]>([
    ['medium, nothing else known', {}, 38],
    ['unknown counts as medium', { severity: { author: 'none', word: 'unknown' } }, 38],
    ['critical with a fix', { severity: { author: 'nvd', word: 'critical', score: 9.8 }, fixedVersions: ['2'] }, 64],
    [
      'everything at its worst',
      {
        severity: { author: 'nvd', word: 'critical', score: 10 },
        fixedVersions: ['2'],
        epss: { score: 1, percentile: 1, date: '' },
        ...exploited(true),
      },
      100,
    ],
    ['known exploited, whatever its severity', { severity: { author: 'nvd', word: 'low' }, ...exploited(false) }, 80],
    ['will not be fixed', { status: 'will_not_fix' }, 32],
    ['disputed', { disputed: true }, 26],
  ])('%s', (_, part, expected) => {
    expect(priorityOf({ ...plain, ...part })).toBe(expected);
  });

  const ranked: fc.Arbitrary<Ranked> = fc.record({
    severity: fc.record({ author: fc.constant('nvd'), word: fc.constantFrom(...severityOrder) }),
    status: fc.constantFrom('affected' as const, 'will_not_fix' as const, 'under_investigation' as const),
    fixedVersions: fc.constantFrom([], ['2']),
    epss: fc.record({
      score: fc.constant(0),
      percentile: fc.double({ min: 0, max: 1, noNaN: true }),
      date: fc.constant(''),
    }),
    disputed: fc.boolean(),
  });

  it('never falls with a higher score or percentile, a fix, or a known exploit, and stays within 0–100', () => {
    const score = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(ranked, score, score, fc.double({ min: 0, max: 1, noNaN: true }), (finding, a, b, percentile) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const scored = (value: number): Ranked => ({ ...finding, severity: { ...finding.severity, score: value } });
        const worse = [
          [scored(low), scored(high)],
          [
            finding,
            {
              ...finding,
              epss: { score: 0, date: '', percentile: Math.max(percentile, finding.epss?.percentile ?? 0) },
            },
          ],
          [finding, { ...finding, fixedVersions: ['2'] }],
          [finding, { ...finding, ...exploited(false) }],
          [
            { ...finding, ...exploited(false) },
            { ...finding, ...exploited(true) },
          ],
          [finding, { ...finding, status: 'affected' }],
          [finding, { ...finding, disputed: false }],
        ] as const;
        for (const [less, more] of worse) {
          expect(priorityOf(more as Ranked)).toBeGreaterThanOrEqual(priorityOf(less as Ranked));
          expect(priorityOf(more as Ranked)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
