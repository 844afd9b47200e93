// One layer through the pass: what is kept where entries replace, link to and contradict one another.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileInterest, Want } from '@plombe/catalogers';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import { defaultLayerLimits } from '@plombe/kit';
import type { ImageLayer } from '@plombe/model';
import { layerOf } from '../testing/images.ts';
import { Budget } from './budget.ts';
import { collectLayer } from './layer.ts';
import type { LayerRecord } from './record.ts';

const wanted: FileInterest = {
  id: 'test',
  wantsVersion: 1,
  wants: ({ path }) => (path.endsWith('.want') ? { kind: 'whole', maxBytes: 1000 } : undefined),
};
const options = { interests: [wanted], limits: defaultLayerLimits, signal: new AbortController().signal };

const file = (path: string, content = path): TarEntry => ({ path, content });
const link = (path: string, linkTarget: string): TarEntry => ({ path, type: 'hardlink', linkTarget });

async function collect(...entries: readonly TarEntry[]): Promise<LayerRecord> {
  return collectLayer(layerOf(0, entries), options);
}

function keptOf(record: LayerRecord): Record<string, string> {
  const said = record.files.map((kept): [string, string] => [
    kept.path,
    kept.type === 'file' ? new TextDecoder().decode(kept.content) : `${kept.type} to ${kept.linkTarget}`,
  ]);
  expect(new Set(said.map(([path]) => path)).size).toBe(said.length);
  return Object.fromEntries(said);
}

describe('hard links', () => {
  it.each<[string, readonly TarEntry[], Record<string, string>]>([
    ['to a kept file', [file('a.want'), link('b.want', 'a.want')], { 'a.want': 'a.want', 'b.want': 'a.want' }],
    ['to a file nobody wants', [file('a'), link('b.want', 'a')], { 'b.want': 'a' }],
    ['to a hard link', [file('a'), link('b', 'a'), link('c.want', 'b')], { 'c.want': 'a' }],
    [
      'to a hard link to a hard link',
      [file('a'), link('b', 'a'), link('c', 'b'), link('d.want', 'c')],
      { 'd.want': 'a' },
    ],
    ['to a file that is replaced later', [file('a', '1'), link('b.want', 'a'), file('a', '2')], { 'b.want': '1' }],
    ['to a file that was replaced before', [file('a', '1'), file('a', '2'), link('b.want', 'a')], { 'b.want': '2' }],
    [
      'to a kept file that was replaced before',
      [file('a.want', '1'), file('a.want', '2'), link('b.want', 'a.want')],
      { 'a.want': '2', 'b.want': '2' },
    ],
    [
      'to a kept file that nothing is left of',
      [file('a.want', '1'), { path: 'a.want', type: 'device' }, link('b.want', 'a.want')],
      { 'b.want': 'hardlink to a.want' },
    ],
    [
      'to a kept symlink',
      [{ path: 'a.want', type: 'symlink', linkTarget: 'x' }, link('b.want', 'a.want')],
      { 'a.want': 'symlink to x', 'b.want': 'symlink to x' },
    ],
    [
      'to a symlink nobody wants',
      [{ path: 'a', type: 'symlink', linkTarget: 'x' }, link('b.want', 'a')],
      { 'b.want': 'symlink to x' },
    ],
    ['to nothing', [link('b.want', 'a')], { 'b.want': 'hardlink to a' }],
    ['to themselves', [link('b.want', 'b.want')], { 'b.want': 'hardlink to b.want' }],
    ['to a file that comes later', [link('b.want', 'a'), file('a')], { 'b.want': 'hardlink to a' }],
    ['that are replaced', [file('a'), link('b.want', 'a'), file('b.want', 'new')], { 'b.want': 'new' }],
    [
      'that are replaced by a link',
      [file('a'), file('c'), link('b.want', 'a'), link('b.want', 'c')],
      { 'b.want': 'c' },
    ],
  ])('%s', async (_, entries, expected) => {
    expect(keptOf(await collect(...entries))).toEqual(expected);
  });

  it('T07 a chain of a hundred costs three passes and is told', async () => {
    const opened = { count: 0 };
    const chain = Array.from({ length: 100 }, (_, i) => link(`l${i + 1}`, `l${i}`));
    const record = await collectLayer(layerOf(0, [file('l0'), ...chain, link('x.want', 'l100')], opened), options);
    expect(opened.count).toBe(4);
    expect(record.complete).toBe(false);
    expect(record.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining('more than three times'),
    ]);
  });

  it('T27 a source that gives other bytes for the second pass is not believed', async () => {
    const good = layerOf(0, [file('a', 'good'), link('b.want', 'a')]);
    const evil = layerOf(0, [file('a', 'evil'), link('b.want', 'a')]);
    let opened = 0;
    const content: ImageLayer['content'] = {
      kind: 'tar',
      open(opening) {
        const from = opened++ === 0 ? good : evil;
        if (from.content.kind !== 'tar') throw new Error('no tar');
        return from.content.open(opening);
      },
    };
    const record = await collectLayer({ ...good, content }, options);
    expect(record).toMatchObject({ complete: false, files: [] });
    expect(record.diagnostics.map(({ code }) => code)).toContain('archive/digest-mismatch');
  });
});

