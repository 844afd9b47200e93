// Go modules: main module, replaced ones, toolchains, versions given to the linker; whole and hostile.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { goCataloger } from './index.ts';
import { linkedVersion } from './ldflags.ts';
import { standardLibrary } from './toolchain.ts';

/** Catalogs what a layer's distiller would have kept. */
const catalog = (specs: FileSpecs) => goCataloger.catalog(viewOf(specs), {});
const path = 'usr/bin/app';

/** A 64-bit ELF file of 512 KiB with one writable part that holds the build info. */
function program(version: string, lines: readonly string[]): Buffer {
  const start = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
  const end = Buffer.from('f932433186182072008242104116d8f2', 'hex');
  const list = Buffer.concat([start, Buffer.from(`${lines.join('\n')}\n`), end]);
  const size = [(list.length & 127) | 128, list.length >> 7];
  const block = Buffer.concat([
    Buffer.from('\xff Go buildinf:\x08\x02', 'latin1'),
    Buffer.alloc(16),
    Buffer.from([version.length, ...Buffer.from(version), ...size]),
    list,
  ]);
  const file = Buffer.alloc(524_288);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(64n, 32);
  file.set([56, 0, 1], 54);
  file.set([1, 0, 0, 0, 6], 64);
  file.writeBigUInt64LE(65_536n, 72);
  file.writeBigUInt64LE(100_000n, 96);
  block.copy(file, 65_536 + 160);
  return file;
}

const lines = [
  'path\texample.org/owner/app/v2/cmd/app',
  'mod\texample.org/owner/app/v2\tv2.1.0\th1:x=',
  'dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:x=',
  'dep\texample.org/old\tv1.0.0',
  '=>\texample.org/fork\tv1.0.1\th1:x=',
  'dep\tk8s.io/api\tv0.30.0',
  '=>\t./staging/src/k8s.io/api\t(devel)\t',
  'dep\texample.org/x\tv2.0.0+incompatible',
  'build\tCGO_ENABLED=1',
  'build\tGOARCH=amd64',
  'build\t-ldflags="-X main.apiKey=s3cret"',
];

catalogerContract(goCataloger, { [path]: program('go1.22.3', lines) });

