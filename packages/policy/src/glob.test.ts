// Globs of names and paths.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.ts';

describe('globs', () => {
  it.each<[string, string, boolean]>([
    ['gated/**', 'gated/app', true],
    ['gated/**', 'gated/team/app', true],
    ['gated/**', 'gated', false],
    ['gated/**', 'gatedx/app', false],
    ['gated/**', 'x/gated/app', false],
    ['**/app', 'app', true],
    ['**/app', 'a/b/app', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/x/y/c', false],
    ['**', 'anything/at/all', true],
    ['*', 'app', true],
    ['*', 'team/app', false],
    ['team-*/app', 'team-a/app', true],
    ['team-?', 'team-ab', false],
    ['*.example.com', 'registry.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'registry.example.com.evil.tld', false],
    ['App', 'app', false],
    ['a.b', 'axb', false],
    ['a+(b)', 'a+(b)', true],
    ['', '', true],
  ])('%s on %s: %s', (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches);
  });

  it('agree with a plain definition by regular expression', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '?', '/', '**'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''));
    const plain = (glob: string): RegExp => {
      const segments = glob.split('/');
      const parts = segments.map((segment, index) => {
        const last = index === segments.length - 1;
        if (segment === '**') return last ? '[^/]*(?:/[^/]*)*' : '(?:[^/]*/)*';
        const body = segment.replace(/[*?]/g, (c) => (c === '*' ? '[^/]*' : '[^/]'));
        return last ? body : `${body}/`;
      });
      return new RegExp(`^${parts.join('')}$`);
    };
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        expect(compileGlob(glob)(subject)).toBe(plain(glob).test(subject));
      }),
      { numRuns: 3000 },
    );
  });

  it('T18 take no longer than text × pattern', () => {
    expect(compileGlob(`${'*a'.repeat(2000)}b`)('a'.repeat(4000))).toBe(false);
    expect(compileGlob(`${'**/a/'.repeat(800)}b`)('a/'.repeat(4000))).toBe(false);
  });
});
