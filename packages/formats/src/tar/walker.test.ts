// The walker on archives made by hand: names, whiteouts, numbers and dialects, then what hostile archives do.
import { defaultLayerLimits, mebibyte } from '@plombe/kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paxRecord, sealTarHeader, tarHeader, writeTar, type TarEntry } from '../testing/write-tar.ts';
import { walkTar } from '../testing/walk-tar.ts';
import { createTarWalker } from './walker.ts';

const end = Buffer.alloc(1024);

function block(name: string, type: string, sizeBytes: number, edit?: (header: Buffer) => void): Buffer {
  const header = tarHeader({ name: Buffer.from(name), type, sizeBytes });
  edit?.(header);
  return sealTarHeader(header);
}

function data(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function meta(type: string, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([block('meta', type, bytes.length), data(bytes)]);
}

function pax(records: Record<string, string>): Buffer {
  return meta('x', Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, Buffer.from(value)))));
}

describe('names', () => {
  test.each([
    ['a', 'a'],
    ['./a', 'a'],
    ['a/b/', 'a/b'],
    ['/a', 'a'],
    ['a//b', 'a/b'],
    ['a/./b', 'a/b'],
    ['././a', 'a'],
    ['a/../b', 'b'],
    ['.hidden', '.hidden'],
    ['a/.b', 'a/.b'],
    ['a/..b', 'a/..b'],
    ['ä/ö', 'ä/ö'],
  ])('%j is read as %j', (name, path) => {
    const walked = walkTar(writeTar([{ path: name, content: 'x' }]));
    expect(walked.headers.map((h) => h.path)).toEqual([path]);
    expect(walked.diagnostics).toEqual([]);
  });

  test.each([
    ['../etc/passwd', 'etc/passwd'],
    ['a/../../etc/passwd', 'etc/passwd'],
    ['/../../x', 'x'],
  ])('T01 %j stays inside the root as %j and is reported', (name, path) => {
    const walked = walkTar(writeTar([{ path: name, content: 'x' }]));
    expect(walked.headers.map((h) => h.path)).toEqual([path]);
    expect(walked.diagnostics).toMatchObject([{ code: 'archive/path-escape', path }]);
  });

  test('T03 names that collide after folding stay apart, invalid UTF-8 too', () => {
    const names = ['ß', 'ss', 'SS', 'é', 'e\u0301', '\udcff', '\udcfe', '\ufffd'];
    const walked = walkTar(writeTar(names.map((path) => ({ path, content: path }))));
    expect(walked.headers.map((h) => h.path)).toEqual(names);
    expect(walked.content.size).toBe(names.length);
  });

  test.each(['', '.', './', '/', 'a/..'])('T11 a file named %j is lost and told', (name) => {
    const archive = Buffer.concat([block(name, '0', 2), data('hi'), block('b', '0', 0), end]);
    const walked = walkTar(archive);
    expect(walked).toMatchObject({ complete: false, diagnostics: [{ code: 'archive/corrupt', level: 'error' }] });
    expect(walked.headers.map((h) => h.path)).toEqual(['b']);
  });

  test('the root itself is no entry', () => {
    for (const path of ['', '.', './'])
      expect(walkTar(Buffer.concat([block(path, '5', 0), end]))).toMatchObject({ headers: [], complete: true });
    expect(walkTar(writeTar([{ path: './', type: 'directory' }])).headers).toEqual([]);
  });
});

describe('whiteouts', () => {
  test.each([
    ['etc/.wh.a', [['whiteout', 'etc/a']]],
    ['.wh.a', [['whiteout', 'a']]],
    ['etc/.wh..wh..opq', [['opaque', 'etc']]],
    ['.wh..wh..opq', [['opaque', '']]],
    ['.wh..wh.plnk/1', [['file', '.wh..wh.plnk/1']]],
    ['.wh..wh.aufs', []],
    ['etc/.wh.', []],
    ['etc/.wh..', []],
    ['etc/.wh...', []],
    ['etc/.wh..hidden', [['whiteout', 'etc/.hidden']]],
    ['etc/x.wh.y', [['file', 'etc/x.wh.y']]],
  ])('%s', (path, expected) => {
    expect(walkTar(writeTar([{ path }])).headers.map((h) => [h.type, h.path])).toEqual(expected);
  });
});

