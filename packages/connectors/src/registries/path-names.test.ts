// Names out of answers in paths of requests: JSON can hold half a character, which no address can.
import { expect, test } from 'vitest';
import { artifactPath } from './harbor/names.ts';
import { pathOf } from './msr/api.ts';

test.each(['\ud800', 'a\udc00b', '\ud800/x'])('T28 %j in a name makes a path, in which it is U+FFFD', (name) => {
  expect(pathOf('api', name)).toMatch(/^\/api\/[\w%]+$/);
  expect(artifactPath('library/app', name)).toMatch(/artifacts\/[\w%]+$/);
});
