// A yarn.lock that a merge left: @yarnpkg/parsers takes the last of entries that are there twice, so that the next install can mend it.
import { expect, it } from 'vitest';
import { catalogOf, lines } from '../testing/folder.ts';
import { npmLockCataloger } from './index.ts';

const entry = (key: string, version: string): string =>
  `"${key}":\n  version: ${version}\n  resolution: "a@npm:${version}"\n  languageName: node\n  linkType: hard\n\n`;

it('of entries of one name the last counts, and that is told', () => {
  const lock = `__metadata:\n  version: 8\n  cacheKey: 10c0\n\n${entry('a@npm:^1.0.0', '1.0.0')}${entry('a@npm:^1.0.0', '1.2.0')}`;
  const result = catalogOf(npmLockCataloger, { 'yarn.lock': lock });
  expect(lines(result)).toEqual(['a@1.2.0 runtime']);
  expect(result.diagnostics).toMatchObject([
    { level: 'note', message: expect.stringContaining('(a@npm:^1.0.0); of each the last counts') },
  ]);
  expect(result.complete).toBe(true);
});

it('of pnpm, which refuses such a file, it is no lock file', () => {
  const lock =
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: x}\n\n  a@1.0.0:\n    resolution: {integrity: x}\n";
  expect(catalogOf(npmLockCataloger, { 'pnpm-lock.yaml': lock }).complete).toBe(false);
});
