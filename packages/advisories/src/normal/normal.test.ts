import { expect, test } from 'vitest';
import { knownEcosystem, normaliseName, schemeOfEcosystem } from './ecosystems.ts';
import { newestFirst, scoreVector, severityOfVector, severityWord, wordOfScore } from './cvss.ts';

// Scores of the examples in the CVSS 2.0, 3.1 and 4.0 documents.
test.each([
  ['AV:N/AC:L/Au:N/C:N/I:N/A:C', 7.8],
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
  ['CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 7.7],
  ['CVSS:3.1/AV:N/AC:L', undefined],
  ['CVSS:9.9/AV:N', undefined],
  ['', undefined],
  ['x'.repeat(501), undefined],
])('%s scores %s', (vector, score) => {
  expect(scoreVector(vector)).toBe(score);
});

test('words of scores, and words of vendors', () => {
  expect([0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(wordOfScore)).toEqual([
    'negligible',
    'low',
    'low',
    'medium',
    'medium',
    'high',
    'high',
    'critical',
    'critical',
  ]);
  expect(['Important', 'MODERATE', ' low ', 'unimportant', 'not yet assigned', undefined].map(severityWord)).toEqual([
    'high',
    'medium',
    'low',
    'negligible',
    undefined,
    undefined,
  ]);
});

test('the newest CVSS version comes first', () => {
  const vectors = [
    'AV:N/AC:L/Au:N/C:P/I:P/A:P',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  ];
  const severities = vectors
    .map((vector) => severityOfVector('x', vector))
    .filter((severity) => severity !== undefined);
  expect(newestFirst(severities).map(({ vector }) => vectors.indexOf(vector ?? ''))).toEqual([1, 2, 0]);
});

test('ecosystems: schemes, names, spellings', () => {
  expect(['Debian:12', 'Azure Linux:3', 'Go', 'Maven', 'New Thing:1'].map(schemeOfEcosystem)).toEqual([
    'deb',
    'rpm',
    'go',
    'maven',
    'new-thing',
  ]);
  expect([normaliseName('PyPI', 'A__b.-C'), normaliseName('NuGet', 'A.B'), normaliseName('npm', 'A')]).toEqual([
    'a-b-c',
    'a.b',
    'A',
  ]);
  expect([knownEcosystem('pypi'), knownEcosystem('azure linux'), knownEcosystem('samples')]).toEqual([
    'PyPI',
    'Azure Linux',
    undefined,
  ]);
});
