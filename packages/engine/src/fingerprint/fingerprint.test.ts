import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { defaultLayerLimits } from '@plombe/kit';
import type { Image } from '@plombe/model';
import { fingerprintLines, openFingerprint } from '@plombe/trust';
import { digestOf, imageOf, layerOf, tarLayer, testContext } from '../testing/images.ts';
import { readFingerprint, type Fingerprint } from './fingerprint.ts';

const ctx = testContext();
const file = (path: string, content = path, rest: Partial<TarEntry> = {}): TarEntry => ({ path, content, ...rest });
const directory = (path: string, rest: Partial<TarEntry> = {}): TarEntry => ({ path, type: 'directory', ...rest });
const link = (path: string, linkTarget: string): TarEntry => ({ path, type: 'symlink', linkTarget });
const hardLink = (path: string, linkTarget: string): TarEntry => ({ path, type: 'hardlink', linkTarget });
const whiteout = (path: string): TarEntry => ({ path, type: 'whiteout' });
const opaque = (path: string): TarEntry => ({ path, type: 'opaque' });

async function read(layers: readonly (readonly TarEntry[])[]): Promise<Fingerprint> {
  return readFingerprint(imageOf(layers.map((entries, index) => layerOf(index, entries))), {}, ctx);
}

/** `path` for directories with a slash, `path=content`, `path->target`; contents are told by their hash. */
function shown({ entries }: Fingerprint, contents: readonly string[]): readonly string[] {
  const names = new Map(contents.map((content) => [hash('sha256', content), content]));
  return [...entries()].map(({ path, type, sha256 = '', linkTarget }) => {
    if (type === 'directory') return `${path}/`;
    return type === 'symlink' ? `${path}->${linkTarget}` : `${path}=${names.get(sha256) ?? sha256}`;
  });
}

