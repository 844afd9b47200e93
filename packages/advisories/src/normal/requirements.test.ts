// Requirements as publishers write them, to the ranges that remain.
import fc from 'fast-check';
import { schemeById, isInRange } from '@plombe/versions';
import { expect, test } from 'vitest';
import { intervalsOf, merged, rangesOf, without } from './requirements.ts';

function affected(scheme: string, from: string | undefined, safe: readonly string[]) {
  const all = from === undefined ? [{}] : (intervalsOf(scheme, [from]) ?? []);
  const patched = intervalsOf(scheme, safe) ?? [];
  const fixes = new Set(patched.flatMap((one) => (one.from === undefined ? [] : [one.from.version])));
  return rangesOf(scheme, without(scheme, all, patched), (end) => fixes.has(end.version)).map(({ events }) => events);
}

test.each([
  ['gem', undefined, ['>= 2.2.1'], [[{ introduced: '0' }, { fixed: '2.2.1' }]]],
  ['gem', undefined, ['< 43.0.0', '>= 43.5.6'], [[{ introduced: '43.0.0' }, { fixed: '43.5.6' }]]],
  // An excluded start is just above it.
  ['gem', undefined, ['<= 0.12.1', '>= 0.15.4'], [[{ introduced: '0.12.1.0.0.0.1' }, { fixed: '0.15.4' }]]],
  ['gem', undefined, ['> 1.2'], [[{ introduced: '0' }, { lastAffected: '1.2' }]]],
  ['gem', undefined, [], [[{ introduced: '0' }]]],
  [
    'gem',
    undefined,
    ['~> 5.2.4.3', '>= 6.0.3.1'],
    [
      [{ introduced: '0' }, { fixed: '5.2.4.3' }],
      [{ introduced: '5.2.5.A' }, { fixed: '6.0.3.1' }],
    ],
  ],
  [
    'semver',
    '18.x || 20.x',
    ['^18.18.2 || ^20.8.1'],
    [
      [{ introduced: '18.0.0-0' }, { fixed: '18.18.2' }],
      [{ introduced: '20.0.0-0' }, { fixed: '20.8.1' }],
    ],
  ],
  // A line that no fix is named for ends with the line.
  ['semver', '5.x || 6.x', ['>=7.1.0'], [[{ introduced: '5.0.0-0' }, { limit: '7.0.0-0' }]]],
  ['semver', '<=0.5.0', ['<0.0.0'], [[{ introduced: '0.0.0' }, { lastAffected: '0.5.0' }]]],
  ['semver', '>1.2.3 <2.0.0', [], [[{ introduced: '1.2.4-0' }, { limit: '2.0.0' }]]],
] as const)('%s %s without %j', (scheme, from, safe, expected) => {
  expect(affected(scheme, from, safe)).toEqual(expected);
});

test('what cannot be read is undefined, never everything', () => {
  expect(intervalsOf('gem', ['>= 1', 'soon'])).toBeUndefined();
  expect(intervalsOf('semver', ['latest'])).toBeUndefined();
});

test('a version is in what remains where it is in the first and in none of the others', () => {
  const scheme = schemeById('semver');
  if (scheme === undefined) throw new Error('no semver');
  const number = fc.integer({ min: 0, max: 4 }).map((major) => `${major}.0.0`);
  const requirement = fc.tuple(fc.constantFrom('>=', '<', '<=', '>', '='), number).map((parts) => parts.join(''));
  const range = fc.array(requirement, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' || '));
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 3 }), number, (from, others, version) => {
      const isIn = (text: string): boolean =>
        rangesOf('semver', merged(scheme, intervalsOf('semver', [text]) ?? []), () => true).some(
          ({ events }) => isInRange(scheme, version, events) === 'in',
        );
      const left = without('semver', intervalsOf('semver', [from]) ?? [], intervalsOf('semver', others) ?? []);
      const isLeft = rangesOf('semver', left, () => true).some(
        ({ events }) => isInRange(scheme, version, events) === 'in',
      );
      expect(isLeft).toBe(isIn(from) && !others.some(isIn));
    }),
    { numRuns: 1000 },
  );
});
