// Images made to break a scanner, through the program itself: bounded memory and time, a named cause, and the rest intact.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { paxRecord, sealTarHeader, tarHeader, writeTar, type TarEntry } from '@plombe/formats/testing';
import { writeFeeds } from './support/feeds.ts';
import { apkInstalled, npmPackage, osRelease } from './support/images.ts';
import { digestOf, writeHostile, type HostileImage, type HostileLayer, type Piece } from './support/layout.ts';
import { measured, type Measured } from './support/measured.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const database = join(home, 'db');
const mebibyte = 1024 * 1024;

/** The oracle of THREATS.md for all of them. */
const extraMiB = 256;
const maxSeconds = 60;

const end = Buffer.alloc(1024);
const good: HostileLayer = {
  stored: [
    writeTar([
      osRelease,
      { path: 'lib/apk/db/installed', content: apkInstalled({ busybox: '1.36.1-r29', musl: '1.2.5-r0' }) },
      npmPackage('srv/app', 'lodash', '4.17.4'),
    ]),
  ],
};
const goodPackages = ['busybox', 'lodash', 'musl'];

interface Report {
  readonly state: string;
  readonly causes: readonly { readonly code: string; readonly message: string }[];
  readonly packages: readonly { readonly name: string }[];
  readonly findings: readonly { readonly vulnerability: string }[];
  readonly diagnostics: readonly { readonly code: string }[];
}

let count = 0;
let baselineMiB = 0;

async function scan(image: HostileImage): Promise<Measured> {
  const folder = writeHostile(join(home, `image-${count++}`), image);
  return measured(folder, ['scan', `oci:${folder}`, '--db', database, '-o', 'json']);
}

function reportOf({ stdout }: Measured): Report {
  const { state, causes, packages, findings, diagnostics } = JSON.parse(stdout);
  return { state, causes, packages, findings, diagnostics };
}

function expectBounds(outcome: Measured): void {
  expect(outcome.stderr).not.toMatch(/internal\/bug|at .*\.ts:\d+/);
  expect(outcome.peakMiB - baselineMiB).toBeLessThan(extraMiB);
  expect(outcome.seconds).toBeLessThan(maxSeconds);
  expect(outcome.strayFiles).toEqual([]);
}

/** The hostile layer on top of a good one: exit code 3, the cause named, the good packages there. */
async function expectPartial(
  layer: HostileLayer,
  code: string,
  packages: readonly string[] = goodPackages,
): Promise<Report> {
  const outcome = await scan({ layers: [good, layer] });
  expectBounds(outcome);
  expect([outcome.code, outcome.stderr]).toEqual([3, '']);
  const report = reportOf(outcome);
  expect(report.state).toBe('partial');
  expect(report.causes.map((cause) => cause.code)).toContain(code);
  expect(report.packages.map(({ name }) => name)).toEqual(expect.arrayContaining([...packages]));
  return report;
}

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  const built = await installed(home)(['db', 'build', '--from', join(home, 'feeds'), '--db', database]);
  expect(built.code).toBe(0);
  await scan({ layers: [good] });
  const plain = await scan({ layers: [good] });
  expect([plain.code, plain.strayFiles]).toEqual([0, []]);
  baselineMiB = plain.peakMiB;
});

function* repeat(piece: Uint8Array, times: number): Generator<Uint8Array> {
  const many = Buffer.concat(Array.from({ length: Math.min(times, 64) }, () => piece));
  for (let left = times; left > 0; left -= 64) yield left >= 64 ? many : many.subarray(0, left * piece.length);
}

describe('T05 bombs', () => {
  it('gzip: 20 GB of zeros in 20 MB', async () => {
    const flushed = deflateRawSync(Buffer.alloc(64 * mebibyte), { finishFlush: constants.Z_FULL_FLUSH });
    const stored = [
      Buffer.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 3]),
      ...repeat(flushed, 320),
      Buffer.from([3, 0]),
      Buffer.alloc(8),
    ];
    await expectPartial({ stored, diffID: digestOf([]) }, 'archive/limit');
  });

  it('zstd: 80 GB in 2.5 MB, one to 32,000', async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
    // Blocks of one repeated byte: 128 KiB each, none of them the last.
    const block = Buffer.from([0x02, 0x00, 0x10, 0x00]);
    await expectPartial({ stored: [frame, ...repeat(block, 640_000)], diffID: digestOf([]) }, 'archive/limit');
  });

  it('gzip of many members', async () => {
    const member = gzipSync(Buffer.alloc(mebibyte));
    await expectPartial({ stored: repeat(member, 2000), diffID: digestOf([]) }, 'archive/limit');
  });
});

