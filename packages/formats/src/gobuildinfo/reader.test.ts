// Build info out of programs: real ones against `go version -m`, made ones for old and hostile forms.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataAt, elfProgram, readOnlyAt, skew } from '../testing/program.ts';
import { blockMagic } from './inline.ts';
import { parseGoBuildInfo } from './parse.ts';
import { GoBuildInfoReader } from './reader.ts';

const listStart = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const listEnd = Buffer.from('f932433186182072008242104116d8f2', 'hex');
const modules = 'path\texample.org/a\nmod\texample.org/a\tv1.0.0\nbuild\tGOARCH=amd64\n';
const list = Buffer.concat([listStart, Buffer.from(modules), listEnd]);

function read(file: Uint8Array, chunkBytes = 1 << 20): { text: string | undefined; readBytes: number } {
  const reader = new GoBuildInfoReader();
  let at = 0;
  while (at < file.length) {
    const chunk = Buffer.from(file.subarray(at, at + chunkBytes));
    at += chunk.length;
    const more = reader.write(chunk);
    chunk.fill(0xee);
    if (!more) break;
  }
  const kept = reader.finish();
  return { text: kept && Buffer.from(kept).toString(), readBytes: at };
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

function inlineBlock(version: string, content = list): Buffer {
  const header = Buffer.concat([blockMagic, Buffer.from([8, 2]), Buffer.alloc(16)]);
  return Buffer.concat([header, uvarint(version.length), Buffer.from(version), uvarint(content.length), content]);
}

/** A program of Go 1.12–1.17: texts in the read-only part, block and string headers in the writable one. */
function legacyProgram(wide: boolean, littleEndian: boolean): Buffer {
  const filler = Buffer.alloc(70_000, 'filler go1.2 and go1. ');
  const readOnly = Buffer.concat([filler, Buffer.from('go1.15.2go1.150devel'), list]);
  const data = Buffer.alloc(512);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const step = wide ? 8 : 4;
  const word = (at: number, value: number): void =>
    wide ? view.setBigUint64(at, BigInt(value), littleEndian) : view.setUint32(at, value, littleEndian);
  data.set([...blockMagic, step, littleEndian ? 0 : 1], 16);
  const base = dataAt(readOnly.length) + skew;
  word(32, base + 256);
  word(32 + step, base + 304);
  word(256, readOnlyAt + skew + filler.length);
  word(256 + step, 8);
  word(304, readOnlyAt + skew + filler.length + 20);
  word(304 + step, list.length);
  return elfProgram({ wide, littleEndian, readOnly, data });
}

const inline = elfProgram({
  readOnly: Buffer.alloc(5000, 'x'),
  data: Buffer.concat([Buffer.alloc(48, 1), inlineBlock('go1.22.3'), Buffer.alloc(100)]),
});

const universalHead = Buffer.concat([Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]), Buffer.alloc(16_376)]);
const javaHead = Buffer.concat([Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]), Buffer.alloc(16_376)]);

describe('made programs', () => {
  test.each([
    ['inline', inline, `go1.22.3\n${modules}`],
    ['pointers, 64 bit', legacyProgram(true, true), `go1.15.2\n${modules}`],
    ['pointers, 32 bit', legacyProgram(false, true), `go1.15.2\n${modules}`],
    ['pointers, 64 bit big-endian', legacyProgram(true, false), `go1.15.2\n${modules}`],
    ['pointers, 32 bit big-endian', legacyProgram(false, false), `go1.15.2\n${modules}`],
    [
      'without a module list',
      elfProgram({ readOnly: Buffer.alloc(9), data: inlineBlock('go1.18', Buffer.alloc(0)) }),
      'go1.18\n',
    ],
    ['a magic at an odd place before', misaligned(), `go1.22.3\n${modules}`],
    ['universal Mach-O', Buffer.concat([universalHead, inline]), `go1.22.3\n${modules}`],
    ['a Java class', Buffer.concat([javaHead, inline]), undefined],
    ['no program', Buffer.alloc(100_000, 'text'), undefined],
    ['empty', Buffer.alloc(0), undefined],
    ['only a magic number', Buffer.from('\x7fELF', 'latin1'), undefined],
    ['a program without build info', elfProgram({ readOnly: Buffer.alloc(9), data: Buffer.alloc(9000) }), undefined],
  ])('%s', (_title, file, expected) => {
    expect(read(file).text).toBe(expected);
  });

  test('the answer is the same whatever the chunks', () => {
    const files = [inline, legacyProgram(true, true), legacyProgram(false, false), misaligned()];
    const expected = files.map((file) => read(file).text);
    for (const size of [1, 13, 64]) expect(files.map((file) => read(file, size).text)).toEqual(expected);
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.integer({ min: 15, max: 9000 }), (index, size) => {
        expect(read(files[index] as Buffer, size).text).toBe(expected[index]);
      }),
      { numRuns: 60 },
    );
  });

  test('reading ends at once without a magic number, and behind the last writable part without build info', () => {
    expect(read(Buffer.alloc(100_000, 'text'), 4096).readBytes).toBe(4096);
    const tail = Buffer.concat([
      elfProgram({ readOnly: Buffer.alloc(9), data: Buffer.alloc(9000) }),
      Buffer.alloc(1 << 20),
    ]);
    expect(read(tail, 4096).readBytes).toBeLessThan(40_000);
  });
});