test('the packages of a program in full', () => {
  const view = viewOf(
    { [path]: program('go1.22.3 X:boringcrypto', lines), 'usr/lib/x.so': Buffer.alloc(400_000) },
    goCataloger,
  );
  const { packages, diagnostics, complete } = goCataloger.catalog(view, {});
  const common = { type: 'golang', licences: [], paths: [path] };
  expect(packages).toEqual([
    {
      ...common,
      namespace: 'example.org/owner/app',
      name: 'v2',
      version: 'v2.1.0',
      facts: {
        'buildSetting.CGO_ENABLED': '1',
        'buildSetting.GOARCH': 'amd64',
        mainPackage: 'example.org/owner/app/v2/cmd/app',
        toolchain: 'go1.22.3 X:boringcrypto',
      },
    },
    { ...common, namespace: 'github.com/BurntSushi', name: 'toml', version: 'v1.3.2' },
    {
      ...common,
      namespace: 'example.org',
      name: 'fork',
      version: 'v1.0.1',
      facts: { replaces: 'example.org/old@v1.0.0' },
    },
    {
      ...common,
      namespace: 'k8s.io',
      name: 'api',
      version: 'v0.30.0',
      weak: true,
      facts: { replacedBy: './staging/src/k8s.io/api' },
    },
    { ...common, namespace: 'example.org', name: 'x', version: 'v2.0.0+incompatible' },
    {
      ...common,
      name: 'stdlib',
      version: '1.22.3',
      facts: { experiments: 'boringcrypto', toolchain: 'go1.22.3 X:boringcrypto' },
    },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  ['go1.22.3', '1.22.3', undefined],
  ['go1.20', '1.20.0', undefined],
  ['go1.21rc2', '1.21.0-rc.2', undefined],
  ['go1.18beta1', '1.18.0-beta.1', undefined],
  ['go1.22.3 X:boringcrypto', '1.22.3', 'boringcrypto'],
  ['go1.26.8-X:jsonv2', '1.26.8', 'jsonv2'],
  ['go1.22.3-1.fips', '1.22.3', undefined],
  ['go1.18.10b7', '1.18.10', undefined],
  ['go1.21.4 (Red Hat 1.21.4-1.el9)', '1.21.4', undefined],
  ['devel go1.23-abcdef1234 Tue Jan 2 X:rangefunc', '1.23.0-devel.abcdef1234', 'rangefunc'],
  ['devel +abcdef1234 Tue Jan 2', undefined, undefined],
  ['go1.x', undefined, undefined],
  ['', undefined, undefined],
])('toolchain %s has standard library %s', (toolchain, version, experiments) => {
  const library = standardLibrary(toolchain);
  expect(library?.version).toBe(version);
  expect(library?.facts['experiments']).toBe(experiments);
});

test.each([
  ['-s -w -X main.version=1.2.3', '1.2.3'],
  ['-X main.Version=v1.2.3', 'v1.2.3'],
  ["-X 'main.version=v1.2.3-rc.1+x' -w", 'v1.2.3-rc.1+x'],
  ['-X "example.org/app/internal/build.Version=1.2"', '1.2'],
  ['-X=main.version=1.2.3', '1.2.3'],
  ['-X example.org/a/version.gitVersion=v1.30.1 -X main.version=2.0.0', '2.0.0'],
  ['-X k8s.io/component-base/version.gitVersion=v1.30.1', 'v1.30.1'],
  ['-X main.goVersion=1.22.3', undefined],
  ['-X main.version=dev', undefined],
  ['-X main.version=', undefined],
  ['-X main.commit=1.2.3', undefined],
  ['-X', undefined],
  ['', undefined],
])('linker flags %s give version %s', (flags, version) => {
  expect(linkedVersion(flags)?.version).toBe(version);
});

test.each([
  ['the linker', ['build\t-ldflags="-X main.version=1.2.3"'], '1.2.3', true],
  [
    'nobody',
    ['build\tvcs.revision=0123456789abcdef0123456789abcdef01234567', 'build\tvcs.time=2024-01-02T03:04:05Z'],
    '(devel)',
    undefined,
  ],
])('a main module built from a working copy has its version from %s', (_title, more, version, weak) => {
  const text = ['go1.22.3', 'mod\texample.org/app\t(devel)\t', ...more].join('\n');
  const [main] = catalog({ [path]: text }).packages;
  expect([main?.version, main?.weak]).toEqual([version, weak]);
  expect(JSON.stringify(main)).not.toContain('-ldflags');
});

test('a module that a program has twice is one package', () => {
  expect(catalog({ [path]: 'go1.22.3\ndep\ta.b/c\tv1\ndep\ta.b/c\tv1\n' }).packages).toHaveLength(2);
});

test.each([
  ['nothing to tell the toolchain', '\nmod\texample.org/a\tv1.0.0\n', 1],
  ['no line end', 'go1.22.3', 0],
  ['paths with control characters', '\ndep\ta\u0007b\tv1\n', 0],
])('T12 %s is reported', (_title, text, count) => {
  const { packages, diagnostics, complete } = catalog({ [path]: text });
  expect(packages).toHaveLength(count);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', path }]);
  expect(complete).toBe(false);
});

test('T18 flags and toolchains take linear time and never throw', () => {
  for (const part of ['-X ', "'", 'go1', '-X=a.', 'a.version=', 'devel ']) {
    linkedVersion(part.repeat(100_000));
    standardLibrary(part.repeat(100_000));
  }
  fc.assert(fc.property(fc.string(), (text) => void [linkedVersion(text), standardLibrary(text)]));
});

const go = ((): boolean => {
  try {
    return execFileSync('go', ['version']).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!go)('a program built by go (skipped: no go)', () => {
  test('is found by its bytes, whatever its mode and name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-go-'));
    try {
      writeFileSync(join(folder, 'go.mod'), 'module example.org/owner/app\n\ngo 1.20\n');
      writeFileSync(join(folder, 'main.go'), 'package main\n\nvar version = ""\n\nfunc main() { print(version) }\n');
      const env = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOWORK: 'off', CGO_ENABLED: '0' };
      const flags = ['-ldflags=-s -w -X main.version=v3.2.1', '-buildvcs=false'];
      execFileSync('go', ['build', ...flags, '-o', 'app', '.'], { cwd: folder, env });
      const release = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).replace(/^go([\d.]+).*\n$/, '$1');
      const content = readFileSync(join(folder, 'app'));
      const view = viewOf({ 'opt/data.bin': { content, mode: 0o600 } }, goCataloger);
      expect(view.files()[0]?.content.length).toBeLessThan(1000);
      const { packages } = goCataloger.catalog(view, {});
      expect(packages).toMatchObject([
        { namespace: 'example.org/owner', name: 'app', version: 'v3.2.1', weak: true, paths: ['opt/data.bin'] },
        { name: 'stdlib', version: release },
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