test('T02 links are recorded, never followed', () => {
  const walked = walkTar(
    writeTar([
      { path: 'etc', type: 'symlink', linkTarget: '/host/etc' },
      { path: 'etc/passwd', content: 'x' },
      { path: 'h', type: 'hardlink', linkTarget: '../../etc/./shadow' },
    ]),
  );
  expect(walked.headers.map((h) => [h.path, h.type, h.linkTarget])).toEqual([
    ['etc', 'symlink', '/host/etc'],
    ['etc/passwd', 'file', undefined],
    ['h', 'hardlink', 'etc/shadow'],
  ]);
});

test('T10 devices, fifos, setuid and capabilities are reported as such', () => {
  const walked = walkTar(
    writeTar([
      { path: 'dev/sda', type: 'device' },
      { path: 'p', type: 'fifo' },
      { path: 'su', content: 'x', mode: 0o104755 },
      { path: 'ping', content: 'x', pax: { 'SCHILY.xattr.security.capability': Buffer.from([1, 0, 0, 2, 0, 10]) } },
    ]),
  );
  expect(walked.headers).toMatchObject([
    { type: 'device' },
    { type: 'fifo' },
    { mode: 0o4755 },
    { path: 'ping', hasCapabilities: true },
  ]);
  expect(walked.complete).toBe(true);
});

describe('dialects', () => {
  const prefix = (header: Buffer): void => void header.write('some/dir', 345);
  test.each<[string, Buffer, string]>([
    ['ustar prefix', block('f', '0', 0, prefix), 'some/dir/f'],
    ['GNU has no prefix', block('f', '0', 0, (h) => void (prefix(h), h.write('ustar  \0', 257))), 'f'],
    ['v7 has no prefix', block('f', '\0', 0, (h) => void (prefix(h), h.fill(0, 257, 265))), 'f'],
    ['star has a shorter prefix', block('f', '0', 0, (h) => void (prefix(h), h.write('tar\0', 508))), 'some/dir/f'],
    ['GNU long name', Buffer.concat([meta('L', `${'x/'.repeat(80)}y\0`), block('cut', '0', 0)]), `${'x/'.repeat(80)}y`],
    ['PAX path', Buffer.concat([pax({ path: 'é', mtime: '1.5', comment: 'z' }), block('cut', '0', 0)]), 'é'],
    ['PAX prefers the last record', Buffer.concat([meta('x', '9 path=a\n9 path=b\n'), block('cut', '0', 0)]), 'b'],
    [
      'an empty PAX value takes it back',
      Buffer.concat([meta('x', '9 path=a\n8 path=\n'), block('kept', '0', 0)]),
      'kept',
    ],
    ['global headers count for nothing', Buffer.concat([meta('g', '9 path=a\n'), block('own', '0', 0)]), 'own'],
    ['signed check sums', signedSum(block('\u00ff', '0', 0)), 'ÿ'],
  ])('%s', (_, archive, path) => {
    const walked = walkTar(Buffer.concat([archive, end]));
    expect(walked.headers.map((h) => h.path)).toEqual([path]);
    expect(walked.complete).toBe(true);
  });

  test('a PAX size and a base-256 size are believed', () => {
    const binary = block('b', '0', 0, (h) => void (h.fill(0, 124, 136), (h[124] = 0x80), (h[135] = 5)));
    const walked = walkTar(
      Buffer.concat([pax({ size: '5', uid: '70000' }), block('a', '0', 0), data('12345'), binary, data('67890'), end]),
    );
    expect([...walked.content.values()].map(String)).toEqual(['12345', '67890']);
    expect(walked.headers[0]).toMatchObject({ sizeBytes: 5, uid: 70_000 });
  });

  test('a v7 name with a slash at its end is a directory, and links have no data', () => {
    const walked = walkTar(
      Buffer.concat([block('d/', '\0', 0), block('l', '1', 512), block('s', '2', 99), block('f', '0', 0), end]),
    );
    expect(walked.headers.map((h) => h.type)).toEqual(['directory', 'hardlink', 'symlink', 'file']);
  });
});

