// A Cargo.lock that cargo wrote for a workspace, and the older forms.
import { describe, expect, it } from 'vitest';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf, lines, readFolder } from '../testing/folder.ts';
import { textIn } from '../../testing/view.ts';
import { cargoLockCataloger } from './index.ts';

const whole = readFolder(new URL('testing/whole/', import.meta.url));
const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(cargoLockCataloger, specs);

describe('a workspace', () => {
  it('members, and what they ask for by what it is for', () => {
    const result = of(whole);
    expect([result.diagnostics, result.complete]).toEqual([[], true]);
    expect(lines(result).filter((one) => /direct|local/.test(one))).toEqual([
      'cc@1.0.73 development direct',
      'fastrand@1.8.0 development direct',
      'itoa@0.4.7 runtime direct',
      'itoa@1.0.1 runtime direct',
      'log@0.4.17 optional direct',
      'part@0.1.0 runtime local',
      'semver@1.0.4 development direct',
      'whole@1.2.3 runtime local',
    ]);
    expect(result.packages.find(({ name }) => name === 'instant')).toMatchObject({
      scope: 'development',
      facts: { via: 'fastrand > instant' },
    });
    expect(result.packages.find(({ name }) => name === 'cfg-if')).toMatchObject({ scope: 'optional', direct: false });
  });

  it('without Cargo.toml all counts as what runs', () => {
    expect(of({ 'Cargo.lock': textIn(whole, 'Cargo.lock') }).packages.every(({ scope }) => scope === 'runtime')).toBe(
      true,
    );
  });

  it('not the lock files that vendored crates ship', () => {
    const vendored = { 'vendor/a/Cargo.lock': textIn(whole, 'Cargo.lock'), 'vendor/a/.cargo-checksum.json': '{}' };
    expect(of(vendored).packages).toEqual([]);
  });
});

it('licences, of vendored crates and of members that inherit theirs', () => {
  const crate = (name: string, version: string, licence: string): string =>
    `[package]\nname = "${name}"\nversion = "${version}"\n${licence}\n`;
  const locked = (name: string, version: string, rest = ''): string =>
    `[[package]]\nname = "${name}"\nversion = "${version}"\n${rest}\n`;
  const registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  const { packages } = of({
    'Cargo.toml': '[workspace]\nmembers = ["m"]\n[workspace.package]\nlicense = "MPL-2.0"\n',
    'm/Cargo.toml': crate('m', '0.1.0', 'license.workspace = true'),
    'Cargo.lock': `version = 4\n${locked('a', '1.0.0', registry)}${locked('b', '2.0.0', registry)}${locked('m', '0.1.0', 'dependencies = ["a", "b"]')}`,
    'vendor/a/Cargo.toml': crate('a', '1.0.0', 'license = "MIT / Apache-2.0"'),
    'vendor/a/.cargo-checksum.json': '{}',
    'vendor/b/Cargo.toml': crate('b', '2.0.0', 'license-file = "LICENSE"'),
    'vendor/b/.cargo-checksum.json': '{}',
  });
  expect(packages.map(({ name, licences }) => [name, ...licences])).toEqual([
    ['a', 'MIT OR Apache-2.0'],
    ['b'],
    ['m', 'MPL-2.0'],
  ]);
});

it('a Cargo.lock that was cut off never passes for a whole one', () => {
  const written = textIn(whole, 'Cargo.lock').split('\n');
  const count = of(whole).packages.length;
  for (let kept = 0; kept < written.length; kept++) {
    const result = of({ ...whole, 'Cargo.lock': written.slice(0, kept).join('\n') });
    if (result.packages.length < count) expect([kept, result.complete]).toEqual([kept, false]);
  }
});

describe('sources and forms', () => {
  it('marks commits, names other registries, tells versions of one crate apart', () => {
    const result = of({
      'Cargo.lock': `version = 4
[[package]]
name = "m"
version = "0.1.0"
dependencies = ["a 1.0.0", "g", "r"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = ["a 2.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]
[[package]]
name = "a"
version = "2.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "g"
version = "0.2.0"
source = "git+https://e.test/g?branch=x#0123456789"
[[package]]
name = "r"
version = "0.3.0"
source = "sparse+https://e.test/index/"
`,
    });
    expect(lines(result)).toEqual([
      'a@1.0.0 runtime direct',
      'a@2.0.0 runtime',
      'g@0.2.0 runtime direct vcs',
      'm@0.1.0 runtime local',
      'r@0.3.0 runtime direct',
    ]);
    expect(result.packages.find(({ name }) => name === 'r')?.facts).toEqual({
      registry: 'sparse+https://e.test/index/',
    });
  });

  it('reads the first form, with a root', () => {
    const lock =
      '[root]\nname = "m"\nversion = "0.1.0"\ndependencies = ["a 1.0.0 (registry+x)"]\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+x"\n';
    expect(lines(of({ 'Cargo.lock': lock }))).toEqual(['a@1.0.0 runtime direct', 'm@0.1.0 runtime local']);
  });
});

describe('hostile', () => {
  it('T15 a name that many entries have costs no more than theirs', () => {
    const entries = Array.from(
      { length: 30_000 },
      (_, n) => `[[package]]\nname = "a"\nversion = "${n}.0.0"\nsource = "registry+x"\ndependencies = ["a"]\n`,
    );
    expect(of({ 'Cargo.lock': entries.join('') }).packages).toHaveLength(30_000);
  });
});

declaredContract(cargoLockCataloger, whole);
