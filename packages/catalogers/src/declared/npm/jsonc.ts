// JSON with comments and commas before closing brackets, as Bun and Deno write it.

/** Returns the value. Throws a SyntaxError where it is none. */
export function parseJsonc(text: string): unknown {
  return JSON.parse(strict(text)) as unknown;
}

/** The text without comments and such commas, in one pass: a pattern would look for the end of each unclosed string and comment anew. (T15) */
function strict(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  /** Index in `pieces` of a comma after which only space and comments came. */
  let comma = -1;
  for (let at = 0; at < text.length;) {
    const char = text[at] as string;
    if (char === '"') {
      at = endOfString(text, at);
      comma = -1;
    } else if (char === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      pieces.push(text.slice(from, at));
      const end = text[at + 1] === '/' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2) + 2;
      at = end <= at + 1 ? text.length : end;
      from = at;
    } else if (char === ',') {
      pieces.push(text.slice(from, at));
      comma = pieces.push(',') - 1;
      at += 1;
      from = at;
    } else {
      if ((char === '}' || char === ']') && comma >= 0) pieces[comma] = ' ';
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') comma = -1;
      at += 1;
    }
  }
  pieces.push(text.slice(from));
  return pieces.join('');
}

/** The index behind a string that begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const char = text[end];
    if (char === '\\') end += 1;
    else if (char === '"') return end + 1;
  }
  return text.length;
}
