// Conditions of role assignments (Azure ABAC, condition version 2.0), parsed as far as conditions on repositories go.

/** A condition as a tree. `unknown`: something valid or not that is not about the name of a repository. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** `ActionMatches{'…'}`; the pattern may hold `*`. */
  | { readonly kind: 'action'; readonly pattern: string }
  /** A comparison of the request's repository name; several values: any of them. */
  | { readonly kind: 'name'; readonly operator: NameOperator; readonly values: readonly string[] }
  | { readonly kind: 'unknown' };

export type NameOperator = 'equals' | 'startsWith' | 'like';

/** Azure allows 8 KB for a condition; nesting of generated ones is under ten. */
const maxLength = 16_384;
const maxDepth = 50;

const repositoryName = '@request[microsoft.containerregistry/registries/repositories:name]';

/** `StringNotEquals` and its like are the negation of the same comparison. `IgnoreCase` changes nothing: names of repositories are lower case. */
const comparison = /^(?:ForAnyOfAnyValues:)?String(Not)?(Equals|StartsWith|Like)(?:IgnoreCase)?$/i;

const operators: Readonly<Record<string, NameOperator>> = { equals: 'equals', startswith: 'startsWith', like: 'like' };

const tokenPattern =
  /\s*(?:(\(|\)|\{|\}|,|&&|\|\||!(?!=))|('(?:[^'\\]|\\.|'')*')|(@[A-Za-z]+\[[^\]]{1,300}\])|([A-Za-z_][A-Za-z0-9_:.-]*|[0-9.:TZ+-]+))/y;

/** Parses a condition; undefined where it cannot be read at all: then nothing is known of what it excludes. */
export function parseCondition(text: string): Condition | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens);
  const condition = parser.either(0);
  return parser.failed || !parser.done() ? undefined : condition;
}

function tokensOf(text: string): readonly string[] | undefined {
  if (text.length > maxLength) return undefined;
  const tokens: string[] = [];
  const source = text.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const match = tokenPattern.exec(source);
    if (match === null) return undefined;
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return tokens;
}

/** Recursive descent: or over and over not over what stands alone. */
class Parser {
  failed = false;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  done(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(depth: number): Condition {
    return this.#joined('or', /^(?:OR|\|\|)$/i, depth, () => this.#all(depth));
  }

  #all(depth: number): Condition {
    return this.#joined('and', /^(?:AND|&&)$/i, depth, () => this.#negated(depth));
  }

  #joined(kind: 'and' | 'or', operator: RegExp, depth: number, part: () => Condition): Condition {
    const first = part();
    const parts = [first];
    while (!this.failed && operator.test(this.#peek())) {
      this.#at += 1;
      parts.push(part());
    }
    if (depth > maxDepth) this.failed = true;
    return parts.length === 1 ? first : { kind, parts };
  }

  #negated(depth: number): Condition {
    if (!/^(?:!|NOT)$/i.test(this.#peek())) return this.#single(depth);
    this.#at += 1;
    if (depth > maxDepth) return this.#fail();
    return { kind: 'not', of: this.#negated(depth + 1) };
  }

  #single(depth: number): Condition {
    const token = this.#next();
    if (token === '(') {
      if (depth > maxDepth) return this.#fail();
      const inner = this.either(depth + 1);
      return this.#next() === ')' ? inner : this.#fail();
    }
    if (/^(?:Sub)?(?:Operation|Action)Matches$/i.test(token)) {
      const values = this.#set();
      const [pattern] = values ?? [];
      return token.toLowerCase() === 'actionmatches' && values?.length === 1 && pattern !== undefined
        ? { kind: 'action', pattern: pattern.toLowerCase() }
        : { kind: 'unknown' };
    }
    if (/^(?:Not)?Exists$/i.test(token)) {
      this.#next();
      return { kind: 'unknown' };
    }
    if (token.startsWith('@')) return this.#compared(token);
    return this.#fail();
  }

  #compared(attribute: string): Condition {
    const operator = this.#next();
    const values = this.#peek() === '{' ? this.#set() : this.#value();
    if (values === undefined) return this.#fail();
    const match = comparison.exec(operator);
    const known = operators[match?.[2]?.toLowerCase() ?? ''];
    const about = attribute.toLowerCase().replaceAll(/\s/g, '');
    if (about !== repositoryName || known === undefined || values.length === 0) return { kind: 'unknown' };
    const name: Condition = { kind: 'name', operator: known, values: values.map((value) => value.toLowerCase()) };
    return match?.[1] === undefined ? name : { kind: 'not', of: name };
  }

  /** The right side: a text; another attribute, number or date is something this is not about. */
  #value(): readonly string[] | undefined {
    const token = this.#next();
    if (token.startsWith("'")) return [unquoted(token)];
    return /^[@A-Za-z0-9]/.test(token) ? [] : undefined;
  }

  #set(): readonly string[] | undefined {
    const values: string[] = [];
    if (this.#next() !== '{') return this.#lost();
    for (;;) {
      const token = this.#next();
      if (token === '}') return values;
      if (token === '') return this.#lost();
      if (token.startsWith("'")) values.push(unquoted(token));
      if (this.#peek() === ',') this.#at += 1;
    }
  }

  #lost(): undefined {
    this.failed = true;
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    return token;
  }

  #fail(): Condition {
    this.failed = true;
    return { kind: 'unknown' };
  }
}

function unquoted(token: string): string {
  return token.slice(1, -1).replaceAll(/\\(.)|''/g, (_, escaped: string | undefined) => escaped ?? "'");
}
