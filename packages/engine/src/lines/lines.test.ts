// The lines of lock files: one text per kind of file, then files that lie or grow.
import { describe, expect, it } from 'vitest';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { hasLines, linesOf } from './line-of.ts';
import { withLines } from './with-lines.ts';

/** Path, text, name and version, and the line. */
const kinds: readonly (readonly [path: string, text: string, name: string, version: string, line: number])[] = [
  [
    'web/package-lock.json',
    '{\n"packages": {\n"": {\n"dependencies": {\n"a": "2.0.0"\n}},\n"node_modules/b/node_modules/a": {\n  "version": "1.0.0"\n},\n"node_modules/a": {\n  "version": "2.0.0"\n',
    'a',
    '2.0.0',
    10,
  ],
  ['npm-shrinkwrap.json', '{\n"node_modules/@x/a": {\n  "version": "2.0.0"\n', '@x/a', '2.0.0', 2],
  ['yarn.lock', '# yarn\n\n"@x/a@^1.0.0", "@x/a@^1.2.0":\n  version "1.2.3"\n', '@x/a', '1.2.3', 3],
  ['yarn.lock', '__metadata:\n\n"a@npm:^1.0.0":\n  version: 1.2.3\n', 'a', '1.2.3', 3],
  ['pnpm-lock.yaml', "packages:\n\n  '@x/a@1.2.3':\n", '@x/a', '1.2.3', 3],
  ['pnpm-lock.yaml', 'packages:\n\n  /a/1.2.3:\n', 'a', '1.2.3', 3],
  ['bun.lock', '{\n    "a": ["a@1.2.3", "", {}],\n', 'a', '1.2.3', 2],
  ['deno.lock', '{\n    "a@1.2.3_b@2": {\n', 'a', '1.2.3', 2],
  [
    'Cargo.lock',
    '[[package]]\nname = "a"\nversion = "1.0.0"\n\n[[package]]\nname = "a"\nversion = "2.0.0"\n',
    'a',
    '2.0.0',
    6,
  ],
  ['poetry.lock', '[[package]]\nname = "Zope.Interface"\nversion = "5.0"\n', 'zope-interface', '5.0', 2],
  ['Pipfile.lock', '{\n  "a": {\n  "hashes": [\n"x",\n"y"\n],\n  "version": "==1.0"\n', 'a', '1.0', 2],
  ['requirements/dev.txt', '# a==9\nA_b[c] == 1.0 ; python_version > "3"\r\n', 'a-b', '1.0', 2],
  [
    'go.mod',
    'module m\n\ngo 1.22.0\n\nrequire (\n\texample.org/a v1.2.3 // indirect\n)\n',
    'example.org/a',
    'v1.2.3',
    6,
  ],
  ['go.mod', 'module m\n\ngo 1.22.0\n\ntoolchain go1.22.5\n', 'stdlib', '1.22.5', 5],
  ['go.sum', 'go4.org v1.0.0 h1:x\n', 'go4.org', 'v1.0.0', 1],
  ['Gemfile.lock', 'GEM\n  specs:\n    a (1.0-x86_64-linux)\n      b (>= 1)\n', 'a', '1.0', 3],
  ['composer.lock', '{\n"name": "x/a",\n"version": "v1.0.0"\n', 'x/a', '1.0.0', 2],
  ['gradle.lockfile', '# x\norg.a:b:1.0=compileClasspath\n', 'org.a:b', '1.0', 2],
  ['verification-metadata.xml', '<x>\n<component group="org.a" name="b" version="1.0">\n', 'org.a:b', '1.0', 2],
  [
    'pom.xml',
    '<dependency>\n<groupId>org.a</groupId>\n<artifactId>b</artifactId>\n<version>${b}</version>\n',
    'org.a:b',
    '1.0',
    3,
  ],
  ['packages.lock.json', '{\n"A": {\n"type": "Direct",\n"requested": "x",\n"resolved": "1.0.0"\n', 'A', '1.0.0', 2],
  ['packages.config', '<packages>\n<package id="A" version="1.0.0" />\n', 'A', '1.0.0', 2],
  [
    'pubspec.lock',
    'packages:\n  a:\n    dependency: "direct main"\n    source: hosted\n    version: "1.0.0"\n',
    'a',
    '1.0.0',
    2,
  ],
  ['mix.lock', '%{\n  "a": {:hex, :a, "1.0.0", "x"},\n', 'a', '1.0.0', 2],
  ['rebar.lock', '[\n {<<"a">>,{pkg,<<"a">>,<<"1.0.0">>},0},\n', 'a', '1.0.0', 2],
  [
    'Package.resolved',
    '{\n"identity" : "a",\n"location" : "https://x.org/a.git",\n"state" : {\n"version" : "1.0.0"\n',
    'x.org/a',
    '1.0.0',
    3,
  ],
  ['Podfile.lock', 'PODS:\n  - A (1.0.0):\n    - B\n', 'A', '1.0.0', 2],
  ['conan.lock', '{\n"a/1.0.0#x%1"\n', 'a', '1.0.0', 2],
  ['renv.lock', '{\n"Package": "a",\n"Version": "1.0.0"\n', 'a', '1.0.0', 2],
  ['cabal.project.freeze', 'active-repositories: x\nconstraints: any.a ==1.0,\n', 'a', '1.0', 2],
  ['stack.yaml.lock', '- completed:\n    hackage: a-b-1.0@sha256:x\n', 'a-b', '1.0', 2],
  ['Manifest.toml', '[[deps.A]]\nuuid = "x"\nversion = "1.0.0"\n', 'A', '1.0.0', 1],
  ['.github/workflows/ci.yml', 'jobs:\n  - uses: x/a/sub@v1.0.0 # y\n', 'x/a', '1.0.0', 2],
];

