// Chisel's manifest: packages, slices, sources, owned files; beside dpkg; hostile.
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { chiselCataloger } from './index.ts';
import { sourceOfBinary } from '../ubuntu-sources.ts';

const path = 'var/lib/chisel/manifest.wall';
const entries = [
  { kind: 'content', slice: 'bash_bins', path: '/usr/bin/bash' },
  { kind: 'content', slice: 'libc6_libs', path: '/usr/lib/x86_64-linux-gnu/libc.so.6' },
  {
    kind: 'content',
    slice: 'python3-wheel_core',
    path: '/usr/lib/python3/dist-packages/wheel-0.42.0.dist-info/METADATA',
  },
  { kind: 'package', name: 'bash', version: '5.2.21-2ubuntu4', sha256: 'ab', arch: 'amd64' },
  { kind: 'package', name: 'libc6', version: '2.39-0ubuntu8.3', sha256: 'ab', arch: 'amd64' },
  { kind: 'package', name: 'python3-wheel', version: '0.42.0-2', sha256: 'ab', arch: 'all' },
  { kind: 'path', path: '/usr/bin/bash', mode: '0755', slices: ['bash_bins'], sha256: 'ab', size: 1 },
  { kind: 'slice', name: 'bash_bins' },
  { kind: 'slice', name: 'libc6_config' },
  { kind: 'slice', name: 'libc6_libs' },
];
const wall = (lines: readonly object[], header: object = {}): string =>
  [{ jsonwall: '1.0', schema: '1.0', count: lines.length + 1, ...header }, ...lines]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
const packed = (text: string): Uint8Array => zstdCompressSync(text);
const catalog = (specs: FileSpecs) =>
  chiselCataloger.catalog(viewOf(specs, chiselCataloger), {
    distribution: { id: 'ubuntu', versionId: '24.04', evidencePath: 'x' },
  });

catalogerContract(chiselCataloger, { [path]: packed(wall(entries)) });

test('packages in full', () => {
  const { packages, owners, diagnostics, complete } = catalog({ [path]: packed(wall(entries)) });
  expect(packages.map(({ name, version, source, facts }) => [name, version, source?.name, facts?.['slices']])).toEqual([
    ['bash', '5.2.21-2ubuntu4', 'bash', 'bins'],
    ['libc6', '2.39-0ubuntu8.3', 'glibc', 'config libs'],
    ['python3-wheel', '0.42.0-2', 'wheel', undefined],
  ]);
  expect(packages[0]).toEqual({
    type: 'deb',
    namespace: 'ubuntu',
    name: 'bash',
    version: '5.2.21-2ubuntu4',
    architecture: 'amd64',
    source: { name: 'bash', version: '5.2.21-2ubuntu4' },
    licences: [],
    paths: [path],
    facts: { slices: 'bins' },
  });
  expect(owners?.get('usr/lib/python3/dist-packages/wheel-0.42.0.dist-info/METADATA')).toBe(2);
  expect([diagnostics, complete]).toEqual([[], true]);
});

test('what dpkg lists too is left to dpkg; two manifests are one', () => {
  const status =
    'Package: bash\nStatus: install ok installed\nVersion: 5.2.21-2ubuntu4\nArchitecture: amd64\nDescription: x\n y\n';
  const content = packed(wall(entries));
  const { packages } = catalog({ [path]: content, 'opt/manifest.wall': content, 'var/lib/dpkg/status': status });
  expect(packages.map(({ name }) => name)).toEqual(['libc6', 'python3-wheel']);
});

test('a package whose source is not known makes the result partial', () => {
  const unknown = { kind: 'package', name: 'dotnet-host-8.0', version: '8.0.11', arch: 'amd64' };
  const { packages, diagnostics, complete } = catalog({ [path]: packed(wall([unknown])) });
  expect(packages[0]?.source?.name).toBe('dotnet-host-8.0');
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', level: 'error' }]);
  expect(diagnostics[0]?.message).toContain('dotnet-host-8.0');
  expect(complete).toBe(true);
});

test.each([
  ['libssl3t64', '3.0.13-0ubuntu3.4', 'openssl'],
  ['libgcc-s1', '14.2.0-4ubuntu2~24.04', 'gcc-14'],
  ['libpython3.12-stdlib', '3.12.3-1', 'python3.12'],
  ['python3', '3.12.3-0ubuntu2', 'python3-defaults'],
  ['zlib1g', '1:1.3.dfsg-3.1ubuntu2.1', 'zlib'],
  ['openjdk-11-jre-headless', '11.0.25', 'openjdk-lts'],
  ['openjdk-21-jre-headless', '21.0.5', 'openjdk-21'],
  ['libpq5', '16.4-0ubuntu0.24.04.2', 'postgresql-16'],
  ['libcurl3t64-gnutls', '8.5.0', 'curl'],
  ['libx11-6', '2:1.8.7', 'libx11'],
  ['libx264-164', '2:0.164', 'x264'],
  ['coreutils', '9.4-3ubuntu6', 'coreutils'],
  ['coreutils', '9.5-1ubuntu2+0.0.0~ubuntu25', undefined],
  ['libdevmapper1.02.1', '2:1.02.185', undefined],
  ['constructor', '1', undefined],
])('the source of %s %s is %s', (name, version, source) => {
  expect(sourceOfBinary(name, version)).toBe(source);
});

describe('T13 T15 hostile manifests', () => {
  test.each([
    ['no zstd', Buffer.from(wall(entries))],
    ['half a frame', packed(wall(entries)).subarray(0, 40)],
    ['another schema', packed(wall(entries, { schema: '9.0' }))],
    ['cut lines', packed(wall(entries, { count: 100 }))],
    ['a line that is no JSON', packed(wall(entries).replace('{"kind":"slice","name":"bash_bins"}', '{"kind":'))],
    ['a name with a slash', packed(wall([{ kind: 'package', name: '../x', version: '1' }]))],
    ['a version with a space', packed(wall([{ kind: 'package', name: 'x', version: '1 2' }]))],
    ['an endless line', packed(`${wall(entries)}${'x'.repeat(1e6)}`)],
    ['a bomb', packed('\n'.repeat(70e6))],
  ])('%s is reported', (_title, content) => {
    const { complete, diagnostics } = catalog({ [path]: content });
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/database-corrupt');
  });
});
