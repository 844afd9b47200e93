import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treemap } from './treemap.ts';

const area = { x: 10, y: 20, width: 300, height: 200 };

describe('a treemap', () => {
  it('fills the area with tiles as large as their weights, which do not overlap', () => {
    const weights = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(weights, (items) => {
        const tiles = treemap(items, (item) => item, area);
        const total = items.reduce((sum, item) => sum + item, 0);
        expect(tiles).toHaveLength(items.length);
        for (const { item, x, y, width, height } of tiles) {
          expect(width * height).toBeCloseTo((item / total) * area.width * area.height, 4);
          expect(x).toBeGreaterThanOrEqual(area.x - 1e-6);
          expect(y).toBeGreaterThanOrEqual(area.y - 1e-6);
          expect(x + width).toBeLessThanOrEqual(area.x + area.width + 1e-6);
          expect(y + height).toBeLessThanOrEqual(area.y + area.height + 1e-6);
        }
        for (const [index, a] of tiles.entries())
          for (const b of tiles.slice(index + 1)) {
            const wide = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
            const high = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
            expect(Math.min(wide, high)).toBeLessThanOrEqual(1e-6);
          }
      }),
    );
  });

  it('leaves out what weighs nothing, and has no tile for nothing', () => {
    expect(treemap([0, 2], (item) => item, area)).toEqual([{ item: 2, ...area }]);
    expect(treemap([], (item: number) => item, area)).toEqual([]);
    expect(treemap([1], (item) => item, { ...area, width: 0 })).toEqual([]);
  });
});
