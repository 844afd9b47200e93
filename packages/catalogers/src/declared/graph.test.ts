import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PackageScope } from '@plombe/model';
import { strongerScope } from './declared-packages.ts';
import { reach, type Need } from './graph.ts';

const name = (key: string): string => key;

describe('reach', () => {
  test('the strongest way counts, and each way is as weak as its weakest step', () => {
    const edges: Readonly<Record<string, readonly Need[]>> = {
      run: [{ key: 'perhaps', scope: 'optional' }],
      dev: [
        { key: 'both', scope: 'runtime' },
        { key: 'tool', scope: 'runtime' },
      ],
      perhaps: [{ key: 'both', scope: 'runtime' }],
    };
    const roots: readonly Need[] = [
      { key: 'dev', scope: 'development' },
      { key: 'run', scope: 'runtime' },
    ];
    expect(Object.fromEntries(reach(roots, (key) => edges[key] ?? [], name))).toEqual({
      run: { scope: 'runtime', direct: true },
      perhaps: { scope: 'optional', direct: false, via: 'run > perhaps' },
      both: { scope: 'optional', direct: false, via: 'run > perhaps > both' },
      dev: { scope: 'development', direct: true },
      tool: { scope: 'development', direct: false, via: 'dev > tool' },
    });
  });

  test('is what trying all ways gives, cycles or not', () => {
    const scope = fc.constantFrom<PackageScope>('runtime', 'optional', 'development');
    const node = fc.integer({ min: 0, max: 6 }).map(String);
    const need = fc.record({ key: node, scope });
    fc.assert(
      fc.property(
        fc.array(need, { maxLength: 4 }),
        fc.dictionary(node, fc.array(need, { maxLength: 3 })),
        (roots, edges) => {
          const needsOf = (key: string): readonly Need[] => (Object.hasOwn(edges, key) ? (edges[key] ?? []) : []);
          const best = new Map<string, PackageScope>();
          for (let round = 0; round < 20; round++) {
            for (const { key, scope: way } of roots)
              best.set(key, best.has(key) ? strongerScope(best.get(key), way) : way);
            for (const [key, known] of best) {
              for (const step of needsOf(key)) {
                const way = strongerScope(known, step.scope) === known ? step.scope : known;
                best.set(step.key, best.has(step.key) ? strongerScope(best.get(step.key), way) : way);
              }
            }
          }
          const reached = reach(roots, needsOf, name);
          expect(new Map([...reached].map(([key, one]) => [key, one.scope]))).toEqual(best);
          for (const [key, { direct }] of reached) expect(direct).toBe(roots.some((root) => root.key === key));
        },
      ),
    );
  });

  test('T15 a chain of a hundred thousand ends, and names its ends only', () => {
    const reached = reach(
      [{ key: '0', scope: 'runtime' }],
      (key) => (Number(key) < 100_000 ? [{ key: String(Number(key) + 1), scope: 'runtime' }] : []),
      name,
    );
    expect(reached.size).toBe(100_001);
    expect(reached.get('100000')?.via).toMatch(/^…( > \d+){8}$/);
  });
});
