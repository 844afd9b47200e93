// What is left of a lock file that was cut off is told; a whole one that looks like it is not. Every cut of whole projects: test/cut-files.test.ts.
import { describe, expect, test } from 'vitest';
import type { FileSpecs } from '../testing/view.ts';
import { declaredCatalogers } from './list.ts';
import { catalogOf } from './testing/folder.ts';

function said(id: string, specs: FileSpecs): readonly string[] {
  const cataloger = declaredCatalogers.find((one) => one.id === id);
  if (cataloger === undefined) throw new Error(`There is no cataloger ${id}.`);
  const { complete, diagnostics } = catalogOf(cataloger, specs);
  expect(complete).toBe(diagnostics.every(({ level }) => level === 'note'));
  return diagnostics.map(({ message }) => message.replace(/^\S+ /, ''));
}

const crate = (name: string, more = ''): string => `[[package]]\nname = "${name}"\nversion = "1.0.0"\n${more}\n`;
const registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"\n';
const manifest = '[package]\nname = "app"\nversion = "1.0.0"\n';
const gem = 'GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.3)\n\n';
const pods = 'PODS:\n  - A (1.0.0):\n    - B\n';
const pub =
  'packages:\n  http:\n    dependency: "direct main"\n    description: {name: http, url: "https://pub.dev"}\n    source: hosted\n    version: "0.13.3"\n';
const freeze = 'active-repositories: hackage.haskell.org:merge\nconstraints: any.aeson ==2.1.0.0,\n';
const uuid = 'uuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"\n';
const uv =
  'version = 1\n[manifest]\nmembers = ["a", "b"]\n[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\n';