describe('hard links to what a distiller is given', () => {
  /** Keeps what begins with `!`, of files with such names and of those from three bytes on. */
  const distill: Want = {
    kind: 'distill',
    create: () => {
      let text = '';
      return {
        write: (chunk) => (text += Buffer.from(chunk).toString()) !== '',
        finish: () => (text.startsWith('!') ? Buffer.from(text) : undefined),
      };
    },
  };
  const named: FileInterest = {
    id: 'named',
    wantsVersion: 1,
    wants: ({ path, type }) => (path.endsWith('.want') && type === 'file' ? distill : undefined),
  };
  const sized: FileInterest = {
    id: 'sized',
    wantsVersion: 1,
    wants: ({ sizeBytes, type }) => (sizeBytes >= 3 && type === 'file' ? distill : undefined),
  };
  const read = async (interest: FileInterest, entries: readonly TarEntry[], limits = defaultLayerLimits) => {
    const opened = { count: 0 };
    const record = await collectLayer(layerOf(0, entries, opened), { ...options, limits, interests: [interest] });
    return { record, kept: keptOf(record), opened: opened.count };
  };

  it.each<[string, readonly TarEntry[], Record<string, string>, number]>([
    ['to a kept file', [file('a.want', '!a'), link('b.want', 'a.want')], { 'a.want': '!a', 'b.want': '!a' }, 1],
    ['to a file nobody wants', [file('a', '!a'), link('b.want', 'a')], { 'b.want': '!a' }, 2],
    ['to one that nothing is kept of', [file('a', 'a'), link('b.want', 'a')], {}, 2],
    ['to a wanted one that nothing is kept of', [file('a.want', 'a'), link('b.want', 'a.want')], {}, 1],
    ['to a lower file', [link('b.want', 'a.want')], { 'b.want': 'hardlink to a.want' }, 2],
    ['to a lower file nobody wants', [link('b.want', 'a')], { 'b.want': 'hardlink to a' }, 2],
    [
      'to a link to a lower file',
      [link('b.want', 'a.want'), link('c.want', 'b.want')],
      { 'b.want': 'hardlink to a.want', 'c.want': 'hardlink to a.want' },
      2,
    ],
    [
      'to a link nobody wants to a lower file',
      [link('b', 'a.want'), link('c.want', 'b')],
      { 'c.want': 'hardlink to a.want' },
      3,
    ],
    [
      'to a lower file that is replaced later',
      [link('b.want', 'a.want'), file('a.want', 'a')],
      { 'b.want': 'hardlink to a.want' },
      2,
    ],
    ['that are replaced', [link('b.want', 'a.want'), file('b.want', 'b')], {}, 2],
    ['below a folder that is replaced', [link('d/b.want', 'a.want'), file('d', 'b')], {}, 2],
    ['to themselves', [link('b.want', 'b.want')], { 'b.want': 'hardlink to b.want' }, 2],
  ])('%s', async (_, entries, expected, opened) => {
    const result = await read(named, entries);
    expect(result.kept).toEqual(expected);
    expect([result.opened, result.record.complete]).toEqual([opened, true]);
  });

  it('marks those whose target need not be kept', async () => {
    const { record } = await read(named, [link('b.want', 'a.want'), link('c.want', 'a')]);
    expect(Object.fromEntries(record.files.map(({ path, optional }) => [path, optional]))).toEqual({
      'b.want': 'content',
      'c.want': undefined,
    });
  });

  it('asks for no size that a link does not have', async () => {
    const { kept, record } = await read(sized, [file('s', '!'), link('t', 's'), link('b', 'a'), link('c', 'c')]);
    expect(kept).toEqual({ b: 'hardlink to a' });
    expect(record.files[0]?.optional).toBe('target');
  });

  it('T07 many links within a layer cost neither memory nor a pass, many to lower ones meet the limit', async () => {
    const limits = { ...defaultLayerLimits, keptBytes: 50_000 };
    const targets = Array.from({ length: 100 }, (_, i) => file(`t${i}`, 'x'.repeat(i % 5)));
    const inner = Array.from({ length: 20_000 }, (_, i) => link(`l${i}`, `t${i % 100}`));
    const within = await read(sized, [...targets, ...inner], limits);
    expect([within.record.complete, within.kept, within.opened]).toEqual([true, {}, 1]);
    const below = await read(sized, inner, limits);
    expect([below.record.complete, below.opened]).toEqual([false, 2]);
    expect(below.record.files.length).toBeLessThan(20);
    expect(below.record.diagnostics.map(({ code }) => code)).toEqual(['archive/limit']);
    const distinct = Array.from({ length: 20_000 }, (_, i) => link(`l${i}`, `u${i}`));
    expect((await read(sized, distinct, limits)).record.complete).toBe(false);
  });
});

