// Where packages come from: the graph of lock files in JSON and SBOMs, `--dependency-tree`, and the line that `explain` tells.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { validatorOf } from './support/schemas.ts';

const home = temporaryFolder();
const plombe = installed(home);

/** In each tree `a` needs `b`, and `b` needs `c`; the project asks for `a`. */
const trees: Readonly<Record<string, readonly [file: string, content: string]>> = {
  npm: [
    'package-lock.json',
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { a: '1' } },
        'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
        'node_modules/b': { version: '1.0.0', dependencies: { c: '1' } },
        'node_modules/c': { version: '1.0.0' },
      },
    }),
  ],
  yarn: [
    'yarn.lock',
    '# yarn lockfile v1\n\n\na@^1.0.0:\n  version "1.0.0"\n  dependencies:\n    b "^1.0.0"\n\nb@^1.0.0:\n  version "1.0.0"\n  dependencies:\n    c "^1.0.0"\n\nc@^1.0.0:\n  version "1.0.0"\n',
  ],
  berry: [
    'yarn.lock',
    '__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n  dependencies:\n    b: "npm:^1.0.0"\n  languageName: node\n  linkType: hard\n\n"b@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "b@npm:1.0.0"\n  dependencies:\n    c: "npm:^1.0.0"\n  languageName: node\n  linkType: hard\n\n"c@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "c@npm:1.0.0"\n  languageName: node\n  linkType: hard\n\n"root@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "root@workspace:."\n  dependencies:\n    a: "npm:^1.0.0"\n  languageName: unknown\n  linkType: soft\n',
  ],
  pnpm: [
    'pnpm-lock.yaml',
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n\n  b@1.0.0:\n    resolution: {integrity: sha512-x}\n\n  c@1.0.0:\n    resolution: {integrity: sha512-x}\n\nsnapshots:\n\n  a@1.0.0:\n    dependencies:\n      b: 1.0.0\n\n  b@1.0.0:\n    dependencies:\n      c: 1.0.0\n\n  c@1.0.0: {}\n",
  ],
  bun: [
    'bun.lock',
    '{\n  "lockfileVersion": 1,\n  "workspaces": {\n    "": { "name": "root", "dependencies": { "a": "^1.0.0" } },\n  },\n  "packages": {\n    "a": ["a@1.0.0", "", { "dependencies": { "b": "^1.0.0" } }, "sha512-x"],\n    "b": ["b@1.0.0", "", { "dependencies": { "c": "^1.0.0" } }, "sha512-x"],\n    "c": ["c@1.0.0", "", {}, "sha512-x"],\n  }\n}\n',
  ],
  deno: [
    'deno.lock',
    JSON.stringify({
      version: '4',
      specifiers: { 'npm:a@1': '1.0.0' },
      npm: {
        'a@1.0.0': { integrity: 'x', dependencies: ['b'] },
        'b@1.0.0': { integrity: 'x', dependencies: ['c'] },
        'c@1.0.0': { integrity: 'x' },
      },
    }),
  ],
  cargo: [
    'Cargo.lock',
    ['a', 'b', 'c', 'root']
      .map((name, index) => {
        const need = name === 'root' ? 'a' : ['b', 'c'][index];
        const source = name === 'root' ? '' : 'source = "registry+https://github.com/rust-lang/crates.io-index"\n';
        return `[[package]]\nname = "${name}"\nversion = "1.0.0"\n${source}${need === undefined ? '' : `dependencies = [\n "${need}",\n]\n`}`;
      })
      .join('\n')
      .replace(/^/, 'version = 4\n\n'),
  ],
  composer: [
    'composer.lock',
    JSON.stringify({
      'content-hash': 'x',
      packages: [
        { name: 'x/a', version: '1.0.0', require: { 'x/b': '1' } },
        { name: 'x/b', version: '1.0.0', require: { 'x/c': '1' } },
        { name: 'x/c', version: '1.0.0' },
      ],
      'packages-dev': [],
      aliases: [],
      'minimum-stability': 'stable',
      'plugin-api-version': '2.6.0',
    }),
  ],
  bundler: [
    'Gemfile.lock',
    'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0.0)\n      b\n    b (1.0.0)\n      c\n    c (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  a\n\nBUNDLED WITH\n   2.5.0\n',
  ],
  poetry: [
    'poetry.lock',
    '[[package]]\nname = "a"\nversion = "1.0.0"\ngroups = ["main"]\n\n[package.dependencies]\nb = "*"\n\n[[package]]\nname = "b"\nversion = "1.0.0"\ngroups = ["main"]\n\n[package.dependencies]\nc = "*"\n\n[[package]]\nname = "c"\nversion = "1.0.0"\ngroups = ["main"]\n\n[metadata]\nlock-version = "2.1"\npython-versions = "*"\ncontent-hash = "x"\n',
  ],
  uv: [
    'uv.lock',
    'version = 1\nrequires-python = ">=3.12"\n\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = { registry = "https://pypi.org/simple" }\ndependencies = [\n    { name = "b" },\n]\n\n[[package]]\nname = "b"\nversion = "1.0.0"\nsource = { registry = "https://pypi.org/simple" }\ndependencies = [\n    { name = "c" },\n]\n\n[[package]]\nname = "c"\nversion = "1.0.0"\nsource = { registry = "https://pypi.org/simple" }\n\n[[package]]\nname = "root"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [\n    { name = "a" },\n]\n',
  ],
  nuget: [
    'packages.lock.json',
    JSON.stringify({
      version: 1,
      dependencies: {
        'net8.0': {
          a: { type: 'Direct', requested: '[1.0.0, )', resolved: '1.0.0', dependencies: { b: '1.0.0' } },
          b: { type: 'Transitive', resolved: '1.0.0', dependencies: { c: '1.0.0' } },
          c: { type: 'Transitive', resolved: '1.0.0' },
        },
      },
    }),
  ],
};

