// String and bytes literals: prefixes, triple quotes and escapes (cel-spec, langdef.md, "String and Bytes Values").
import { CelSyntaxError } from './ast.ts';

const plain: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '?': 63,
  '"': 34,
  "'": 39,
  '`': 96,
};

/** Reads the literal that starts at `start` with `opening` (prefix and quote). Throws `CelSyntaxError`. */
export function readQuoted(
  source: string,
  start: number,
  opening: string,
): { value: string | Uint8Array; end: number } {
  const quote = opening.replace(/^[rRbB]+/, '');
  const isBytes = /^[rR]?[bB]/.test(opening);
  const raw = /^[bB]?[rR]/.test(opening);
  const bytes: number[] = [];
  let text = '';
  const add = (code: number, asByte: boolean): void => {
    if (!isBytes) text += String.fromCodePoint(code);
    else if (asByte) bytes.push(code);
    else bytes.push(...new TextEncoder().encode(String.fromCodePoint(code)));
  };
  let at = start + opening.length;
  while (!source.startsWith(quote, at)) {
    const code = source.codePointAt(at);
    if (code === undefined || (quote.length === 1 && (code === 10 || code === 13))) {
      throw new CelSyntaxError('the string does not end', start);
    }
    if (code === 92 && !raw) {
      const escape = readEscape(source, at, isBytes);
      add(escape.code, escape.isByte);
      at = escape.end;
    } else {
      add(code, false);
      at += code > 0xffff ? 2 : 1;
    }
  }
  return { value: isBytes ? Uint8Array.from(bytes) : text, end: at + quote.length };
}

function readEscape(source: string, at: number, isBytes: boolean): { code: number; end: number; isByte: boolean } {
  const kind = source[at + 1] ?? '';
  const simple = plain[kind];
  if (simple !== undefined) return { code: simple, end: at + 2, isByte: true };
  const form = /^(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/.exec(
    source.slice(at + 1, at + 10),
  );
  const [all, hex, short, long, octal] = form ?? [];
  const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
  const wide = short ?? long;
  if (all === undefined || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || (isBytes && wide !== undefined)) {
    throw new CelSyntaxError('this escape is not known', at);
  }
  return { code, end: at + 1 + all.length, isByte: wide === undefined };
}
