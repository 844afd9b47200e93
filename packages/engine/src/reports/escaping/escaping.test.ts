import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell } from './csv.ts';
import { escapeMarkdown, markdownCode } from './markdown.ts';
import { escapeMarkup, safeAddress } from './markup.ts';

/** RFC 4180, read as spreadsheets do. */
function parseCsvLine(line: string, separator = ','): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    if (quoted && letter === '"' && line[at + 1] === '"') cell += line[++at];
    else if (letter === '"' && (quoted || cell === '')) quoted = !quoted;
    else if (letter === separator && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  return [...cells, cell];
}

const signs = fc.string({
  unit: fc.constantFrom('=', '+', '-', '@', ',', ';', '"', ' ', '\t', '\n', '\r', 'a', '1', '\uff1d', '|'),
});

describe('CSV', () => {
  it.each([
    ['=cmd|x', `"'=cmd|x"`],
    ['+1', `'+1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['-1', `'-1`],
    ['\uff1dcmd', `'\uff1dcmd`],
    ['\t=1', '\\u{9}=1'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['a;=1+1', `"a;'=1+1"`],
    ['1.0-r1', '1.0-r1'],
  ])('%j is %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('whatever the text and the separator of the reader, no cell begins a formula, and a line stays one', () => {
    fc.assert(
      fc.property(fc.array(signs, { minLength: 1 }), (texts) => {
        const line = texts.map(csvCell).join(',');
        expect(line).not.toMatch(/[\r\n\t]/);
        expect(parseCsvLine(line)).toHaveLength(texts.length);
        for (const cell of [...parseCsvLine(line), ...parseCsvLine(line, ';')])
          expect(cell.trimStart()).not.toMatch(/^"?\s*[=+\-@\uff1d]/);
      }),
    );
  });
});

describe('Markdown', () => {
  it.each([
    ['<img src=x>', '&#60;img src&#61;x&#62;'],
    ['[a](javascript:x)', '&#91;a&#93;&#40;javascript:x&#41;'],
    ['@team #12', '&#64;&#8288;team &#35;&#8288;12'],
    ['https://x www.x', 'https&#58;//x www&#46;x'],
    ['- a', '&#45; a'],
    ['1. a', '1&#46; a'],
    ['1.2', '1.2'],
    ['a|b', 'a&#124;b'],
  ])('%j is %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('code ends at no backtick and no cell at a bar', () => {
    expect(markdownCode('a`b|c\n')).toBe('`aˋb¦c\\u{a}`');
    expect(markdownCode(' ')).toBe('–');
  });
});

describe('markup', () => {
  it('is text, also within quotes, in any XML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkup(text)).not.toMatch(/[<>"'\u0000-\u001f\ufffe\uffff]|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  it.each([
    ['https://example.org/a b', 'https://example.org/a%20b'],
    ['HTTP://example.org', 'http://example.org/'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['//example.org', undefined],
    ['https://user:pass@example.org', undefined],
    ['https://', undefined],
  ])('%j is %j as an address', (address, safe) => {
    expect(safeAddress(address)).toBe(safe);
  });
});