function signedSum(header: Buffer): Buffer {
  let sum = 0;
  header.fill(' ', 148, 156);
  for (const byte of header) sum += byte > 127 ? byte - 256 : byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

describe('the end', () => {
  const entry = Buffer.concat([block('a', '0', 1), data('x')]);
  test.each<[string, Buffer, readonly string[], boolean]>([
    ['two zero blocks', Buffer.concat([entry, end]), [], true],
    ['zeros after the end', Buffer.concat([entry, end, Buffer.alloc(9000)]), [], true],
    ['data after the end is left alone, and told', Buffer.concat([entry, end, Buffer.alloc(700, 7)]), ['note'], true],
    ['an archive whose first blocks were zeroed', Buffer.concat([end, entry, end]), ['note'], true],
    ['no end mark', entry, ['note'], true],
    ['one zero block', Buffer.concat([entry, Buffer.alloc(512)]), ['note'], true],
    ['a lone zero block and more', Buffer.concat([entry, Buffer.alloc(512), entry, end]), ['error'], false],
    ['padding cut off', entry.subarray(0, 600), ['note'], true],
    ['content cut off', entry.subarray(0, 512), ['error'], false],
    ['header cut off', entry.subarray(0, 300), ['error'], false],
    ['an extended header without an entry', Buffer.concat([entry, meta('L', 'x'), end]), ['error'], false],
    ['nothing at all', Buffer.alloc(0), [], true],
  ])('%s', (_, archive, levels, complete) => {
    const walked = walkTar(archive);
    expect(walked.diagnostics.map((d) => d.level)).toEqual(levels);
    expect(walked.complete).toBe(complete);
  });
});

describe('T07 lying headers', () => {
  const sparse10 = (map: string, real: string, size: number): Buffer =>
    Buffer.concat([
      pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's', 'GNU.sparse.realsize': real }),
      block('s', '0', size),
      data(map),
    ]);
  const after = Buffer.concat([block('after', '0', 0), end]);
  test.each<[string, Buffer, string, readonly string[]]>([
    ['a PAX header of 2 GB', Buffer.concat([block('x', 'x', 2 ** 31), Buffer.alloc(1000)]), 'archive/limit', []],
    [
      'a PAX header over the limit',
      Buffer.concat([meta('x', Buffer.alloc(2 * mebibyte)), block('lost', '0', 0), after]),
      'archive/limit',
      ['after'],
    ],
    ['a negative size', block('n', '0', 0, (h) => h.fill(0xff, 124, 136)), 'archive/corrupt', []],
    ['a size beyond 2^53', block('n', '0', 0, (h) => void h.fill(0x80, 124, 136)), 'archive/corrupt', []],
    ['a size that is no number', block('n', '0', 0, (h) => void h.write('12z', 124)), 'archive/corrupt', []],
    ['a wrong check sum', Buffer.alloc(512, 'A'), 'archive/corrupt', []],
    [
      'a PAX record longer than its header',
      Buffer.concat([meta('x', '999 path=a\n'), after]),
      'archive/corrupt',
      ['after'],
    ],
    ['a PAX record of length 0', Buffer.concat([meta('x', '0 path=a\n'), after]), 'archive/corrupt', ['after']],
    ['a PAX path with NUL', Buffer.concat([meta('x', '11 path=a\0b\n'), after]), 'archive/corrupt', ['after']],
    [
      'a sparse map of 2^40 pairs',
      Buffer.concat([sparse10('1099511627776\n', '9', 512), after]),
      'archive/corrupt',
      [],
    ],
    [
      'a sparse map that overlaps',
      Buffer.concat([sparse10('2\n0\n9\n5\n9\n', '99', 512), after]),
      'archive/corrupt',
      ['after'],
    ],
    [
      'a sparse map beyond the file',
      Buffer.concat([sparse10('1\n50\n60\n', '99', 512), after]),
      'archive/corrupt',
      ['after'],
    ],
    ['a sparse map without end', Buffer.concat([sparse10('9', '99', 512), after]), 'archive/corrupt', []],
    [
      'a path of 20,000 parts',
      Buffer.concat([meta('L', 'a/'.repeat(20_000)), block('l', '0', 0), after]),
      'archive/limit',
      ['after'],
    ],
    [
      'a path of 1,000 parts',
      Buffer.concat([meta('L', 'a/'.repeat(1000)), block('l', '0', 0), after]),
      'archive/limit',
      ['after'],
    ],
  ])('%s', (_, archive, code, paths) => {
    const walked = walkTar(archive);
    expect(walked.complete).toBe(false);
    expect(walked.diagnostics[0]).toMatchObject({ code, level: 'error' });
    expect(walked.headers.map((h) => h.path)).toEqual(paths);
  });

  test('holes of sparse files are bounded', () => {
    const bomb = Buffer.concat([
      pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 's',
        'GNU.sparse.realsize': '9007199254740000',
      }),
      block('s', '0', 512),
      data('0\n'),
      end,
    ]);
    let bytes = 0;
    const diagnostics: string[] = [];
    const sink = { write: (chunk: Uint8Array) => ((bytes += chunk.length), true), end: () => undefined };
    const walker = createTarWalker({ entry: () => sink }, defaultLayerLimits, (d) => diagnostics.push(d.code));
    walker.write(bomb);
    walker.end();
    expect(diagnostics).toEqual(['archive/limit']);
    expect(bytes).toBe(2 ** 30);
    expect(walkTar(bomb, { keepBytes: 10 }).content.get('s')).toEqual(Buffer.alloc(10));
  });

  test('entries are counted', () => {
    const walked = walkTar(writeTar(Array.from({ length: 5 }, (_, i) => ({ path: `f${i}` }))), {
      limits: { entries: 3 },
    });
    expect(walked.headers).toHaveLength(3);
    expect(walked.diagnostics).toMatchObject([{ code: 'archive/limit' }]);
  });

  test('a million bad entries give few diagnostics', () => {
    const one = writeTar([{ path: '../x' }]).subarray(0, 512);
    const diagnostics: string[] = [];
    const walker = createTarWalker({ entry: () => undefined }, defaultLayerLimits, (d) => diagnostics.push(d.message));
    const chunk = Buffer.concat(Array.from({ length: 1000 }, () => one));
    for (let i = 0; i < 1000; i++) walker.write(chunk);
    walker.write(end);
    walker.end();
    expect(walker.entries).toBe(1_000_000);
    expect(diagnostics).toHaveLength(51);
    expect(diagnostics[50]).toContain('999950 more');
  });
});

