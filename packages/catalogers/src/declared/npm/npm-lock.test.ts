// Lock files that the tools themselves wrote for one project, and what only hostile or rare ones hold.
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { npmLockCataloger } from './index.ts';
import { parseJsonc } from './jsonc.ts';

const project = (tool: string) => readFolder(new URL(`testing/${tool}/`, import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(npmLockCataloger, specs);

const registry = [
  '@types/ms@2.1.0 development direct',
  'debug@2.6.9 runtime direct',
  'inherits@2.0.4 runtime direct',
  'minimist@1.2.5 runtime direct',
  'ms@2.0.0 runtime',
  'ms@2.1.3 development direct',
  'once@1.4.0 optional direct',
  'semver@5.7.1 development direct',
  'wrappy@1.0.2 optional direct',
];

describe('one project, as each tool locks it', () => {
  it.each(['npm1', 'npm2', 'npm3', 'pnpm5', 'pnpm7', 'pnpm9', 'yarn1', 'berry', 'bun'])('%s', (tool) => {
    const result = of(project(tool));
    expect(result.diagnostics).toEqual([]);
    const all = lines(result);
    expect(all.filter((one) => !one.endsWith('local'))).toEqual(
      // Version 1 lists members and what they ask for as one tree.
      registry,
    );
    const members = all.filter((one) => one.endsWith('local'));
    for (const member of members) expect(member).toMatch(/^(?:part@0\.1\.0|whole@1\.2\.3) runtime local$/);
  });

  it('Deno', () => {
    expect(lines(of(project('deno')))).toEqual(['debug@2.6.9 runtime direct', 'ms@2.0.0 runtime']);
  });

  it('says by which way a package came, and under which other name', () => {
    for (const tool of ['npm3', 'pnpm9', 'yarn1', 'berry', 'bun']) {
      const { packages } = of(project(tool));
      expect(packages.find(({ name, version }) => name === 'ms' && version === '2.0.0')?.facts).toEqual({
        via: 'debug > ms',
      });
    }
    expect(of(project('npm3')).packages.find(({ name }) => name === 'minimist')?.facts).toEqual({ alias: 'mini' });
  });
});

describe('a lock file that was cut off', () => {
  const lock = {
    npm1: 'package-lock.json',
    npm3: 'package-lock.json',
    pnpm5: 'pnpm-lock.yaml',
    pnpm7: 'pnpm-lock.yaml',
    pnpm9: 'pnpm-lock.yaml',
    yarn1: 'yarn.lock',
    berry: 'yarn.lock',
    bun: 'bun.lock',
  };

  it.each(Object.entries(lock))('%s never passes for a whole one', (tool, name) => {
    const specs = project(tool);
    const text = textIn(specs, name);
    const written = text.split('\n');
    const count = of(specs).packages.length;
    for (let kept = 0; kept < written.length; kept++) {
      const result = of({ ...specs, [name]: written.slice(0, kept).join('\n') });
      if (result.packages.length < count) expect([kept, result.complete]).toEqual([kept, false]);
    }
  });

  it('is none that holds a folder outside of the tree alone', () => {
    const result = of({
      'package.json': '{"dependencies":{"flatbuffers":"../../"},"devDependencies":{"x":"~/x"}}',
      'pnpm-lock.yaml':
        "lockfileVersion: '6.0'\n\ndependencies:\n  flatbuffers:\n    specifier: ../../\n    version: link:../..\n",
    });
    expect([result.packages, result.diagnostics, result.complete]).toEqual([[], [], true]);
  });

  it('names what is lost', () => {
    const specs = project('yarn1');
    const { diagnostics } = of({ ...specs, 'yarn.lock': '# yarn lockfile v1\n' });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'yarn.lock names packages and does not hold them, as if it were cut off: @types/ms@2.1.0, debug@2.6.9, mini@npm:minimist@1.2.5 and 2 more.',
    ]);
  });
});

