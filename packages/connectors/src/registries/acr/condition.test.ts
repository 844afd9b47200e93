// Conditions of role assignments: which repositories they leave, and that nothing they say makes the answer smaller than the truth.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCondition } from './condition.ts';
import { globsOf, repositoriesOf } from './repository-set.ts';

const repositories = 'Microsoft.ContainerRegistry/registries/repositories';
const read = `${repositories}/content/read`;
const write = `${repositories}/content/write`;
const name = `@Request[${repositories}:name]`;
const unless = `!(ActionMatches{'${read}'}) AND !(ActionMatches{'${repositories}/metadata/read'})`;

const reach = (condition: string, action = read): string => {
  const set = repositoriesOf(parseCondition(condition), action);
  return `${globsOf(set).join(' ') || 'none'}${set.certain ? '' : ' ?'}`;
};

test.each([
  // The two forms that Azure's portal writes (container-registry-rbac-abac-repository-permissions).
  [`((${unless}) OR (${name} StringEqualsIgnoreCase 'Hello-World'))`, read, 'hello-world'],
  [`( ( ${unless} ) OR ( ${name} StringStartsWithIgnoreCase 'backend/' ) )`, read, 'backend/**'],
  [`((${unless}) OR (${name} StringStartsWithIgnoreCase 'backend/'))`, write, '**'],
  [`((${unless}) OR (${name} StringStartsWithIgnoreCase 'a/' OR ${name} StringEquals 'b'))`, read, 'a/** b'],
  [
    `(!(ActionMatches{'${read}'}) OR ${name} StringStartsWith 'apps/') AND (!(ActionMatches{'${write}'}) OR ${name} StringEquals 'apps/x')`,
    write,
    'apps/x',
  ],
  // Without the slash the prefix reaches into other names, and that shows.
  [`${name} StringStartsWith 'backend'`, read, 'backend* backend*/**'],
  [`${name} StringLike 'prod/*'`, read, 'prod/**'],
  [`${name} StringLike 'prod/*/app'`, read, 'prod/** ?'],
  [`${name} ForAnyOfAnyValues:StringEquals {'a', 'b'}`, read, 'a b'],
  [`${name} StringEquals 'it''s'`, read, "it's"],
  [`${name} StringStartsWith 'a/' && ${name} StringEquals 'b'`, read, 'none'],
  [`${name} StringStartsWith 'a/' && ${name} StringStartsWith 'a/b/'`, read, 'a/b/**'],
  [`ActionMatches{'${repositories}/content/*'}`, read, '**'],
  [`!ActionMatches{'${repositories}/*'}`, read, 'none'],
  // What cannot be told counts as given, and is marked.
  [`${name} StringNotEquals 'secret'`, read, '** ?'],
  [`!(${name} StringStartsWith 'secret/')`, read, '** ?'],
  [`@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Team] StringEquals 'a'`, read, '** ?'],
  [`${name} StringEquals 'a' AND @Environment[UtcNow] DateTimeGreaterThan '2026-01-01T00:00:00Z'`, read, 'a ?'],
  [`Exists @Request[x:y] OR ${name} StringEquals 'a'`, read, '** ?'],
  [`${name} StringEquals @Resource[x:y]`, read, '** ?'],
  ['not a condition', read, '** ?'],
  [`(${name} StringEquals 'a'`, read, '** ?'],
  ['', read, '** ?'],
  [`${'('.repeat(200)}${name} StringEquals 'a'${')'.repeat(200)}`, read, '** ?'],
  ["'".repeat(20_000), read, '** ?'],
])('%s for %s leaves %s', (condition, action, expected) => {
  expect(reach(condition, action)).toBe(expected);
});

const names = ['a', 'a/b', 'a/b/c', 'ab', 'b/a', 'prod/app'];
interface Model {
  readonly text: string;
  readonly holds: (repository: string) => boolean;
}
const leaf: fc.Arbitrary<Model> = fc.oneof(
  fc
    .constantFrom(...names)
    .map((value) => ({ text: `${name} StringEquals '${value}'`, holds: (one: string) => one === value })),
  fc
    .constantFrom('', 'a', 'a/', 'b/', 'p')
    .map((value) => ({ text: `${name} StringStartsWith '${value}'`, holds: (one: string) => one.startsWith(value) })),
  fc.constant({ text: `ActionMatches{'${read}'}`, holds: () => true }),
  fc.constant({ text: `ActionMatches{'${write}'}`, holds: () => false }),
);
const model: fc.Arbitrary<Model> = fc.letrec<{ tree: Model }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    tie('tree').map(({ text, holds }) => ({ text: `!(${text})`, holds: (one: string) => !holds(one) })),
    fc
      .tuple(tie('tree'), tie('tree'))
      .map(([a, b]) => ({ text: `(${a.text}) AND (${b.text})`, holds: (one: string) => a.holds(one) && b.holds(one) })),
    fc
      .tuple(tie('tree'), tie('tree'))
      .map(([a, b]) => ({ text: `(${a.text}) OR (${b.text})`, holds: (one: string) => a.holds(one) || b.holds(one) })),
  ),
})).tree;

test('the set is never smaller than what the condition allows, and exact where it says to be', () => {
  fc.assert(
    fc.property(model, ({ text, holds }) => {
      const set = repositoriesOf(parseCondition(text), read);
      for (const one of names) {
        const within = set.patterns.some((pattern) =>
          pattern.kind === 'exact' ? pattern.text === one : one.startsWith(pattern.text),
        );
        if (holds(one)) expect(within).toBe(true);
        if (set.certain && !holds(one)) expect(within).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});

test('any text is read to an end', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    '{',
    '}',
    '!',
    'AND',
    '||',
    name,
    'StringEquals',
    "'a'",
    "'",
    'ActionMatches',
    ',',
    '@x[y]',
    '\\',
    '\u0000',
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => void reach(pieces.join(' '))));
});
