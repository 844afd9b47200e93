// One package that several installed files speak of.
import type { FoundPackage } from '@plombe/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foundBy } from './said.ts';

const crate: FoundPackage = { type: 'cargo', name: 'a', version: '1.0.0', licences: [], paths: ['bin/x'] };
const together = (...found: readonly FoundPackage[]): FoundPackage =>
  foundBy(
    found.map((one) => ({
      placed: { found: one, cataloger: 'rust', introducedIn: 0, layerOf: new Map<string, number>() },
      declares: false,
    })),
  );

test.each([
  ['a part of one program and a package of another is a package', [{ origin: 'local' }, {}], {}],
  ['a part of each is a part', [{ origin: 'local' }, { origin: 'local', weak: true }], { origin: 'local' }],
  ['strong evidence counts before weak', [{ weak: true }, {}], {}],
  ['weak evidence of a package counts before that of a part', [{ origin: 'local' }, { weak: true }], { weak: true }],
  ['asked for by one is asked for', [{ direct: false }, { direct: true }], { direct: true }],
  ['asked for by none is not', [{ direct: false }, {}], { direct: false }],
  [
    'for development in one and running in another runs',
    [{ scope: 'development' }, { scope: 'runtime' }],
    { scope: 'runtime' },
  ],
  ['where one says nothing of what it is for, nothing is known', [{ scope: 'development' }, {}], {}],
] as const)('%s', (_title, said, expected) => {
  const found = said.map((more) => ({ ...crate, ...more }));
  expect(together(...found)).toEqual({ ...crate, ...expected });
  expect(together(...found.reverse())).toEqual({ ...crate, ...expected });
});

test('one alone is as it was found', () => {
  fc.assert(
    fc.property(fc.record({ weak: fc.boolean(), direct: fc.boolean() }, { requiredKeys: [] }), (more) => {
      const found = { ...crate, ...more };
      expect(together(found)).toBe(found);
    }),
  );
});
