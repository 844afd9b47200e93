// JSON as a sequence of strings, so that a document of a million packages is never one string (T56).

/** JSON text in one piece or in several. */
export type JsonText = string | Iterable<string>;

// Large enough that writing costs no system call per package, small enough to weigh nothing.
const chunkCharacters = 64 * 1024;

/** The JSON text of a value. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value);
}

/** An object; members whose text is undefined are left out. */
export function* jsonObject(members: Iterable<readonly [key: string, text: JsonText | undefined]>): Iterable<string> {
  let separator = '{\n';
  for (const [key, text] of members) {
    if (text === undefined) continue;
    yield `${separator}${jsonOf(key)}: `;
    if (typeof text === 'string') yield text;
    else yield* text;
    separator = ',\n';
  }
  yield separator === '{\n' ? '{}' : '\n}';
}

/** An array, one item in a line. */
export function* jsonArray(items: Iterable<JsonText>): Iterable<string> {
  let separator = '[\n';
  for (const item of items) {
    yield separator;
    if (typeof item === 'string') yield item;
    else yield* item;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]' : '\n]';
}

/** Joins small pieces into chunks of about 64 Ki characters and ends with a line feed. */
export function* inChunks(pieces: Iterable<string>): Iterable<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= chunkCharacters) {
      yield chunk;
      chunk = '';
    }
  }
  yield `${chunk}\n`;
}

/** What `convert` makes of each item, one at a time. */
export function* mapped<T, R>(items: Iterable<T>, convert: (item: T) => R): Iterable<R> {
  for (const item of items) yield convert(item);
}
