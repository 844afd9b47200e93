import { describe, expect, it } from 'vitest';
import { Exclusion } from './exclude.ts';

describe('a pattern', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['test', ['test', 'test/a/package.json'], ['tests', 'src/test/a']],
    ['/test/', ['test/a'], ['src/test/a']],
    ['./web/test', ['web/test/a'], ['web/tests/a', 'test/a']],
    [
      '**/node_modules',
      ['node_modules/x/package.json', 'a/b/node_modules/x'],
      ['node_modules.txt', 'a/my_node_modules/x'],
    ],
    ['*/fixtures/**', ['a/fixtures/x', 'a/fixtures/b/x'], ['fixtures/x', 'a/b/fixtures/x']],
    ['**/*.jar', ['a.jar', 'lib/a.jar'], ['a.jars', 'lib/a.war']],
    ['usr/lib/python3*', ['usr/lib/python3.11/x'], ['usr/lib/python2/x']],
  ])('%s covers what it names and all below', (pattern, inside, outside) => {
    const open = new Exclusion([pattern]).open();
    expect(inside.filter((path) => !open.hides(path))).toEqual([]);
    expect(outside.filter((path) => open.hides(path))).toEqual([]);
  });
});

it('says what each pattern left out, and which left out nothing', () => {
  const exclusion = new Exclusion(['a', '**/b.lock', 'nowhere']);
  expect(exclusion.open().any).toBe(false);
  expect(exclusion.skipsFolder('a')).toBe(true);
  expect(exclusion.skipsFolder('c')).toBe(false);
  const open = exclusion.open();
  for (const path of ['4/b.lock', '1/b.lock', '2/\u001bb/b.lock', '3/b.lock', '1/b.lock', 'c/d']) open.hides(path);
  expect(open.any).toBe(true);
  expect(open.diagnostics()).toEqual([
    {
      code: 'inventory/excluded',
      level: 'warning',
      message: '--exclude a left out 1 folder (/a); what is in there was not looked at.',
    },
    {
      code: 'inventory/excluded',
      level: 'warning',
      message:
        '--exclude **/b.lock left out 4 files (/1/b.lock, /2/\\u{1b}b/b.lock, /3/b.lock and 1 more) that packages are read from; what is in there was not looked at.',
    },
    {
      code: 'inventory/excluded',
      level: 'note',
      message: '--exclude nowhere left nothing out: no file that packages are read from is there.',
    },
  ]);
});
