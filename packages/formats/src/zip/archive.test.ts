// The zip reader against archives of Python and Info-ZIP, made by hand, and made to mislead.
import { isPlombeError } from '@plombe/kit';
import { sharedPath } from '@plombe/kit/testing';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openZip } from './archive.ts';
import { accessBytes, accessFile } from './random-access.ts';

interface Part {
  readonly name: string;
  readonly content?: string;
  readonly method?: number;
  readonly flags?: number;
  /** Fields to lie about, in the local header, in the directory or in the data. */
  readonly local?: (header: Buffer) => void;
  readonly central?: (header: Buffer) => void;
  readonly data?: (data: Buffer) => Buffer;
}

function zip(
  parts: readonly Part[],
  edit: { readonly end?: (end: Buffer) => void; readonly between?: Buffer } = {},
): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const content = Buffer.from(part.content ?? '');
    const method = part.method ?? 8;
    const plain = method === 8 ? deflateRawSync(content) : content;
    const data = part.data?.(plain) ?? plain;
    const name = Buffer.from(part.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(part.flags ?? 0, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(content), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(content.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    local.copy(central, 8, 6, 28);
    central.writeUInt32LE(at, 42);
    part.local?.(local);
    part.central?.(central);
    files.push(local, name, data);
    directory.push(central, name);
    at += 30 + name.length + data.length;
  }
  const sizeBytes = Buffer.concat(directory).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(sizeBytes, 12);
  end.writeUInt32LE(at, 16);
  edit.end?.(end);
  return Buffer.concat([...files, ...directory, edit.between ?? Buffer.alloc(0), end]);
}

async function contents(bytes: Uint8Array, maxBytes = 1e6): Promise<Record<string, string>> {
  const archive = await openZip(accessBytes(bytes));
  const found: Record<string, string> = {};
  for (const entry of archive.entries())
    found[entry.name] = Buffer.from(await archive.read(entry, maxBytes)).toString();
  archive.close();
  return found;
}

async function codeOf(bytes: Uint8Array, maxBytes?: number): Promise<string> {
  try {
    await contents(bytes, maxBytes);
    return 'read';
  } catch (error) {
    if (isPlombeError(error)) return error.code;
    throw error;
  }
}

test('reads stored and deflated entries in order', async () => {
  const archive = zip([
    { name: 'a.json', content: '{}' },
    { name: 'ü/b', content: 'b'.repeat(100_000), method: 8 },
    { name: 'c', content: 'stored', method: 0 },
    { name: 'dir/', method: 0 },
  ]);
  expect(await contents(archive)).toEqual({ 'a.json': '{}', 'ü/b': 'b'.repeat(100_000), c: 'stored', 'dir/': '' });
});

test('an empty archive has no entries', async () => {
  expect(await contents(zip([]))).toEqual({});
});

const python = 'import sys,zipfile,io\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\n';

const hasPython = spawnSync('python3', ['-c', 'pass']).status === 0;
const hasZip = spawnSync('zip', ['-v']).status === 0;

test.skipIf(!hasPython).each([
  [
    'streamed with data descriptors',
    `${python}z._seekable=False\nz.fp=z.fp\nz.writestr("a","x"*5000)\nz.writestr("b","")\nz.close()`,
  ],
  ['70,000 entries, zip64', `${python}for i in range(70000): z.writestr(str(i),"x")\nz.close()`],
  ['forced zip64 sizes', `${python}\nwith z.open("a","w",force_zip64=True) as f: f.write(b"x"*5000)\nz.close()`],
])('reads what Python writes: %s', async (_, script) => {
  const directory = mkdtempSync(join(tmpdir(), 'plombe-zip-'));
  try {
    const path = join(directory, 'x.zip');
    expect(spawnSync('python3', ['-c', script, path]).status).toBe(0);
    await using handle = await open(path);
    const archive = await openZip(await accessFile(handle));
    const lengths = new Set<number>();
    for (const entry of archive.entries()) lengths.add((await archive.read(entry, 1e6)).length);
    expect([...lengths].every((length) => [0, 1, 5000].includes(length))).toBe(true);
    expect(archive.entries().length).toBe(_.startsWith('70,000') ? 70_000 : _.startsWith('forced') ? 1 : 2);
    archive.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.skipIf(!hasZip)('reads what Info-ZIP writes to a pipe', async () => {
  const run = spawnSync('sh', ['-c', 'printf hello | zip -q - -'], {
    maxBuffer: 1e6,
  });
  expect(await contents(run.stdout)).toEqual({ '-': 'hello' });
});

const feed = sharedPath('feeds/osv/Go/all.zip');
test.skipIf(feed === undefined)('reads a feed of OSV whole', async () => {
  const archive = await openZip(accessBytes(readFileSync(feed as string)));
  let records = 0;
  for (const entry of archive.entries())
    records += 'id' in JSON.parse(String(Buffer.from(await archive.read(entry, 1e7)))) ? 1 : 0;
  expect(records).toBe(archive.entries().length);
  expect(records).toBeGreaterThan(1000);
});

describe('T09 archives that could be read two ways', () => {
  const a: Part = { name: 'a', content: 'aaaaaaaaaa' };
  test.each<[string, Buffer]>([
    ['one name twice', zip([a, a])],
    ['two directories', zip([a], { between: zip([a]) })],
    [
      'an end record in the comment',
      ((): Buffer => {
        const inner = zip([]);
        return Buffer.concat([zip([a], { end: (end) => end.writeUInt16LE(inner.length, 20) }), inner]);
      })(),
    ],
    ['bytes before the directory', zip([a], { end: (end) => end.writeUInt32LE(1, 16) })],
    ['another file in front', Buffer.concat([Buffer.from('#!/bin/sh\n'), zip([a])])],
    ['entries that overlap', zip([a, { ...a, name: 'b', central: (h) => h.writeUInt32LE(5, 42) }])],
    ['entries that are the same bytes', zip([a, { ...a, name: 'b', central: (h) => h.writeUInt32LE(0, 42) }])],
    ['an entry that reaches into the directory', zip([{ ...a, central: (h) => h.writeUInt32LE(1000, 20) }])],
    ['a local name of its own', zip([{ ...a, local: (h) => h.writeUInt16LE(0, 26) }])],
    ['a local method of its own', zip([{ ...a, local: (h) => h.writeUInt16LE(0, 8) }])],
    ['a local size of its own', zip([{ ...a, local: (h) => h.writeUInt32LE(3, 22) }])],
    ['fewer entries than stated', zip([a], { end: (end) => end.writeUInt16LE(2, 10) })],
    ['a name with NUL', zip([{ name: 'a\0b' }])],
    [
      'data that goes on',
      zip([{ ...a, central: (h) => h.writeUInt32LE(3, 24), local: (h) => h.writeUInt32LE(3, 22) }]),
    ],
    [
      'a wrong check sum',
      zip([{ ...a, central: (h) => h.writeUInt32LE(3, 16), local: (h) => h.writeUInt32LE(3, 14) }]),
    ],
    ['bytes after the deflate data', zip([{ ...a, data: (d) => Buffer.concat([d, Buffer.from('xx')]) }])],
    ['deflate data cut off', zip([{ ...a, data: (d) => d.subarray(0, -2) }])],
    ['no end', zip([a]).subarray(0, -1)],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused', async (_, archive) => {
    expect(await codeOf(archive)).toBe('archive/corrupt');
  });

  test('encryption and other methods are unsupported, large entries too large', async () => {
    expect(await codeOf(zip([{ ...a, flags: 1 }]))).toBe('archive/unsupported');
    expect(await codeOf(zip([{ ...a, method: 12 }]))).toBe('archive/unsupported');
    expect(await codeOf(zip([a]), 9)).toBe('archive/entry-too-large');
  });

  test('T05 an entry that states 4 GB allocates nothing', async () => {
    expect(await codeOf(zip([{ ...a, central: (h) => h.writeUInt32LE(0xfffffffe, 24) }]))).toBe(
      'archive/entry-too-large',
    );
  });

  test('bit flips and cuts end in an error code or in the right bytes', async () => {
    const archive = zip([a, { name: 'b', content: 'b'.repeat(500) }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
        const bad = Buffer.from(cut ? archive.subarray(0, at) : archive);
        if (!cut) bad[at] = (bad[at] as number) ^ (1 << bit);
        expect(['read', 'archive/corrupt', 'archive/unsupported', 'archive/entry-too-large']).toContain(
          await codeOf(bad),
        );
      }),
      { numRuns: 500 },
    );
  });
});

test('a file that shrinks while it is read is corrupt', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'plombe-zip-'));
  const path = join(directory, 'x');
  writeFileSync(path, 'abcdef');
  await using handle = await open(path);
  const file = await accessFile(handle);
  writeFileSync(path, 'abc');
  await expect(file.read(0, 6)).rejects.toThrow('ends before');
  rmSync(directory, { recursive: true });
});