const anyEntry: fc.Arbitrary<TarEntry> = fc.record({
  path: fc
    .oneof(fc.string({ maxLength: 130 }), fc.constantFrom('a/.wh.b', '../x', 'a/b'))
    .filter((p) => !p.includes('\0')),
  type: fc.constantFrom('file', 'directory', 'symlink', 'hardlink', 'device', 'fifo'),
  content: fc.uint8Array({ maxLength: 1500 }),
  linkTarget: fc.string({ maxLength: 120 }).filter((p) => !p.includes('\0')),
  pax: fc.dictionary(
    fc.constantFrom('mtime', 'uid', 'GNU.sparse.major', 'GNU.sparse.map', 'size'),
    fc.string({ maxLength: 9 }),
  ),
});

test('however an archive is cut into pieces, the same comes out', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 6 }), fc.integer({ min: 1, max: 1500 }), (entries, pieceBytes) => {
      const archive = writeTar(entries);
      expect(walkTar(archive, { pieceBytes })).toEqual(walkTar(archive));
    }),
    { numRuns: 300 },
  );
});

test('bit flips and cuts never throw, and what they spare is found', () => {
  const flip = fc.record({ at: fc.nat(), bit: fc.nat(7) });
  fc.assert(
    fc.property(
      fc.array(anyEntry, { minLength: 1, maxLength: 6 }),
      fc.array(flip, { maxLength: 8 }),
      fc.nat(),
      (entries, flips, cut) => {
        const archive = writeTar(entries);
        const before = walkTar(archive);
        let first = archive.length;
        for (const { at, bit } of flips) {
          const index = at % archive.length;
          first = Math.min(first, index);
          archive[index] = (archive[index] as number) ^ (1 << bit);
        }
        const size = cut % 3 === 0 ? cut % archive.length : archive.length;
        const after = walkTar(archive.subarray(0, size));
        const untouched = walkTar(archive.subarray(0, Math.min(first, size) - (Math.min(first, size) % 512)));
        const same = Math.min(untouched.headers.length - 1, before.headers.length);
        expect(after.headers.slice(0, Math.max(0, same))).toEqual(before.headers.slice(0, Math.max(0, same)));
        expect(after.diagnostics.length).toBeLessThan(60);
      },
    ),
    { numRuns: 500 },
  );
});

test('blocks with valid sums and random fields never throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 512, maxLength: 512 }), { maxLength: 12 }),
      fc.constantFrom('0', '1', '2', '5', '7', 'x', 'g', 'L', 'K', 'S', 'D', 'V', 'M', '\0'),
      (blocks, type) => {
        const archive = Buffer.concat(
          blocks.map((bytes, i) => {
            const header = Buffer.from(bytes);
            if (i % 3 === 0) header.write('00000001000\0', 124);
            header.write(type, 156);
            return i % 4 === 3 ? header : sealTarHeader(header);
          }),
        );
        walkTar(archive);
      },
    ),
    { numRuns: 500 },
  );
});
