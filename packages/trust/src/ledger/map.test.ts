import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MerkleMap, mapKey, mapRootOf, type MapPath } from './map.ts';
import { leafHash, sha256 } from './merkle.ts';
import { digestOf } from './testing/ledgers.ts';

const headOf = (number: number): Buffer => leafHash(Buffer.from(String(number)));

function mapWith(numbers: readonly number[]): MerkleMap {
  const map = new MerkleMap();
  for (const number of numbers) map.set(mapKey(digestOf(number)), { head: headOf(number), count: number + 1 }, number);
  return map;
}

describe('the map of digests', () => {
  test('is 32 zero bytes when it is empty, and a leaf when there is one', () => {
    expect(mapWith([]).root().equals(Buffer.alloc(32))).toBe(true);
    const count = Buffer.alloc(8);
    count[7] = 4;
    const leaf = Buffer.concat([Buffer.of(0), mapKey(digestOf(3)), headOf(3), count]);
    expect(mapWith([3]).root()).toEqual(sha256(leaf));
  });

  test('has a root that depends on what is in it, not on the order it came', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { maxLength: 60 }), (numbers) => {
        const other = mapWith([...numbers].reverse());
        for (const number of numbers) {
          other.set(mapKey(digestOf(number)), { head: headOf(9), count: 1 }, 0);
          other.root();
          other.set(mapKey(digestOf(number)), { head: headOf(number), count: number + 1 }, number);
        }
        expect(other.root()).toEqual(mapWith(numbers).root());
      }),
      { numRuns: 60 },
    );
  });

  test('proves presence and absence, and nothing else', () => {
    const map = mapWith(Array.from({ length: 200 }, (_, i) => i));
    const root = map.root();
    for (let number = 0; number < 400; number++) {
      const key = mapKey(digestOf(number));
      const path = map.prove(key);
      const value = map.get(key);
      expect(value?.count).toBe(number < 200 ? number + 1 : undefined);
      expect(mapRootOf(key, value, path)).toEqual(root);
      const lies: readonly [Buffer, { head: Buffer; count: number } | undefined, MapPath][] = [
        [key, { head: headOf(number), count: number + 2 }, path],
        [key, { head: headOf(number + 1), count: number + 1 }, path],
        [key, value === undefined ? { head: headOf(number), count: 1 } : undefined, path],
        [mapKey(digestOf(number + 1000)), value, path],
        [key, value, { ...path, siblings: path.siblings.slice(1) }],
        [key, value, { ...path, siblings: path.siblings.with(0, Buffer.alloc(32, 7)) }],
      ];
      for (const lie of lies) expect(mapRootOf(...lie)?.equals(root) ?? false).toBe(false);
    }
  });

  test('absence is not proved by a leaf that is elsewhere', () => {
    const map = mapWith([1, 2, 3, 4, 5, 6, 7, 8]);
    const hidden = mapKey(digestOf(5));
    for (const number of [1, 2, 3, 4, 6, 7, 8]) {
      const key = mapKey(digestOf(number));
      const value = map.get(key);
      if (value === undefined) throw new Error('not set');
      const found = mapRootOf(hidden, undefined, { ...map.prove(key), other: { key, ...value } });
      expect(found?.equals(map.root()) ?? false).toBe(false);
    }
  });
});