/** An entry of the given header and data, zeros where a number is given. */
function entry(name: string, sizeBytes: number, data: readonly Piece[], type = '0'): Piece[] {
  const padding = (512 - (sizeBytes % 512)) % 512;
  return [tarHeader({ name: Buffer.from(name), type, sizeBytes }), ...data, Buffer.alloc(padding)];
}

describe('T07 archives', () => {
  it('five million entries', async () => {
    const headers = Buffer.concat(
      Array.from({ length: 10_000 }, (_, i) => {
        const salt = createHash('sha256').update(String(i)).digest('hex').slice(0, 24);
        return tarHeader({ name: Buffer.from(`d/${salt}/package.jso`), type: '0', sizeBytes: 0 });
      }),
    );
    const frame = zstdCompressSync(headers);
    const last = zstdCompressSync(end);
    const layer = { stored: [...repeat(frame, 500), last], diffID: digestOf([...repeat(headers, 500), end]) };
    const outcome = await scan({ layers: [good, layer] });
    expectBounds(outcome);
    expect([outcome.code, reportOf(outcome).state]).toEqual([0, 'assessed']);
  });

  it('a million package.json, empty', async () => {
    const frames: Uint8Array[] = [];
    const hash = createHash('sha256');
    for (let at = 0; at < 1_000_000; at += 20_000) {
      const headers = Buffer.concat(
        Array.from({ length: 20_000 }, (_, i) => {
          const name = Buffer.from(`node_modules/${(at + i).toString(36)}/package.json`);
          return tarHeader({ name, type: '0', sizeBytes: 0 });
        }),
      );
      hash.update(headers);
      frames.push(zstdCompressSync(headers));
    }
    frames.push(zstdCompressSync(end));
    const diffID = `sha256:${hash.update(end).digest('hex')}`;
    await expectPartial({ stored: frames, diffID }, 'archive/limit');
  });

  it('a path of twenty thousand parts', async () => {
    const deep: TarEntry = { path: `${'d/'.repeat(20_000)}x`, content: 'x' };
    await expectPartial({ stored: [writeTar([deep])] }, 'archive/limit');
  });

  it('an extended header of two gigabytes, claimed and given', async () => {
    const claimed = entry('PaxHeaders/0', 2 ** 31, [Buffer.from('20 path=x\n')], 'x');
    await expectPartial({ stored: claimed }, 'archive/limit');
    const given = [...entry('PaxHeaders/0', 2 ** 29, [2 ** 29], 'x'), writeTar([npmPackage('a', 'later', '1.0.0')])];
    await expectPartial({ stored: given }, 'archive/limit', [...goodPackages]);
  });

  it('a sparse file of a terabyte, and a map of a million pieces', async () => {
    const sparse = (records: Readonly<Record<string, string>>, name: string): Piece[] => {
      const bytes = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, Buffer.from(value))));
      return [...entry('PaxHeaders/0', bytes.length, [bytes], 'x'), ...entry(name, 0, [])];
    };
    const holes = sparse({ 'GNU.sparse.map': '', 'GNU.sparse.size': String(2 ** 40) }, 'var/lib/dpkg/status');
    await expectPartial({ stored: [...holes, end] }, 'package/database-corrupt');
    const map = sparse({ 'GNU.sparse.map': '0,0,'.repeat(100_000).slice(0, -1), 'GNU.sparse.size': '1' }, 'x');
    await expectPartial({ stored: [...map, end] }, 'archive/corrupt');
  });

  it('sizes that lie: negative, beyond the archive, beyond 2^53', async () => {
    const header = tarHeader({ name: Buffer.from('x'), type: '0', sizeBytes: 1 });
    for (const size of [
      Buffer.alloc(12, 0xff),
      Buffer.from('7'.repeat(12)),
      Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0xff)]),
    ]) {
      header.set(size, 124);
      const stored = [Buffer.from(sealTarHeader(Buffer.from(header))), Buffer.alloc(512)];
      await expectPartial({ stored }, 'archive/corrupt');
    }
  });
});

/** A plain tar with one huge file of zeros, or of the same text again and again, which takes no space to describe. */
function* huge(name: string, sizeBytes: number, text?: string): Generator<Piece> {
  const piece = Buffer.from((text ?? '').repeat(text === undefined ? 0 : Math.ceil(mebibyte / text.length)));
  const times = text === undefined ? 0 : Math.ceil(sizeBytes / piece.length);
  const size = text === undefined ? sizeBytes : times * piece.length;
  yield tarHeader({ name: Buffer.from(name), type: '0', sizeBytes: size });
  if (text === undefined) yield size;
  else for (let i = 0; i < times; i++) yield piece;
  yield Buffer.alloc((512 - (size % 512)) % 512);
  yield end;
}

