// Keeping single lines of a stream, whatever its chunks.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDistiller } from './lines.ts';

function distil(
  text: string,
  chunkBytes: number,
  keep: (line: string) => string | undefined | false,
): string | undefined {
  const distiller = lineDistiller(keep);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    if (!distiller.write(Buffer.from(bytes.subarray(at, at + chunkBytes)))) break;
  }
  const kept = distiller.finish();
  return kept && Buffer.from(kept).toString('latin1');
}

const all = (line: string): string => line;

test.each([
  ['with a last newline', 'a\nb\n', all, 'a\nb'],
  ['without', 'a\nb', all, 'a\nb'],
  ['CRLF', 'a\r\nb\r\n', all, 'a\nb'],
  ['nothing kept', 'a\nb\n', () => undefined, undefined],
  ['ended early', 'a\nb\nc\n', (line: string) => (line === 'b' ? (false as const) : line), 'a'],
  ['bytes that are not ASCII', '\xe4\n\xff', all, '\xe4\n\xff'],
  ['a line over 8 KiB is skipped', `a\n${'x'.repeat(9000)}\nb\n`, all, 'a\nb'],
  ['the last line over 8 KiB', `a\n${'x'.repeat(9000)}`, all, 'a'],
])('%s', (_title, text, keep, expected) => {
  for (const size of [1, 3, 100, 65_536]) expect(distil(text, size, keep)).toBe(expected);
});

test('the chunks do not matter', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\r', '\xff') });
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 20 }), (lines, size) => {
      const text = lines.join('\n');
      expect(distil(text, size, all)).toBe(distil(text, 65_536, all));
    }),
  );
});