describe('what a project puts in the place of what is asked for', () => {
  it('resolutions of yarn', () => {
    const entry = (key: string, version: string, needs = '') =>
      `"${key}":\n  version: ${version}\n  resolution: "${key.split('@')[0]}@npm:${version}"\n${needs}\n`;
    const root =
      '"x@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "x@workspace:."\n  dependencies:\n    a: "npm:^1.0.0"\n';
    const lock = `__metadata:\n  version: 8\n\n${root}\n${entry('a@npm:^1.0.0', '1.0.0', '  dependencies:\n    b: "npm:^1.0.0"\n')}${entry('b@npm:2.0.0', '2.0.0')}`;
    const manifest = JSON.stringify({ name: 'x', devDependencies: { a: '^1.0.0' }, resolutions: { b: '2.0.0' } });
    expect(lines(of({ 'yarn.lock': lock, 'package.json': manifest }))).toEqual([
      'a@1.0.0 development direct',
      'b@2.0.0 development',
    ]);
  });

  it('peers of Bun that need not be there bring nothing in', () => {
    const packages = {
      a: ['a@1.0.0', '', { peerDependencies: { b: '*' }, optionalPeers: ['b'] }, ''],
      b: ['b@1.0.0', '', {}, ''],
    };
    const workspaces = { '': { dependencies: { a: '1' }, devDependencies: { b: '1' } } };
    expect(lines(of({ 'bun.lock': JSON.stringify({ workspaces, packages }) }))).toEqual([
      'a@1.0.0 runtime direct',
      'b@1.0.0 development direct',
    ]);
  });
});

