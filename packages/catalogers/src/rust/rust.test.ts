// Crates of Rust programs: the list in any linker's place, whole and hostile, against cargo auditable itself.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { rustCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => rustCataloger.catalog(viewOf(specs, rustCataloger), {});
const path = 'usr/local/bin/app';

const crates = [
  { name: 'bitflags', version: '1.3.2', source: 'crates.io' },
  { name: 'bitflags', version: '2.4.0', source: 'crates.io' },
  { name: 'cc', version: '1.0.83', source: 'crates.io', kind: 'build', dependencies: [1] },
  { name: 'app', version: '0.3.1', source: 'local', dependencies: [0, 1, 2, 4, 5], root: true },
  { name: 'inner', version: '0.0.7', source: 'local' },
  { name: 'forked', version: '0.1.0', source: 'git' },
];
const listOf = (packages: readonly object[]): string => JSON.stringify({ packages, format: 1 });

/** A 64-bit ELF file: constants, then code full of what looks like a list, then what is not loaded: comment and list. */
function program(list: Uint8Array, options: { readonly size?: number; readonly compiler?: string } = {}): Buffer {
  const file = Buffer.alloc(options.size ?? 400_000, 0x78);
  file.fill(0, 0, 65_536);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(64n, 32);
  file.set([56, 0, 2], 54);
  const part = (at: number, flags: number, offset: number, size: number): void => {
    file.set([1, 0, 0, 0, flags], at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(size), at + 32);
  };
  part(64, 4, 0, 32_768);
  part(120, 5, 32_768, 200_000);
  file.write(`\0${options.compiler ?? 'rustc version 1.75.0 (82e1608df 2023-12-21)'}\0`, 240_000, 'latin1');
  return Buffer.concat([file, list, Buffer.from('\0.dep-v0\0')]);
}

catalogerContract(rustCataloger, { [path]: program(deflateSync(listOf(crates))) });

