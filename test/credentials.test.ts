// T24: credentials that an image or a source tree holds are in no report, no log, no cache and no answer of the program.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, apkInstalled, npmPackage, osRelease, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const canary = 'c4n4ry';
const login = `https://user:${canary}@example.org`;

/** Files that carry logins and tokens where people and tools put them. */
const files: Readonly<Record<string, string>> = {
  'app/.npmrc': `//registry.npmjs.org/:_authToken=${canary}\n`,
  'app/package.json': JSON.stringify({
    name: 'app',
    version: '1.0.0',
    dependencies: { left: `git+${login}/left.git`, right: `${login}/right.tgz` },
    repository: `${login}/app.git`,
  }),
  'app/package-lock.json': JSON.stringify({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'app', version: '1.0.0', dependencies: { left: `git+${login}/left.git` } },
      'node_modules/left': { version: '1.0.0', resolved: `git+${login}/left.git#${'a'.repeat(40)}` },
      'node_modules/lodash': { version: '4.17.4', resolved: `${login}/lodash.tgz?token=${canary}` },
    },
  }),
  'yarn/yarn.lock': `# yarn lockfile v1\n\n\n"left@git+${login}/left.git":\n  version "1.0.0"\n  resolved "git+${login}/left.git#${'a'.repeat(40)}"\n`,
  'pnpm/pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  left@git+${login}/left.git#${'a'.repeat(40)}:\n    resolution: {commit: ${'a'.repeat(40)}, repo: ${login}/left.git, type: git}\n    version: 1.0.0\n`,
  'py/requirements.txt': `--index-url ${login}/simple\nrequests==2.30.0\nleft @ git+${login}/left.git@v1\n-e git+${login}/right.git#egg=right\n${login}/middle-1.0.tar.gz\n`,
  'py/Pipfile.lock': JSON.stringify({
    _meta: { sources: [{ name: 'x', url: `${login}/simple`, verify_ssl: true }] },
    default: { left: { git: `${login}/left.git`, ref: 'a'.repeat(40) }, requests: { version: '==2.30.0' } },
    develop: {},
  }),
  'py/poetry.lock': `[[package]]\nname = "left"\nversion = "1.0"\n\n[package.source]\ntype = "git"\nurl = "${login}/left.git"\nreference = "main"\nresolved_reference = "${'a'.repeat(40)}"\n`,
  'uv/uv.lock': `version = 1\n\n[[package]]\nname = "left"\nversion = "1.0"\nsource = { git = "${login}/left.git?rev=main#${'a'.repeat(40)}" }\n`,
  'rust/Cargo.lock': `version = 3\n\n[[package]]\nname = "left"\nversion = "1.0.0"\nsource = "git+${login}/left.git#${'a'.repeat(40)}"\n`,
  'ruby/Gemfile.lock': `GIT\n  remote: ${login}/left.git\n  revision: ${'a'.repeat(40)}\n  specs:\n    left (1.0)\n\nGEM\n  remote: ${login}/\n  specs:\n    rack (2.0.0)\n\nDEPENDENCIES\n  left!\n  rack\n`,
  'php/composer.lock': JSON.stringify({
    packages: [
      {
        name: 'a/left',
        version: 'dev-main',
        source: { type: 'git', url: `${login}/left.git`, reference: 'a'.repeat(40) },
        dist: { type: 'zip', url: `${login}/left.zip?access_token=${canary}`, reference: 'a'.repeat(40) },
      },
    ],
    'packages-dev': [],
  }),
  'go/go.mod': `module example.org/app\n\ngo 1.22\n\nrequire github.com/a/b v1.0.0 // ${canary}\n`,
  'java/pom.xml': `<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><repositories><repository><id>r</id><url>${login}/m2</url></repository></repositories><dependencies><dependency><groupId>g</groupId><artifactId>b</artifactId><version>1</version></dependency></dependencies></project>`,
  'docker/Dockerfile': `FROM registry.example.org/base:1\nARG TOKEN=${canary}\nENV PASSWORD=${canary}\n`,
  'k8s/deployment.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: x\n      image: registry.example.org/app:1\n      env: [{name: PASSWORD, value: ${canary}}]\n`,
  '.github/workflows/ci.yml': `on: push\njobs:\n  a:\n    runs-on: x\n    env: {TOKEN: ${canary}}\n    steps:\n      - uses: actions/checkout@v4\n`,
  'swift/Package.resolved': JSON.stringify({
    version: 2,
    pins: [
      { identity: 'left', kind: 'remoteSourceControl', location: `${login}/left.git`, state: { version: '1.0.0' } },
    ],
  }),
  'dart/pubspec.lock': `packages:\n  left:\n    dependency: "direct main"\n    description:\n      path: "."\n      ref: main\n      resolved-ref: ${'a'.repeat(40)}\n      url: "${login}/left.git"\n    source: git\n    version: "1.0.0"\n  right:\n    dependency: transitive\n    description:\n      name: right\n      url: "${login}"\n    source: hosted\n    version: "1.0.0"\n`,
  'elixir/mix.lock': `%{\n  "left": {:git, "${login}/left.git", "${'a'.repeat(40)}", []},\n}\n`,
  'site/left-1.0.dist-info/METADATA': `Metadata-Version: 2.1\nName: left\nVersion: 1.0\nHome-page: ${login}\n`,
  'site/left-1.0.dist-info/direct_url.json': JSON.stringify({
    url: `${login}/left.git`,
    vcs_info: { vcs: 'git', commit_id: 'a'.repeat(40) },
  }),
  'node_modules/right/package.json': JSON.stringify({
    name: 'right',
    version: '1.0.0',
    _resolved: `${login}/right.tgz`,
    repository: `${login}/x`,
  }),
  'vendor/composer/installed.json': JSON.stringify({
    packages: [
      { name: 'a/right', version: '1.0.0', source: { type: 'git', url: `${login}/right.git`, reference: 'x' } },
    ],
  }),
  // Files that cannot be read, of which an error may quote a piece.
  'broken/package-lock.json': `{"lockfileVersion": 3, "packages": {"x": {"resolved": "${login}"`,
  'broken/Cargo.lock': `[[package]]\nname = "x"\nsource = "git+${login}\n`,
  'broken/pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  a: *${canary}\n`,
  'broken/pom.xml': `<project><parent>${login}</project>`,
  'broken/go.mod': `module a b\nrequire (\n ${login}\n`,
  'broken/requirements.txt': `left==1=1\n-r ${login}/more.txt\n`,
};

