// Data of Elixir as `mix` writes it: maps, tuples, lists, keywords, atoms, strings, numbers. Nothing is evaluated.
import { TextCursor } from '../../text-cursor.ts';

export type ElixirTerm =
  | { readonly kind: 'atom' | 'text' | 'other'; readonly text: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly ElixirTerm[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: ElixirTerm, value: ElixirTerm])[] }
  | { readonly kind: 'pair'; readonly key: string; readonly value: ElixirTerm };

/** Lock files nest five deep. */
const maxDepth = 32;
/** A lock file of 500 packages has 20,000. */
const maxTerms = 2_000_000;

/** Returns the one term of a text; undefined where it is anything else. Linear; never throws. */
export function readElixirTerm(text: string): ElixirTerm | undefined {
  const reader = new Reader(text);
  const term = reader.term(0);
  return term !== undefined && reader.isAtEnd() ? term : undefined;
}

const blank = /(?:[\s,]|#[^\n]*)*/y;
const string = /"([^"\\]*(?:\\[^][^"\\]*)*)"/y;
const keyword = /(?:([a-zA-Z_][\w@]*[?!]?)|"([^"\\]*(?:\\[^][^"\\]*)*)"):(?=\s)/y;
const atom = /:(?:([a-zA-Z_][\w@]*[?!]?)|"([^"\\]*(?:\\[^][^"\\]*)*)")/y;
const other = /[-+]?\d[\w.]*|[A-Z][\w.]*|true\b|false\b|nil\b/y;

class Reader {
  readonly #cursor: TextCursor;
  #terms = 0;

  constructor(text: string) {
    this.#cursor = new TextCursor(text, blank);
  }

  isAtEnd(): boolean {
    this.#cursor.skipBlank();
    return this.#cursor.peek() === undefined;
  }

  term(depth: number): ElixirTerm | undefined {
    this.#terms += 1;
    this.#cursor.skipBlank();
    if (depth > maxDepth || this.#terms > maxTerms) return undefined;
    if (this.#cursor.take('%{')) return this.#map(depth);
    if (this.#cursor.take('{')) return this.#items('tuple', '}', depth);
    if (this.#cursor.take('[')) return this.#items('list', ']', depth);
    const name = this.#cursor.match(atom);
    if (name !== null) return { kind: 'atom', text: unescape(name[1] ?? name[2] ?? '') };
    const key = this.#cursor.match(keyword);
    if (key !== null) {
      const value = this.term(depth + 1);
      return value && { kind: 'pair', key: unescape(key[1] ?? key[2] ?? ''), value };
    }
    const quoted = this.#cursor.match(string);
    if (quoted !== null) return { kind: 'text', text: unescape(quoted[1] ?? '') };
    const rest = this.#cursor.match(other);
    return rest === null ? undefined : { kind: 'other', text: rest[0] };
  }

  #items(kind: 'list' | 'tuple', close: string, depth: number): ElixirTerm | undefined {
    const items: ElixirTerm[] = [];
    while (!this.#cursor.take(close)) {
      const item = this.term(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { kind, items };
  }

  #map(depth: number): ElixirTerm | undefined {
    const entries: (readonly [ElixirTerm, ElixirTerm])[] = [];
    while (!this.#cursor.take('}')) {
      const key = this.term(depth + 1);
      if (key?.kind === 'pair') {
        entries.push([{ kind: 'atom', text: key.key }, key.value]);
        continue;
      }
      const value = key !== undefined && this.#cursor.take('=>') ? this.term(depth + 1) : undefined;
      if (key === undefined || value === undefined) return undefined;
      entries.push([key, value]);
    }
    return { kind: 'map', entries };
  }
}

function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([^])/g, '$1') : text;
}
