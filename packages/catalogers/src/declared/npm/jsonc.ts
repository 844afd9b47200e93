// JSON with comments and commas before closing brackets, as Bun and Deno write it.

/** Returns the value. Throws a SyntaxError where it is none. */
export function parseJsonc(text: string): unknown {
  // Strings are kept as they are; comments go; a comma goes where only space and comments are between it and a closing bracket.
  const bare = text.replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (token) =>
    token.startsWith('"') ? token : ' ',
  );
  const strict = bare.replaceAll(/"(?:[^"\\\n]|\\.)*"|,(?=[ \t\r\n]{0,4096}[}\]])/g, (token) =>
    token === ',' ? '' : token,
  );
  return JSON.parse(strict) as unknown;
}
