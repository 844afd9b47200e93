import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decodePath, encodePath } from './bytes.ts';

describe('paths', () => {
  test.each([
    ['usr/bin/env', 'usr/bin/env'],
    ['caf\u00e9', 'caf\u00e9'],
    ['\u{1f433}', '\u{1f433}'],
  ])('%s stays as it is', (text, path) => expect(decodePath(Buffer.from(text))).toBe(path));

  test('distinct bytes stay distinct and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(Buffer.from(encodePath(decodePath(bytes)))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
