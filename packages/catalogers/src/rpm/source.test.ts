// Names of source rpms, parsed from the right.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSourceRpm } from './source.ts';

test.each([
  ['bash-5.2.15-3.azl3.src.rpm', 'bash', '5.2.15-3.azl3'],
  ['ca-certificates-2.68+git-1.src.rpm', 'ca-certificates', '2.68+git-1'],
  ['java-1.8.0-openjdk-1.8.0.392.b08-4.el8.src.rpm', 'java-1.8.0-openjdk', '1.8.0.392.b08-4.el8'],
  ['steam-1.0-1.nosrc.rpm', 'steam', '1.0-1'],
])('%s', (text, name, version) => {
  expect(parseSourceRpm(text)).toEqual({ name, version });
});

test.each([
  '',
  '(none)',
  'bash',
  'bash.src.rpm',
  'bash-5.src.rpm',
  '-5-1.src.rpm',
  'a--1.src.rpm',
  'a-1-.src.rpm',
  'a-1-1.rpm',
])('"%s" names no source', (text) => expect(parseSourceRpm(text)).toBeUndefined());

test('any name with dashes comes back', () => {
  const part = fc.stringMatching(/^[a-z0-9.+~^_]{1,9}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, part, (name, version, release) => {
      const expected = { name: name.join('-'), version: `${version}-${release}` };
      expect(parseSourceRpm(`${expected.name}-${expected.version}.src.rpm`)).toEqual(expected);
    }),
  );
});
