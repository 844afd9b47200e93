// Every kind of hostile input that a reader may get has tests that carry its number, so that they can be found by it.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `T${String(from + at).padStart(2, '0')}`);

/** Images and archives, manifests and registries as far as readers see them; YAML and XML, feeds, SBOMs, versions, advisories. */
const readers = [...numbers(1, 28), ...numbers(54, 58)];
const texts = globSync('{packages/*/src,test}/**/*.test.ts', { cwd: root })
  .concat('packages/versions/src/testing/contract.ts')
  .filter((path) => !path.endsWith('threat-ids.test.ts'))
  .map((path) => readFileSync(`${root}${path}`, 'utf8'));

it.each(readers)('%s has a test', (id) => {
  const title = new RegExp(`['"\`](?:[^'"\`\\n]* )?${id} [^'"\`\\n]*['"\`]`);
  expect(texts.some((text) => title.test(text))).toBe(true);
});