describe('what is of no registry is listed and marked', () => {
  it.each<[string, Parameters<typeof of>[0], readonly string[]]>([
    [
      'package-lock.json',
      {
        'package-lock.json': JSON.stringify({
          lockfileVersion: 3,
          packages: {
            '': {
              name: 'x',
              dependencies: { a: 'github:u/a', b: 'https://e.test/b.tgz', c: 'file:../c', d: 'file:d.tgz' },
            },
            'node_modules/a': { version: '1.0.0', resolved: 'git+ssh://git@github.com/u/a.git#0123456789' },
            'node_modules/b': { version: '2.0.0', resolved: 'https://e.test/b.tgz' },
            'node_modules/c': { resolved: '../c', link: true },
            '../c': { name: 'c', version: '3.0.0' },
            'node_modules/d': { version: '4.0.0', resolved: 'file:d.tgz' },
          },
        }),
      },
      [
        'a@1.0.0 runtime direct vcs',
        'b@2.0.0 runtime direct archive',
        'c@3.0.0 runtime local',
        'd@4.0.0 runtime direct archive',
      ],
    ],
    [
      'pnpm-lock.yaml',
      {
        'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: github:u/a, version: https://codeload.github.com/u/a/tar.gz/0123}
      b: {specifier: https://e.test/b.tgz, version: https://e.test/b.tgz}
      c: {specifier: link:../c, version: link:../c}
packages:
  a@https://codeload.github.com/u/a/tar.gz/0123: {resolution: {tarball: https://codeload.github.com/u/a/tar.gz/0123}, version: 1.0.0}
  b@https://e.test/b.tgz: {resolution: {tarball: https://e.test/b.tgz}, version: 2.0.0}
snapshots:
  a@https://codeload.github.com/u/a/tar.gz/0123: {}
  b@https://e.test/b.tgz: {}
`,
      },
      ['a@1.0.0 runtime direct vcs', 'b@2.0.0 runtime direct archive'],
    ],
    [
      'yarn.lock',
      {
        'yarn.lock': `# yarn lockfile v1

a@u/a:
  version "1.0.0"
  resolved "https://codeload.github.com/u/a/tar.gz/0123"

"b@https://e.test/b.tgz":
  version "2.0.0"
  resolved "https://e.test/b.tgz#0123"
`,
      },
      ['a@1.0.0 runtime vcs', 'b@2.0.0 runtime archive'],
    ],
    [
      'yarn.lock of berry',
      {
        'yarn.lock': `__metadata:
  version: 8

"a@https://github.com/u/a.git":
  version: 1.0.0
  resolution: "a@https://github.com/u/a.git#commit=0123"

"b@patch:b@npm%3A^2.0.0#~/b.patch":
  version: 2.0.0
  resolution: "b@patch:b@npm%3A2.0.0#~/b.patch::version=2.0.0&hash=abc"

"c@portal:../c::locator=x%40workspace%3A.":
  version: 0.0.0-use.local
  resolution: "c@portal:../c::locator=x%40workspace%3A."
`,
      },
      ['a@1.0.0 runtime vcs', 'b@2.0.0 runtime', 'c@0.0.0-use.local runtime local'],
    ],
    [
      'bun.lock',
      {
        'bun.lock': `{ "lockfileVersion": 1, // a comment
          "workspaces": { "": { "dependencies": { "a": "u/a", "b": "https://e.test/b.tgz", }, }, },
          "packages": { "a": ["a@github:u/a#0123456", {}, "u-a-0123456"], "b": ["b@https://e.test/b.tgz", {}, ""], } }`,
      },
      ['a@0123456 runtime direct vcs', 'b@https://e.test/b.tgz runtime direct archive'],
    ],
  ])('%s', (_, specs, expected) => {
    const result = of(specs);
    expect(lines(result)).toEqual(expected);
    expect(result.complete).toBe(true);
  });
});

describe('deno.lock of each version', () => {
  it.each<[string, object]>([
    [
      '3',
      {
        packages: {
          specifiers: { 'npm:a@1': 'npm:a@1.0.0', 'jsr:@s/c@1': 'jsr:@s/c@1.0.0' },
          npm: { 'a@1.0.0': { dependencies: { b: 'b@2.0.0' } }, 'b@2.0.0': { dependencies: {} } },
          jsr: { '@s/c@1.0.0': {} },
        },
      },
    ],
    [
      '4',
      {
        specifiers: { 'npm:a@1': '1.0.0', 'jsr:@s/c@1': '1.0.0' },
        npm: { 'a@1.0.0': { dependencies: ['b'] }, 'b@2.0.0': {} },
        jsr: { '@s/c@1.0.0': {} },
      },
    ],
    [
      '5',
      {
        specifiers: { 'npm:a@1': '1.0.0', 'jsr:@s/c@1': '1.0.0' },
        npm: { 'a@1.0.0_p@1.0.0': { dependencies: ['b@2.0.0'] }, 'b@2.0.0': {} },
        jsr: { '@s/c@1.0.0': {} },
      },
    ],
  ])('%s', (version, lock) => {
    expect(lines(of({ 'deno.lock': JSON.stringify({ version, ...lock }) }))).toEqual([
      '@s/c@1.0.0 runtime direct',
      'a@1.0.0 runtime direct',
      'b@2.0.0 runtime',
    ]);
  });

  it('tells of modules by address', () => {
    const result = of({ 'deno.lock': JSON.stringify({ version: '5', remote: { 'https://deno.land/std/a.ts': 'x' } }) });
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['package/not-from-registry']);
    expect(result.complete).toBe(false);
  });
});

describe('JSON with comments and commas', () => {
  it.each<[string, unknown]>([
    ['{"a": [1, 2, ], /* x, */ "b": "//, ]", // y\n }', { a: [1, 2], b: '//, ]' }],
    ['["a\\",]", ]', ['a",]']],
    ['[1, /* , */ ]', [1]],
  ])('%s', (text, expected) => expect(parseJsonc(text)).toEqual(expected));

  it.each(['[1,,]', '{"a": 1 /* ', '[,]x'])('%s is none', (text) =>
    expect(() => parseJsonc(text)).toThrow(SyntaxError),
  );
});

describe('keys of pnpm', () => {
  it.each([
    ['/a/1.0.0', 'a@1.0.0'],
    ['/@s/a/1.0.0_b@2.0.0', '@s/a@1.0.0'],
    ['/a/1.0.0/b@2.0.0', 'a@1.0.0'],
    ['npm.e.test/a/1.0.0', 'a@1.0.0'],
    ['localhost+4873/@s/a/1.0.0', '@s/a@1.0.0'],
    ['/a@1.0.0(b@2.0.0)', 'a@1.0.0'],
    ['@s/a@1.0.0-rc.1(b@2.0.0(c@1.0.0))', '@s/a@1.0.0-rc.1'],
  ])('%s is %s', (key, expected) => {
    expect(lines(of({ 'pnpm-lock.yaml': `packages:\n  '${key}': {resolution: {integrity: x}}\n` }))).toEqual([
      `${expected} runtime`,
    ]);
  });
});

describe('which files count', () => {
  const lock = (name: string) =>
    JSON.stringify({ lockfileVersion: 3, packages: { '': {}, [`node_modules/${name}`]: { version: '1.0.0' } } });

  it('not those that installed packages ship, and a shrinkwrap before a package-lock', () => {
    const result = of({
      'node_modules/x/package-lock.json': lock('shipped'),
      'package-lock.json': lock('second'),
      'npm-shrinkwrap.json': lock('first'),
    });
    expect(lines(result)).toEqual(['first@1.0.0 runtime']);
  });

  it('tells of a project without a lock file, in a note', () => {
    const manifest = JSON.stringify({ dependencies: { a: '^1.0.0' } });
    const result = of({
      'package.json': '{}',
      'x/package.json': manifest,
      'y/z/package.json': manifest,
      'y/package-lock.json': lock('a'),
    });
    expect([result.complete, result.diagnostics.map(({ path, level, code }) => [path, level, code])]).toEqual([
      true,
      [['x/package.json', 'note', 'package/version-open']],
    ]);
  });

  it('names the binary lock file of Bun as unread, unless its text is there', () => {
    const alone = of({ 'bun.lockb': '#!/usr/bin/env bun\nbun-lockfile-format-v0\n' });
    expect([alone.complete, alone.diagnostics[0]?.message]).toEqual([
      false,
      expect.stringContaining('binary lock file'),
    ]);
    expect(of({ ...project('bun'), 'bun.lockb': 'x' }).complete).toBe(true);
  });
});

describe('hostile', () => {
  it('T25 a million entries end, and are told', () => {
    const packages: Record<string, object> = {};
    for (let n = 0; n < 400_000; n++) packages[`node_modules/a${n}`] = { version: '1.0.0' };
    const result = of({ 'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }) });
    expect(result.packages).toHaveLength(200_000);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['archive/limit']);
    expect(result.complete).toBe(false);
  });

  it('T15 cycles of workspaces and dependencies end', () => {
    const member = (name: string, other: string) => ({ name, version: '1.0.0', dependencies: { [other]: '*' } });
    const result = of({
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { workspaces: ['a', 'b'] },
          a: member('a', 'b'),
          b: member('b', 'a'),
          'node_modules/a': { resolved: 'a', link: true },
          'node_modules/b': { resolved: 'b', link: true },
        },
      }),
    });
    expect(lines(result)).toEqual(['a@1.0.0 runtime local', 'b@1.0.0 runtime local']);
  });

  it('T15 half a character in a range is no end of the reading', () => {
    const lock =
      '__metadata:\n  version: 8\n\n"r@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "r@workspace:."\n  dependencies:\n    a: "\\ud800"\n\n' +
      '"a@npm:1":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n';
    expect(lines(of({ 'yarn.lock': lock }))).toEqual(['a@1.0.0 runtime direct']);
  });

  it('T73 names of every object are names like others', () => {
    const lock =
      '{"lockfileVersion":3,"packages":{"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"2.0.0"}}}';
    expect(lines(of({ 'package-lock.json': lock }))).toEqual(['__proto__@1.0.0 runtime', 'constructor@2.0.0 runtime']);
  });
});

declaredContract(
  npmLockCataloger,
  Object.fromEntries(
    ['npm1', 'npm3', 'pnpm9', 'yarn1', 'berry', 'bun', 'deno'].flatMap((tool) =>
      Object.entries(project(tool)).map(([path, content]) => [`${tool}/${path}`, content]),
    ),
  ),
);
