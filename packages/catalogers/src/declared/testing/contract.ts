// What every cataloger of declared packages holds beside the contract of all catalogers.
import { describe, expect, test } from 'vitest';
import type { Cataloger } from '../../cataloger.ts';
import { catalogerContract } from '../../testing/contract.ts';
import { type FileSpecs, viewOf } from '../../testing/view.ts';

/** Some megabytes of each: nesting, repetition and names that are properties of every object. */
const hostile: Readonly<Record<string, string>> = {
  'nested arrays': '['.repeat(1_000_000),
  'nested objects': '{"a":'.repeat(300_000),
  'nested flow mappings': '{a: '.repeat(100_000),
  'nested elements': '<a>'.repeat(300_000),
  'nested blocks': Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'many lines': 'a==\n'.repeat(400_000),
  'one long line': 'a'.repeat(4_000_000),
  spaces: ' '.repeat(4_000_000),
  'empty lines': '\n'.repeat(2_000_000),
  quotes: '"'.repeat(2_000_000),
  backslashes: '\\'.repeat(2_000_000),
  brackets: '(['.repeat(500_000),
  'escaped quotes': '"x\\"'.repeat(500_000),
  'unclosed comments': '/* '.repeat(700_000),
  'a gap in a line': `a ${' '.repeat(1_000_000)}b`,
  dots: `${'a.'.repeat(500_000)}: x`,
  dashes: '-1'.repeat(500_000),
  equals: 'a == '.repeat(400_000),
  properties: '${x'.repeat(500_000),
  aliases: `a: &a [x, x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*a, *a]`).join('\n')}\n`,
  'prototype keys':
    '{"__proto__": {"version": "1.0.0"}, "constructor": {"prototype": {"x": 1}}, "packages": {"__proto__": {"version": "1"}}}',
};

/** Registers the tests; `examples` as for `catalogerContract`. */
export function declaredContract(cataloger: Cataloger, examples: FileSpecs): void {
  catalogerContract(cataloger, examples);

  describe(`contract of the ${cataloger.id} cataloger, as one of declared packages`, () => {
    test('says so, and owns nothing', () => {
      expect([cataloger.declares, cataloger.owner, cataloger.attribution]).toEqual([true, false, 'file']);
      expect(cataloger.catalog(viewOf(examples, cataloger), {}).owners).toBeUndefined();
    });

    test('each package has a scope, and is declared by a file of the tree', () => {
      for (const { scope, paths } of cataloger.catalog(viewOf(examples, cataloger), {}).packages) {
        expect(['runtime', 'optional', 'development']).toContain(scope);
        expect(Object.keys(examples)).toContain(paths[0]);
      }
    });

    test.each(Object.keys(hostile))('T13 T15 T25 T54 %s in place of a file end in time and are told', (kind) => {
      for (const path of Object.keys(examples)) {
        const { packages } = cataloger.catalog(viewOf({ ...examples, [path]: hostile[kind] ?? '' }, cataloger), {});
        for (const { name, version } of packages) expect([name, version]).not.toContain('');
      }
      expect(({} as Record<string, unknown>)['version']).toBeUndefined();
    });
  });
}