describe('layers as a container sees them', () => {
  it.each<[string, TarEntry[][], string[]]>([
    ['a later layer replaces a file', [[file('a', '1')], [file('a', '2')]], ['a=2']],
    ['the last of two entries counts', [[file('a', '1'), file('a', '2')]], ['a=2']],
    ['parents that nobody names are there', [[file('a/b/c', '1')]], ['a/', 'a/b/', 'a/b/c=1']],
    ['a whiteout hides a file', [[file('a', '1'), file('b', '2')], [whiteout('a')]], ['b=2']],
    ['a whiteout hides a folder', [[file('d/a', '1'), file('d/e/b', '2')], [whiteout('d')]], []],
    ['a whiteout does not hide its own layer', [[file('a', '1')], [file('a', '2'), whiteout('a')]], ['a=2']],
    ['nor what is below it', [[file('d/a', '1')], [file('d/b', '2'), whiteout('d')]], ['d/', 'd/b=2']],
    ['a whiteout of nothing', [[file('a', '1')], [whiteout('b'), whiteout('x/y')]], ['a=1']],
    ['an opaque folder hides what is below', [[file('d/a', '1'), file('d/e/b', '1')], [opaque('d')]], ['d/']],
    ['but not its own layer', [[file('d/a', '1')], [file('d/b', '2'), opaque('d')]], ['d/', 'd/b=2']],
    ['an opaque root', [[file('a', '1')], [opaque(''), file('b', '2')]], ['b=2']],
    ['a file replaces a folder', [[file('d/a', '1')], [file('d', '2')]], ['d=2']],
    ['a folder replaces a file', [[file('d', '1')], [directory('d')]], ['d/']],
    ['a folder in a folder keeps its content', [[file('d/a', '1')], [directory('d')]], ['d/', 'd/a=1']],
    [
      'a folder replaces a link',
      [
        [directory('e'), link('d', 'e')],
        [file('d/a', '1'), directory('d')],
      ],
      ['d/', 'e/', 'e/a=1'],
    ],
    [
      'names go through linked folders',
      [[directory('usr/lib'), link('lib', 'usr/lib')], [file('lib/a', '1')]],
      ['lib->usr/lib', 'usr/', 'usr/lib/', 'usr/lib/a=1'],
    ],
    [
      'whiteouts too',
      [[file('usr/lib/a', '1'), link('lib', 'usr/lib')], [whiteout('lib/a')]],
      ['lib->usr/lib', 'usr/', 'usr/lib/'],
    ],
    [
      'opaque folders too',
      [[file('usr/lib/a', '1'), link('lib', '/usr/lib')], [opaque('lib')]],
      ['lib->/usr/lib', 'usr/', 'usr/lib/'],
    ],
    ['a hard link has its target content', [[file('a', '1'), hardLink('b', 'a')]], ['a=1', 'b=1']],
    ['also of a layer below', [[file('a', '1')], [hardLink('b', 'a')]], ['a=1', 'b=1']],
    ['and keeps it when the target goes', [[file('a', '1'), hardLink('b', 'a')], [file('a', '2')]], ['a=2', 'b=1']],
    ['a hard link to a symlink is one', [[link('a', 'x'), hardLink('b', 'a')]], ['a->x', 'b->x']],
    ['an empty file', [[file('a', '')]], ['a=']],
    ['order is by parts', [[file('a-b', '1'), file('a/b', '1'), file('a.b', '1')]], ['a/', 'a/b=1', 'a-b=1', 'a.b=1']],
  ])('%s', async (_, layers, expected) => {
    const fingerprint = await read(layers);
    expect(shown(fingerprint, ['', '1', '2'])).toEqual(expected);
    expect(fingerprint.header).toMatchObject({ state: 'complete', causes: [], entries: expected.length });
  });

  it('keeps mode, owner, size, link target and capabilities', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
    const { entries } = await read([
      [
        file('su', 'x', { mode: 0o4755, uid: 5, gid: 6 }),
        file('ping', 'yy', { pax: { 'SCHILY.xattr.security.capability': capability } }),
        file('ping2', 'yy', {
          pax: { 'LIBARCHIVE.xattr.security.capability': capability.toString('base64').replace(/=+$/, '') },
        }),
        { path: 'null', type: 'device', mode: 0o666 },
      ],
    ]);
    expect([...entries()]).toEqual([
      { path: 'null', type: 'device', mode: 0o666, uid: 0, gid: 0 },
      expect.objectContaining({ path: 'ping', sizeBytes: 2, capabilities: capability.toString('hex') }),
      expect.objectContaining({ path: 'ping2', capabilities: capability.toString('hex') }),
      { path: 'su', type: 'file', mode: 0o4755, uid: 5, gid: 6, sizeBytes: 1, sha256: hash('sha256', 'x') },
    ]);
  });

  it('gives the same document again, and a layer the same root whatever its times, order and compression', async () => {
    const entries = [file('a', '1'), directory('d'), whiteout('z'), hardLink('b', 'a')];
    const document = (one: Fingerprint): string => [...fingerprintLines(one.header, one.entries())].join('');
    const first = await read([entries]);
    expect(document(await read([entries]))).toBe(document(first));
    const [moved] = (await read([[directory('d'), file('a', '1'), hardLink('b', 'a'), whiteout('z')]])).header.layers;
    expect(moved?.diffID).not.toBe(first.header.layers[0]?.diffID);
    expect(moved?.root).toBe(first.header.layers[0]?.root);
    const [other] = (await read([[...entries.slice(0, 3), hardLink('c', 'a')]])).header.layers;
    expect(other?.root).not.toBe(first.header.layers[0]?.root);
    const opened = openFingerprint(document(first).trimEnd().split('\n').values());
    expect(opened.header).toEqual(first.header);
    expect([...opened.entries]).toEqual([...first.entries()]);
  });

  it('hashes what comes in many pieces', async () => {
    const content = Buffer.alloc(3_000_000, 'abc');
    const tar = writeTar([file('big', '', { content })]);
    const layer = tarLayer(0, tar);
    const source = { kind: 'tar' as const, open: () => pieces(tar, 65_537) };
    const plain = { ...layer, digest: digestOf(tar), sizeBytes: tar.length, content: source };
    const { entries } = await readFingerprint(imageOf([plain]), {}, ctx);
    expect([...entries()][0]?.sha256).toBe(hash('sha256', content));
  });

  it('agrees with a plain model for random layers', async () => {
    const name = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e/a', 'd/e/b');
    const entry = fc.oneof(
      fc.tuple(name, fc.constantFrom('1', '2', '3')).map(([path, content]) => file(path, content)),
      name.map(whiteout),
      fc.constantFrom('d', 'd/e').map(opaque),
    );
    const layer = fc.uniqueArray(entry, { maxLength: 6, selector: ({ path }) => path });
    await fc.assert(
      fc.asyncProperty(fc.array(layer, { maxLength: 4 }), async (layers) => {
        const fingerprint = await read(layers);
        if (fingerprint.header.state !== 'complete') return;
        expect(shown(fingerprint, ['1', '2', '3']).filter((text) => !text.endsWith('/'))).toEqual(modelOf(layers));
      }),
      { numRuns: 300 },
    );
  });
});

