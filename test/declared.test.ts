// A source tree through the program: what its lock files declare is compared, what is for development told apart.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const tree = join(home, 'tree');

function write(path: string, content: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), content);
}

/** One advisory for each, and the last version that it affects. */
const advised: readonly (readonly [ecosystem: string, name: string, last: string])[] = [
  ['npm', 'minimist', '1.2.5'],
  ['npm', 'semver', '5.7.1'],
  ['npm', 'once', '1.4.0'],
  ['npm', 'part', '0.1.0'],
  ['PyPI', 'click', '8.0.0'],
  ['PyPI', 'iniconfig', '2.0.0'],
  ['Go', 'github.com/gin-gonic/gin', '1.7.7'],
  ['crates.io', 'itoa', '0.4.7'],
  ['crates.io', 'fastrand', '1.8.0'],
  ['Maven', 'org.apache.commons:commons-lang3', '3.8.1'],
  ['Maven', 'junit:junit', '4.12'],
];

/** Projects as the tools of their ecosystems locked them. */
const projects: Readonly<Record<string, string>> = {
  'npm/testing/npm3': 'js',
  'python/testing/uv': 'py',
  'go/testing/new': 'go',
  'rust/testing/whole': 'rs',
  'java/testing/maven': 'jv',
};

interface Scan {
  readonly state: string;
  readonly summary: { readonly findings: number };
  readonly packages: readonly {
    readonly id: string;
    readonly evidence: readonly { readonly path: string; readonly line?: number }[];
    readonly name: string;
    readonly type: string;
    readonly scope?: string;
    readonly origin?: string;
  }[];
  readonly findings: readonly {
    readonly packages: readonly string[];
    readonly packageName: string;
    readonly packageVersion: string;
    readonly scope?: string;
  }[];
  readonly suppressed: readonly { readonly reason: string }[];
  readonly actions: readonly { readonly packageName: string; readonly path?: string }[];
  readonly causes: readonly { readonly code: string }[];
  readonly diagnostics: readonly { readonly code: string; readonly level: string }[];
}

beforeAll(async () => {
  for (const [ecosystem, name, last] of advised) {
    const id = `TEST-${ecosystem}-${name.replaceAll(/\W/g, '-')}`;
    const affected = [
      {
        package: { ecosystem, name },
        ranges: [
          {
            type: ecosystem === 'npm' || ecosystem === 'Go' || ecosystem === 'crates.io' ? 'SEMVER' : 'ECOSYSTEM',
            events: [{ introduced: '0' }, { last_affected: last }],
          },
        ],
      },
    ];
    const modified = new Date().toISOString();
    write(
      `feeds/osv/${ecosystem}/${id}.json`,
      JSON.stringify({ schema_version: '1.6.0', id, modified, summary: name, affected }),
    );
  }
  expect(await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).toMatchObject({ code: 0 });
  const sources = new URL('../packages/catalogers/src/declared/', import.meta.url);
  for (const [from, to] of Object.entries(projects))
    cpSync(fileURLToPath(new URL(from, sources)), join(tree, to), { recursive: true });
});

async function scan(
  ...flags: readonly string[]
): Promise<{ readonly code: number | undefined; readonly report: Scan }> {
  const file = join(home, 'scan.json');
  const { code } = await plombe([
    'scan',
    `dir:${tree}`,
    '--db',
    'db',
    '-o',
    `json=${file}`,
    '--allow',
    'partial',
    ...flags,
  ]);
  return { code, report: JSON.parse(readFileSync(file, 'utf8')) as Scan };
}

const found = ({ findings }: Scan): readonly string[] =>
  findings.map(({ packageName, packageVersion, scope }) => `${packageName} ${packageVersion} ${scope ?? '-'}`).sort();

it('what is declared is compared, but for the tree itself, and told apart by what it is for', async () => {
  const { report } = await scan();
  expect(found(report)).toEqual([
    'click 8.0.0 -',
    'fastrand 1.8.0 development',
    'github.com/gin-gonic/gin v1.7.7 -',
    'iniconfig 2.0.0 development',
    'itoa 0.4.7 -',
    'junit:junit 4.12 development',
    'minimist 1.2.5 -',
    'once 1.4.0 optional',
    'org.apache.commons:commons-lang3 3.8.1 -',
    'semver 5.7.1 development',
  ]);
  expect(report.packages.find(({ name }) => name === 'part')).toMatchObject({ origin: 'local' });
  expect(report.causes.map(({ code }) => code)).toContain('package/dependencies-open');
});

it('findings come with the line of the lock file', async () => {
  const { report } = await scan();
  const packages = new Map(report.packages.map((one) => [one.id, one]));
  const unlined = report.findings.flatMap(({ packages: ids }) =>
    ids.filter((id) => packages.get(id)?.evidence.every(({ line }) => line === undefined)),
  );
  expect(unlined).toEqual([]);
  for (const { name, evidence } of report.packages) {
    for (const { path, line } of evidence) {
      if (line === undefined) continue;
      const said = readFileSync(join(tree, path), 'utf8').split('\n')[line - 1];
      expect(said?.toLowerCase(), `${path}:${line}`).toContain(name.toLowerCase());
    }
  }
});

it('--exclude-dev takes findings for development out of findings, actions and exit code, and counts them', async () => {
  const all = await scan('--fail-on', 'low');
  const some = await scan('--exclude-dev', '--fail-on', 'low');
  expect([all.code, some.code]).toEqual([1, 1]);
  expect(found(some.report)).toEqual(found(all.report).filter((one) => !one.endsWith('development')));
  expect(some.report.suppressed.filter(({ reason }) => reason.includes('--exclude-dev'))).toHaveLength(4);
  expect(some.report.actions.map(({ packageName }) => packageName)).not.toContain('semver');
  const { stdout } = await plombe(['scan', `dir:${tree}`, '--db', 'db', '--allow', 'partial', '--exclude-dev']);
  expect(stdout).toContain('4 findings for development only left out (--exclude-dev)');
});

it('--declared never reads none of it; a root file system counts what lies there', async () => {
  // The package.json of a member is a package like any that lies about: only a lock file says what it is.
  const bare = ['part 0.1.0 -'];
  expect(found((await scan('--declared', 'never')).report)).toEqual(bare);
  write('tree/etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
  const { report } = await scan();
  expect(report.diagnostics).toContainEqual(
    expect.objectContaining({ code: 'package/declared-not-read', level: 'note' }),
  );
  expect(found(report)).toEqual(bare);
  rmSync(join(tree, 'etc'), { recursive: true });
});

it('the table and the SBOM say what is for development', async () => {
  const table = await plombe(['scan', `dir:${tree}`, '--db', 'db', '--allow', 'partial']);
  expect(table.stdout).toMatch(/FOR/);
  expect(table.stdout).toMatch(/TEST-npm-semver +dev/);
  const sbom = await plombe(['sbom', `dir:${tree}`, '-o', 'cyclonedx', '--allow', 'partial']);
  const { components } = JSON.parse(sbom.stdout) as {
    readonly components: readonly { readonly name: string; readonly scope?: string }[];
  };
  const scopeOf = (name: string): string | undefined => components.find((one) => one.name === name)?.scope;
  expect([scopeOf('minimist'), scopeOf('once'), scopeOf('semver')]).toEqual(['required', 'optional', 'excluded']);
});
