// Packages of smaller ecosystems, from the files that their tools leave to findings, and to what nobody has advisories of.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const root = join(home, 'root');

function write(path: string, content: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), content);
}

/** One advisory for each: fixed in 2.0.0, above what is installed as `old` and below what is as `new`. */
const advised: readonly (readonly [ecosystem: string, name: string])[] = [
  ['Hex', 'old_app'],
  ['Hex', 'new_app'],
  ['Pub', 'old_dart'],
  ['Pub', 'new_dart'],
  ['CRAN', 'OldR'],
  ['CRAN', 'NewR'],
  ['Bioconductor', 'OldBio'],
  ['Julia', 'OldJulia'],
  ['Julia', 'NewJulia'],
  ['SwiftURL', 'github.com/Owner/Old'],
  ['SwiftURL', 'https://github.com/owner/new.git'],
];

const uuid = (n: number): string => `0000000${n}-0000-0000-0000-000000000000`;
const built = 'Built: R 4.2.2; ; 2026-01-01; unix\n';
const swift = (name: string, version: string): object => ({
  packageRef: { identity: name, kind: 'remoteSourceControl', location: `https://github.com/owner/${name}.git` },
  state: { checkoutState: { version, revision: 'a'.repeat(40) }, name: 'sourceControlCheckout' },
});

const files: Readonly<Record<string, string>> = {
  'app/deps/old_app/hex_metadata.config': '{<<"name">>,<<"old_app">>}.\n{<<"version">>,<<"1.0.0">>}.\n',
  'rel/lib/new_app-2.0.0/ebin/new_app.app': '{application,new_app,[{vsn,"2.0.0"}]}.\n',
  'usr/lib/erlang/lib/ssl-10.8.7/ebin/ssl.app': '{application,ssl,[{vsn,"10.8.7"}]}.\n',
  'root/.pub-cache/hosted/pub.dev/old_dart-1.9.0/pubspec.yaml': 'name: old_dart\nversion: 1.9.0\n',
  'root/.pub-cache/hosted/pub.dev/new_dart-2.0.0/pubspec.yaml': 'name: new_dart\nversion: 2.0.0\n',
  'usr/lib/R/library/OldR/DESCRIPTION': `Package: OldR\nVersion: 1.9-3\nRepository: CRAN\n${built}`,
  'usr/lib/R/library/NewR/DESCRIPTION': `Package: NewR\nVersion: 2.0.1\nRepository: CRAN\n${built}`,
  'usr/lib/R/library/OldBio/DESCRIPTION': `Package: OldBio\nVersion: 1.9.0\nbiocViews: X\n${built}`,
  'root/.julia/packages/OldJulia/aBcDe/Project.toml': `name = "OldJulia"\nuuid = "${uuid(1)}"\nversion = "1.9.9"\n`,
  'root/.julia/packages/NewJulia/aBcDe/Project.toml': `name = "NewJulia"\nuuid = "${uuid(2)}"\nversion = "2.0.0"\n`,
  'app/.build/workspace-state.json': JSON.stringify({
    object: { dependencies: [swift('old', '1.0.0'), swift('new', '2.1.0')] },
    version: 6,
  }),
  'usr/lib/luarocks/rocks-5.1/rock/1.0-1/rock-1.0-1.rockspec': 'package = "rock"\nversion = "1.0-1"\n',
  'usr/lib/perl5/site_perl/.meta/Foo-1.0/install.json':
    '{"dist":"Foo-1.0","pathname":"A/AB/ABC/Foo-1.0.tar.gz","name":"Foo"}',
  'var/www/wp-content/plugins/akismet/akismet.php': '<?php\n/*\nPlugin Name: Akismet\nVersion: 5.0\n*/\n',
};

interface Scan {
  readonly state: string;
  readonly packages: readonly { readonly id: string; readonly purl: string }[];
  readonly findings: readonly { readonly id: string; readonly packageName: string }[];
  readonly causes: readonly { readonly code: string; readonly scope?: string }[];
}

beforeAll(async () => {
  for (const [ecosystem, name] of advised) {
    const id = `TEST-${ecosystem}-${name.replaceAll(/\W/g, '-')}`;
    write(
      `feeds/osv/${ecosystem}/${id}.json`,
      JSON.stringify({
        schema_version: '1.6.0',
        id,
        modified: new Date().toISOString(),
        published: '2026-01-01T00:00:00Z',
        summary: `A hole in ${name}`,
        affected: [
          {
            package: { ecosystem, name },
            ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }],
          },
        ],
      }),
    );
  }
  const built = await plombe(['db', 'build', '--from', 'feeds', '--db', 'db']);
  expect(built).toMatchObject({ code: 0 });
  for (const [path, content] of Object.entries(files)) write(`root/${path}`, content);
});

async function scan(): Promise<Scan> {
  const file = join(home, 'scan.json');
  await plombe(['scan', `dir:${root}`, '--db', 'db', '-o', `json=${file}`]);
  return JSON.parse(readFileSync(file, 'utf8')) as Scan;
}

it('what is old is found affected, what is new is not', async () => {
  const { findings } = await scan();
  expect(findings.map(({ packageName }) => packageName).sort()).toEqual([
    'OldBio',
    'OldJulia',
    'OldR',
    'github.com/owner/old',
    'old_app',
    'old_dart',
  ]);
});

it('what nobody has advisories of is not assessed, and that is said', async () => {
  const { state, packages, causes } = await scan();
  expect(packages.map(({ purl }) => purl)).toEqual(
    expect.arrayContaining([
      'pkg:cpan/ABC/Foo@1.0',
      'pkg:luarocks/rock@1.0-1',
      'pkg:otp/ssl@10.8.7?repository_url=https:%2F%2Fgithub.com%2Ferlang%2Fotp',
      'pkg:wordpress-plugin/akismet@5.0',
      `pkg:julia/OldJulia@1.9.9?uuid=${uuid(1)}`,
    ]),
  );
  expect(state).toBe('partial');
  const missing = causes.filter(({ code }) => code === 'feed/missing').map(({ scope }) => scope);
  expect(missing).toEqual(expect.arrayContaining(['cpan', 'luarocks', 'otp', 'wordpress-plugin']));
});

it.each(['cyclonedx', 'spdx'])('%s has them all', async (format) => {
  const { packages } = await scan();
  const file = join(home, `sbom-${format}.json`);
  const { stderr } = await plombe(['sbom', `dir:${root}`, '-o', `${format}=${file}`]);
  expect(stderr).toBe('');
  const text = readFileSync(file, 'utf8');
  for (const { purl } of packages) expect(text).toContain(JSON.stringify(purl));
});
