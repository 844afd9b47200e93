// Reads protobuf's text format, as far as the conformance vectors of CEL use it; tests only.

/** A message: each field's values in order, whether it repeats or not. Extensions and `Any` are kept under `[name]`. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>;

/** A string is kept as its bytes, since the format does not say which strings are text; words and numbers stay as written. */
export type TextValue = TextMessage | Uint8Array | string;

const token =
  /\s+|#[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|[A-Za-z_][A-Za-z0-9_]*|-?\s*(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?f?|inf|nan)|\[[A-Za-z_][\w./-]*\](?=\s*[:{])|[{}[\]:,;<>-]/y;

/** Parses a whole file. Throws an Error with the offset for anything that is not text format. */
export function parseTextproto(text: string): TextMessage {
  const tokens = tokenize(text);
  let at = 0;

  const message = (end: string | undefined): TextMessage => {
    const fields = new Map<string, TextValue[]>();
    while (tokens[at] !== end) {
      const name = tokens[at++];
      if (name === undefined) throw new Error('The message does not end.');
      if (tokens[at] === ':') at++;
      const values = tokens[at] === '[' ? list() : [value()];
      if (tokens[at] === ',' || tokens[at] === ';') at++;
      const known = fields.get(name);
      if (known === undefined) fields.set(name, values);
      else known.push(...values);
    }
    at++;
    return fields;
  };
  const list = (): TextValue[] => {
    at++;
    const values: TextValue[] = [];
    while (tokens[at] !== ']') {
      values.push(value());
      if (tokens[at] === ',') at++;
    }
    at++;
    return values;
  };
  const value = (): TextValue => {
    const first = tokens[at++];
    if (first === '{') return message('}');
    if (first === '<') return message('>');
    if (first === undefined) throw new Error('A value is missing.');
    if (first[0] !== '"' && first[0] !== "'") return first.replace(/\s/g, '');
    const bytes = unescape(first);
    while (tokens[at]?.[0] === '"' || tokens[at]?.[0] === "'") bytes.push(...unescape(tokens[at++] ?? ''));
    return Uint8Array.from(bytes);
  };
  return message(undefined);
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const found = token.exec(text)?.[0];
    if (found === undefined)
      throw new Error(`This is not text format, at offset ${start}: ${text.slice(start, start + 40)}`);
    if (!/^[\s#]/.test(found)) tokens.push(found);
  }
  return tokens;
}

const simpleEscapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

function unescape(quoted: string): number[] {
  const body = quoted.slice(1, -1);
  const pieces =
    body.match(/\\(?:[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|[^\\]+/g) ?? [];
  return pieces.flatMap((piece) => {
    if (piece[0] !== '\\') return [...new TextEncoder().encode(piece)];
    const kind = piece[1] ?? '';
    if (/[0-7]/.test(kind)) return [Number.parseInt(piece.slice(1), 8)];
    if (/[xX]/.test(kind) && piece.length > 2) return [Number.parseInt(piece.slice(2), 16)];
    if (/[uU]/.test(kind) && piece.length > 2) {
      return [...new TextEncoder().encode(String.fromCodePoint(Number.parseInt(piece.slice(2), 16)))];
    }
    return [simpleEscapes[kind] ?? kind.charCodeAt(0)];
  });
}