test('the crates of a program in full', () => {
  const view = viewOf({ [path]: program(deflateSync(listOf(crates))) }, rustCataloger);
  expect(view.files()[0]?.content.length).toBeLessThan(1000);
  const { packages, diagnostics, complete } = rustCataloger.catalog(view, {});
  const common = { type: 'cargo', licences: [], paths: [path] };
  expect(packages).toEqual([
    { ...common, name: 'bitflags', version: '1.3.2', direct: true },
    { ...common, name: 'bitflags', version: '2.4.0', direct: true },
    {
      ...common,
      name: 'app',
      version: '0.3.1',
      weak: true,
      facts: { compiler: 'rustc 1.75.0', crateSource: 'local', cratesToBuildIt: '1' },
    },
    { ...common, name: 'inner', version: '0.0.7', direct: true, origin: 'local', facts: { crateSource: 'local' } },
    { ...common, name: 'forked', version: '0.1.0', direct: true, origin: 'vcs', facts: { crateSource: 'git' } },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

const many = listOf(
  Array.from({ length: 900 }, (_, i) => ({ name: `crate-${i * i}`, version: `1.${i}.0`, source: 'crates.io' })),
);

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('a list packed at level %i is found wherever it lies', (level) => {
  for (const list of [listOf(crates), many]) {
    for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY]) {
      for (const size of [300_000, 16_384 * 20 - 3, 16_384 * 20 + 500]) {
        const found = catalog({ [path]: program(deflateSync(list, { level, strategy }), { size }) });
        expect(found.packages.length).toBe(list === many ? 900 : 5);
      }
    }
  }
});

test('licences of crates whose sources cargo left behind', () => {
  const source = (folder: string, licence: string): FileSpecs => {
    const [, name = '', version = ''] = /^(.*)-(\d.*)$/.exec(folder) ?? [];
    const text = `[package]\nname = "${name}"\nversion = "${version}"\n${licence}\n`;
    return { [`usr/local/cargo/registry/src/index.crates.io-1949cf8c6b5b557f/${folder}/Cargo.toml`]: text };
  };
  const { packages, complete } = catalog({
    [path]: program(deflateSync(listOf(crates))),
    ...source('bitflags-1.3.2', 'license = "MIT/Apache-2.0"'),
    ...source('bitflags-2.4.0', 'license = "MIT OR Apache-2.0"'),
    ...source('forked-0.1.0', 'license = "MIT"'),
    ...source('inner-0.0.7', 'license ='),
    'src/app/Cargo.toml': '[package]\nname = "app"\nversion = "0.3.1"\nlicense = "ISC"\n',
  });
  expect(complete).toBe(true);
  expect(packages.map(({ name, version, licences }) => [name, version, ...licences])).toEqual([
    ['bitflags', '1.3.2', 'MIT OR Apache-2.0'],
    ['bitflags', '2.4.0', 'MIT OR Apache-2.0'],
    ['app', '0.3.1'],
    ['inner', '0.0.7'],
    ['forked', '0.1.0'],
  ]);
});

test('every text of a universal program, and of one inside another, counts once', () => {
  const one = deflateSync(listOf(crates.slice(0, 2)));
  const two = deflateSync(listOf(crates.slice(1, 3)));
  const { packages } = catalog({
    [path]: Buffer.concat([program(one), one, Buffer.alloc(5000), two, Buffer.alloc(99)]),
  });
  expect(packages.map(({ version }) => version)).toEqual(['1.3.2', '2.4.0', '2.4.0']);
});

test.each([
  ['rustc version 1.75.0 (82e1608df 2023-12-21)', 'rustc 1.75.0'],
  [
    `/rustc/${'82e1608dfa6e0b5569232559e3d385fea5a93112'}/library/core/src/x.rs`,
    'rustc 82e1608dfa6e0b5569232559e3d385fea5a93112',
  ],
  [
    '/rustc/82e1608dfa6e0b5569232559e3d385fea5a93112\\library\\core\\src',
    'rustc 82e1608dfa6e0b5569232559e3d385fea5a93112',
  ],
  ['/usr/src/rustc-1.63.0/library/std/src/x.rs', 'rustc 1.63.0'],
  ['/home/buildozer/aports/community/rust/src/rustc-1.71.1-src/library/x.rs', 'rustc 1.71.1'],
])('a program with %s and no list is noted', (compiler, told) => {
  const { packages, diagnostics, complete } = catalog({ [path]: program(Buffer.alloc(9), { compiler }) });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/not-listed', level: 'note', path }]);
  expect(diagnostics[0]?.message).toContain(told);
  expect(complete).toBe(true);
});

test.each([
  ['usr/bin/tool', 'program'],
  ['usr/lib/libtool.so', 'library'],
  ['usr/lib/libtool.so.1.2.3', 'library'],
  ['app/index.linux-x64-gnu.node', 'library'],
  ['app/_native.abi3.so', 'library'],
  ['app/tool.so.sh', 'program'],
])('%s without a list is called a %s of Rust', (at, what) => {
  const { diagnostics } = catalog({
    [at]: program(Buffer.alloc(9), { compiler: 'rustc version 1.75.0 (82e1608df 2023-12-21)' }),
  });
  expect(diagnostics[0]?.message).toContain(`is a ${what} of Rust (rustc 1.75.0) without a list`);
});

test('a file that is no program, or shows nothing of Rust, is not kept', () => {
  const list = deflateSync(listOf(crates));
  const files = {
    'a.bin': Buffer.concat([Buffer.alloc(99_999), list]),
    b: program(Buffer.alloc(0), { compiler: 'GCC' }),
  };
  expect(viewOf(files, rustCataloger).files()).toEqual([]);
});

describe('hostile lists', () => {
  const bomb = deflateSync(Buffer.concat([Buffer.from('{"packages":['), Buffer.alloc(64 * 2 ** 20, 0x20)]), {
    level: 9,
  });
  const cut = deflateSync(many).subarray(0, 3000);
  test.each([
    ['T08 64 MiB of spaces in 64 KiB', bomb],
    ['cut short', cut],
    ['damaged', Buffer.concat([cut, Buffer.alloc(4000, 0xff)])],
    ['no JSON', deflateSync('{"packages":[}')],
    ['crates without names', deflateSync(listOf([{ version: '1.0.0' }, ...crates]))],
  ])('%s: told, and not complete', (_title, list) => {
    const { diagnostics, complete } = catalog({ [path]: program(list) });
    expect(diagnostics.map(({ code }) => code)).toEqual(['package/metadata-invalid']);
    expect(complete).toBe(false);
  });

  test('T18 what only looks like a list is tried a limited number of times', () => {
    const start = deflateSync(listOf(crates)).subarray(0, 60);
    const file = Buffer.concat([program(Buffer.alloc(0)), ...Array.from({ length: 5000 }, () => start)]);
    const { complete } = catalog({ [path]: file });
    expect(complete).toBe(false);
  });

  test('T13 T15 flipped bytes of programs never throw or hang', () => {
    const content = program(deflateSync(listOf(crates)));
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(flips, fc.boolean(), (changes, early) => {
        const copy = Buffer.from(content);
        for (const [at, value] of changes) copy[early ? at % 200 : copy.length - 1 - (at % 400)] = value;
        const { diagnostics, complete } = catalog({ [path]: copy });
        expect(complete || diagnostics.length > 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('names and versions that cargo would not accept are left out', () => {
    const odd = ['a b', '../x', '', '1x'].map((name) => ({ name, version: '1.0.0', source: 'crates.io' }));
    const list = deflateSync(listOf([...odd, { name: 'ok', version: 'latest', source: 'crates.io' }]));
    expect(catalog({ [path]: program(list) }).packages).toEqual([]);
  });
});

const hasAuditable = ((): boolean => {
  try {
    return execFileSync('cargo', ['auditable', '--version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasAuditable)('a program built by cargo auditable (skipped: no cargo auditable)', () => {
  test('is found by its bytes, stripped or not', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-rust-'));
    try {
      mkdirSync(join(folder, 'src'));
      mkdirSync(join(folder, 'part', 'src'), { recursive: true });
      const manifest = (name: string, more: string): string =>
        `[package]\nname = "${name}"\nversion = "1.2.3"\nedition = "2021"\n${more}`;
      writeFileSync(
        join(folder, 'Cargo.toml'),
        manifest(
          'plombe-app',
          '[dependencies]\npart = { path = "part" }\n[profile.dev]\nstrip = false\n[profile.release]\nstrip = true\n',
        ),
      );
      writeFileSync(join(folder, 'src/main.rs'), 'fn main() { println!("{}", part::x()) }');
      writeFileSync(join(folder, 'part/Cargo.toml'), manifest('part', ''));
      writeFileSync(join(folder, 'part/src/lib.rs'), 'pub fn x() -> u8 { 7 }');
      for (const [flags, place] of [
        [[], 'debug'],
        [['--release'], 'release'],
      ] as const) {
        execFileSync('cargo', ['auditable', 'build', '--offline', ...flags], { cwd: folder, stdio: 'pipe' });
        const content = readFileSync(join(folder, 'target', place, 'plombe-app'));
        const { packages, complete } = catalog({ 'opt/data.bin': { content, mode: 0o600 } });
        expect(packages.map(({ name, version, origin }) => [name, version, origin])).toEqual([
          ['part', '1.2.3', 'local'],
          ['plombe-app', '1.2.3', undefined],
        ]);
        expect(packages[1]?.facts?.['compiler']).toMatch(/^rustc /);
        expect(complete).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
