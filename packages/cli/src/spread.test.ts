import { expect, test } from 'vitest';
import { renameFlags, spreadLists } from './spread.ts';

test.each([
  ['verify x --key a b c', 'verify x --key a --key b --key c'],
  ['verify x --key a b --threshold 2', 'verify x --key a --key b --threshold 2'],
  ['verify --key a x', 'verify --key a x'],
  ['verify --key a x -a k=v l=w', 'verify --key a x -a k=v -a l=w'],
  ['verify --plain-http x --key a b -q', 'verify --plain-http x --key a --key b -q'],
  ['verify -o json x --key=a b', 'verify -o json x --key=a b'],
  ['verify --bundle f x --key a b', 'verify --bundle f x --key a --key b'],
  ['verify x --threshold 2 b', 'verify x --threshold 2 b'],
  ['verify-attestation x --type t --key a b', 'verify-attestation x --type t --key a --key b'],
  ['verify x --key', 'verify x --key'],
  ['verify x --key a -- b', 'verify x --key a -- b'],
  ['scan x --allow a b', 'scan x --allow a b'],
  ['db verify --key a b', 'db verify --key a b'],
  ['', ''],
])('%s', (given, expected) => {
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  expect(spreadLists(['node', 'plombe', ...words(given)])).toEqual(['node', 'plombe', ...words(expected)]);
});

test.each([
  ['scan dir:. --skip-dirs a,**/b --skip-files=c.lock', 'scan dir:. --exclude=a --exclude=**/b --exclude=c.lock'],
  ['sbom x --exclude a', 'sbom x --exclude a'],
  ['scan x --skip-dirs', 'scan x --skip-dirs'],
  ['scan x --skip-dirs-too a', 'scan x --skip-dirs-too a'],
  ['scan x -- --skip-dirs a', 'scan x -- --skip-dirs a'],
  ['verify x --skip-dirs a', 'verify x --skip-dirs a'],
])('%s', (given, expected) => {
  expect(renameFlags(['node', 'plombe', ...given.split(' ')])).toEqual(['node', 'plombe', ...expected.split(' ')]);
});
