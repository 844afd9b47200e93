// Which repositories a condition leaves: sets of exact names and prefixes, and whether the set is certain or only an upper bound.
import { compareText } from '@plombe/kit';
import { matchesAction } from './actions.ts';
import type { Condition } from './condition.ts';

/** One name, or all names with a prefix; the empty prefix is every repository. */
export interface RepositoryPattern {
  readonly kind: 'exact' | 'prefix';
  readonly text: string;
}

/** `certain` false: the true set lies within, and may be smaller. */
export interface RepositorySet {
  readonly patterns: readonly RepositoryPattern[];
  readonly certain: boolean;
}

export const everyRepository: RepositorySet = { patterns: [{ kind: 'prefix', text: '' }], certain: true };
const none: RepositorySet = { patterns: [], certain: true };
const anyway: RepositorySet = { ...everyRepository, certain: false };

/**
 * Returns the repositories for which a condition is true when `action` is asked for. What cannot be told (another attribute, a negated name) makes
 * it an upper bound: a grant that may be there counts as given.
 */
export function repositoriesOf(condition: Condition | undefined, action: string): RepositorySet {
  if (condition === undefined) return anyway;
  switch (condition.kind) {
    case 'and':
      return condition.parts.map((part) => repositoriesOf(part, action)).reduce(intersection, everyRepository);
    case 'or':
      return condition.parts.map((part) => repositoriesOf(part, action)).reduce(union, none);
    case 'not':
      return complement(repositoriesOf(condition.of, action));
    case 'action':
      return matchesAction(condition.pattern, action) ? everyRepository : none;
    case 'name':
      return condition.values.map((value) => named(condition.operator, value)).reduce(union, none);
    case 'unknown':
      return anyway;
  }
}

function named(operator: 'equals' | 'startsWith' | 'like', value: string): RepositorySet {
  if (operator === 'equals') return { patterns: [{ kind: 'exact', text: value }], certain: true };
  if (operator === 'startsWith') return { patterns: [{ kind: 'prefix', text: value }], certain: true };
  const fixed = /^[^*?]*/.exec(value)?.[0] ?? '';
  if (fixed === value) return { patterns: [{ kind: 'exact', text: value }], certain: true };
  // Only a last `*` is a prefix; any other pattern lies within the names that begin as it does.
  return { patterns: [{ kind: 'prefix', text: fixed }], certain: value === `${fixed}*` };
}

const isAll = ({ patterns }: RepositorySet): boolean =>
  patterns.some(({ kind, text }) => kind === 'prefix' && text === '');

function complement(set: RepositorySet): RepositorySet {
  if (set.certain && set.patterns.length === 0) return everyRepository;
  if (set.certain && isAll(set)) return none;
  return anyway;
}

function union(a: RepositorySet, b: RepositorySet): RepositorySet {
  if ((a.certain && isAll(a)) || (b.certain && isAll(b))) return everyRepository;
  return { patterns: reduced([...a.patterns, ...b.patterns]), certain: a.certain && b.certain };
}

function intersection(a: RepositorySet, b: RepositorySet): RepositorySet {
  const patterns = a.patterns.flatMap((left) =>
    b.patterns.flatMap((right) => within(left, right) ?? within(right, left) ?? []),
  );
  return patterns.length === 0 ? none : { patterns: reduced(patterns), certain: a.certain && b.certain };
}

/** Returns `inner` where every name it stands for is one of `outer`. */
function within(inner: RepositoryPattern, outer: RepositoryPattern): RepositoryPattern | undefined {
  if (outer.kind === 'exact') return inner.kind === 'exact' && inner.text === outer.text ? inner : undefined;
  return inner.text.startsWith(outer.text) ? inner : undefined;
}

function reduced(patterns: readonly RepositoryPattern[]): readonly RepositoryPattern[] {
  const distinct = [...new Map(patterns.map((pattern) => [`${pattern.kind} ${pattern.text}`, pattern])).values()];
  return distinct.filter(
    (pattern) => !distinct.some((other) => other !== pattern && within(pattern, other) !== undefined),
  );
}

/** Returns the set as globs: `**`, `prod/**`, `prod/app`; a prefix that ends inside a name gives two: the name's rest, and what lies below. */
export function globsOf({ patterns }: RepositorySet): readonly string[] {
  return patterns
    .flatMap(({ kind, text }) => {
      if (kind === 'exact') return [text];
      return text === '' || text.endsWith('/') ? [`${text}**`] : [`${text}*`, `${text}*/**`];
    })
    .sort(compareText);
}
