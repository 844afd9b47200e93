import { expect, it } from 'vitest';
import { pythonLockCataloger } from './index.ts';

it.each([
  ['requirements.txt', true],
  ['requirement.txt', true],
  ['app/dev-requirements.txt', true],
  ['requirements_test.txt', true],
  ['requirements/base.txt', true],
  ['constraints-3.12.txt', true],
  ['docs/system_requirement.txt', false],
  ['requirement-notes.txt', false],
  ['notes.txt', false],
])('%s is a list for pip: %s', (path, wanted) => {
  const header = { path, type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 } as const;
  expect(pythonLockCataloger.wants(header) !== undefined).toBe(wanted);
});
