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

// As compilers of Debian 11 and unstable, Ubuntu 24.04, Red Hat and Amazon Linux laid them out: what lies beside a version differs.
test.each([
  ['bin/redis-server', ',%s=%llu\x008.0.6\x0016.2.0\0c11-builtin\0', 'redis@8.0.6'],
  ['bin/redis-check-aof', 'waiting-for-sync\x007.0.15\0c11-builtin\0', 'redis@7.0.15'],
  ['bin/ls', 'Richard M. Stallman\x009.4\0LS_BLOCK_SIZE\0', 'coreutils@9.4'],
  ['bin/cp', 'Torbjorn Granlund\x009.4\0abdfHilL\0', 'coreutils@9.4'],
  ['bin/find', 'James Youngman\0Eric B. Decker\x004.9.0\0Features enabled: \0', 'findutils@4.9.0'],
  ['bin/xargs', 'Eric B. Decker\x004.11.0\0GNU findutils\0', 'findutils@4.11.0'],
  ['bin/x86_64-linux-gnu-gcc-10', '\0*link_command:\n%s\n\n\x0010.2.1\0libgcc.a\0', 'gcc@10.2.1'],
  ['bin/grep', 'no\0if-tty\x003.11\0\ngrep -P uses PCRE2 %s\n\0', 'grep@3.11'],
  ['bin/gzip', '%s: warning: %s\n\0bad pack level\x001.12\0%s %s\n', 'gzip@1.12'],
  ['bin/gzip', '\0unexpected end of file\0%5.1f%%\x001.14\0\0', 'gzip@1.14'],
  ['bin/jq', 'debug-trace\0help\x001.8.2\0version\0jq-%s\n\0', 'jq@1.8.2'],
  ['lib/libsodium.so.26.4.0', 'locked == 0\x001.0.22\0$7$\0sysrandom\0', 'libsodium@1.0.22'],
  ['bin/nmap', '\0https://nmap.org\x007.94SVN\0Nmap\0', 'nmap@7.94'],
  ['lib/libssl3.so', 'exporter\0no certificate\x003.98\0SSL_ERROR_EXPORT_ONLY_SERVER\0', 'nss@3.98'],
  ['bin/rsync', ' (DRY RUN)\x003.2.7\0 (seek)\0', 'rsync@3.2.7'],
  ['bin/rsync', 'istring\0*Capabilities\x003.2.3\0%d-bit files\0', 'rsync@3.2.3'],
  ['bin/systemctl', '\0%ssystemd 255%s (255.4-1ubuntu8)\n%s\n\0', 'systemd@255.4'],
  ['lib/libsystemd-shared-262.so', 'curl_easy_getinfo\0/262.1-1\0HTTP,HTTPS,FILE\0', 'systemd@262.1'],
  ['lib/libsystemd-core-259.so', '\0SD_SHARED\0', 'systemd@259'],
  ['bin/tmux', '\0tmux\0TERM_PROGRAM\x003.4\0TERM_PROGRAM_VERSION\0', 'tmux@3.4'],
  ['bin/tor', '.%.3i [%s] \x000.4.8.10\0Tor %s opening %slog file.\n', 'tor@0.4.8.10'],
  ['bin/toybox', ' (see https://landley.net/toybox)\x000.8.9\0Toybox %s multicall', 'toybox@0.8.9'],
  ['bin/wget', '\0CONNECT\x001.21.4\0Wget/%s\0', 'wget@1.21.4'],
  ['bin/wget', 'Certificate must be X.509\n\x001.25.0\0\xe2', 'wget@1.25.0'],
  ['lib/libz.so.1.3', 'incorrect data check\0incorrect length check\x001.3\0<fd:%d>\0', 'zlib@1.3'],
  ['bin/zsh', 'ubuntu\0x86_64\x005.9\0zsh %s (%s-%s-%s)\n\0', 'zsh@5.9'],
  ['bin/crun', 'VALUE\0crun 0.17\0create\0', 'crun@0.17'],
  ['bin/cryptsetup', 'bitlk\0cryptsetup 2.3.7\0\n<action> is one of', 'cryptsetup@2.3.7'],
  ['lib/libcups.so.2', 'CUPS/%d.%d IPP/2.1\0CUPS/2.3.3op2 IPP/2.1\0', 'cups@2.3.3op2'],
  ['bin/gawk', '\xff\xffGNU Awk 5.1.0\0unbalanced [\0', 'gawk@5.1.0'],
  ['bin/gpg', 'GPL-3.0-or-later\x002.2.27\0GNU/Linux\0\nHome: \0@GPG@ (@GNUPG@)\0', 'gnupg@2.2.27'],
  ['lib/libharfbuzz.so.0', '\0uniscribe-bug-compatible\0invalid\x002.7.4\0../../src/hb', 'harfbuzz@2.7.4'],
  ['bin/zstd', 'decompression \n\0v1.4.8\0zstd command line interface\0', 'zstd@1.4.8'],
  ['bin/ffmpeg', 'No codec name specified.\n\x009.0.2-4\0%s version %s\0', 'ffmpeg@9.0.2'],
  ['lib/libxml2.so.16.1.4', '\0xml-model\x0021504\0failed to load "%s": %s\n\0', 'libxml2@2.15.4'],
  ['lib/libxml2.so.2', '\0delegateURI\x0021004\0Disabling catalog usage\n\0', 'libxml2@2.10.4'],
  ['lib/libxml2.so.2', '\xff20901\0\0\0\0\0\0\0xmlGetGlobalState: out of memory', 'libxml2@2.9.1'],
  ['lib/libxml2.so.2', '::20914\0\0\0\0\0xmlGetGlobalState: out of memory', 'libxml2@2.9.14'],
  ['lib/libmbedcrypto.so.3.6.7', '\0mbedtls_version_get_string\0', 'mbedtls@3.6.7'],
  ['bin/rec_control', 'dump-rpz\0chroot\x005.4.9\0api-config-dir\0', 'pdns-recursor@5.4.9'],
  ['bin/pdns_recursor', ' packets\x004.9.3-1build3.Ubuntu\0SecPoll\0', 'pdns-recursor@4.9.3'],
  ['bin/postconf', 'open /dev/null: %m\x003.11.7\0specify one of -b and -t\0', 'postfix@3.11.7'],
  ['bin/squid-gnutls', '\0squid/7.7\0unset-id\0', 'squid@7.7'],
  ['bin/dart', '\x003.5.2 (stable) (Wed Aug 28 10:01:20 2024 +0000) on "linux_x64"\0', 'dart@3.5.2'],
  [
    'lib/libQt5Core.so.5',
    'Qt 5.15.19 (x86_64-little_endian-lp64 shared (dynamic) release build; by GCC 5.3.1)',
    'qtbase@5.15.19',
  ],
])('%s: %j', (path, text, expected) => {
  expect(found({ [path]: program(text) })).toEqual([expected]);
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
      expect(template).toMatch(/\{(?:[vwqpnx]|v:\d+|major|minor)\}/);
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