function misaligned(): Buffer {
  const decoy = Buffer.concat([Buffer.alloc(5), blockMagic, Buffer.alloc(45)]);
  const invalid = Buffer.concat([blockMagic, Buffer.from([8, 2]), Buffer.alloc(16), Buffer.alloc(32, 0xff)]);
  return elfProgram({ readOnly: Buffer.alloc(99), data: Buffer.concat([decoy, invalid, inlineBlock('go1.22.3')]) });
}

describe('T12 hostile programs', () => {
  test.each([
    ['a version of 2^35 bytes', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a length that never ends', Array.from({ length: 200 }, () => 0xff)],
    ['an empty version', [0]],
    ['a module list of 64 MiB', [6, ...Buffer.from('go1.22'), 0x80, 0x80, 0x80, 0x20]],
  ])('%s is no build info', (_title, bytes) => {
    const header = Buffer.concat([blockMagic, Buffer.from([8, 2]), Buffer.alloc(16)]);
    const data = Buffer.concat([header, Buffer.from(bytes), Buffer.alloc(4096)]);
    expect(read(elfProgram({ readOnly: Buffer.alloc(9), data })).text).toBeUndefined();
  });

  test('offsets and sizes of 2^64 - 1 in the program headers are not followed', () => {
    const file = Buffer.from(inline);
    file.fill(0xff, 64 + 8, 64 + 56 * 2);
    expect(read(file).text).toBeUndefined();
  });

  test('250 parts that all claim the whole file are searched once', () => {
    const file = Buffer.alloc(64 << 20);
    file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    file.writeBigUInt64LE(64n, 32);
    file.writeUInt16LE(56, 54);
    file.writeUInt16LE(250, 56);
    for (let at = 64; at < 64 + 250 * 56; at += 56) {
      file.set([1, 0, 0, 0, 6], at);
      file.writeBigUInt64LE(BigInt(at), at + 8);
      file.writeBigUInt64LE(BigInt(file.length), at + 32);
    }
    const startMs = performance.now();
    expect(read(file).text).toBeUndefined();
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test('headers of random bytes never throw', () => {
    const magic = fc.constantFrom('\x7fELF\x02\x01', '\x7fELF\x01\x02', 'MZ', '\xcf\xfa\xed\xfe', '\xfe\xed\xfa\xce');
    fc.assert(
      fc.property(magic, fc.uint8Array({ minLength: 64, maxLength: 2000 }), (start, bytes) => {
        const file = Buffer.concat([Buffer.from(start, 'latin1'), bytes, Buffer.alloc(20_000)]);
        if (start === 'MZ') file.write('PE\0\0', 128, 'latin1');
        if (start === 'MZ') file.writeUInt32LE(128, 60);
        read(file);
      }),
      { numRuns: 300 },
    );
  });

  test('flipped and cut bytes never throw', () => {
    const files = [inline, legacyProgram(true, true)];
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        fc.nat(1),
        flips,
        fc.nat(300),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (index, changes, near, share) => {
          const file = Buffer.from(files[index] as Buffer);
          for (const [at, value] of changes) file[at % (near + 1)] = value;
          for (const [at, value] of changes) file[file.length - 1 - (at % 5000)] = value;
          read(file.subarray(0, Math.ceil(file.length * share)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

const go = ((): string | undefined => {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
})();

describe.skipIf(go === undefined)('programs built by go, against go version -m (skipped: no go)', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plombe-go-'));
    for (const [name, content] of Object.entries({
      'go.mod':
        'module example.org/app\n\ngo 1.20\n\nrequire example.org/lib v1.2.3\n\nreplace example.org/lib v1.2.3 => ./lib\n',
      'main.go':
        'package main\n\nimport (\n\t"example.org/lib"\n\t"os"\n)\n\nvar version = "none"\n\nfunc main() { os.Stdout.WriteString(lib.Name + version) }\n',
      'lib/go.mod': 'module example.org/lib\n\ngo 1.20\n',
      'lib/lib.go': 'package lib\n\nvar Name = "lib"\n',
    })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['as it comes', [], {}],
    ['stripped', ['-ldflags=-s -w'], {}],
    [
      'without build id, with a linker version',
      ['-trimpath=false', '-ldflags=-s -w -buildid= -X main.version=1.2.3'],
      {},
    ],
    ['position independent', ['-buildmode=pie'], {}],
    ['for Windows', [], { GOOS: 'windows' }],
    ['for macOS', [], { GOOS: 'darwin', GOARCH: 'arm64' }],
  ] as const)('%s', (title, flags, env) => {
    const out = join(folder, title.replace(/\W/g, '-'));
    const options = {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOWORK: 'off', CGO_ENABLED: '0', ...env },
      encoding: 'utf8',
    } as const;
    execFileSync('go', ['build', ...flags, '-o', out, '.'], options);
    const [head = '', ...lines] = execFileSync('go', ['version', '-m', out], options).trimEnd().split('\n');
    const expected = `${head.slice(head.indexOf(': ') + 2)}\n${lines.map((line) => line.slice(1)).join('\n')}`;
    const file = readFileSync(out);
    const trim = (text: string | undefined) => text?.trimEnd().replace(/\t\n/g, '\n');
    expect(trim(read(file).text)).toBe(trim(expected));
    expect(trim(read(file, 65_521).text)).toBe(trim(expected));
    const info = parseGoBuildInfo(Buffer.from(read(file).text ?? ''));
    expect(info?.main?.path).toBe('example.org/app');
    expect(info?.dependencies[0]).toMatchObject({ path: 'example.org/lib', replacement: { path: './lib' } });
    expect(info?.settings.get('GOARCH')).toBeDefined();
  });
});
