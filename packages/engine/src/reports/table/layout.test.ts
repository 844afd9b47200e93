import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutMiddle, layoutTable, wrap, type Column } from './layout.ts';

const columns: readonly Column<readonly string[]>[] = [
  { title: 'A', text: (row) => row[0] ?? '', dropOrder: 0, maxWidth: 20 },
  { title: 'B', text: (row) => row[1] ?? '', dropOrder: 2, maxWidth: 20 },
  { title: 'C', text: (row) => row[2] ?? '', dropOrder: 1, elastic: true },
];

describe('table layout', () => {
  it('aligns columns and cuts the elastic one', () => {
    expect(layoutTable(columns, [['x', 'yy', 'z'.repeat(40)]], 30)).toEqual(['A  B   C', `x  yy  ${'z'.repeat(22)}…`]);
  });

  it('drops the least important column first', () => {
    expect(layoutTable(columns, [['x'.repeat(20), 'y'.repeat(20), 'z'.repeat(40)]], 40)[0]).toBe(
      'A                     C',
    );
  });

  it('breaks sentences between words, and keeps both ends of a message', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('unbreakable', 5)).toEqual(['unbreakable']);
    expect(cutMiddle('path/to/a/file: it is cut off', 16)).toBe('path/to/…cut off');
    expect(cutMiddle('short', 16)).toBe('short');
  });

  it('narrows names evenly, but never an id', () => {
    const cells = ['GHSA-259r-337f-4rfw', 'x'.repeat(30), 'y'.repeat(12)];
    const three = ['ID', 'NAME', 'VERSION'].map((title, i): Column<readonly string[]> => {
      return { title, text: (row) => row[i] ?? '', dropOrder: 0, whole: i === 0 };
    });
    expect(layoutTable(three, [cells], 44)[1]).toBe(`GHSA-259r-337f-4rfw  ${'x'.repeat(9)}…  ${'y'.repeat(10)}…`);
  });

  it('never makes a line wider than asked for', () => {
    const text = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text)), fc.integer({ min: 60, max: 160 }), (rows, width) =>
        layoutTable(columns, rows, width).every((line) => line.length <= width),
      ),
    );
  });
});
