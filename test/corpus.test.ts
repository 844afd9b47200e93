// The corpus of the fuzzer, seeds and finds, through every reader: what was found once stays found. `npm run fuzz` looks for more.
import { describe, expect, test } from 'vitest';
import { corpusOf } from '../tools/fuzz/corpus.ts';
import { targets } from '../tools/fuzz/targets/targets.ts';

describe('the corpus', () => {
  test('every target has a name of its own', () => {
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
  });

  test.each(targets.map((target) => [target.name, target] as const))('%s keeps its promises', async (_, target) => {
    for (const { file, input } of corpusOf(target.name)) {
      try {
        expect(typeof (await target.run(input))).toBe('string');
      } catch (thrown) {
        throw new Error(`${file}: ${String(thrown)}`, { cause: thrown });
      }
    }
  });
});