const formats = [
  'json',
  'table',
  'cyclonedx',
  'spdx',
  'sarif',
  'html',
  'junit',
  'markdown',
  'azure-devops',
  'github',
  'gitlab',
  'csv',
];

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  expect((await plombe(['db', 'build', '--from', join(home, 'feeds'), '--db', join(home, 'db')])).code).toBe(0);
  for (const [path, content] of Object.entries(files)) {
    const to = join(home, 'tree', path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
  }
  const tar = (...entries: readonly TarEntry[]) => [writeTar(entries)];
  const image = alpineImage('x', 'amd64', {
    config: {
      Env: [
        `POSTGRES_PASSWORD=${canary}`,
        `DATABASE_URL=postgres://app:${canary}@db/x`,
        `AWS_SECRET_ACCESS_KEY=${canary}`,
      ],
      Labels: { 'org.example.token': canary, 'org.opencontainers.image.source': `${login}/app` },
      Cmd: ['app', '--password', canary, `--api-key=${canary}`],
      Entrypoint: ['sh', '-c', `TOKEN=${canary} exec app`],
    },
    layers: [
      {
        tar: tar(osRelease, { path: 'lib/apk/db/installed', content: apkInstalled({ busybox: '1.36.1-r29' }) }),
        createdBy: `RUN |2 NPM_TOKEN=${canary} X=1 /bin/sh -c curl -H "Authorization: Bearer ${canary}${canary}" ${login}/x # buildkit`,
      },
      {
        tar: tar(
          npmPackage('srv/app', 'lodash', '4.17.4'),
          ...Object.entries(files).map(([path, content]) => ({ path, content })),
        ),
        createdBy: `ENV PASSWORD=${canary}`,
      },
    ],
  });
  await writeImages(join(home, 'image'), image);
});

const found = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.includes(canary))
    .map((line) => {
      const at = line.indexOf(canary);
      return line.slice(Math.max(0, at - 80), at + 40);
    });

it.each(formats)('T24 nothing of it in %s, of an image or a tree', async (format) => {
  for (const subject of [`oci:${join(home, 'image')}`, `dir:${join(home, 'tree')}`]) {
    const args = ['scan', subject, '--db', join(home, 'db'), '--cache', join(home, 'cache'), '--declared', 'always'];
    const { code, stdout, stderr } = await plombe([...args, '-o', format], { env: { PLOMBE_DEBUG: '1' } });
    expect([0, 1, 3], stderr).toContain(code);
    expect(stdout.length).toBeGreaterThan(100);
    expect([subject, found(stdout), found(stderr)]).toEqual([subject, [], []]);
  }
});

it('T24 nothing of it in other views of the same', async () => {
  const image = `oci:${join(home, 'image')}`;
  const common = ['--db', join(home, 'db'), '--cache', join(home, 'cache')];
  for (const args of [
    ['layers', image, ...common],
    ['layers', image, ...common, '-o', 'json'],
    ['explain', 'lodash', image, ...common],
    ['sbom', image, '-o', 'cyclonedx'],
    ['sbom', `dir:${join(home, 'tree')}`, '-o', 'spdx'],
    ['diff', image, `dir:${join(home, 'tree')}`, ...common, '-o', 'json'],
  ]) {
    const { stdout, stderr } = await plombe(args);
    expect([args[0], found(stdout), found(stderr)]).toEqual([args[0], [], []]);
  }
});

it('T24 the inventory that is kept is the one that was shown', async () => {
  const names = readdirSync(join(home, 'cache'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.inventory'),
  );
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const path = join(home, 'cache', name);
    expect(statSync(path).mode & 0o077).toBe(0);
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
    expect(zstdDecompressSync(bytes.subarray(at)).includes(canary)).toBe(false);
  }
});