/** Paths to contents: first a layer's whiteouts, then its files. */
function modelOf(layers: readonly (readonly TarEntry[])[]): readonly string[] {
  const all = new Map<string, string>();
  const removeBelow = (path: string): void => {
    for (const known of all.keys()) if (known.startsWith(`${path}/`)) all.delete(known);
  };
  for (const layer of layers) {
    for (const { path, type } of layer) {
      if (type === 'whiteout') all.delete(path);
      if (type !== undefined) removeBelow(path);
    }
    for (const { path, type, content } of layer) {
      if (type !== undefined) continue;
      removeBelow(path);
      all.set(path, String(content));
    }
  }
  const keyed = [...all].map(([path, content]) => [path.replaceAll('/', '\0'), `${path}=${content}`] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

describe('what cannot be read', () => {
  it('a layer whose bytes are others gives no fingerprint', async () => {
    const good = layerOf(0, [file('a')]);
    const bad = { ...layerOf(1, [file('b')]), digest: good.digest, diffID: good.diffID } as typeof good;
    await expect(readFingerprint(imageOf([good, bad]), {}, ctx)).rejects.toMatchObject({
      code: 'archive/digest-mismatch',
    });
  });

  it('an absent layer makes it partial, and its changes stay unknown', async () => {
    const absent = { ...layerOf(1, []), content: { kind: 'absent' as const, cause: 'it is foreign' } };
    const { header, unread } = await readFingerprint(imageOf([layerOf(0, [file('a')]), absent]), {}, ctx);
    expect(header).toMatchObject({ state: 'partial', entries: 1, layers: [{ complete: true }, { complete: false }] });
    expect(header.causes[0]).toMatchObject({ code: 'archive/unsupported' });
    expect(unread).toBe('everything');
  });

  it('a file that is cut off has no digest', async () => {
    const tar = writeTar([file('a', '1'), file('b', 'x'.repeat(5000))]).subarray(0, 3000);
    const { header, entries } = await readFingerprint(imageOf([tarLayer(0, tar)]), {}, ctx);
    expect(header.state).toBe('partial');
    expect([...entries()].map(({ path, sha256 }) => [path, sha256 !== undefined])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });
});

describe('hostile layers', () => {
  it('T01 names that lead out stay inside', async () => {
    const fingerprint = await read([[file('../../etc/passwd', '1'), file('/abs', '1'), file('a/../../b', '1')]]);
    expect(shown(fingerprint, ['1'])).toEqual(['abs=1', 'b=1', 'etc/', 'etc/passwd=1']);
    expect(existsSync('/abs')).toBe(false);
  });

  it('T02 links lead inside the image only, and a maze of them ends', async () => {
    const fingerprint = await read([
      [
        link('out', '/../../..'),
        file('out/a', '1'),
        link('up', '../../x'),
        file('up/b', '1'),
        hardLink('h', '../out/a'),
      ],
    ]);
    expect(shown(fingerprint, ['1'])).toEqual(['a=1', 'h=1', 'out->/../../..', 'up->../../x', 'x/', 'x/b=1']);
    const loop = await read([[link('l', 'l'), file('l/a', '1'), link('m', 'n'), link('n', 'm'), file('m/x', '1')]]);
    expect(loop.header).toMatchObject({ state: 'partial', entries: 3 });
    expect(loop.header.causes[0]?.message).toContain('too many symlinks');
    const wide = '../'.repeat(1300);
    const maze = Array.from({ length: 39 }, (_, i) => link(`m${i}`, `${wide}m${i + 1}`));
    const through = Array.from({ length: 20_000 }, (_, i) => file(i % 2 === 0 ? `m0/${i}` : `q/${i}`, ''));
    const { header } = await read([[...maze, directory('m39'), ...through]]);
    expect(header.state).toBe('partial');
  });

  it('T02 what lies behind a file, and hard links to nothing, are left out and told', async () => {
    const { header, entries } = await read([
      [file('f', '1'), file('f/x', '1'), hardLink('h', 'gone'), hardLink('f', 'f')],
    ]);
    expect([...entries()].map(({ path }) => path)).toEqual(['f']);
    expect(header.causes.map(({ message }) => message)).toEqual([
      'f/x lies below something that is no directory; it was left out.',
      'h is a hard link to nothing that is there; it was left out.',
      'f is a hard link to nothing that is there; it was left out.',
    ]);
  });

  it('T03 names that look alike stay apart', async () => {
    const names = ['\u00e9', 'e\u0301', 'A', 'a', 'stra\u00dfe', 'strasse', '\udcff', '\udcfe'];
    const { entries, header } = await read([names.map((path) => file(path, '1'))]);
    expect([...entries()].map(({ path }) => path).sort()).toEqual([...names].sort());
    const opened = openFingerprint([...fingerprintLines(header, entries())].map((line) => line.slice(0, -1)).values());
    expect([...opened.entries]).toEqual([...entries()]);
  });

  it('T07 stops at its limits and says so', async () => {
    const many = Array.from({ length: 50 }, (_, i) => file(`f${i}`, ''));
    const image = imageOf([layerOf(0, many), layerOf(1, [file('later', '')])]);
    const few = { limits: { entries: 10, textLength: 1_000_000 } };
    const { header, unread } = await readFingerprint(image, few, ctx);
    expect(header).toMatchObject({ state: 'partial', entries: 10 });
    expect(header.causes[0]).toMatchObject({ code: 'archive/limit' });
    expect(unread).toBe('everything');
    const text = await readFingerprint(image, { limits: { entries: 1000, textLength: 20 } }, ctx);
    expect(text.header.causes[0]?.message).toContain('20 characters');
    const deep = await readFingerprint(imageOf([layerOf(0, [file('d/'.repeat(600) + 'x', '')])]), {}, ctx);
    expect(deep.header.state).toBe('partial');
  });

  it('T07 links do not make short names into endless paths', async () => {
    const deep = `${'n'.repeat(200)}/`.repeat(18);
    const short = Array.from({ length: 3000 }, (_, i) => file(`l/${i}`, ''));
    const image = imageOf([layerOf(0, [directory(deep), link('l', deep), ...short])]);
    const { header, entries } = await readFingerprint(image, { limits: { entries: 1e5, textLength: 1e6 } }, ctx);
    expect(header.state).toBe('partial');
    expect([...entries()].reduce((sum, { path }) => sum + path.length, 0)).toBeLessThan(1.2e6);
    const further = [directory(deep), link('l', deep), directory(`l/${deep}`), file(`l/${deep}x`, '')];
    expect((await read([further])).header.causes[0]?.message).toContain('too long or too deep');
  });

  it('T05 a bomb ends with its cause', async () => {
    const layerLimits = { ...defaultLayerLimits, layerBytes: 1_000_000 };
    const layer = layerOf(0, [file('zeros', '', { content: Buffer.alloc(4_000_000) })]);
    const { header } = await readFingerprint(imageOf([layer]), { layerLimits }, ctx);
    expect(header.causes[0]).toMatchObject({ code: 'archive/limit' });
  });

  it('T10 devices, pipes, setuid and capabilities are listed and never made', async () => {
    const { entries } = await read([
      [
        { path: 'dev/sda', type: 'device', mode: 0o660 },
        { path: 'pipe', type: 'fifo', mode: 0o4600 },
        file('cap', '', { pax: { 'SCHILY.xattr.security.capability': 'x'.repeat(5000) } }),
      ],
    ]);
    expect([...entries()].map(({ path, type, mode }) => [path, type, mode])).toEqual([
      ['cap', 'file', 0o644],
      ['dev', 'directory', 0o755],
      ['dev/sda', 'device', 0o660],
      ['pipe', 'fifo', 0o4600],
    ]);
    expect([...entries()][0]?.capabilities).toHaveLength(128);
  });

  it('a folder that cannot be read is named', async () => {
    const image: Image = {
      ...imageOf([]),
      layers: [
        {
          index: 0,
          mediaType: 'inode/directory',
          content: {
            kind: 'tree',
            walk: async (consumer) => {
              consumer.entry({ path: 'a', type: 'directory', sizeBytes: 0, mode: 0o700, uid: 0, gid: 0 });
              return [{ path: 'a', cause: 'could not be read (EACCES)' }];
            },
          },
        },
      ],
    };
    const { header, unread, capabilities } = await readFingerprint(image, {}, ctx);
    expect([header.state, unread, capabilities]).toEqual(['partial', ['a'], false]);
    expect(header.causes).toEqual([{ code: 'source/unreadable', message: 'a could not be read (EACCES).' }]);
  });
});