interface Saved {
  readonly packages: readonly { readonly id: string; readonly name: string; readonly dependsOn?: readonly string[] }[];
}

const lines = ['express', 'helper', 'lodash'].map((name, index) => [
  `node_modules/${name}`,
  {
    version: name === 'lodash' ? '4.17.4' : '1.0.0',
    ...(index === 2 ? {} : { dependencies: { [['helper', 'lodash'][index] ?? '']: '*' } }),
  },
]);

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  for (const [name, [file, content]] of Object.entries(trees)) {
    mkdirSync(dirname(join(home, 'trees', name, file)), { recursive: true });
    writeFileSync(join(home, 'trees', name, file), content);
  }
  mkdirSync(join(home, 'tree'));
  const lock = {
    lockfileVersion: 3,
    packages: { '': { dependencies: { express: '*' } }, ...Object.fromEntries(lines) },
  };
  writeFileSync(join(home, 'tree/package-lock.json'), JSON.stringify(lock, undefined, 2));
});

it.each(Object.keys(trees))('%s: what each package needs', async (name) => {
  const { stdout } = await plombe(['scan', `dir:trees/${name}`, '--db', 'db', '-o', 'json']);
  const { packages } = JSON.parse(stdout) as Saved;
  const names = new Map(packages.map((item) => [item.id, item.name]));
  const needs = packages.map((item) => [item.name, (item.dependsOn ?? []).map((id) => names.get(id))]);
  expect(needs.filter(([one]) => one !== 'root')).toEqual([
    ['a', ['b']],
    ['b', ['c']],
    ['c', []],
  ]);
  expect(validatorOf('json')?.(JSON.parse(stdout))).toEqual([]);
});

it('--dependency-tree shows the way from a finding to what the project asks for, from a saved report too', async () => {
  const shown = [
    'Where packages come from',
    'lodash 4.17.4  1 finding  /package-lock.json:21',
    '  └─ helper 1.0.0',
    '     └─ express 1.0.0, which the project asks for',
    '',
  ].join('\n');
  const scan = ['scan', 'dir:tree', '--db', 'db'];
  expect((await plombe([...scan, '--dependency-tree', '-o', 'table=tree.txt', '-o', 'json=tree.json'])).code).toBe(0);
  expect(readFileSync(join(home, 'tree.txt'), 'utf8')).toContain(`\n\n${shown}`);
  expect((await plombe(['convert', 'tree.json', '--dependency-tree'])).stdout).toContain(`\n\n${shown}`);
  expect((await plombe(scan)).stdout).not.toContain('Where packages come from');
});

it('explain tells the line of the lock file, also of a package without findings, and who needs it', async () => {
  const { code, stdout } = await plombe(['explain', 'helper', 'dir:tree', '--db', 'db']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ +Where +\/package-lock\.json:15$/m);
  expect(stdout).toMatch(/^ +Needed by +pkg:npm\/express@1\.0\.0$/m);
  expect((await plombe(['explain', 'express', 'dir:tree', '--db', 'db'])).stdout).toMatch(
    /^ +Needed by +the project itself$/m,
  );
});

it('SARIF has the line, SBOMs the graph', async () => {
  const outputs = ['sarif', 'cyclonedx', 'spdx'].flatMap((format) => ['-o', `${format}=tree.${format}`]);
  expect((await plombe(['scan', 'dir:tree', '--db', 'db', ...outputs])).code).toBe(0);
  const document = (format: string): object => {
    const value = JSON.parse(readFileSync(join(home, `tree.${format}`), 'utf8')) as object;
    expect(validatorOf(format)?.(value)).toEqual([]);
    return value;
  };
  expect(JSON.stringify(document('sarif'))).toContain('"region":{"startLine":21}');
  expect(document('cyclonedx')).toMatchObject({
    dependencies: [
      { ref: 'image', dependsOn: ['pkg:npm/express@1.0.0'] },
      { ref: 'pkg:npm/express@1.0.0', dependsOn: ['pkg:npm/helper@1.0.0'] },
      { ref: 'pkg:npm/helper@1.0.0', dependsOn: ['pkg:npm/lodash@4.17.4'] },
    ],
  });
  expect(JSON.stringify(document('spdx')).match(/"DEPENDS_ON"/g)?.length).toBe(2);
});

it('of an image nothing says where its packages come from, and that is told', async () => {
  await writeImages(join(home, 'layout'), alpineImage('app:1'));
  const { stdout } = await plombe(['scan', 'oci:layout', '--db', 'db', '--dependency-tree']);
  expect(stdout).toContain('Where packages come from: no lock file says it of a package with findings.');
});
