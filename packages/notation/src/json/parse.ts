// Reads JSON strictly: no duplicate names, no prototypes, bounded depth (RFC 8259 with section 4's SHOULD made a MUST).
import { Malformed, demand, within } from '../malformed.ts';
import { inert, type JsonObject } from '@plombe/kit';

/** An envelope nests 3 deep, a trust policy 5. */
const maxDepth = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex
const plainText = /"[^"\\\u0000-\u001f]*"/y;
// eslint-disable-next-line no-control-regex
const escapedText = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const words: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Returns the value of a JSON text; objects have no prototype (T73). Throws `Malformed` and `LimitReached`. */
export function parseJson(bytes: Uint8Array): unknown {
  const reader = new Reader(decode(bytes));
  const value = reader.value(0);
  reader.skip();
  demand(reader.at === reader.text.length, 'JSON: text follows the value');
  return value;
}

/** As `parseJson`, for what must be an object. */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes);
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), 'JSON: not an object');
  return value as JsonObject;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Malformed('JSON: not UTF-8');
  }
}

class Reader {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  skip(): void {
    space.lastIndex = this.at;
    space.exec(this.text);
    this.at = space.lastIndex;
  }

  value(depth: number): unknown {
    within(depth <= maxDepth, `JSON: nested deeper than ${String(maxDepth)}`);
    this.skip();
    const c = this.text[this.at];
    if (c === '{') return this.object(depth);
    if (c === '[') return this.array(depth);
    if (c === '"') return this.string();
    for (const [word, value] of words) if (this.text.startsWith(word, this.at)) return this.advance(word.length, value);
    const digits = this.match(number);
    demand(digits !== undefined && digits !== '', `JSON: no value at character ${String(this.at)}`);
    return Number(digits);
  }

  private advance<T>(length: number, value: T): T {
    this.at += length;
    return value;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private string(): string {
    const plain = this.match(plainText);
    if (plain !== undefined) return plain.slice(1, -1);
    const escaped = this.match(escapedText);
    demand(escaped !== undefined, `JSON: no valid string at character ${String(this.at)}`);
    const value = JSON.parse(escaped) as string;
    demand(value.isWellFormed(), 'JSON: a string holds a lone surrogate');
    return value;
  }

  private next(expected: string): void {
    this.skip();
    demand(this.text[this.at] === expected, `JSON: no "${expected}" at character ${String(this.at)}`);
    this.at += 1;
  }

  private ends(mark: string): boolean {
    this.skip();
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  private object(depth: number): JsonObject {
    const object = Object.create(null) as Record<string, unknown>;
    this.at += 1;
    if (this.ends('}')) return object;
    for (;;) {
      this.skip();
      demand(this.text[this.at] === '"', `JSON: no name at character ${String(this.at)}`);
      const name = this.string();
      demand(!(name in object), `JSON: the name "${inert(name.slice(0, 100))}" occurs twice`);
      this.next(':');
      object[name] = this.value(depth + 1);
      if (this.ends('}')) return object;
      this.next(',');
    }
  }

  private array(depth: number): readonly unknown[] {
    const list: unknown[] = [];
    this.at += 1;
    if (this.ends(']')) return list;
    for (;;) {
      list.push(this.value(depth + 1));
      if (this.ends(']')) return list;
      this.next(',');
    }
  }
}