describe('what was cut off is told', () => {
  test.each<[string, FileSpecs, string]>([
    [
      'cargo-lock',
      { 'Cargo.lock': crate('app'), 'Cargo.toml': `${manifest}[dependencies]\nx = "1"\n` },
      'names packages and does not hold them, as if it were cut off: x.',
    ],
    [
      'cargo-lock',
      {
        'Cargo.lock': crate('app'),
        'Cargo.toml': '[workspace]\nmembers = ["part/*"]\n',
        'part/a/Cargo.toml': manifest.replace('app', 'a'),
      },
      'names packages and does not hold them, as if it were cut off: a.',
    ],
    [
      'cargo-lock',
      { 'Cargo.lock': crate('x', registry) },
      'holds crates that none of its own asks for, as if it were cut off.',
    ],
    ['cargo-lock', { 'Cargo.lock': crate('app'), 'Cargo.toml': '[package' }, 'is not valid TOML.'],
    ['gem-lock', { 'Gemfile.lock': gem }, 'was cut off: it has no "DEPENDENCIES".'],
    [
      'podfile-lock',
      { 'Podfile.lock': `${pods}  - B (1.0.0)\n` },
      'was cut off: it has no "DEPENDENCIES" and no "COCOAPODS".',
    ],
    [
      'podfile-lock',
      { 'Podfile.lock': `${pods}\nDEPENDENCIES:\n  - A\n\nCOCOAPODS: 1.12.1\n` },
      'names packages and does not hold them, as if it were cut off: B.',
    ],
    ['pubspec-lock', { 'pubspec.lock': pub }, 'was cut off: it has no "sdks".'],
    ['pubspec-lock', { 'pubspec.lock': `${pub}sdks:\n` }, 'was cut off: it has no "sdks".'],
    ['haskell-lock', { 'cabal.project.freeze': freeze }, 'was cut off: its constraints have no end.'],
    [
      'haskell-lock',
      { 'cabal.project.freeze': 'constraints: any.aeson ==2.1' },
      'does not end with a line end, as its tool writes it: it was cut off, or changed by hand.',
    ],
    ['haskell-lock', { 'stack.yaml.lock': 'packages: []\n' }, 'was cut off: it has no "snapshots".'],
    ['julia-manifest', { 'Manifest.toml': '' }, 'was cut off: it has no "deps".'],
    ['julia-manifest', { 'Manifest.toml': 'julia_version = "1.10.0"\n' }, 'was cut off: it has no "deps".'],
    ['julia-manifest', { 'Manifest.toml': '[[deps.Dates]]\n' }, 'has an entry without valid name, version and uuid.'],
    [
      'julia-manifest',
      { 'Manifest.toml': `[[deps.Dates]]\ndeps = ["Printf"]\n${uuid}` },
      'names packages and does not hold them, as if it were cut off: Printf.',
    ],
    ['npm-lock', { 'yarn.lock': '' }, 'was cut off: it does not even say which form it has.'],
    ['npm-lock', { 'yarn.lock': '# yarn lockfile v1\n\na@1:\n  version "1.' }, 'is no yarn.lock that can be read.'],
    [
      'npm-lock',
      { 'yarn.lock': '# yarn lockfile v1\n\na@1:\n  version "1.0.0"\n  res' },
      'is no yarn.lock that can be read.',
    ],
    [
      'npm-lock',
      { 'yarn.lock': '__metadata:\n  version: 8\n' },
      'was cut off: it does not even hold the project itself.',
    ],
    [
      'npm-lock',
      { 'yarn.lock': '__metadata:\n  version: 8\n\n"a@workspace:.":\n  v' },
      'was cut off: it has a name with nothing behind it.',
    ],
    [
      'npm-lock',
      { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
      'was cut off: it has names with nothing behind them.',
    ],
    [
      'npm-lock',
      {
        'pnpm-lock.yaml':
          "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n",
      },
      'was cut off: it has names with nothing behind them.',
    ],
    [
      'nuget-lock',
      { 'paket.lock': 'NUGET\n  remote: https://api.nuget.org/v3/index.json\n' },
      'was cut off: it names a place, and nothing that is from there.',
    ],
    [
      'nuget-lock',
      { 'paket.lock': 'NUGET\n  remote: https://api.nuget.org/v3/index.json\n    A (1.0.0)\n      B (>= 1.0)\n' },
      'names packages and does not hold them, as if it were cut off: B.',
    ],
    [
      'nuget-lock',
      { 'paket.lock': 'NUGET\n  remote: https://api.nuget.org/v3/index.json\n    A (1.0.0)\n      B (>= 1.\n' },
      'has a line that names no package.',
    ],
    [
      'python-lock',
      { 'pylock.toml': 'lock-version = "1.0"\n' },
      'was cut off, or is of no tool that is known: it has no "packages".',
    ],
    [
      'python-lock',
      {
        'pdm.lock': '[metadata]\n',
        'pyproject.toml': '[project]\nname = "a"\ndependencies = ["click>=8", "x; python_version < \\"3\\""]\n',
      },
      'names packages and does not hold them, as if it were cut off: click.',
    ],
    ['python-lock', { 'uv.lock': uv }, 'names packages and does not hold them, as if it were cut off: b.'],
    [
      'go-mod',
      { 'go.mod': 'module a\n\ngo 1.21\n\nrequire example.com/x v1.0' },
      'does not end with a line end, as its tool writes it: it was cut off, or changed by hand.',
    ],
    [
      'go-mod',
      { 'go.mod': 'module a\n\ngo 1.21\n\nreplace example.com/x => example.com/\n' },
      'is no go.mod that can be read whole.',
    ],
    ['github-actions', { 'a/action.yml': 'runs: {using: docker, i' }, 'is not valid YAML, or has too many aliases.'],
  ])('%s %o', (id, specs, message) => {
    expect(said(id, specs)).toContain(message);
  });
});

describe('what is whole is not', () => {
  test.each<[string, FileSpecs]>([
    [
      'cargo-lock',
      {
        'Cargo.lock': crate('app', 'dependencies = [\n "x",\n]\n') + crate('x', registry),
        'Cargo.toml': `${manifest}[dependencies]\ny = { version = "1", package = "x" }\n`,
      },
    ],
    [
      'cargo-lock',
      {
        'Cargo.lock': crate('app'),
        'Cargo.toml': '[workspace]\nmembers = ["*"]\nexclude = ["old"]\n',
        'app/Cargo.toml': `${manifest}[dependencies]\ny = { workspace = true }\n`,
        'old/Cargo.toml': manifest.replace('app', 'old'),
      },
    ],
    ['gem-lock', { 'Gemfile.lock': `${gem}PLATFORMS\n  ruby\n\nDEPENDENCIES` }],
    ['pubspec-lock', { 'pubspec.lock': `${pub}sdks:\n  dart: ">=2.12.0 <3.0.0"` }],
    [
      'haskell-lock',
      { 'cabal.project.freeze': `${freeze}             \nindex-state: hackage.haskell.org 2022-07-07T01:01:53Z\n` },
    ],
    ['haskell-lock', { 'stack.yaml.lock': 'packages: []\nsnapshots: []\n' }],
    ['julia-manifest', { 'Manifest.toml': 'julia_version = "1.10.0"\nmanifest_format = "2.0"\n\n[deps]\n' }],
    ['npm-lock', { 'yarn.lock': '# yarn lockfile v1\n\n\n' }],
    ['npm-lock', { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n" }],
    [
      'nuget-lock',
      {
        'paket.lock':
          'STORAGE: NONE\nNUGET\n  remote: https://api.nuget.org/v3/index.json\n    A (1.0.0)\n      B (>= 1.0) - restriction: >= net45\n      a (>= 1.0)',
      },
    ],
    ['python-lock', { 'pylock.toml': 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n' }],
    [
      'go-mod',
      { 'go.mod': 'module a\n\ngo 1.21\n\nreplace example.com/x => ../x\n\nreplace example.com/y v1.0.0 => C:\\y\n' },
    ],
    ['github-actions', { 'a/action.yml': '{{ a template }}: {' }],
  ])('%s %o', (id, specs) => {
    expect(said(id, specs)).toEqual([]);
  });
});
