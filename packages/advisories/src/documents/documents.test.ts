import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ArchiveFile, archiveFiles } from './archive.ts';
import { XmlError, parseYaml, readXml, type XmlElement } from '@plombe/formats';
import { memoryDocument, signal } from '../testing/documents.ts';
import { readLines } from './lines.ts';
import { writeTar } from '../../../formats/src/testing/write-tar.ts';

/** A zip of deflated files; `damage` flips a byte of the file of that name. */
function zip(files: Readonly<Record<string, string>>, damage?: string): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = deflateRawSync(text);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(crc32(text), 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt32LE(Buffer.byteLength(text), 22);
    header.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    header.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(offset, 42);
    if (name === damage) data[0] = (data[0] as number) ^ 0xff;
    local.push(header, Buffer.from(name), data);
    central.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

async function read(name: string, bytes: Uint8Array, maxFileBytes = 1000) {
  const found: ArchiveFile[] = [];
  const wants = (file: string): boolean => file.endsWith('.json');
  for await (const file of archiveFiles(memoryDocument(name, bytes, 100), { wants, maxFileBytes, signal }))
    found.push(file);
  return found.map((file) => [file.name, 'bytes' in file ? new TextDecoder().decode(file.bytes) : 'problem']);
}

const tar = writeTar([
  { path: 'a/1.json', content: '{"a": 1}' },
  { path: 'a/2.txt', content: 'no' },
  { path: 'a/3.json', content: 'x'.repeat(2000) },
  { path: 'a/4.json', content: '{}' },
]);
const expected = [
  ['a/1.json', '{"a": 1}'],
  ['a/3.json', 'problem'],
  ['a/4.json', '{}'],
];

test('archives: the files wanted, one too large told, the rest kept', async () => {
  expect(await read('x.tar', tar)).toEqual(expected);
  expect(await read('x.tar.gz', gzipSync(tar))).toEqual(expected);
  expect(await read('x.tar.zst', zstdCompressSync(tar))).toEqual(expected);
  expect(
    await read('x.zip', zip({ 'a/1.json': '{"a": 1}', 'b.txt': 'no', 'a/3.json': 'x'.repeat(2000), 'a/4.json': '{}' })),
  ).toEqual(expected);
});

test('a damaged file of a zip is told, the rest kept', async () => {
  expect(await read('x.zip', zip({ '1.json': '{"long": "enough"}', '2.json': '{}' }, '1.json'))).toEqual([
    ['1.json', 'problem'],
    ['2.json', '{}'],
  ]);
});

test('T55 an archive cut off or that is none is refused', async () => {
  const bad: readonly (readonly [string, Uint8Array])[] = [
    ['x.tar', tar.subarray(0, 700)],
    ['x.tar', tar.subarray(0, 1024)],
    ['x.tar.gz', gzipSync(tar.subarray(0, 2048))],
    ['x.tar.gz', gzipSync(tar).subarray(0, 60)],
    ['x.tar.zst', zstdCompressSync(tar).subarray(0, 60)],
    ['x.zip', zip({ '1.json': '{}' }).subarray(0, 40)],
    ['x.zip', Buffer.from('<html>')],
    ['x.tar.gz', Buffer.from('<html>')],
  ];
  for (const [name, bytes] of bad) await expect(read(name, bytes)).rejects.toMatchObject({ code: 'feed/malformed' });
});

test('T55 a bomb is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024));
  await expect(read('x.tar.gz', bomb)).rejects.toMatchObject({ code: 'feed/malformed' });
});

test('lines are those of the text, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ maxLength: 300, unit: fc.constantFrom('a', 'ß', '\n', '\r\n', ' ') }),
      fc.integer({ min: 1, max: 20 }),
      async (text, size) => {
        const lines: string[] = [];
        for await (const batch of readLines(memoryDocument('x', text, size).open({ signal }))) lines.push(...batch);
        const whole = text.split(/\r?\n/);
        if (whole.at(-1) === '') whole.pop();
        expect(lines).toEqual(whole);
      },
    ),
  );
});

async function elements(text: string): Promise<XmlElement[]> {
  const closed: XmlElement[] = [];
  await readXml(
    memoryDocument('x.xml', text, 7).open({ signal }),
    { close: (element) => void closed.push(element) },
    signal,
  );
  return closed;
}

test('XML: names without prefix, attributes, text, path', async () => {
  expect(await elements('<?xml version="1.0"?><a xmlns:n="u"><n:b n:c="1">x &amp; y</n:b><d/></a>')).toMatchObject([
    { name: 'b', attributes: { c: '1' }, text: 'x & y', path: ['a'] },
    { name: 'd', text: '' },
    { name: 'a', path: [] },
  ]);
});

test('T54 T73 XML: no document type, no entity, no depth without end; prototype names are data', async () => {
  for (const text of ['<!DOCTYPE a []><a/>', '<a>&b;</a>', '<a>'.repeat(100), '<a><b></a></b>', '', '<a>']) {
    await expect(elements(text)).rejects.toThrow(XmlError);
  }
  const [element] = await elements('<a __proto__="x" constructor="y"/>');
  expect(Object.entries(element?.attributes ?? {})).toEqual([['constructor', 'y']]);
  expect(Object.getPrototypeOf(element?.attributes)).toBeNull();
});

test('T54 YAML: no aliases; tags and merge keys are data', () => {
  expect(() => parseYaml('a: &a [1]\nb: *a')).toThrow(/alias/);
  expect(parseYaml('a: 2024-01-01\nb: {<<: {c: 1}}')).toEqual({ a: '2024-01-01', b: { '<<': { c: 1 } } });
});
