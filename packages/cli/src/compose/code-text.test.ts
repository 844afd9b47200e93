// What `explain CODE` says of exit codes: a diagnostic does not end a command, an error does.
import { errorCodes, type ErrorCode } from '@plombe/kit';
import { expect, it } from 'vitest';
import { describeCode, isCode } from './code-text.ts';

it.each<readonly [ErrorCode, readonly string[]]>([
  ['package/not-listed', ['exit code 3, unless --allow', 'As a note it changes nothing', 'ends by it: exit code 4']],
  ['version/invalid', ['exit code 3, unless --allow']],
  ['config/invalid', ['ends by it: exit code 2']],
  ['registry/conflict', ['ends by it: exit code 4']],
])('%s', (code, said) => {
  const text = describeCode(code);
  for (const part of said) expect(text).toContain(part);
  expect(text.includes('NOT FULLY ASSESSED')).toBe(said.some((part) => part.includes('--allow')));
});

it('knows every code and no other text', () => {
  for (const code of Object.keys(errorCodes)) expect(isCode(code) && describeCode(code).startsWith(code)).toBe(true);
  expect(isCode('toString')).toBe(false);
});