describe('entries that replace others of the same layer', () => {
  it.each<[string, readonly TarEntry[], Record<string, string>]>([
    ['a file by a file', [file('a.want', '1'), file('a.want', '2')], { 'a.want': '2' }],
    ['a file by a device', [file('a.want'), { path: 'a.want', type: 'device' }], {}],
    ['a file by a FIFO', [file('a.want'), { path: 'a.want', type: 'fifo' }], {}],
    ['a file by a directory', [file('a.want'), { path: 'a.want', type: 'directory' }], {}],
    [
      'a file by a symlink',
      [file('a.want'), { path: 'a.want', type: 'symlink', linkTarget: 'x' }],
      { 'a.want': 'symlink to x' },
    ],
    ['a directory by itself', [file('d/a.want'), { path: 'd', type: 'directory' }], { 'd/a.want': 'd/a.want' }],
    [
      'a directory by a file',
      [file('d/e/a.want'), file('d/b.want'), file('d'), file('e.want')],
      { 'e.want': 'e.want' },
    ],
    ['a directory by a symlink', [file('d/e/a.want'), { path: 'd', type: 'symlink', linkTarget: 'x' }], {}],
    ['a directory that comes back', [file('d/a.want', '1'), file('d'), file('d/a.want', '2')], { 'd/a.want': '2' }],
    // Whiteouts are about the layers below, wherever they stand: image specification, layer.md.
    ['nothing by a whiteout', [file('a.want'), { path: 'a.want', type: 'whiteout' }], { 'a.want': 'a.want' }],
  ])('%s', async (_, entries, expected) => {
    expect(keptOf(await collect(...entries))).toEqual(expected);
  });

  it('a directory in the place of a symlink near the root', async () => {
    const record = await collect(
      { path: 'lib', type: 'symlink', linkTarget: 'usr/lib' },
      { path: 'lib', type: 'directory' },
    );
    expect(record.rootLinks.size).toBe(0);
  });

  it('keeps what a tree of real files would hold in the end', async () => {
    const paths = ['a', 'a/b', 'a/b/c', 'a/d', 'e'].map((path) => `${path}.want`.replaceAll('/', '.want/'));
    const step = fc.record({
      path: fc.constantFrom(...paths),
      type: fc.constantFrom('file' as const, 'directory' as const, 'device' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const tree = new Map<string, string>();
        const entries = steps.map(({ path, type }, at): TarEntry => {
          for (const other of tree.keys()) {
            const isSame = other === path || (type !== 'directory' && other.startsWith(`${path}/`));
            if (isSame) tree.delete(other);
          }
          if (type === 'file') tree.set(path, String(at));
          return type === 'file' ? file(path, String(at)) : { path, type };
        });
        expect(keptOf(await collect(...entries))).toEqual(Object.fromEntries(tree));
      }),
      { numRuns: 300 },
    );
  });
});

