// Rocks of Lua, and rockspecs read without running them; whole and hostile.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { luaCataloger } from './index.ts';
import { readAssignments } from './rockspec.ts';

const catalog = (specs: FileSpecs) => luaCataloger.catalog(viewOf(specs, luaCataloger), {});
const tree = 'usr/local/lib/luarocks/rocks-5.4';
const spec = (name: string, version: string): string => `#!/usr/bin/env lua
--[==[ a long
comment ]==]
rockspec_format = "3.0"
package = '${name}' -- the name
version = "${version}";
source = { url = "git+https://user:secret@example.org/x.git?token=1", tag = "v" .. "1" }
description = { summary = [[
A test with ]=] in it]], license = "MIT/X11", detailed = nil }
dependencies = { "lua >= 5.1", 'lpeg ~> 1.0', n = 5, [3] = true }
build = { type = "builtin", modules = { ["a.b"] = 'a.lua', c = { sources = { "c.c" } } } }
`;

catalogerContract(luaCataloger, {
  [`${tree}/luasocket/3.1.0-1/luasocket-3.1.0-1.rockspec`]: spec('LuaSocket', '3.1.0-1'),
  [`${tree}/luasocket/3.1.0-1/rock_namespace`]: 'hisham',
});

test('a rock in full, without its secrets', () => {
  const path = `${tree}/luasocket/3.1.0-1/luasocket-3.1.0-1.rockspec`;
  expect(
    catalog({ [path]: spec('LuaSocket', '3.1.0-1'), [`${tree}/luasocket/3.1.0-1/rock_namespace`]: 'hisham' }),
  ).toEqual({
    packages: [
      {
        type: 'luarocks',
        namespace: 'hisham',
        name: 'luasocket',
        version: '3.1.0-1',
        licences: ['MIT'],
        paths: [path],
        facts: { source: 'git+https://example.org/x.git' },
      },
    ],
    diagnostics: [],
    complete: true,
  });
});

test('a rockspec elsewhere is not installed', () => {
  expect(catalog({ 'src/x/x-1.0-1.rockspec': spec('x', '1.0-1') }).packages).toEqual([]);
});

test.each([
  ['that computes its version', 'local v = os.getenv("V")\nversion = v'],
  ['of another name', spec('other', '1.0-1')],
  ['that is empty', ''],
])('a rockspec %s: folder and file name count, weaker', (_title, content) => {
  const { packages, complete } = catalog({ [`${tree}/x/1.0-1/x-1.0-1.rockspec`]: content });
  expect(packages).toMatchObject([{ name: 'x', version: '1.0-1', weak: true }]);
  expect(complete).toBe(true);
});

describe('assignments', () => {
  test('are read up to what is no literal', () => {
    const found = readAssignments('a = "1"\nlocal b = { x = "y", "z" }\nc = os.exit()\nd = "never"');
    expect([...found.keys()]).toEqual(['a', 'b']);
    expect(found.get('b')).toEqual(
      new Map([
        ['x', 'y'],
        ['1', 'z'],
      ]),
    );
  });

  test('T73 reach no prototype', () => {
    expect(readAssignments('__proto__ = { polluted = "yes" }').get('__proto__')).toEqual(
      new Map([['polluted', 'yes']]),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('T15 any text is read in linear time', () => {
    for (const piece of ['{', 'a={', '[[', '[=[', '--[[', '--', '"', 'a="b"..', '[1]=', 'a=1 ', '\\"']) {
      readAssignments(`a = ${piece.repeat(2e5)}`);
      readAssignments(piece.repeat(2e5));
    }
    fc.assert(fc.property(fc.string(), (text) => readAssignments(text).size >= 0));
  });
});
