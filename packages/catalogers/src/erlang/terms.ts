// Erlang terms as text, as file:consult/1 reads them: atoms, strings, binaries of text, numbers, lists, tuples and maps.
import { TextCursor } from '../text-cursor.ts';

/** Numbers and what else is of no interest are text too; a list that is no proper one ends before its bar. */
export type Term =
  | { readonly kind: 'atom' | 'text' | 'other'; readonly text: string }
  | { readonly kind: 'list' | 'tuple' | 'map'; readonly items: readonly Term[] };

/** Real application files nest 8 deep. */
const maxDepth = 64;
const maxTerms = 100_000;

/** Returns the terms of a text, each ended by a dot, up to the first that cannot be read. Linear; never throws. */
export function readTerms(text: string): readonly Term[] {
  const reader = new TermReader(text);
  const terms: Term[] = [];
  for (;;) {
    const term = reader.next();
    if (term === undefined) return terms;
    terms.push(term);
  }
}

/** Returns the value of a pair whose key is this atom or text, in a list of pairs. */
export function valueOf(list: Term | undefined, key: string): Term | undefined {
  if (list?.kind !== 'list') return undefined;
  for (const pair of list.items) {
    if (pair.kind !== 'tuple' || pair.items.length !== 2) continue;
    const [first, second] = pair.items;
    if (textOf(first) === key) return second;
  }
  return undefined;
}

/** Returns the text of an atom or of a string; undefined for everything else. */
export function textOf(term: Term | undefined): string | undefined {
  return term?.kind === 'atom' || term?.kind === 'text' ? term.text : undefined;
}

const blank = /\s*(?:%[^\n]*\s*)*/y;
const atom = /[a-z][\w@]*/y;
const other = /[-+]?\d[\w#.]*(?:e[-+]?\d+)?|\$(?:\\.|[^])|[A-Z_]\w*/iy;
const quoted = /"([^"\\]*(?:\\[^][^"\\]*)*)"|'([^'\\]*(?:\\[^][^'\\]*)*)'/y;
const binary = /<<\s*(?:"([^"\\]*(?:\\[^][^"\\]*)*)"(?:\s*\/\s*utf8)?)?\s*>>/y;

class TermReader {
  readonly #cursor: TextCursor;
  #terms = 0;

  constructor(text: string) {
    this.#cursor = new TextCursor(text, blank);
  }

  next(): Term | undefined {
    const term = this.#term(0);
    return term !== undefined && this.#cursor.take('.') ? term : undefined;
  }

  #term(depth: number): Term | undefined {
    this.#terms += 1;
    if (depth > maxDepth || this.#terms > maxTerms) return undefined;
    this.#cursor.skipBlank();
    switch (this.#cursor.peek()) {
      case '{':
        return this.#items('tuple', '{', '}', depth);
      case '[':
        return this.#items('list', '[', ']', depth);
      case '#':
        return this.#items('map', '#{', '}', depth);
      case '"':
        return this.#string();
      case "'": {
        const found = this.#cursor.match(quoted);
        return found === null ? undefined : { kind: 'atom', text: unescape(found[2] ?? '') };
      }
      case '<': {
        const found = this.#cursor.match(binary);
        return found === null ? undefined : { kind: 'text', text: unescape(found[1] ?? '') };
      }
    }
    const word = this.#cursor.match(atom);
    if (word !== null) return { kind: 'atom', text: word[0] };
    const rest = this.#cursor.match(other);
    return rest === null ? undefined : { kind: 'other', text: rest[0] };
  }

  /** Strings that follow each other are one. */
  #string(): Term | undefined {
    const parts: string[] = [];
    while (this.#cursor.peek() === '"') {
      const found = this.#cursor.match(quoted);
      if (found === null) return undefined;
      parts.push(unescape(found[1] ?? ''));
      this.#cursor.skipBlank();
    }
    return { kind: 'text', text: parts.join('') };
  }

  #items(kind: 'list' | 'tuple' | 'map', open: string, close: string, depth: number): Term | undefined {
    if (!this.#cursor.take(open)) return undefined;
    const items: Term[] = [];
    if (this.#cursor.take(close)) return { kind, items };
    for (;;) {
      const item = this.#term(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#cursor.take(close)) return { kind, items };
      if (!this.#cursor.take(',') && !this.#cursor.take('=>') && !this.#cursor.take(':=') && !this.#cursor.take('|'))
        return undefined;
    }
  }
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:x\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})|([^]))/gi,
    (_all, wide?: string, byte?: string, one?: string) => {
      const code = parseInt(wide ?? byte ?? '', 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return one === 'n' ? '\n' : one === 't' ? '\t' : one === 's' ? ' ' : (one ?? '');
    },
  );
}
