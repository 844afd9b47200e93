// mix.lock and rebar.lock; entries of git are as mix and rebar3 wrote them, those of Hex as Elixir evaluates them.
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { readElixirTerm } from './elixir-terms.ts';
import { hexLockCataloger } from './index.ts';

const mix = readFolder(new URL('testing/mix/', import.meta.url));
const rebar = readFolder(new URL('testing/rebar/', import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(hexLockCataloger, specs);

describe('mix', () => {
  it('what the project asks for, by what for', () => {
    const result = of(mix);
    expect([result.diagnostics, result.complete]).toEqual([[], true]);
    expect(lines(result)).toEqual([
      'acme/secret_sauce@1.0.0 runtime direct',
      'bunt@0.2.1 development',
      'cowboy@2.9.0 runtime direct',
      'cowlib@2.11.0 runtime',
      'credo@1.6.4 development direct',
      'gdep@99cd89105323ea795afd2f0b08d508a8bdea923d development direct vcs',
    ]);
    expect(result.packages.find(({ name }) => name === 'cowlib')?.facts).toEqual({ via: 'cowboy > cowlib' });
  });

  it('an application of an umbrella makes it runtime; without mix.exs all runs', () => {
    const app = 'defmodule A do\n defp deps, do: [{:credo, "~> 1.6"}]\nend\n';
    expect(lines(of({ ...mix, 'apps/a/mix.exs': app }))).toContain('credo@1.6.4 runtime direct');
    expect(lines(of({ 'mix.lock': textIn(mix, 'mix.lock') }))).toContain('credo@1.6.4 runtime');
  });

  it('tells what is no lock file', () => {
    for (const text of ['%{"a": {:hex, :a, "1.0.0"', 'System.cmd("x", [])', '%{"a": {:svn, "x"}}']) {
      expect(of({ 'mix.lock': text })).toMatchObject({ complete: false, packages: [] });
    }
  });

  it('reads terms, and none that would be evaluated', () => {
    expect(readElixirTerm('{:a, "b\\"c", 1.5, nil, [x: 1]} # end')).toMatchObject({
      kind: 'tuple',
      items: [{ text: 'a' }, { text: 'b"c' }, {}, {}, {}],
    });
    for (const text of ['a()', '"#{x}" <> "y"', '{', '%{a => 1}', '[1 | 2]', '~s(x)'])
      expect(readElixirTerm(text)).toBeUndefined();
  });
});

it('rebar3: levels, packages and commits', () => {
  expect(lines(of(rebar))).toEqual([
    'dep1@f738947b960b89bb4bbb0b3192c22834244d9733 runtime direct vcs',
    'dep2@669de19095ff7e5ba2df72e264520ac3465a68b3 runtime vcs',
  ]);
  const lock = `{"1.2.0",
[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 {<<"ranch">>,{pkg,<<"ranch">>,<<"1.8.0">>},1}]}.
[
{pkg_hash,[
 {<<"cowboy">>, <<"865DD8B6607E14CF03282E10E934023A1BD8BE6F6BACF921A7E2A96D800CD452">>}]}
].
`;
  expect(lines(of({ 'rebar.lock': lock }))).toEqual(['cowboy@2.9.0 runtime direct', 'ranch@1.8.0 runtime']);
});

declaredContract(hexLockCataloger, { ...mix, ...rebar });
