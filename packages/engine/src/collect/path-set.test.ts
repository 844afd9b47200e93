import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPath, hashPath, PathSetBuilder } from './path-set.ts';

describe('path sets', () => {
  it('holds every path that was added', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (paths) => {
        const builder = new PathSetBuilder();
        for (const path of paths) builder.add(path);
        const set = builder.finish();
        return paths.every((path) => hasPath(set, path));
      }),
    );
  });

  it('keeps 200,000 similar paths apart', () => {
    const hashes = new Set<number>();
    for (let i = 0; i < 200_000; i++) hashes.add(hashPath(`usr/lib/node_modules/a/${i}/package.json`));
    expect(hashes.size).toBe(200_000);
  });

  it('T03 tells names apart that differ only in case, normalisation or invalid bytes', () => {
    const names = ['straße', 'strasse', 'STRASSE', 'é', 'e\u0301', '\udce9', '\ufffd'];
    expect(new Set(names.map(hashPath)).size).toBe(names.length);
  });
});