it('reads names with .wh. as files where the tar is a root file system', async () => {
  const layer = layerOf(0, [file('a/.wh.b.want', '1'), file('.wh..wh..opq', '2'), file('.wh..want', '3')]);
  expect((await collectLayer(layer, options)).whiteouts).toEqual(['a/b.want', '.want']);
  const { content } = layer;
  if (content.kind !== 'tar') throw new Error('no tar');
  const record = await collectLayer({ ...layer, content: { ...content, literalNames: true } }, options);
  expect(keptOf(record)).toEqual({ 'a/.wh.b.want': '1', '.wh..want': '3' });
  expect([record.whiteouts, record.opaques, record.entries]).toEqual([[], [], 3]);
});

describe('bounds', () => {
  const small = (limits: Partial<typeof defaultLayerLimits>) => ({
    ...options,
    limits: { ...defaultLayerLimits, ...limits },
  });

  it('T07 counts empty files, links and whiteouts too', async () => {
    for (const type of ['file', 'symlink', 'whiteout'] as const) {
      const entries = Array.from({ length: 1000 }, (_, i): TarEntry => ({
        path: `${i}/a.want`,
        type,
        linkTarget: 'x',
      }));
      const record = await collectLayer(layerOf(0, entries), small({ keptBytes: 20_000 }));
      expect([record.complete, record.diagnostics.map(({ code }) => code)]).toEqual([false, ['archive/limit']]);
      expect(record.files.length + record.whiteouts.length).toBeLessThan(300);
    }
  });

  it('T07 counts what a hard link repeats', async () => {
    const links = Array.from({ length: 100 }, (_, i) => link(`${i}/a.want`, 'a.want'));
    const read = (content: string) =>
      collectLayer(layerOf(0, [file('a.want', content), ...links]), small({ keptBytes: 400_000 }));
    expect((await read('')).complete).toBe(true);
    const record = await read('x'.repeat(1000));
    expect([record.complete, record.diagnostics.map(({ code }) => code)]).toEqual([false, ['archive/limit']]);
  });

  it('T07 shares entries and bytes among the layers of an image', async () => {
    const limits = { ...defaultLayerLimits, entries: 10 };
    const shared = { ...options, limits, budget: new Budget(limits) };
    const layer = layerOf(
      0,
      Array.from({ length: 6 }, (_, i) => file(`f${i}`)),
    );
    expect((await collectLayer(layer, shared)).complete).toBe(true);
    const second = await collectLayer(layer, shared);
    expect([second.complete, second.nonDirectories.length]).toEqual([false, 4]);
  });

  it('T07 lists fifty files that are too large and counts the rest', async () => {
    const record = await collect(...Array.from({ length: 80 }, (_, i) => file(`${i}.want`, 'x'.repeat(1001))));
    expect(record.diagnostics).toHaveLength(51);
    expect(record.diagnostics.at(-1)?.message).toContain('30 more files');
  });

  it('a distiller that throws costs its own file', async () => {
    const broken: FileInterest = {
      id: 'broken',
      wantsVersion: 1,
      wants: ({ path }) =>
        path.startsWith('b')
          ? {
              kind: 'distill',
              create: () => ({
                write: () => {
                  throw new Error('boom');
                },
                finish: () => undefined,
              }),
            }
          : undefined,
    };
    const record = await collectLayer(layerOf(0, [file('b.want'), file('c.want')]), {
      ...options,
      interests: [broken, wanted],
    });
    expect(Object.keys(keptOf(record))).toEqual(['b.want', 'c.want']);
    expect(record.complete).toBe(false);
    expect(record.diagnostics[0]?.message).toContain('b.want could not be read: boom');
  });

  it('a file that is cut off makes the layer incomplete and is not kept in part', async () => {
    const tar = writeTar([file('a.want', 'whole'), file('b.want', 'y'.repeat(900))]);
    const layer = layerOf(0, []);
    const cut: ImageLayer['content'] = {
      kind: 'tar',
      async *open() {
        yield await Promise.resolve(tar.subarray(0, 512 + 512 + 512 + 300));
      },
    };
    const { index, mediaType } = layer;
    const record = await collectLayer({ index, mediaType, content: cut }, options);
    expect(record.complete).toBe(false);
    expect(keptOf(record)).toEqual({ 'a.want': 'whole' });
  });
});
