// RE2's pattern syntax → a tree. Back-references and look-around do not exist there, so every pattern runs in linear time.

/** The pattern is not one that RE2 takes. */
export class RegexError extends Error {}

/** Accepts one code point. */
export type CharacterTest = (code: number) => boolean;

export type RegexNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assert'; readonly test: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly fewest: number; readonly most: number };

/** Holds at a place between two code points; -1 is the edge of the text. */
export type Assertion = (before: number, after: number) => boolean;

/** 1,000 is RE2's own limit of a repetition; 200 groups deep is more than anyone writes. */
const maxRepeat = 1000;
const maxDepth = 200;

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
}

const isWord: CharacterTest = (code) =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
const isDigit: CharacterTest = (code) => code >= 48 && code <= 57;
const isSpace: CharacterTest = (code) => code === 32 || code === 9 || code === 10 || code === 12 || code === 13;
const perl: Readonly<Record<string, CharacterTest>> = { d: isDigit, w: isWord, s: isSpace };
const between =
  (first: number, last: number): CharacterTest =>
  (code) =>
    code >= first && code <= last;
const not =
  (test: CharacterTest): CharacterTest =>
  (code) =>
    !test(code);
const any =
  (tests: readonly CharacterTest[]): CharacterTest =>
  (code) =>
    tests.some((test) => test(code));

