// Patterns for identities: a small regular expression language that always matches the whole text, in linear time (T43).
import { malformed, overLimit, attempt, type Attempt } from '../parse/refused.ts';

/** A compiled pattern. */
export interface Pattern {
  readonly source: string;
  /** True where the whole text matches; text beyond 4,096 characters never does. */
  matches(text: string): boolean;
}

/** 1,000 characters, 2,000 states, 4,096 characters of text: together at most 8 million steps, about 20 ms. */
const limits = { source: 1000, states: 2000, text: 4096, depth: 50 } as const;

/**
 * Compiles a pattern in the syntax of RE2 that identities need: literals, `.`, classes, `\d \w \s` and their opposites, groups,
 * `|`, `* + ? {m,n}`, `^` and `$`. It is anchored on both sides whether it says so or not. Look-around and back references are
 * malformed; it is run as a set of states, so no pattern can take exponential time.
 */
export function compilePattern(source: string): Attempt<Pattern> {
  return attempt(() => {
    if (source.length > limits.source) overLimit(`the pattern is longer than ${limits.source} characters`);
    const program = new Compiler(source).compile();
    return { source, matches: (text: string) => run(program, text) };
  });
}

type Test = (code: number) => boolean;

/** One state: a test of one character, a fork, an assertion of start or end, or the match. */
type State =
  | { readonly kind: 'test'; readonly test: Test; next: number }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'start' | 'end'; next: number }
  | { readonly kind: 'match' };

interface Program {
  readonly states: readonly State[];
  readonly first: number;
}

/** A parsed piece, emitted with the state that follows it; answers its first state. */
type Piece = (next: number) => number;

class Compiler {
  readonly #source: string;
  readonly #states: State[] = [];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  compile(): Program {
    const piece = this.#alternatives();
    if (this.#at < this.#source.length) malformed('the pattern has a ")" without "("');
    const last = this.#add({ kind: 'match' });
    return { first: piece(last), states: this.#states };
  }

  #add(state: State): number {
    if (this.#states.length >= limits.states) overLimit('the pattern has too many states');
    return this.#states.push(state) - 1;
  }

  #alternatives(): Piece {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    return branches.length === 1
      ? (branches[0] as Piece)
      : (next) => this.#add({ kind: 'fork', to: branches.map((branch) => branch(next)) });
  }

  #sequence(): Piece {
    const pieces: Piece[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string))
      pieces.push(this.#repeated());
    return (next) => pieces.reduceRight((following, piece) => piece(following), next);
  }

  #repeated(): Piece {
    let piece = this.#atom();
    for (let quantifiers = 0; ; quantifiers++) {
      const range = this.#quantifier();
      if (range === undefined) return piece;
      if (quantifiers > 0) malformed('the pattern repeats a repetition');
      this.#take('?');
      piece = this.#repeat(piece, range[0], range[1]);
    }
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const match = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (match === null) return undefined;
    this.#at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3]);
    return max < min ? malformed('the pattern has a repetition that ends before it begins') : [min, max];
  }

  #repeat(piece: Piece, min: number, max: number): Piece {
    return (next) => {
      let following = next;
      if (max === Infinity) {
        const fork: State = { kind: 'fork', to: [next] };
        const loop = this.#add(fork);
        fork.to.unshift(piece(loop));
        following = loop;
      } else {
        for (let count = min; count < max; count++) {
          following = this.#add({ kind: 'fork', to: [piece(following), next] });
        }
      }
      for (let count = 0; count < min; count++) following = piece(following);
      return following;
    };
  }

  #atom(): Piece {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '^') return (next) => this.#add({ kind: 'start', next });
    if (char === '$') return (next) => this.#add({ kind: 'end', next });
    if ('*+?'.includes(char)) malformed(`the pattern has a "${char}" that repeats nothing`);
    const test = char === '.' ? notNewline : char === '[' ? this.#class() : char === '\\' ? this.#escape() : is(char);
    return (next) => this.#add({ kind: 'test', test, next });
  }

  #group(): Piece {
    if (++this.#depth > limits.depth) overLimit('the pattern nests too deeply');
    if (this.#take('?') && !this.#take(':')) malformed('the pattern has a group that is not supported');
    const piece = this.#alternatives();
    if (!this.#take(')')) malformed('the pattern has a "(" without ")"');
    this.#depth -= 1;
    return piece;
  }

  #escape(): Test {
    const char = this.#next();
    const named = namedClasses[char];
    if (named !== undefined) return named;
    if (Object.hasOwn(controls, char)) return is(controls[char] as string);
    return /[A-Za-z0-9]/.test(char) ? malformed(`the pattern has the unsupported escape "\\${char}"`) : is(char);
  }

  #class(): Test {
    const negated = this.#take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#source[this.#at] !== ']'; first = false) {
      const from = this.#next();
      if (from === '[' && this.#source[this.#at] === ':') malformed('the pattern has a named class');
      const low = from === '\\' ? this.#classEscape() : from;
      if (typeof low !== 'string') tests.push(low);
      else if (this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at += 1;
        const to = this.#next();
        const high = to === '\\' ? this.#classEscape() : to;
        if (typeof high !== 'string' || codeOf(high) < codeOf(low)) malformed('the pattern has a range that is none');
        tests.push((code) => code >= codeOf(low) && code <= codeOf(high));
      } else tests.push(is(low));
    }
    this.#at += 1;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #classEscape(): string | Test {
    const char = this.#next();
    const named = namedClasses[char];
    if (named !== undefined) return named;
    if (Object.hasOwn(controls, char)) return controls[char] as string;
    return /[A-Za-z0-9]/.test(char) ? malformed(`the pattern has the unsupported escape "\\${char}"`) : char;
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) malformed('the pattern ends too early');
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return char;
  }
}

const codeOf = (char: string): number => char.codePointAt(0) as number;
const is = (char: string): Test => {
  const wanted = codeOf(char);
  return (code) => code === wanted;
};
const notNewline: Test = (code) => code !== 10;
const digit: Test = (code) => code >= 48 && code <= 57;
const word: Test = (code) => digit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const space: Test = (code) => code === 32 || (code >= 9 && code <= 13);
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const namedClasses: Readonly<Record<string, Test>> = Object.assign(Object.create(null) as object, {
  d: digit,
  D: (code: number) => !digit(code),
  w: word,
  W: (code: number) => !word(code),
  s: space,
  S: (code: number) => !space(code),
});

function run({ states, first }: Program, text: string): boolean {
  if (text.length > limits.text) return false;
  const codes = Array.from(text, codeOf);
  let current = closure(states, [first], 0, codes.length);
  for (const [index, code] of codes.entries()) {
    const reached: number[] = [];
    for (const at of current) {
      const state = states[at] as State;
      if (state.kind === 'test' && state.test(code)) reached.push(state.next);
    }
    if (reached.length === 0) return false;
    current = closure(states, reached, index + 1, codes.length);
  }
  return [...current].some((at) => (states[at] as State).kind === 'match');
}

/** All states reachable without a character; each is visited once. */
function closure(states: readonly State[], from: readonly number[], at: number, end: number): Set<number> {
  const seen = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const state = states[index] as State;
    if (state.kind === 'fork') open.push(...state.to);
    else if (state.kind === 'start' ? at === 0 : state.kind === 'end' && at === end)
      open.push((state as { next: number }).next);
  }
  return seen;
}
