// Well-known software in programs: the table itself, whole and hostile files, and every cut of the stream. Real ones: test/binaries.test.ts.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { cpeOf } from './cpe.ts';
import { nameParts, programName } from './file-names.ts';
import { binaryCataloger } from './index.ts';
import { SoftwareReader } from './reader.ts';
import { softwareTable } from './table.ts';
import { compileTemplate } from './template.ts';

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);

/** A program of `size` bytes with a text somewhere in it. */
function program(text: string, { at = 20_000, size = 60_000 } = {}): Buffer {
  const file = Buffer.alloc(size, 0x11);
  file.set(elf);
  file.write(text, at, 'latin1');
  return file;
}

const catalog = (specs: FileSpecs) => binaryCataloger.catalog(viewOf(specs, binaryCataloger), {}).packages;
const found = (specs: FileSpecs) => catalog(specs).map(({ name, version }) => `${name}@${version}`);

catalogerContract(binaryCataloger, {
  'opt/node/bin/node': program('node.js/v22.3.0\0'),
  'usr/local/lib/libzstd.so.1.5.6': program('ZSTD_compress\0'),
  'opt/java/release': 'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="21.0.3"\n',
});

test('a program, a library and a runtime in full', () => {
  const packages = catalog({
    'opt/bin/sshd': program('OpenSSH_9.7p1 x\0'),
    'opt/lib/libzstd.so.1.5.6': program('ZSTD_compress\0'),
    'opt/jdk/release':
      'IMPLEMENTOR="Azul Systems, Inc."\nJAVA_RUNTIME_VERSION="1.8.0_392-b08"\nJAVA_VERSION="1.8.0_392"\n',
  });
  expect(packages).toEqual(
    [
      {
        type: 'generic',
        name: 'openssh',
        version: '9.7p1',
        licences: ['BSD-2-Clause'],
        cpes: ['cpe:2.3:a:openbsd:openssh:9.7:p1:*:*:*:*:*:*'],
        paths: ['opt/bin/sshd'],
      },
      {
        type: 'generic',
        namespace: 'azul',
        name: 'zulu',
        version: '1.8.0_392',
        licences: ['GPL-2.0-only WITH Classpath-exception-2.0'],
        vendor: 'Azul Systems, Inc.',
        cpes: ['cpe:2.3:a:azul:zulu:8:update392:*:*:*:*:*:*', 'cpe:2.3:a:oracle:openjdk:8:update392:*:*:*:*:*:*'],
        paths: ['opt/jdk/release'],
        facts: { runtimeVersion: '1.8.0_392-b08' },
      },
      {
        type: 'generic',
        name: 'zstd',
        version: '1.5.6',
        licences: ['BSD-3-Clause OR GPL-2.0-only'],
        cpes: ['cpe:2.3:a:facebook:zstandard:1.5.6:*:*:*:*:*:*:*'],
        paths: ['opt/lib/libzstd.so.1.5.6'],
        weak: true,
      },
    ].sort((a, b) => (a.paths[0] as string).localeCompare(b.paths[0] as string)),
  );
});

test.each<[string, FileSpecs, readonly string[]]>([
  ['a name that says the branch', { 'b/python3.12': program('\x003.11.1\x003.12.4\0') }, ['python@3.12.4']],
  ['a candidate for release', { 'b/python3.13': program('\x003.13.0rc2\0') }, ['python@3.13.0rc2']],
  ['a name without the branch', { 'b/python3': program('\x003.12.4\0') }, []],
  [
    'the first of several texts',
    { 'b/nginx': program('nginx version: nginx/1.2.3\0nginx version: nginx/9.9.9') },
    ['nginx@1.2.3'],
  ],
  ['a version cut off by another', { 'b/libsqlite3.so.0': program('x13.45.1\x003.46.0\0') }, ['sqlite@3.46.0']],
  [
    'a name of Windows',
    { 'b/Node.exe': program('node.js/v22.3.0'), 'b/node.exe': program('node.js/v22.3.0') },
    ['node@22.3.0'],
  ],
  [
    'a hash of auditwheel',
    { 'x.libs/libpng16-1d1ba958.so.16.58.0': program('libpng version 1.6.58\n') },
    ['libpng@1.6.58'],
  ],
  ['text that is no program', { 'b/nginx': `${'#'.repeat(9000)}nginx version: nginx/1.2.3` }, []],
  ['a name with a version', { 'b/nginx-1.2': program('nginx version: nginx/1.2.3') }, ['nginx@1.2.3']],
  ['a name that only ends so', { 'b/mynginx': program('nginx version: nginx/1.2.3') }, []],
  [
    'Go',
    {
      'usr/local/go/VERSION': 'go1.22.3\ntime 2024-05-01\n',
      'old/VERSION': 'go1.19.8',
      'x/VERSION': 'algo1.22.3\n',
      'y/VERSION': '1.2.3\n',
    },
    ['go@1.19.8', 'go@1.22.3'],
  ],
  [
    'a release of something else',
    { 'etc/release': 'NAME="x"\nJAVA_VERSION=\n', 'b/release': 'JAVA_VERSION="x; y"' },
    [],
  ],
])('%s', (_title, specs, expected) => {
  expect(found(specs)).toEqual(expected);
});

test.each([
  ['ELF', '7f454c46020101', 1],
  ['PE', '4d5a90000300', 1],
  ['Mach-O', 'cffaedfe0c000001', 1],
  ['universal Mach-O', 'cafebabe00000002', 1],
  ['a class of Java', 'cafebabe00000041', 0],
  ['a script', '23212f62696e2f73', 0],
])('%s', (_title, head, count) => {
  const file = program('nginx version: nginx/1.2.3');
  file.write(head, 'hex');
  expect(found({ 'b/nginx': file })).toHaveLength(count);
});