describe('lines', () => {
  it.each(kinds)('of %s', (path, text, name, version, line) => {
    expect(linesOf(path, text, [{ name, version }])).toEqual([line]);
  });

  it('are not guessed: another version, another file, a name that is not there', () => {
    const lock = 'name = "a"\nversion = "1.0.0"\n';
    expect(linesOf('Cargo.lock', lock, [{ name: 'a', version: '1.0.1' }])).toEqual([undefined]);
    expect(linesOf('Cargo.lock', lock, [{ name: 'constructor', version: '1.0.0' }])).toEqual([undefined]);
    expect(linesOf('Cargo.lock', lock, [{ name: '', version: '' }])).toEqual([undefined]);
    expect([hasLines('app.jar'), hasLines('a/package.json')]).toEqual([false, false]);
  });

  it('T57 any text is read in the time of its length', () => {
    const long = '"'.repeat(2_000_000);
    const many = '"a": {\n'.repeat(300_000);
    for (const path of ['package-lock.json', 'Package.resolved', 'x.csproj', 'yarn.lock', 'ci.yml', 'Pipfile.lock']) {
      expect(linesOf(path, long, [{ name: 'a', version: '1' }])).toEqual([undefined]);
      expect(linesOf(path, many, [{ name: 'a', version: '1' }])).toHaveLength(1);
    }
  });
});

describe('withLines', () => {
  const one = packageOf('a', {
    type: 'cargo',
    id: 'pkg:cargo/a@1.0',
    evidence: [{ path: 'x/Cargo.lock', layerIndex: 0 }],
  });
  const other = packageOf('b', { ...one, id: 'pkg:cargo/b@1.0', name: 'b' });
  const result = resultOf([one, other], [findingOf('CVE-2024-0001', one)]);

  it('reads what a finding rests on, and changes nothing else', () => {
    const asked: string[] = [];
    const read = (path: string): Uint8Array => {
      asked.push(path);
      return Buffer.from('name = "b"\nversion = "1.0"\nname = "a"\nversion = "1.0"\n');
    };
    const lined = withLines(result, read);
    expect(asked).toEqual(['x/Cargo.lock']);
    expect(lined.inventory.packages.map(({ evidence }) => evidence[0]?.line)).toEqual([3, undefined]);
    expect(lined.match).toBe(result.match);
  });

  it('leaves a file out that is gone or too large', () => {
    expect(withLines(result, () => undefined)).toBe(result);
  });
});
