// Ranges: OSV's evaluation rules, event order, unknown versions, and the next fix.
import type { RangeEvent } from '@plombe/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deb } from './deb/index.ts';
import { fixedAbove, isInRange } from './range.ts';
import { schemeById } from './schemes.ts';
import { semver } from './semver/index.ts';

const twoBranches: readonly RangeEvent[] = [
  { fixed: '2.3.1' },
  { introduced: '0' },
  { introduced: '2.0.0' },
  { fixed: '1.8.5' },
];

it.each<[string, readonly RangeEvent[], string]>([
  ['1.0.0', [{ introduced: '0' }], 'in'],
  ['0.0.0-0', [{ introduced: '0' }], 'in'],
  ['1.2.3', [{ introduced: '1.2.3' }], 'in'],
  ['1.2.2', [{ introduced: '1.2.3' }], 'out'],
  ['1.2.3', [{ introduced: '0' }, { fixed: '1.2.3' }], 'out'],
  ['1.2.2', [{ introduced: '0' }, { fixed: '1.2.3' }], 'in'],
  ['1.2.3', [{ introduced: '0' }, { lastAffected: '1.2.3' }], 'in'],
  ['1.2.4', [{ introduced: '0' }, { lastAffected: '1.2.3' }], 'out'],
  ['1.2.3', [{ introduced: '1.2.3' }, { lastAffected: '1.2.3' }], 'in'],
  ['1.8.4', twoBranches, 'in'],
  ['1.8.5', twoBranches, 'out'],
  ['2.0.0', twoBranches, 'in'],
  ['2.3.1', twoBranches, 'out'],
  ['1.0.0', [{ introduced: '0' }, { limit: '1.0.0' }], 'out'],
  ['0.9.0', [{ introduced: '0' }, { limit: '1.0.0' }], 'in'],
  ['3.0.0', [{ introduced: '0' }, { limit: '1.0.0' }, { limit: '*' }], 'in'],
  ['1.0.0', [{ introduced: '0' }, { fixed: '0' }], 'out'],
  ['1.2.0', [{ introduced: '1.2.0' }, { fixed: '1.2.0' }], 'out'],
  ['9.0.0', [{ introduced: '1.2.0' }, { fixed: '1.2.0' }], 'out'],
  ['1.2.5', [{ introduced: '0' }, { fixed: '1.2.0' }, { introduced: '1.2.0' }, { fixed: '1.3.0' }], 'in'],
  ['1.5.0', [{ introduced: '1.0.0', fixed: '2.0.0' }], 'in'],
  ['not a version', [{ introduced: '0' }], 'unknown'],
  ['1.0.0', [{ introduced: '0' }, { fixed: 'soon' }], 'unknown'],
  ['1.0.0', [{ introduced: '0' }, { limit: 'x' }], 'unknown'],
  ['1.0.0', [{ introduced: '0' }, { lastAffected: 'x' }], 'unknown'],
  ['1.0.0', [{ fixed: '2.0.0' }], 'unknown'],
  ['1.0.0', [], 'unknown'],
])('%s in %j: %s', (version, events, verdict) => {
  expect(isInRange(semver, version, events)).toBe(verdict);
  expect(isInRange(semver, version, [...events].reverse())).toBe(verdict);
});

it('takes events in any order', () => {
  const point = fc.integer({ min: 1, max: 6 }).map((n) => `1.${n}.0`);
  const event = fc.oneof(
    fc.record({ introduced: point }),
    fc.record({ fixed: point }),
    fc.record({ lastAffected: point }),
  );
  const shuffled = fc
    .array(event, { maxLength: 6 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));
  fc.assert(
    fc.property(point, shuffled, (version, [events, other]) => {
      expect(isInRange(semver, version, other)).toBe(isInRange(semver, version, events));
    }),
  );
});

it('agrees with the two comparisons for one interval', () => {
  const number = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(number, number, number, (version, from, to) => {
      const verdict = isInRange(deb, `2.${version}-1`, [{ fixed: `2.${to}-1` }, { introduced: `2.${from}-1` }]);
      if (from < to) expect(verdict).toBe(version >= from && version < to ? 'in' : 'out');
    }),
  );
});

