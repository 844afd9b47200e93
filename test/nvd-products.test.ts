// The products that NVD's shard is a statement of are those that the catalogers give a CPE of: one that is missing would never be assessed.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nvdProducts } from '../packages/advisories/src/feeds/nvd/products.ts';
import { softwareTable } from '../packages/catalogers/src/binary/table.ts';

const sources = fileURLToPath(new URL('../packages/catalogers/src/', import.meta.url));

/** Products that other catalogers write into their source: `cpe:2.3:a:perl:perl:`, and the lists of Java's builds. */
function writtenProducts(): string[] {
  const found: string[] = [];
  for (const path of globSync('**/*.ts', { cwd: sources })) {
    if (path.endsWith('.test.ts') || path.startsWith('declared/')) continue;
    const text = readFileSync(`${sources}${path}`, 'utf8').replaceAll('\\\\', '');
    for (const [, product = ''] of text.matchAll(/cpe:2\.3:a:([a-z0-9._-]+:[a-z0-9._/-]+):/g)) found.push(product);
    if (path === 'binary/jvm.ts')
      for (const [, list = ''] of text.matchAll(/cpes: \[([^\]]+)\]/g))
        found.push(...Array.from(list.matchAll(/'([^']+)'/g), ([, product = '']) => product));
  }
  return found;
}

test('every product that a cataloger gives a CPE of is kept, and no other', () => {
  const given = [...softwareTable.flatMap(({ cpes }) => cpes), ...writtenProducts()];
  expect(nvdProducts).toEqual([...new Set(given)].sort());
});
