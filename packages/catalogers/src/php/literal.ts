// Reading the two forms in which PHP writes values: source code of an array (`var_export`), and `serialize`. Nothing is ever run.

/** A value of PHP; arrays are maps, whatever their keys. Objects and code are none. */
export type PhpValue = string | number | boolean | null | PhpArray;
export type PhpArray = ReadonlyMap<string, PhpValue>;

/** installed.php has three levels, a registry file of PEAR under twelve. (T51) */
const maxDepth = 32;
/** The largest registry file known to us, of PEAR itself, has 20,000 values. */
const maxValues = 1_000_000;

class Malformed extends Error {}

/** Returns an array's entry that is an array itself; undefined else. */
export function arrayAt(value: PhpValue | undefined, key: string): PhpArray | undefined {
  const found = value instanceof Map ? (value as PhpArray).get(key) : undefined;
  return found instanceof Map ? found : undefined;
}

/** Returns an array's entry that is text; undefined else. */
export function textAt(value: PhpValue | undefined, key: string): string | undefined {
  const found = value instanceof Map ? (value as PhpArray).get(key) : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Reads `<?php return array('a' => 'b', …);`, both spellings of arrays. Undefined for anything else. */
export function parsePhpArray(text: string): PhpArray | undefined {
  const start = /^\s*<\?php\s+return\s*/.exec(text);
  return start === null ? undefined : arrayOf(() => new Source(text, start[0].length).value(0));
}

/** Reads the answer of PHP's `serialize` for an array; lengths of texts count bytes, so it is Latin-1 text. Undefined for anything else. */
export function parseSerialized(latin1: string): PhpArray | undefined {
  return arrayOf(() => new Serialized(latin1).value(0));
}

function arrayOf(read: () => PhpValue): PhpArray | undefined {
  try {
    const value = read();
    return value instanceof Map ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof Malformed) return undefined;
    throw thrown;
  }
}

/** Space and comments, a number, a word, or one mark. */
const token =
  /(?:\s+|\/\/[^\n]*|#[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:(-?\d[\d.eE+-]*)|([A-Za-z_\\][\w\\]*)|(=>|.))/suy;

class Source {
  readonly #text: string;
  #at: number;
  #values = 0;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  value(depth: number): PhpValue {
    if (depth > maxDepth || ++this.#values > maxValues) throw new Malformed();
    const { number, word, mark } = this.#next();
    if (number !== undefined) return Number(number);
    if (mark === '[') return this.#array(']', depth);
    if (mark === "'" || mark === '"') return this.#string(mark) + this.#joined(depth);
    const name = word?.toLowerCase();
    if (name === 'true' || name === 'false') return name === 'true';
    if (name === 'null') return null;
    // The folder of the file: what follows it is a path from there.
    if (name === '__dir__') return this.#joined(depth);
    if (name === 'array' && this.#next().mark === '(') return this.#array(')', depth);
    throw new Malformed();
  }

  #joined(depth: number): string {
    if (this.#peek() !== '.') return '';
    this.#next();
    const more = this.value(depth + 1);
    if (typeof more !== 'string') throw new Malformed();
    return more;
  }

  #array(end: string, depth: number): PhpArray {
    const entries = new Map<string, PhpValue>();
    let index = 0;
    while (this.#peek() !== end) {
      const first = this.value(depth + 1);
      if (this.#peek() === '=>') {
        this.#next();
        if (typeof first !== 'string' && typeof first !== 'number') throw new Malformed();
        entries.set(String(first), this.value(depth + 1));
      } else entries.set(String(index++), first);
      if (this.#peek() === ',') this.#next();
      else if (this.#peek() !== end) throw new Malformed();
    }
    this.#next();
    return entries;
  }

  #string(quote: string): string {
    let text = '';
    for (;;) {
      const stop = /[\\'"]/g;
      stop.lastIndex = this.#at;
      const found = stop.exec(this.#text);
      if (found === null) throw new Malformed();
      text += this.#text.slice(this.#at, found.index);
      this.#at = found.index + 1;
      if (found[0] === quote) return text;
      if (found[0] !== '\\') text += found[0];
      else text += this.#text[this.#at++] ?? '';
    }
  }

  #peek(): string | undefined {
    const at = this.#at;
    const { mark } = this.#next();
    this.#at = at;
    return mark;
  }

  #next(): {
    readonly number?: string | undefined;
    readonly word?: string | undefined;
    readonly mark?: string | undefined;
  } {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text);
    if (found === null) throw new Malformed();
    this.#at = token.lastIndex;
    return { number: found[1], word: found[2], mark: found[3] };
  }
}

class Serialized {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PhpValue {
    if (depth > maxDepth || ++this.#values > maxValues) throw new Malformed();
    const kind = this.#text[this.#at];
    this.#at += 2;
    if (kind === 'N') return null;
    if (kind === 's') {
      const length = Number(this.#until(':'));
      const start = this.#at + 1;
      this.#at = start + length + 2;
      if (!Number.isSafeInteger(length) || length < 0 || this.#at > this.#text.length) throw new Malformed();
      return this.#text.slice(start, start + length);
    }
    if (kind === 'i' || kind === 'd') return Number(this.#until(';'));
    if (kind === 'b') return this.#until(';') === '1';
    if (kind === 'a') return this.#array(depth);
    throw new Malformed();
  }

  #array(depth: number): PhpArray {
    const count = Number(this.#until(':'));
    this.#at += 1;
    const entries = new Map<string, PhpValue>();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') throw new Malformed();
      entries.set(String(key), this.value(depth + 1));
    }
    if (!Number.isSafeInteger(count) || this.#text[this.#at] !== '}') throw new Malformed();
    this.#at += 1;
    return entries;
  }

  #until(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    if (end < 0 || end - this.#at > 40) throw new Malformed();
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }
}
