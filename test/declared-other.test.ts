// A source tree of many ecosystems through the program: gems, packages of Composer and NuGet and actions are compared, images are listed.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const advised: readonly (readonly [ecosystem: string, name: string, last: string])[] = [
  ['RubyGems', 'rack', '2.2.3'],
  ['RubyGems', 'rspecx', '3.10.0'],
  ['RubyGems', 'part', '0.1.0'],
  ['RubyGems', 'forked', '2.0.0'],
  ['Packagist', 'vendor/two', '1.4.0'],
  ['NuGet', 'Newtonsoft.Json', '13.0.0'],
  ['GitHub Actions', 'tj-actions/changed-files', '45.0.7'],
  ['GitHub Actions', 'actions/checkout', '4.0.0'],
  ['GitHub Actions', 'acme/flows/.github/workflows/build.yml', '1.2.0'],
  ['Hex', 'cowlib', '2.11.0'],
  ['Pub', 'http', '0.13.3'],
  ['SwiftURL', 'github.com/apple/swift-nio', '2.41.1'],
  ['ConanCenter', 'openssl', '3.0.1'],
  ['CRAN', 'commonmark', '1.7'],
];

const files: Readonly<Record<string, string>> = {
  'net/packages.config': '<packages><package id="Newtonsoft.Json" version="12.0.3" /></packages>',
  'dart/pubspec.lock':
    'packages:\n  http:\n    dependency: "direct main"\n    description: {name: http, url: "https://pub.dev"}\n    source: hosted\n    version: "0.13.3"\nsdks:\n  dart: ">=2.12.0 <3.0.0"\n',
  'swift/Package.resolved': JSON.stringify({
    pins: [
      {
        identity: 'swift-nio',
        kind: 'remoteSourceControl',
        location: 'https://github.com/apple/swift-nio.git',
        state: { version: '2.41.1' },
      },
    ],
    version: 2,
  }),
  'ios/Podfile.lock': 'PODS:\n  - Alamofire (5.6.4)\n\nDEPENDENCIES:\n  - Alamofire\n\nCOCOAPODS: 1.12.1\n',
  'r/renv.lock': JSON.stringify({
    Packages: { commonmark: { Package: 'commonmark', Version: '1.7', Source: 'Repository' } },
  }),
  Dockerfile: 'FROM debian:12\n',
  '.github/workflows/ci.yml':
    'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: tj-actions/changed-files@v44.0.0\n  b:\n    uses: acme/flows/.github/workflows/build.yml@v1.1.0\n',
  'azure-pipelines.yml': 'steps:\n  - task: NodeTool@0\n',
};

interface Report {
  readonly state: string;
  readonly packages: readonly { readonly purl: string; readonly origin?: string }[];
  readonly findings: readonly {
    readonly packageName: string;
    readonly packageVersion: string;
    readonly scope?: string;
  }[];
  readonly causes: readonly { readonly code: string; readonly scope?: string; readonly message: string }[];
  readonly diagnostics: readonly { readonly code: string; readonly level: string }[];
}

beforeAll(async () => {
  for (const [ecosystem, name, last] of advised) {
    const id = `TEST-${ecosystem}-${name}`.replaceAll(/[^\w-]/g, '-');
    const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { last_affected: last }] }];
    const affected = [{ package: { ecosystem, name }, ranges }];
    write(
      `feeds/osv/${ecosystem}/${id}.json`,
      JSON.stringify({ schema_version: '1.6.0', id, modified: new Date().toISOString(), summary: name, affected }),
    );
  }
  expect(await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).toMatchObject({ code: 0 });
  const sources = new URL('../packages/catalogers/src/declared/', import.meta.url);
  const projects = {
    'ruby/testing/project': 'rb',
    'php/testing/project': 'php',
    'hex/testing/mix': 'ex',
    'conan/testing/two': 'c',
  };
  for (const [from, to] of Object.entries(projects))
    cpSync(fileURLToPath(new URL(from, sources)), join(tree, to), { recursive: true });
  for (const [path, content] of Object.entries(files)) write(`tree/${path}`, content);
});

async function scan(folder: string): Promise<Report> {
  const file = join(home, 'scan.json');
  await plombe(['scan', `dir:${folder}`, '--db', 'db', '-o', `json=${file}`, '--allow', 'partial']);
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

it('what is declared is compared, but for the tree itself, commits and images', async () => {
  const report = await scan(tree);
  const found = report.findings
    .map(({ packageName, packageVersion, scope }) => `${packageName} ${packageVersion} ${scope ?? '-'}`)
    .sort();
  expect(found).toEqual([
    'Newtonsoft.Json 12.0.3 -',
    'acme/flows v1.1.0 development',
    'commonmark 1.7 -',
    'cowlib 2.11.0 -',
    'github.com/apple/swift-nio 2.41.1 -',
    'http 0.13.3 -',
    'openssl 3.0.1 -',
    'rack 2.2.3 -',
    'rspecx 3.10.0 development',
    'tj-actions/changed-files v44.0.0 development',
    'vendor/two v1.4.0 -',
  ]);
  expect(report.state).toBe('partial');
  const purls = report.packages.map(({ purl }) => purl);
  expect(purls).toEqual(
    expect.arrayContaining([
      'pkg:docker/debian@12',
      'pkg:github/tj-actions/changed-files@v44.0.0',
      'pkg:github/acme/flows@v1.1.0#.github/workflows/build.yml',
      'pkg:cocoapods/Alamofire@5.6.4',
      'pkg:generic/azure-pipelines-task/NodeTool@0',
      'pkg:gem/nokogiri@1.13.0?platform=x86_64-linux',
    ]),
  );
  expect(report.diagnostics).toContainEqual(expect.objectContaining({ code: 'package/image-named', level: 'note' }));
  const codes = new Set(report.causes.map(({ code }) => code));
  expect([...codes].sort()).toEqual(['feed/missing', 'package/not-from-registry', 'package/version-open']);
});

it('an image that a file names takes nothing away from the result', async () => {
  write('alone/Dockerfile', 'FROM debian:12\n');
  write('alone/packages.config', files['net/packages.config'] ?? '');
  expect(await scan(join(home, 'alone'))).toMatchObject({
    state: 'assessed',
    causes: [],
    packages: expect.arrayContaining([expect.objectContaining({ origin: 'image' })]),
  });
});
