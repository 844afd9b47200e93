// Source text of an expression → tokens (cel-spec, langdef.md, "Syntax").
import { CelSyntaxError } from './ast.ts';
import { CelUint } from './value.ts';
import { readQuoted } from './quoted.ts';

export type Token =
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** A field name between back-ticks. */
  | { readonly kind: 'field'; readonly text: string; readonly at: number }
  /** Not yet in range: a minus may stand before it. */
  | { readonly kind: 'int'; readonly magnitude: bigint; readonly at: number }
  | { readonly kind: 'value'; readonly value: number | CelUint | string | Uint8Array; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** 32 KiB: twice the longest rule we know of; a policy is written by people. */
const maxSourceLength = 32 * 1024;

const blank = /(?:[ \t\n\f\r]|\/\/[^\n]*)+/y;
const quote = /(?:[rR][bB]?|[bB][rR]?)?(?:"""|'''|"|')/y;
const number = /0[xX]([0-9a-fA-F]+)([uU]?)|(?:(\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)|(\d+)([uU]?)/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const quotedField = /`([A-Za-z0-9_./ -]+)`/y;
const symbol = /\.\?|\[\?|&&|\|\||[<>=!]=|[-+*/%<>!?:.,()[\]{}]/y;

/** Returns the tokens, the last of kind `end`. Throws `CelSyntaxError`. */
export function tokenize(source: string): readonly Token[] {
  if (source.length > maxSourceLength)
    throw new CelSyntaxError(`the expression is longer than ${maxSourceLength} characters`, 0);
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  for (;;) {
    at += match(blank)?.[0].length ?? 0;
    if (at >= source.length) break;
    const start = at;
    let found = match(quote);
    if (found !== null) {
      const { value, end } = readQuoted(source, start, found[0]);
      tokens.push({ kind: 'value', value, at });
      at = end;
    } else if ((found = match(number)) !== null) {
      tokens.push(numberToken(found, at));
      at += found[0].length;
      word.lastIndex = at;
      if (word.test(source)) throw new CelSyntaxError('a number runs into a name', at);
    } else if ((found = match(word)) !== null) {
      tokens.push({ kind: 'word', text: found[0], at });
      at += found[0].length;
    } else if ((found = match(quotedField)) !== null) {
      tokens.push({ kind: 'field', text: found[1] ?? '', at });
      at += found[0].length;
    } else if ((found = match(symbol)) !== null) {
      tokens.push({ kind: 'symbol', text: found[0], at });
      at += found[0].length;
    } else {
      throw new CelSyntaxError(`unexpected character ${JSON.stringify(source.slice(at, at + 1))}`, at);
    }
  }
  tokens.push({ kind: 'end', at });
  return tokens;
}

function numberToken(found: RegExpExecArray, at: number): Token {
  const [text, hex, hexUnsigned, , whole, unsigned] = found;
  const digits = hex === undefined ? whole : `0x${hex}`;
  if (digits === undefined) return { kind: 'value', value: Number(text), at };
  const magnitude = BigInt(digits);
  if ((hexUnsigned ?? '') === '' && (unsigned ?? '') === '') return { kind: 'int', magnitude, at };
  if (magnitude > 0xffff_ffff_ffff_ffffn) throw new CelSyntaxError('the number does not fit into uint', at);
  return { kind: 'value', value: new CelUint(magnitude), at };
}
