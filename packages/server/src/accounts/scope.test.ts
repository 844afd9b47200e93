// Scopes and projects: the grammar, and what holds for any text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRepositoryName, parseProject, projectCovers, projectMatcher } from './project.ts';
import { grantScopes, parseScopes, scopeOf } from './scope.ts';

const component = fc.stringMatching(/^[a-z0-9]{1,4}(?:[._-][a-z0-9]{1,3})?$/);
const repository = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const project = fc
  .array(fc.oneof(component, fc.constantFrom('*', '**', 'a*', '*b')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));

describe('parseScopes', () => {
  test.each<[string, unknown]>([
    ['repository:team/app:pull,push', [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }]],
    ['repository(plugin):team/app:pull', [{ type: 'repository', name: 'team/app', actions: ['pull'] }]],
    ['repository:a:pull repository:a:push', [{ type: 'repository', name: 'a', actions: ['pull', 'push'] }]],
    ['repository:a:*', [{ type: 'repository', name: 'a', actions: ['*'] }]],
    ['registry:catalog:*', [{ type: 'registry', name: 'catalog', actions: ['*'] }]],
    ['registry:other:*', []],
    ['registry:catalog:pull', []],
    ['repository:A:pull', []],
    ['repository:../x:pull', []],
    ['repository:host:5000/x:pull', []],
    ['repository:a', []],
    ['repository::pull', []],
    ['artifact:a:pull', []],
    ['__proto__:a:pull', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(parseScopes([text])).toEqual(expected);
  });

  test('takes any text and grants nothing that was not asked for or is not allowed', () => {
    const word = fc.constantFrom('pull', 'push', 'delete', 'sign', '*', 'x');
    const scope = fc
      .tuple(repository, fc.array(word, { minLength: 1 }))
      .map(([name, words]) => `repository:${name}:${words.join(',')}`);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(scope, fc.string())),
        fc.array(repository),
        fc.constantFrom('pull', 'push', 'delete', 'sign'),
        (texts, allowed, right) => {
          const asked = parseScopes(texts);
          for (const granted of grantScopes(asked, (one, name) => one === right && allowed.includes(name), false)) {
            expect(granted.actions).toEqual([right]);
            expect(allowed).toContain(granted.name);
            const words = asked.filter(({ name }) => name === granted.name).flatMap(({ actions }) => actions);
            expect(right === 'sign' || words.includes(right) || words.includes('*')).toBe(true);
          }
        },
      ),
    );
  });

  test('T18 reads a hundred of a flood', () => {
    expect(parseScopes([Array.from({ length: 100_000 }, (_, at) => `repository:r${at}:pull`).join(' ')])).toHaveLength(
      100,
    );
  });
});

test('what a challenge asks for, clients can ask for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ action: fc.constantFrom('pull', 'push', 'delete', 'sign'), repository })),
      (needs) => {
        const asked = parseScopes([scopeOf(needs) ?? '']);
        for (const need of needs) {
          const words = asked.find(({ name }) => name === need.repository)?.actions ?? [];
          expect(words).toContain(need.action === 'sign' ? 'push' : need.action);
        }
      },
    ),
  );
  expect(scopeOf([{ action: 'pull', repository: 'a"b' }])).toBeUndefined();
  expect(scopeOf([])).toBeUndefined();
});

describe('projects', () => {
  test.each<[string, string, boolean]>([
    ['team/**', 'team/app', true],
    ['team/**', 'team/a/b', true],
    ['team/**', 'team', false],
    ['team/**', 'teams/app', false],
    ['team/*', 'team/a/b', false],
    ['team/*', 'team/a', true],
    ['team-*', 'team-a', true],
    ['*', 'team/app', true],
    ['**', 'app', true],
    ['**/app', 'team/app', true],
    ['team/app', 'team/app', true],
    ['team/app', 'team/apps', false],
    ['*', 'Team/app', false],
    ['**', 'team//app', false],
    ['**', '../app', false],
    ['**', 'tеam', false],
    ['**', '', false],
  ])('%s on %s: %s', (glob, name, matches) => {
    expect(projectMatcher(parseProject(glob))(name)).toBe(matches);
  });

  test.each([
    '',
    '/',
    'team/',
    '/team',
    'Team',
    'te am',
    'team/***',
    'a**',
    'team?',
    '[a-z]',
    'team\u0000',
    '../x',
    'a..b',
    'a'.repeat(256),
    'tеam',
  ])('refuses %j', (glob) => {
    expect(() => parseProject(glob)).toThrow(expect.objectContaining({ code: 'config/invalid' }));
  });

  test('cover only what they match', () => {
    const segments = fc.array(fc.constantFrom('a', 'b', '*', '**', 'a*'), { minLength: 1, maxLength: 3 });
    const names = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 4 });
    let covered = 0;
    fc.assert(
      fc.property(segments, segments, names, (one, two, parts) => {
        const [outer, inner, name] = [one.join('/'), two.join('/'), parts.join('/')];
        if (!projectCovers(outer, inner) || !projectMatcher(inner)(name)) return;
        covered += 1;
        expect(projectMatcher(outer)(name)).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(covered).toBeGreaterThan(50);
  });

  test('match nothing but names of repositories', () => {
    fc.assert(
      fc.property(project, fc.oneof(repository, fc.string()), (glob, name) => {
        if (projectMatcher(glob)(name)) expect(isRepositoryName(name)).toBe(true);
      }),
    );
  });

  test('T18 names are told in linear time', () => {
    expect(isRepositoryName(`${'a-'.repeat(100_000)}!`)).toBe(false);
    expect(isRepositoryName(`${'a'.repeat(254)}!`)).toBe(false);
    expect(isRepositoryName(`a${'-'.repeat(253)}!`)).toBe(false);
  });
});