test('the answer is the same wherever the stream is cut', () => {
  const file = program('OpenSSL 1.x OpenSSL 1.1.1w  11 Sep 2023\0OpenSSL 3.0.0 7 Sep 2021\0', { at: 700, size: 2000 });
  const searches = ['openssl', 'nss'].map((id) => {
    const row = softwareTable.find((one) => one.id === id);
    return { id, evidence: (row?.says ?? []).flatMap((template) => compileTemplate(template, '') ?? []) };
  });
  const read = (cuts: readonly number[]): string => {
    const reader = new SoftwareReader(searches, { anyFile: false });
    let at = 0;
    for (const cut of [...cuts, file.length].sort((a, b) => a - b)) {
      const chunk = Buffer.from(file.subarray(at, cut));
      at = cut;
      const more = reader.write(chunk);
      chunk.fill(0xaa);
      if (!more) break;
    }
    return Buffer.from(reader.finish() ?? []).toString();
  };
  for (let cut = 0; cut < file.length; cut++) expect(read([cut])).toBe('openssl\t1.1.1w');
  fc.assert(
    fc.property(fc.array(fc.nat(file.length), { maxLength: 200 }), (cuts) => {
      expect(read(cuts)).toBe('openssl\t1.1.1w');
    }),
  );
});

describe('the table', () => {
  test('has at least 130 rows, each with an id of its own', () => {
    expect(softwareTable.length).toBeGreaterThanOrEqual(130);
    expect(new Set(softwareTable.map(({ id }) => id)).size).toBe(softwareTable.length);
  });

  test('is listed in the readme', () => {
    const readme = readFileSync(new URL('readme.md', import.meta.url), 'utf8');
    const missing = softwareTable.filter(({ id }) => !readme.includes(`\`${id}\``));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  test.each(softwareTable.map((row) => [row.id, row] as const))('%s', (_id, { id, files, says, named, text, cpes }) => {
    expect(id).toMatch(/^[a-z0-9][a-z0-9_.-]*$/);
    for (const template of says) {
      const evidence = compileTemplate(template, '3.11');
      expect(template).toMatch(/\{(?:[vwqpn]|v:\d+|major|minor)\}/);
      // Shorter ones are in every program; only a branch in the file's name may stand for one.
      expect(evidence?.anchor.length).toBeGreaterThanOrEqual(
        text === true ? 1 : /20\{#\}/.test(template) ? 3 : /m(?:aj|in)or/.test(template) ? 2 : 4,
      );
      expect(evidence?.pattern.source).not.toMatch(/[^\\][*+](?![?:=!])|\{\d+,\}/);
    }
    expect(says.length > 0 || named !== undefined).toBe(true);
    for (const name of files.trim().split(/\s+/)) if (text !== true) expect(programName(`a/${name}`)).toBe(name);
    for (const cpe of cpes) expect(cpeOf(cpe, '1.0')).toMatch(/^cpe:2\.3:a:[\w.-]+:(?:[\w.-]|\\\/)+:1\.0(?::\*){7}$/);
    expect(cpes.length).toBeGreaterThan(0);
  });
});

test.each([
  ['python3.11', 'python', '3.11'],
  ['libpython3.11.so.1.0', 'libpython.so', '3.11'],
  ['libssl-8bd944e8.so.3', 'libssl.so', ''],
  ['libcrypto-3-x64.dll', 'libcrypto.so', '3'],
  ['libcurl-gnutls.so.4.8.0', 'libcurl-gnutls.so', ''],
  ['x86_64-linux-gnu-gcc-12', 'gcc', '12'],
  ['libMagickCore-7.Q16HDRI.so.10', 'libMagickCore.so', '7'],
  ['7z', '7z', ''],
  ['ld-musl-aarch64.so.1', 'ld-musl-aarch.so', '64'],
])('%s is %s in version %s', (name, key, version) => {
  expect(nameParts(name)).toEqual({ key, version });
});

test.each([
  ['9.2p1', '9.2:p1'],
  ['1.1.1w', '1.1.1w:*'],
  ['3.13.0rc1', '3.13.0:rc1'],
  ['2.1.0-beta3', '2.1.0:beta3'],
  ['6.9.11-60', '6.9.11-60:*'],
  ['1.0+x', String.raw`1.0\+x:*`],
])('the CPE of %s', (version, expected) => {
  expect(cpeOf('a:b', version)).toBe(`cpe:2.3:a:a:b:${expected}:*:*:*:*:*:*`);
});

test('T18 a file full of anchors takes linear time', () => {
  for (const part of ['OpenSSL 1.', 'OpenSSL ', 'OpenSSL 1.1.1.1.1', 'Version: NSS 3.3.3.3']) {
    const file = Buffer.alloc(8_000_000, part);
    file.set(elf);
    expect(found({ 'lib/libssl.so.3': file }).length).toBeLessThanOrEqual(1);
  }
});

test('T18 names of any kind take linear time and never throw', () => {
  for (const part of ['-', '1', 'a-', 'lib', '.so', 'x86_64-linux-gnu-']) {
    const path = `a/${part.repeat(100_000)}`;
    binaryCataloger.wants({ path, type: 'file', sizeBytes: 100_000, mode: 0, uid: 0, gid: 0 });
    nameParts(part.repeat(64));
  }
  fc.assert(fc.property(fc.string(), (name) => void [nameParts(name), programName(name)]));
});