const posix: Readonly<Record<string, CharacterTest>> = {
  __proto__: null as never,
  alnum: any([between(48, 57), between(65, 90), between(97, 122)]),
  alpha: any([between(65, 90), between(97, 122)]),
  ascii: between(0, 127),
  blank: any([between(9, 9), between(32, 32)]),
  cntrl: any([between(0, 31), between(127, 127)]),
  digit: isDigit,
  graph: between(33, 126),
  lower: between(97, 122),
  print: between(32, 126),
  punct: any([between(33, 47), between(58, 64), between(91, 96), between(123, 126)]),
  space: between(9, 13),
  upper: between(65, 90),
  word: isWord,
  xdigit: any([between(48, 57), between(65, 70), between(97, 102)]),
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

const atStart: Assertion = (before) => before < 0;
const atEnd: Assertion = (_, after) => after < 0;
const lineStart: Assertion = (before) => before < 0 || before === 10;
const lineEnd: Assertion = (_, after) => after < 0 || after === 10;
const boundary: Assertion = (before, after) => isWord(before) !== isWord(after);

/** Parses a pattern. Throws `RegexError`. */
export function parseRegex(pattern: string): RegexNode {
  const points = Array.from(pattern);
  let at = 0;
  let depth = 0;
  const fail = (message: string): never => {
    throw new RegexError(message);
  };
  const take = (text: string): boolean => {
    if (points[at] !== text) return false;
    at++;
    return true;
  };

  const choice = (flags: Flags): RegexNode => {
    if (++depth > maxDepth) fail('it is nested too deeply');
    // Flags without a body hold to the end of the group, over its further options too.
    const held = { flags };
    const options = [sequence(held)];
    while (take('|')) options.push(sequence(held));
    depth--;
    return options.length === 1 ? (options[0] as RegexNode) : { kind: 'choice', options };
  };
  const sequence = (held: { flags: Flags }): RegexNode => {
    const parts: RegexNode[] = [];
    while (at < points.length && points[at] !== '|' && points[at] !== ')') {
      const set = points[at] === '(' ? flagGroup(held.flags) : undefined;
      if (set !== undefined) {
        held.flags = set;
        continue;
      }
      parts.push(repeated(atom(held.flags)));
    }
    return parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'sequence', parts };
  };
  /** `(?i)` changes the flags of what follows. */
  const flagGroup = (flags: Flags): Flags | undefined => {
    const found = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/.exec(points.slice(at, at + 20).join(''));
    if (found === null) return undefined;
    at += found[0].length;
    return changed(flags, found[1] ?? '', found[2] ?? '');
  };
  const changed = (flags: Flags, on: string, off: string): Flags => {
    if (/[^imsU]/.test(on + off) || on + off === '') fail('a flag that does not exist');
    const of = (name: string, before: boolean): boolean =>
      on.includes(name) ? true : off.includes(name) ? false : before;
    return { i: of('i', flags.i), s: of('s', flags.s), m: of('m', flags.m) };
  };
  const repeated = (body: RegexNode): RegexNode => {
    let node = body;
    for (let count = 0; ; count++) {
      const bounds = quantifier();
      if (bounds === undefined) return node;
      if (count > 0) fail('a repetition of a repetition');
      take('?');
      node = { kind: 'repeat', body: node, fewest: bounds[0], most: bounds[1] };
    }
  };
  const quantifier = (): readonly [number, number] | undefined => {
    if (take('*')) return [0, Infinity];
    if (take('+')) return [1, Infinity];
    if (take('?')) return [0, 1];
    const found = points[at] === '{' ? /^\{(\d{1,4})(,)?(\d{1,4})?\}/.exec(points.slice(at, at + 12).join('')) : null;
    if (found === null || (found[2] === undefined && found[3] !== undefined)) return undefined;
    at += found[0].length;
    const fewest = Number(found[1]);
    const most = found[2] === undefined ? fewest : found[3] === undefined ? Infinity : Number(found[3]);
    if (fewest > maxRepeat || (most !== Infinity && (most > maxRepeat || most < fewest)))
      fail('a repetition out of range');
    return [fewest, most];
  };
  const atom = (flags: Flags): RegexNode => {
    const point = points[at++] as string;
    switch (point) {
      case '(':
        return group(flags);
      case '[':
        return { kind: 'character', test: characterClass(flags) };
      case '.':
        return { kind: 'character', test: flags.s ? () => true : (code) => code !== 10 };
      case '^':
        return { kind: 'assert', test: flags.m ? lineStart : atStart };
      case '$':
        return { kind: 'assert', test: flags.m ? lineEnd : atEnd };
      case '\\':
        return escaped(flags);
      case '*':
      case '+':
      case '?':
        return fail('nothing to repeat');
      default:
        return { kind: 'character', test: single(point.codePointAt(0) as number, flags) };
    }
  };
  const group = (flags: Flags): RegexNode => {
    let inner = flags;
    if (take('?')) {
      const rest = points.slice(at, at + 80).join('');
      const found =
        /^(?:P?<[A-Za-z_]\w*>|([a-zA-Z]*)(?:-([a-zA-Z]+))?:)/.exec(rest) ?? fail('a group that does not exist');
      at += found[0].length;
      if ((found[1] ?? '') !== '' || found[2] !== undefined) inner = changed(flags, found[1] ?? '', found[2] ?? '');
    }
    const body = choice(inner);
    if (!take(')')) fail('a group that does not end');
    return body;
  };
  const escaped = (flags: Flags): RegexNode => {
    const kind = points[at];
    if (kind === 'A' || kind === 'z' || kind === 'b' || kind === 'B') {
      at++;
      const test = kind === 'A' ? atStart : kind === 'z' ? atEnd : boundary;
      return { kind: 'assert', test: kind === 'B' ? (before, after) => !boundary(before, after) : test };
    }
    if (kind === 'Q') {
      at++;
      const end = points.findIndex((point, index) => index >= at && point === '\\' && points[index + 1] === 'E');
      const literal = points.slice(at, end < 0 ? points.length : end);
      at = end < 0 ? points.length : end + 2;
      return {
        kind: 'sequence',
        parts: literal.map((point) => ({ kind: 'character', test: single(point.codePointAt(0) as number, flags) })),
      };
    }
    const found = escapedCharacter();
    return { kind: 'character', test: typeof found === 'number' ? single(found, flags) : found };
  };
  /** What stands behind a backslash, in and outside of a class: a code point or a test. */
  const escapedCharacter = (): number | CharacterTest => {
    const kind = points[at++] ?? fail('a backslash at the end');
    const lower = kind.toLowerCase();
    const known = Object.hasOwn(perl, lower) ? perl[lower] : undefined;
    if (known !== undefined) return kind === lower ? known : not(known);
    if (lower === 'p') return unicode(kind === 'P');
    if (Object.hasOwn(controls, kind)) return controls[kind] as number;
    const rest = points.slice(at - 1, at + 11).join('');
    const code = /^(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|([0-7]{3}|0))/.exec(rest);
    if (code !== null) {
      at += code[0].length - 1;
      const value = code[3] === undefined ? Number.parseInt(code[1] ?? code[2] ?? '', 16) : Number.parseInt(code[3], 8);
      return value > 0x10ffff ? fail('a code point out of range') : value;
    }
    return /^[^A-Za-z0-9]$/u.test(kind) ? (kind.codePointAt(0) as number) : fail('an escape that does not exist');
  };
  const unicode = (negated: boolean): CharacterTest => {
    const found =
      /^(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/.exec(points.slice(at, at + 40).join('')) ?? fail('a class without a name');
    at += found[0].length;
    const name = found[2] ?? found[3] ?? '';
    let property: RegExp | undefined;
    // A name of a general category or of a script; both are tables of the engine, asked for one code point at a time.
    for (const form of [`^\\p{${name}}$`, `^\\p{Script=${name}}$`]) {
      try {
        property ??= new RegExp(form, 'u');
      } catch {
        // Not of this kind.
      }
    }
    const test = property ?? fail('a class that does not exist');
    const holds: CharacterTest = (code) => test.test(String.fromCodePoint(code));
    return negated === (found[1] === '^') ? holds : not(holds);
  };
  const characterClass = (flags: Flags): CharacterTest => {
    const negated = take('^');
    const tests: CharacterTest[] = [];
    for (let first = true; first || points[at] !== ']'; first = false) {
      if (at >= points.length) fail('a class that does not end');
      const named = /^\[:(\^?)([a-z]+):\]/.exec(points.slice(at, at + 14).join(''));
      if (named !== null) {
        at += named[0].length;
        const test = posix[named[2] ?? ''] ?? fail('a class that does not exist');
        tests.push(named[1] === '^' ? not(test) : test);
        continue;
      }
      const start = classCharacter();
      if (points[at] === '-' && points[at + 1] !== ']' && at + 1 < points.length) {
        at++;
        const end = classCharacter();
        if (typeof start !== 'number' || typeof end !== 'number' || end < start) fail('a range out of order');
        tests.push(folded(between(start as number, end as number), flags));
      } else tests.push(typeof start === 'number' ? single(start, flags) : start);
    }
    at++;
    return negated ? not(any(tests)) : any(tests);
  };
  const classCharacter = (): number | CharacterTest =>
    take('\\') ? escapedCharacter() : ((points[at++] as string).codePointAt(0) as number);

  const tree = choice({ i: false, s: false, m: false });
  if (at < points.length) fail('a bracket that was not opened');
  return tree;
}

function single(code: number, flags: Flags): CharacterTest {
  return folded((given) => given === code, flags);
}

/** With `i` a character also matches in its other case. */
function folded(test: CharacterTest, { i }: Flags): CharacterTest {
  if (!i) return test;
  return (code) => {
    if (test(code)) return true;
    const text = String.fromCodePoint(code);
    return test(text.toLowerCase().codePointAt(0) as number) || test(text.toUpperCase().codePointAt(0) as number);
  };
}
