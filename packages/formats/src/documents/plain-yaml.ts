// The part of YAML that programs write: blocks of mappings and lists, one-line flow collections, quoted and plain scalars. A lock file of 4 MiB
// takes 0.1 s here, and 20 s and 1.4 GiB in a reader of all of YAML.

type Mapping = Record<string, unknown>;

/** Flow collections in flow collections; lock files nest two. */
const maxFlowDepth = 16;

/** Thrown where the text is YAML of another kind, or none. */
class NotPlain extends Error {}

/**
 * Returns the value of a text, undefined where it holds anything else: anchors, aliases, tags, scalars of several lines, tabs. Plain scalars are texts but for
 * `true`, `false` and `null`: `1.10` stays `1.10`. The lines of block scalars are kept as they are. Nesting costs no stack. Throws on a key that is there twice,
 * unless `onRepeated` is there: then it is told the key, and the last one counts.
 */
export function parsePlainYaml(text: string, onRepeated?: (key: string) => void): unknown {
  try {
    return new Reader(text, onRepeated).read();
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    // Lists in one line are read by recursion, whose stack ends at some thousand levels.
    throw thrown instanceof RangeError ? new Error('is nested too deep') : thrown;
  }
}

interface Block {
  readonly indent: number;
  readonly value: Mapping | unknown[];
}

class Reader {
  readonly #lines: readonly string[];
  readonly #onRepeated: ((key: string) => void) | undefined;
  #at = 0;
  readonly #stack: Block[] = [];
  #root: unknown;
  /** The place that waits for a value in the next lines, deeper than `indent`. */
  #open: { readonly indent: number; set(value: unknown): void } | undefined;

  constructor(text: string, onRepeated?: (key: string) => void) {
    this.#onRepeated = onRepeated;
    this.#lines = text.split(/\r?\n/);
    this.#open = { indent: -1, set: (value) => (this.#root = value) };
  }

  read(): unknown {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] as string;
      const rest = line.trimStart();
      if (rest === '' || rest.startsWith('#')) continue;
      const indent = line.length - rest.length;
      if (line.lastIndexOf('\t', indent) >= 0) throw new NotPlain();
      if (indent === 0 && line === '---' && this.#root === undefined) continue;
      if (indent === 0 && (line.startsWith('---') || line.startsWith('...') || line.startsWith('%')))
        throw new NotPlain();
      this.#line(indent, rest.trimEnd());
    }
    this.#close();
    return this.#root;
  }

  #line(indent: number, rest: string): void {
    if (rest === '-' || rest.startsWith('- ')) return this.#item(indent, rest);
    const block = this.#block(indent, () => ({}));
    if (Array.isArray(block.value)) throw new NotPlain();
    const explicit = rest.startsWith('? ');
    const [key, after] = readKey(explicit ? rest.slice(2) : rest, explicit);
    const mapping = block.value;
    const set = (value: unknown): void => define(mapping, key, value);
    if (Object.hasOwn(mapping, key)) {
      if (this.#onRepeated === undefined) throw new Error(`has the key ${key.slice(0, 100)} twice`);
      this.#onRepeated(key);
    }
    set(null);
    if (!explicit) return this.#value(indent, after, set);
    this.#at += 1;
    const next = this.#lines[this.#at] ?? '';
    if (!next.startsWith(`${' '.repeat(indent)}:`)) throw new NotPlain();
    this.#value(indent, next.slice(indent + 1).trim(), set);
  }

  #item(indent: number, rest: string): void {
    // A list may stand at the indent of the key it is of.
    const block = this.#block(indent, () => [], true);
    if (!Array.isArray(block.value)) throw new NotPlain();
    const list = block.value;
    const after = rest.slice(1).trimStart();
    const index = list.push(null) - 1;
    const set = (value: unknown): void => void (list[index] = value);
    const inner = indent + rest.length - after.length;
    if (after !== '' && (after.startsWith('- ') || looksLikeKey(after))) {
      this.#open = { indent, set };
      this.#line(inner, after);
    } else this.#value(indent, after, set);
  }

  /** The block that a line of this indent is in: the one that is open, or a new one. */
  #block(indent: number, make: () => Block['value'], isItem = false): Block {
    const open = this.#open;
    if (open !== undefined && (indent > open.indent || (isItem && indent === open.indent && !this.#inList(indent)))) {
      const block = { indent, value: make() };
      open.set(block.value);
      this.#open = undefined;
      this.#stack.push(block);
      return block;
    }
    this.#close();
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      if (top.indent < indent) break;
      if (top.indent === indent && Array.isArray(top.value) === isItem) return top;
      this.#stack.pop();
    }
    throw new NotPlain();
  }

  #inList(indent: number): boolean {
    const top = this.#stack.at(-1);
    return top !== undefined && top.indent === indent && Array.isArray(top.value);
  }

  #close(): void {
    this.#open = undefined;
  }

  #value(indent: number, after: string, set: (value: unknown) => void): void {
    if (after === '' || after.startsWith('#')) {
      this.#open = { indent, set };
      return;
    }
    this.#open = undefined;
    if (/^[|>][+-]?\d?(?:\s+#.*)?$/.test(after)) set(this.#text(indent));
    else set(readValue(after));
  }

  #text(indent: number): string {
    const lines: string[] = [];
    for (let next = this.#lines[this.#at + 1]; next !== undefined; next = this.#lines[this.#at + 1]) {
      if (next.trim() !== '' && next.length - next.trimStart().length <= indent) break;
      lines.push(next.trim());
      this.#at += 1;
    }
    return lines.join('\n').trimEnd();
  }
}

