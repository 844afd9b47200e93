import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { openFolderBlobs } from '../blobs/folder.ts';
import { lockFolder } from '../lock.ts';
import { openDatabase } from '../sqlite/database.ts';
import { collectGarbage, removeLeftovers } from './collect.ts';
import { applyRetention } from './retention.ts';
import type { ManifestState, NewManifest } from './registry-store.ts';
import { defaultRules, type RegistryRules } from './rules.ts';
import { openRegistry } from './sqlite-registry.ts';
import { registryMigrations } from './tables.ts';

const { signal } = new AbortController();

function digestOf(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest;
}

async function openTest(rules: Partial<RegistryRules> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-store-'));
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  const blobs = openFolderBlobs(folder);
  const time = { nowMs: 1_000_000 };
  const clock = { nowMs: () => time.nowMs };
  const all = { ...defaultRules, ...rules };
  const store = await openRegistry({ db, blobs, folder, rules: all, clock });
  onTestFinished(async () => {
    await store.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const blob = async (repository: string, text: string): Promise<Digest> => {
    await blobs.put(digestOf(text), Buffer.from(text));
    expect(await store.linkBlob(repository, digestOf(text), text.length)).toBe(true);
    return digestOf(text);
  };
  const manifest = (repository: string, text: string, more: Partial<NewManifest> = {}): NewManifest => ({
    repository,
    digest: digestOf(text),
    bytes: Buffer.from(text),
    state: 'visible',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    annotations: {},
    pushedBy: 'robot:x',
    tags: [],
    blobs: [],
    optionalBlobs: [],
    children: [],
    ...more,
  });
  const parts = { db, blobs, store, rules: all, clock, signal };
  return { folder, db, blobs, store, time, blob, manifest, parts };
}

function layoutNames(folder: string): string[] {
  const index = JSON.parse(readFileSync(join(folder, 'layout/index.json'), 'utf8')) as {
    manifests: { digest: string; annotations?: Record<string, string> }[];
  };
  return index.manifests.map(
    ({ digest, annotations }) => `${annotations?.['org.opencontainers.image.ref.name'] ?? ''} ${digest}`,
  );
}

describe('states and tags', () => {
  /** What the store should say, kept in the simplest way. */
  interface Model {
    readonly states: Map<string, ManifestState>;
    readonly visible: Map<string, string>;
    readonly held: Map<string, string>;
  }

  function applyPut(
    { states, visible, held }: Model,
    text: string,
    tags: readonly string[],
    state: ManifestState,
  ): void {
    applyState({ states, visible, held }, text, state, true);
    for (const tag of tags) {
      if (state === 'visible') held.delete(tag);
      (state === 'visible' ? visible : held).set(tag, text);
    }
  }

  function applyState({ states, visible, held }: Model, text: string, state: ManifestState, add = false): void {
    const before = states.get(text);
    if (before === undefined && !add) return;
    states.set(text, state);
    if (before === undefined || before === state) return;
    const [from, to] = state === 'visible' ? [held, visible] : [visible, held];
    for (const [tag, holder] of from) {
      if (holder !== text) continue;
      from.delete(tag);
      if (state === 'visible' || !to.has(tag)) to.set(tag, text);
    }
  }

  const step = fc.record({
    act: fc.constantFrom('put', 'state', 'delete', 'untag'),
    text: fc.constantFrom('a', 'b', 'c'),
    tags: fc.subarray(['1', '2']),
    state: fc.constantFrom<ManifestState>('visible', 'quarantined'),
  });

  test('agree with a model, whatever happens in whichever order', async () => {
    const { store, manifest, folder } = await openTest();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const repository = `run${(run += 1)}`;
        const model: Model = { states: new Map(), visible: new Map(), held: new Map() };
        for (const { act, text, tags, state } of steps) {
          if (act === 'put') {
            await store.putManifest(manifest(repository, text, { tags, state }));
            applyPut(model, text, tags, state);
          } else if (act === 'state') {
            expect(await store.setState(repository, digestOf(text), state)).toBe(model.states.has(text));
            applyState(model, text, state);
          } else if (act === 'delete') {
            const deleted = await store.deleteManifest(repository, digestOf(text));
            expect(deleted).toBe(model.states.delete(text) ? 'deleted' : 'absent');
            for (const map of [model.visible, model.held]) {
              for (const [tag, holder] of map) if (holder === text) map.delete(tag);
            }
          } else {
            for (const tag of tags) {
              await store.deleteTag(repository, tag);
              model.visible.delete(tag);
              model.held.delete(tag);
            }
          }
        }
        for (const tag of ['1', '2']) {
          const shown = model.visible.get(tag);
          const newest = model.held.get(tag) ?? shown;
          expect(store.tagged(repository, tag, 'visible')?.digest).toBe(
            shown === undefined ? undefined : digestOf(shown),
          );
          expect(store.tagged(repository, tag, 'all')?.digest).toBe(
            newest === undefined ? undefined : digestOf(newest),
          );
        }
        for (const text of ['a', 'b', 'c']) {
          expect(store.manifest(repository, digestOf(text), 'all')?.state).toBe(model.states.get(text));
        }
        const named = layoutNames(folder).filter((name) => name.startsWith(`${repository}:`));
        expect(named.sort()).toEqual(
          [...model.visible].map(([tag, text]) => `${repository}:${tag} ${digestOf(text)}`).sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('nothing of a manifest is stored where content is missing', async () => {
    const { store, manifest, blob } = await openTest();
    const there = await blob('a', 'there');
    const put = await store.putManifest(
      manifest('a', 'm', { tags: ['1'], blobs: [there, digestOf('x')], children: [digestOf('y')] }),
    );
    expect(put).toEqual({ kind: 'missing', blobs: [digestOf('x')], children: [digestOf('y')] });
    expect(store.manifest('a', digestOf('m'), 'all')).toBeUndefined();
    expect(store.tags('a', 'all', { limit: 10 })).toEqual([]);
  });

  test('what another process changes is in the layout within its watch', async () => {
    const { store, manifest, folder } = await openTest();
    await store.putManifest(manifest('a', 'm', { tags: ['1', '2'] }));
    const other = openDatabase(join(folder, 'state.db'), registryMigrations);
    other.run("DELETE FROM tags WHERE name = '1'");
    other.close();
    await expect.poll(() => layoutNames(folder), { timeout: 20_000 }).toEqual([`a:2 ${digestOf('m')}`]);
  });
});

describe('collection', () => {
  const day = 86_400_000;

  /** Ages everything on disk and in the rows by turning the clock. */
  async function openAged() {
    const test = await openTest();
    test.time.nowMs = Date.now();
    return test;
  }

  test('keeps what manifests name and what is young; removes the rest, and says so before', async () => {
    const { store, manifest, blob, blobs, time, parts } = await openAged();
    const used = await blob('a', 'used');
    const optional = await blob('a', 'optional');
    const unused = await blob('a', 'unused');
    await store.putManifest(manifest('a', 'm', { blobs: [used], optionalBlobs: [optional] }));
    expect(await collectGarbage(parts)).toEqual({ links: 0, blobs: 0, blobBytes: 0, uploads: 0 });
    time.nowMs += 2 * day;
    const young = await blob('a', 'young');
    const expected = { links: 1, blobs: 1, blobBytes: 6, uploads: 0 };
    expect(await collectGarbage({ ...parts, dryRun: true })).toEqual(expected);
    expect(store.blobSize('a', unused)).toBe(6);
    expect(await collectGarbage(parts)).toEqual(expected);
    expect(
      await Promise.all(
        [used, optional, unused, young].map(async (digest) => (await blobs.stat(digest)) !== undefined),
      ),
    ).toEqual([true, true, false, true]);
    expect(await blobs.stat(digestOf('m'))).toBeDefined();
  });

  test('a blob that is mounted meanwhile stays, or the mount says that it is gone', async () => {
    const { store, blob, blobs, time, parts } = await openAged();
    const digests = await Promise.all(Array.from({ length: 50 }, (_, i) => blob('a', `blob ${i}`)));
    time.nowMs += 2 * day;
    const [linked] = await Promise.all([
      Promise.all(digests.map((digest) => store.linkBlob('b', digest, 1))),
      collectGarbage(parts),
    ]);
    for (const [index, digest] of digests.entries()) {
      expect((await blobs.stat(digest)) !== undefined).toBe(linked[index]);
    }
  });

  test('a client that looks for a blob keeps it', async () => {
    const { store, blob, time, parts } = await openAged();
    const digest = await blob('a', 'x');
    time.nowMs += 2 * day;
    store.touchBlob('a', digest);
    await collectGarbage(parts);
    expect(store.blobSize('a', digest)).toBe(1);
  });

  test('uploads that nobody goes on with go', async () => {
    const { store, blobs, folder, parts, time } = await openAged();
    const staged = blobs.stage('0'.repeat(32), 'sha256');
    store.addUpload(staged.id, 'a');
    await staged.append(
      (async function* () {
        yield Buffer.from('x');
      })(),
    );
    await staged.release();
    time.nowMs += day / 2;
    expect((await collectGarbage(parts)).uploads).toBe(0);
    utimesSync(join(folder, 'uploads', staged.id), 0, 0);
    expect((await collectGarbage(parts)).uploads).toBe(1);
    expect(store.uploadRepository(staged.id)).toBeUndefined();
  });

  test('uploads that no byte came for go too, and are kept while they are young', async () => {
    const { store, blobs, parts, time } = await openAged();
    store.addUpload('0'.repeat(32), 'a');
    await collectGarbage(parts);
    expect(store.uploadRepository('0'.repeat(32))).toBe('a');
    time.nowMs += defaultRules.uploadsMs + 1;
    const begun = blobs.stage('1'.repeat(32), 'sha256');
    store.addUpload(begun.id, 'a');
    await begun.prepare();
    await begun.release();
    utimesSync(begun.path, time.nowMs / 1000, time.nowMs / 1000);
    await collectGarbage(parts);
    expect(store.uploadRepository('0'.repeat(32))).toBeUndefined();
    expect(store.uploadRepository(begun.id)).toBe('a');
  });

  test('a start removes what a kill cut off, and keeps what can be gone on with', async () => {
    const { store, blobs, db, folder } = await openAged();
    const kept = blobs.stage('0'.repeat(32), 'sha256');
    store.addUpload(kept.id, 'a');
    for (const staged of [kept, blobs.stage('1'.repeat(32), 'sha256')]) {
      await staged.prepare();
      await staged.release();
    }
    writeFileSync(join(folder, 'uploads', '.put-1-1'), 'x');
    await removeLeftovers(db, blobs);
    expect(readdirSync(join(folder, 'uploads'))).toEqual([kept.id]);
  });
});

describe('retention', () => {
  const rule = { matches: (name: string) => name === 'ci', matchesTag: (tag: string) => tag.startsWith('b') };

  test.each([
    ['the newest', { keepLast: 2 }, ['b4', 'b5', 'x']],
    ['the young', { keepForMs: 2500 }, ['b3', 'b4', 'b5', 'x']],
    ['either', { keepLast: 1, keepForMs: 1500 }, ['b4', 'b5', 'x']],
    ['none', { keepLast: 0 }, ['x']],
  ])('keeps %s', async (_, keep, left) => {
    const { store, manifest, time, parts } = await openTest({ retention: [{ ...rule, ...keep }] });
    for (const tag of ['x', 'b1', 'b2', 'b3', 'b4', 'b5']) {
      for (const name of ['ci', 'other']) await store.putManifest(manifest(name, tag, { tags: [tag] }));
      time.nowMs += 1000;
    }
    time.nowMs -= 600;
    const removed = { tags: 6 - left.length, manifests: 0 };
    expect(await applyRetention({ ...parts, dryRun: true })).toEqual(removed);
    expect(await applyRetention(parts)).toEqual(removed);
    expect(store.tags('ci', 'all', { limit: 10 })).toEqual(left);
    expect(store.tags('other', 'all', { limit: 10 })).toHaveLength(6);
  });

  test('untagged manifests go with what hangs on them alone; immutable tags hold', async () => {
    const { store, manifest, time, parts } = await openTest({
      retention: [{ matches: () => true, matchesTag: () => true, keepLast: 0, untaggedAfterMs: 1000 }],
      isImmutable: (_, tag) => tag === 'v1',
    });
    const put = (text: string, more: Partial<NewManifest> = {}) => store.putManifest(manifest('a', text, more));
    await put('child');
    await put('kept child');
    await put('index', { children: [digestOf('child'), digestOf('kept child')], tags: ['latest'] });
    await put('held', { children: [digestOf('kept child')], tags: ['v1'] });
    await put('signature', { subject: digestOf('index') });
    await put('kept signature', { subject: digestOf('held') });
    time.nowMs += 5000;
    expect(await applyRetention(parts)).toEqual({ tags: 1, manifests: 3 });
    const left = ['child', 'kept child', 'index', 'held', 'signature', 'kept signature'].filter(
      (text) => store.manifest('a', digestOf(text), 'all') !== undefined,
    );
    expect(left).toEqual(['kept child', 'held', 'kept signature']);
  });
});

test('a second server on the folder is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lock = lockFolder(join(folder, 'lock.db'));
  expect(() => lockFolder(join(folder, 'lock.db'))).toThrow('another server runs on it');
  lock.release();
  lockFolder(join(folder, 'lock.db')).release();
});