it.each<[string, readonly RangeEvent[], string | undefined]>([
  ['1.0.0', twoBranches, '1.8.5'],
  ['1.8.5', twoBranches, '2.3.1'],
  ['2.3.1', twoBranches, undefined],
  ['1.0.0', [{ introduced: '0' }], undefined],
  ['1.0.0', [{ fixed: 'soon' }, { fixed: 'v1.0.1' }], 'v1.0.1'],
  ['x', twoBranches, undefined],
])('the fix above %s of %j is %s', (version, events, fix) => {
  expect(fixedAbove(semver, version, events)).toBe(fix);
});

// Ranges as GitHub's and OSV's records of these ecosystems write them.
it.each([
  ['maven', '2.14.1', { introduced: '2.13.0' }, { fixed: '2.15.0' }, 'in'],
  ['maven', '2.15.0', { introduced: '2.13.0' }, { fixed: '2.15.0' }, 'out'],
  ['maven', '4.1.100.Final', { introduced: '4.1.0.Final' }, { fixed: '4.1.100.Final' }, 'out'],
  ['maven', '4.1.99.Final', { introduced: '4.1.0' }, { fixed: '4.1.100.Final' }, 'in'],
  ['maven', '31.1-jre', { introduced: '1.0' }, { fixed: '32.0.0-android' }, 'in'],
  ['gem', '7.0.8.1', { introduced: '7.0.0' }, { fixed: '7.0.8.1' }, 'out'],
  ['gem', '7.1.0.rc1', { introduced: '7.1.0.beta1' }, { fixed: '7.1.3.1' }, 'in'],
  ['nuget', '6.0.2', { introduced: '6.0.0' }, { lastAffected: '6.0.2.0' }, 'in'],
  ['nuget', '8.0.0-RC.1', { introduced: '8.0.0-preview.1' }, { fixed: '8.0.0-rc.2' }, 'in'],
  ['composer', 'v5.4.31', { introduced: '5.4.0' }, { fixed: '5.4.31' }, 'out'],
  ['composer', '5.4.x-dev', { introduced: '5.4.0' }, { fixed: '5.4.31' }, 'out'],
  ['composer', 'dev-main', { introduced: '0' }, { fixed: '5.4.31' }, 'unknown'],
  ['hex', '1.7.10', { introduced: '1.7.0-rc.0' }, { fixed: '1.7.11' }, 'in'],
  ['pub', '1.0.0+1', { introduced: '0' }, { lastAffected: '1.0.0' }, 'out'],
  ['cran', '1.0-0', { introduced: '0' }, { fixed: '1.0.0' }, 'out'],
  ['hackage', '1.0', { introduced: '0' }, { fixed: '1.0.0' }, 'in'],
  ['tag', 'curl-8_3_0', { introduced: '7.69.0' }, { fixed: '8.4.0' }, 'in'],
] as const)('%s %s in %j %j is %s', (id, version, introduced, end, verdict) => {
  const scheme = schemeById(id);
  if (scheme === undefined) throw new Error(id);
  expect(isInRange(scheme, version, [introduced, end])).toBe(verdict);
});

it('tells a range of one interval as one of any form', () => {
  const version = fc.constantFrom('0', '0.9.0', '1.0.0', '1.0.0-rc.1', '1.5.0', '2.0.0', 'none');
  const end = fc.oneof(fc.record({ fixed: version }), fc.record({ lastAffected: version }));
  const events = fc.tuple(fc.record({ introduced: version }), fc.option(end, { nil: undefined }));
  fc.assert(
    fc.property(version, events, fc.boolean(), (asked, [introduced, last], isJoined) => {
      const two = last === undefined ? [introduced] : isJoined ? [{ ...introduced, ...last }] : [last, introduced];
      // Said three times it is the same range, but of a form that has to be sorted.
      expect(isInRange(semver, asked, two)).toBe(isInRange(semver, asked, [...two, ...two, ...two]));
    }),
    { numRuns: 2000 },
  );
});
