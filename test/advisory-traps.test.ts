// docs/advisory-traps.md says which test holds the reader of a feed to which trap: each of them is there.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const rows = readFileSync(`${root}docs/advisory-traps.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| trap'))
  .map((line) => line.slice(2, -2).split(' | '));
const texts = new Map<string, string>();

function textOf(path: string): string {
  const known = texts.get(path) ?? readFileSync(`${root}${path}`, 'utf8').replaceAll("\\'", "'");
  texts.set(path, known);
  return known;
}

it.each(rows)('%s', (...cells) => {
  expect(cells).toHaveLength(3);
  const [, path, title] = /^`([\w./-]+)`: (.+)$/.exec(cells[2] ?? '') ?? [];
  expect(
    ['', "'", '"'].some((quote) => textOf(path ?? '').includes(`${quote}${title}${quote}`)),
    title,
  ).toBe(true);
});

it('every trap that is matched end to end has its row', () => {
  const named = new Set(rows.map(([, , cell = '']) => cell.replace(/^`[^`]+`: /, '')));
  for (const file of ['languages', 'distributions']) {
    const titles = [...textOf(`test/support/traps/${file}.ts`).matchAll(/^ {4}title:\s+(['"])(.+)\1,$/gm)].map(
      ([, , title]) => title,
    );
    expect(titles.length).toBeGreaterThan(20);
    expect(titles.filter((title) => !named.has(title ?? ''))).toEqual([]);
  }
});