describe('files far too large', () => {
  const paragraph = 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n';
  const corrupt = 'package/database-corrupt';
  const noApk = ['lodash'];

  it.each<[string, string, number, string | undefined, string, readonly string[]]>([
    ['T19 os-release', 'etc/os-release', 1024, undefined, 'distribution/unknown', goodPackages],
    ['T15 dpkg status of zeros', 'var/lib/dpkg/status', 200, undefined, corrupt, goodPackages],
    ['T15 dpkg status of one package', 'var/lib/dpkg/status', 200, paragraph, corrupt, goodPackages],
    ['T15 dpkg status of one field', 'var/lib/dpkg/status', 200, 'Description: x\n y\n', corrupt, goodPackages],
    ['T15 apk database of zeros', 'lib/apk/db/installed', 200, undefined, corrupt, noApk],
    ['T15 apk database of one package', 'lib/apk/db/installed', 200, 'P:a\nV:1-r0\nA:x86_64\n\n', corrupt, noApk],
    ['T15 apk database of one line', 'lib/apk/db/installed', 200, 'P:a', corrupt, noApk],
    ['T13 rpm database of garbage', 'var/lib/rpm/rpmdb.sqlite', 200, 'SQLite format 3\0', corrupt, goodPackages],
    ['T13 rpm database, Berkeley, of zeros', 'var/lib/rpm/Packages', 200, undefined, corrupt, goodPackages],
    ['T13 rpm database, ndb, of garbage', 'usr/lib/sysimage/rpm/Packages.db', 200, 'RpmP', corrupt, goodPackages],
    ['package.json of brackets', 'a/node_modules/b/package.json', 200, '[', 'package/metadata-invalid', goodPackages],
  ])('%s', async (_, path, size, text, code, packages) => {
    await expectPartial({ stored: huge(path, size * mebibyte, text) }, code, packages);
  });

  it('METADATA of headers without a version', async () => {
    const path = 'usr/lib/python3/dist-packages/a-1.dist-info/METADATA';
    const outcome = await scan({ layers: [good, { stored: huge(path, 200 * mebibyte, 'Name: a\n') }] });
    expectBounds(outcome);
    expect(outcome.code).toBe(3);
    expect(reportOf(outcome).packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', ...goodPackages]));
  });
});

describe('layers that are not what they seem', () => {
  const tar = writeTar([npmPackage('opt', 'evil', '6.6.6'), { path: 'big', content: Buffer.alloc(300_000, 'x') }]);
  const packed = gzipSync(tar);
  const cut = packed.subarray(0, -20);
  const flipped = Buffer.from(packed).fill(0xff, 200, 240);

  it.each<[string, HostileLayer, string]>([
    ['a gzip stream cut off', { stored: [cut], diffID: digestOf([tar]) }, 'archive/corrupt'],
    ['a gzip stream with damage', { stored: [flipped], diffID: digestOf([tar]) }, 'archive/corrupt'],
    [
      'a zstd stream cut off',
      { stored: [zstdCompressSync(tar).subarray(0, -9)], diffID: digestOf([tar]) },
      'archive/corrupt',
    ],
    ['a tar cut off', { stored: [tar.subarray(0, -5000)] }, 'archive/corrupt'],
    ['text', { stored: [Buffer.from('hello '.repeat(1000))] }, 'archive/corrupt'],
    [
      'T27 another digest than the manifest names',
      { stored: [packed], diffID: digestOf([end]) },
      'archive/digest-mismatch',
    ],
    ['more bytes than claimed', { stored: [packed], diffID: digestOf([tar]), claims: { size: 10 } }, 'archive/corrupt'],
    [
      'fewer bytes than claimed',
      { stored: [packed], diffID: digestOf([tar]), claims: { size: 1e12 } },
      'archive/corrupt',
    ],
    ['T06 xz', { stored: [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(9000)] }, 'archive/corrupt'],
    ['T06 bzip2', { stored: [Buffer.from('BZh91AY&SY'), Buffer.alloc(9000)] }, 'archive/corrupt'],
  ])('%s', async (name, layer, code) => {
    const report = await expectPartial(layer, code);
    if (/digest|bytes/.test(name)) expect(report.packages.map(({ name }) => name)).not.toContain('evil');
  });

  it('T27 a blob under the name of another', async () => {
    const folder = writeHostile(join(home, 'renamed'), {
      layers: [good, { stored: [packed], diffID: digestOf([tar]) }],
    });
    writeFileSync(join(folder, 'blobs', digestOf([packed]).replace(':', '/')), gzipSync(tar, { level: 1 }));
    const outcome = await measured(folder, ['scan', `oci:${folder}`, '--db', database, '-o', 'json']);
    expectBounds(outcome);
    expect([
      outcome.code,
      reportOf(outcome)
        .packages.map(({ name }) => name)
        .sort(),
    ]).toEqual([3, goodPackages]);
  });

  it('T10 devices, FIFOs, setuid files and capabilities are entries like others', async () => {
    const layer = writeTar([
      { path: 'dev/sda', type: 'device', mode: 0o6666 },
      { path: 'run/pipe', type: 'fifo' },
      { path: 'usr/bin/su', content: 'x', mode: 0o6755, pax: { 'SCHILY.xattr.security.capability': '\u0001' } },
      { path: '../../../etc/shadow', content: 'x', mode: 0o4777 },
    ]);
    const outcome = await scan({ layers: [good, { stored: [layer] }], config: { User: '4294967296:root' } });
    expectBounds(outcome);
    expect(outcome.code).toBe(0);
    const { packages, diagnostics } = reportOf(outcome);
    expect(packages.map(({ name }) => name).sort()).toEqual(goodPackages);
    expect(diagnostics.map(({ code }) => code)).toEqual(['archive/path-escape']);
  });
});

it.each<[string, TarEntry]>([
  ['a symlink to elsewhere for its folder', { path: 'lib/apk/db', type: 'symlink', linkTarget: '/opt/apk' }],
  [
    'a symlink out of the root',
    { path: 'lib/apk/db/installed', type: 'symlink', linkTarget: '../../../../../etc/passwd' },
  ],
  ['a hard link to nothing', { path: 'lib/apk/db/installed', type: 'hardlink', linkTarget: 'etc/shadow' }],
  ['a device', { path: 'lib/apk/db/installed', type: 'device' }],
  ['a directory', { path: 'lib/apk/db/installed', type: 'directory' }],
])('T11 %s in place of the package database', async (_, hiding) => {
  const elsewhere = { path: 'opt/apk/installed', content: apkInstalled({ evil: '1-r0' }) };
  const layer = { stored: [writeTar([hiding, elsewhere])] };
  const { diagnostics } = await expectPartial(layer, 'package/database-missing', ['lodash']);
  expect(diagnostics.map(({ code }) => code)).toContain('package/database-removed');
});

describe('manifests', () => {
  it.each<[string, HostileImage, string]>([
    ['T26 one that is an index too', { layers: [good], manifest: { manifests: [] } }, 'registry/manifest-invalid'],
    [
      'T27 a digest that is a path',
      { layers: [{ ...good, claims: { digest: 'sha256:../../../etc/passwd' } }] },
      'registry/manifest-invalid',
    ],
    [
      'T27 an algorithm nobody knows',
      { layers: [{ ...good, claims: { digest: 'md5:d41d8cd98f00b204e9800998ecf8427e' } }] },
      'registry/manifest-invalid',
    ],
    ['T07 five thousand layers', { layers: Array.from({ length: 5000 }, () => good) }, 'registry/manifest-invalid'],
    ['a negative size', { layers: [{ ...good, claims: { size: -1 } }] }, 'registry/manifest-invalid'],
  ])('%s', async (_, image, code) => {
    const outcome = await scan(image);
    expectBounds(outcome);
    expect([outcome.code, outcome.stdout]).toEqual([4, '']);
    expect(outcome.stderr).toContain(code);
  });

  it('T07 a thousand layers, each with the database again', async () => {
    const layers = Array.from({ length: 999 }, (_, i): HostileLayer => {
      const database = apkInstalled({
        busybox: `1.${i}.0-r0`,
        ...Object.fromEntries(many.map((n) => [`p${n}`, '1.0-r0'])),
      });
      return { stored: [writeTar([{ path: 'lib/apk/db/installed', content: database }])] };
    });
    const outcome = await scan({ layers: [good, ...layers] });
    expectBounds(outcome);
    const report = reportOf(outcome);
    expect([outcome.code, report.packages.length]).toEqual([0, 502]);
  });
});

const many = Array.from({ length: 500 }, (_, i) => i);