function define(mapping: Mapping, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(mapping, key, { value, writable: true, enumerable: true, configurable: true });
  else mapping[key] = value;
}

function looksLikeKey(text: string): boolean {
  return /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s'"{[&*!|>%@`#][^#]*?):(?: |$)/.test(text);
}

/** Reads `key: rest`; with `whole` the key is all there is. */
function readKey(text: string, whole: boolean): readonly [key: string, rest: string] {
  const quoted = readQuoted(text);
  if (quoted !== undefined) {
    const rest = text.slice(quoted.end).trimStart();
    if (whole && rest === '') return [quoted.value, ''];
    if (whole || !rest.startsWith(':')) throw new NotPlain();
    return [quoted.value, rest.slice(1).trimStart()];
  }
  if (/^[&*!|>%@`{[?]/.test(text)) throw new NotPlain();
  if (whole) return [text, ''];
  const colon = text.endsWith(':') && !text.includes(': ') ? text.length - 1 : text.indexOf(': ');
  if (colon <= 0) throw new NotPlain();
  return [text.slice(0, colon).trimEnd(), text.slice(colon + 1).trimStart()];
}

function readValue(text: string): unknown {
  const flow = new Flow(text);
  const value = flow.value(0, false);
  if (!flow.atEnd()) throw new NotPlain();
  return value;
}

/** The value of a quoted scalar at the beginning of a text, and where it ends. */
function readQuoted(text: string): { readonly value: string; readonly end: number } | undefined {
  if (text.startsWith("'")) {
    const [raw] = /^'(?:[^']|'')*'/.exec(text) ?? [];
    if (raw === undefined) throw new NotPlain();
    return { value: raw.slice(1, -1).replaceAll("''", "'"), end: raw.length };
  }
  if (!text.startsWith('"')) return undefined;
  const [raw] = /^"(?:[^"\\]|\\.)*"/.exec(text) ?? [];
  if (raw === undefined) throw new NotPlain();
  try {
    // YAML knows more escapes than JSON; programs write those of JSON.
    return { value: JSON.parse(raw) as string, end: raw.length };
  } catch {
    throw new NotPlain();
  }
}

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['~', null],
]);

class Flow {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#space();
    return this.#at >= this.#text.length || this.#text.startsWith('#', this.#at);
  }

  value(depth: number, inside: boolean): unknown {
    if (depth > maxFlowDepth) throw new NotPlain();
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#mapping(depth);
    if (first === '[') return this.#list(depth);
    return this.#scalar(inside);
  }

  #mapping(depth: number): Mapping {
    const mapping: Mapping = {};
    this.#at += 1;
    for (;;) {
      this.#space();
      if (this.#take('}')) return mapping;
      const key = this.#scalar(true);
      if (!this.#take(':')) throw new NotPlain();
      define(mapping, String(key), this.value(depth + 1, true));
      this.#space();
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw new NotPlain();
    }
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#space();
      if (this.#take(']')) return list;
      list.push(this.value(depth + 1, true));
      this.#space();
      if (!this.#take(',') && this.#text[this.#at] !== ']') throw new NotPlain();
    }
  }

  #scalar(inside: boolean): unknown {
    const rest = this.#text.slice(this.#at);
    const quoted = readQuoted(rest);
    if (quoted !== undefined) {
      this.#at += quoted.end;
      this.#space();
      return quoted.value;
    }
    if (/^[&*!|>%@`]/.test(rest)) throw new NotPlain();
    let end = 0;
    while (end < rest.length) {
      const char = rest[end] as string;
      const next = rest[end + 1];
      if (inside && (char === ',' || char === '}' || char === ']' || char === '{' || char === '[')) break;
      if (char === ':' && (next === undefined || next === ' ' || (inside && (next === ',' || next === '}')))) break;
      if (char === ' ' && next === '#') break;
      end += 1;
    }
    if (!inside && rest[end] === ':') throw new NotPlain();
    const plain = rest.slice(0, end).trimEnd();
    if (plain === '') throw new NotPlain();
    this.#at += end;
    return constants.has(plain) ? constants.get(plain) : plain;
  }

  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }
}
