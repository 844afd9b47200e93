// The assignments of a rockspec (LuaRocks "rockspec format"), read without running it: literals only.

/** Literal text and tables of it; everything else is left out. */
export type LuaValue = string | ReadonlyMap<string, LuaValue>;

/** Rockspecs nest 4 deep. */
const maxDepth = 32;
const maxValues = 50_000;

/** Returns the top-level `name = LITERAL` assignments, up to the first statement that is none. Linear; never throws. */
export function readAssignments(text: string): ReadonlyMap<string, LuaValue> {
  const reader = new Reader(text);
  const found = new Map<string, LuaValue>();
  for (;;) {
    const name = reader.match(/(?:local\s+)?([A-Za-z_]\w*)/y)?.[1];
    if (name === undefined || !reader.take('=')) return found;
    const value = reader.value(0);
    if (value === undefined) return found;
    if (value !== null) found.set(name, value);
    reader.take(';');
  }
}

const blank = /\s*(?:--(?:\[(=*)\[[^]*?\]\1\]|(?!\[=*\[)[^\n]*)\s*)*/y;
const quoted = /"([^"\\\n]*(?:\\[^][^"\\\n]*)*)"|'([^'\\\n]*(?:\\[^][^'\\\n]*)*)'/y;
const long = /\[(=*)\[\n?([^]*?)\]\1\]/y;
const other = /-?\d[\w.]*|true\b|false\b|nil\b/y;

class Reader {
  readonly #text: string;
  #at: number;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
    this.#at = /^\uFEFF?(?:#[^\n]*)?/.exec(text)?.[0].length ?? 0;
  }

  /** A literal; null for one that is no text and no table; undefined where there is none. */
  value(depth: number): LuaValue | null | undefined {
    this.#values += 1;
    if (depth > maxDepth || this.#values > maxValues) return undefined;
    const single = this.#text[this.#start()] === '{' ? this.#table(depth) : this.#scalar();
    if (typeof single !== 'string') return single;
    const parts = [single];
    while (this.take('..')) {
      const next = this.#scalar();
      if (typeof next !== 'string') return undefined;
      parts.push(next);
    }
    return parts.join('');
  }

  take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#start())) return false;
    this.#at += word.length;
    return true;
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#start();
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #scalar(): string | null | undefined {
    const short = this.match(quoted);
    if (short !== null) return unescape(short[1] ?? short[2] ?? '');
    const many = this.match(long);
    if (many !== null) return many[2];
    return this.match(other) === null ? undefined : null;
  }

  #table(depth: number): LuaValue | undefined {
    const items = new Map<string, LuaValue>();
    let index = 1;
    this.take('{');
    while (!this.take('}')) {
      const key = this.match(/\[\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|(\d+))\s*\]\s*=(?!=)|([A-Za-z_]\w*)\s*=(?!=)/y);
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      const name = key?.[1] ?? key?.[2] ?? key?.[3] ?? key?.[4] ?? String(index++);
      if (value !== null) items.set(name, value);
      if (!this.take(',') && !this.take(';') && this.#text[this.#start()] !== '}') return undefined;
    }
    return items;
  }

  #start(): number {
    blank.lastIndex = this.#at;
    if (blank.exec(this.#text) !== null) this.#at = blank.lastIndex;
    return this.#at;
  }
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, (_all, one: string) => (one === 'n' ? '\n' : one === 't' ? '\t' : one));
}
