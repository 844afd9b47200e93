// Members of JSON that somebody else wrote.
import { expect, test } from 'vitest';
import { numberField } from './record.ts';

test.each([
  ['{"a":1}', 1],
  ['{"a":"86399"}', 86_399],
  ['{"a":-0.5}', -0.5],
  ['{"a":""}', undefined],
  ['{"a":"soon"}', undefined],
  ['{"a":1e999}', undefined],
  ['{"a":true}', undefined],
  ['{"a":[7]}', undefined],
  ['{"a":{"toString":1,"valueOf":1}}', undefined],
  ['{"__proto__":{"a":1}}', undefined],
  ['{}', undefined],
])('T73 %s has the number %s', (text, number) => {
  expect(numberField(JSON.parse(text) as Record<string, unknown>, 'a')).toBe(number);
});
