// Collecting garbage in a store elsewhere while somebody pushes the same: every order in which it can happen, over a folder seen as if it were far away.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Digest } from '@plombe/model';
import type { BlobStore } from '../blobs/blob-store.ts';
import { digestOf } from '../blobs/contract.ts';
import { openFolderBlobs } from '../blobs/folder.ts';
import { parseBlobAddress } from '../blobs/address.ts';
import { openDatabase, type Database } from '../sqlite/database.ts';
import { rememberBlobs, rememberedBlobs } from './blob-place.ts';
import { collectGarbage, type Collected } from './collect.ts';
import { defaultRules } from './rules.ts';
import { openRegistry, type OpenRegistry } from './sqlite-registry.ts';
import { registryMigrations } from './tables.ts';

/** Blobs are old then; uploads under way are not. */
const rules = { ...defaultRules, uploadsMs: Date.parse('2100-01-01') };
const later = { nowMs: () => Date.parse('2100-01-01') };

interface Far {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly store: OpenRegistry;
  /** Runs when a collection is about to delete, before or after it does. */
  readonly meanwhile: { before?: () => Promise<void>; after?: () => Promise<void> };
  readonly collect: () => Promise<Collected>;
}

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-removals-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function far(): Promise<Far> {
  const folder = folderOfTest();
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  const { local: _, ...near } = openFolderBlobs(folder);
  const meanwhile: Far['meanwhile'] = {};
  const blobs: BlobStore = {
    ...near,
    delete: async (digest) => {
      await meanwhile.before?.();
      await near.delete(digest);
      await meanwhile.after?.();
    },
  };
  const store = await openRegistry({ db, blobs, folder, rules, clock: later });
  onTestFinished(async () => {
    await store.close();
    db.close();
  });
  const { signal } = new AbortController();
  return {
    db,
    blobs,
    store,
    meanwhile,
    collect: () => collectGarbage({ db, blobs, rules, clock: later, signal }),
  };
}

/** A manifest without blobs. */
function manifestOf(text: string) {
  const bytes = Buffer.from(text);
  return {
    repository: 'a',
    digest: digestOf(bytes),
    bytes,
    state: 'visible',
    mediaType: 'application/vnd.oci.image.index.v1+json',
    annotations: {},
    pushedBy: 'robot:x',
    tags: ['1'],
    blobs: [],
    optionalBlobs: [],
    children: [],
  } as const;
}

describe('a blob that is removed and pushed at once', () => {
  const bytes = randomBytes(100);
  const digest: Digest = digestOf(bytes);

  test('is not linked while it is being removed, nor after, and pushed again it is there', async () => {
    const { blobs, store, meanwhile, collect } = await far();
    await blobs.put(digest, bytes);
    const linked: boolean[] = [];
    meanwhile.before = async () => {
      await blobs.put(digest, bytes);
      linked.push(await store.linkBlob('a', digest, bytes.length));
    };
    expect(await collect()).toMatchObject({ blobs: 1 });
    linked.push(await store.linkBlob('a', digest, bytes.length));
    expect(linked).toEqual([false, false]);
    expect(store.blobSize('a', digest)).toBeUndefined();
    await blobs.put(digest, bytes);
    expect(await store.linkBlob('a', digest, bytes.length)).toBe(true);
    expect(await blobs.read(digest)).toEqual(bytes);
  });

  test('is kept where the link came first', async () => {
    const { blobs, store, collect } = await far();
    await blobs.put(digest, bytes);
    expect(await store.linkBlob('a', digest, bytes.length)).toBe(true);
    expect(await collect()).toMatchObject({ blobs: 0 });
    expect(await blobs.read(digest)).toEqual(bytes);
  });

  test('is removed by one collection at a time', async () => {
    const { blobs, meanwhile, collect } = await far();
    await blobs.put(digest, bytes);
    let second: Collected | undefined;
    meanwhile.before = async () => {
      meanwhile.before = () => Promise.reject(new Error('a second removal'));
      second = await collect();
    };
    expect(await collect()).toMatchObject({ blobs: 1 });
    expect(second).toMatchObject({ blobs: 0 });
  });

  test('stays marked where it is not known whether it was removed, and a later collection ends it', async () => {
    const { db, blobs, store, meanwhile, collect } = await far();
    await blobs.put(digest, bytes);
    meanwhile.before = () => Promise.reject(new Error('no answer'));
    await expect(collect()).rejects.toThrow('no answer');
    expect(await store.linkBlob('a', digest, bytes.length)).toBe(false);
    delete meanwhile.before;
    expect(await collect()).toMatchObject({ blobs: 0 });
    db.run('UPDATE removals SET at_ms = 0');
    expect(await collect()).toMatchObject({ blobs: 1 });
    expect(db.all('SELECT * FROM removals')).toEqual([]);
  });
});

test('a manifest that is removed and pushed at once is there when it was acknowledged', async () => {
  const { blobs, store, meanwhile, collect } = await far();
  const manifest = manifestOf('{"schemaVersion":2,"manifests":[]}');
  await blobs.put(manifest.digest, manifest.bytes);
  let pushed: Promise<unknown> | undefined;
  meanwhile.before = () => {
    pushed = store.putManifest(manifest);
    return Promise.resolve();
  };
  await collect();
  expect(await pushed).toMatchObject({ kind: 'stored' });
  expect(await blobs.read(manifest.digest)).toEqual(manifest.bytes);
  expect(await collect()).toMatchObject({ blobs: 0 });
});

describe('the place of the blobs', () => {
  const open = (): Database => {
    const db = openDatabase(join(folderOfTest(), 'state.db'), registryMigrations);
    onTestFinished(() => db.close());
    return db;
  };
  const at = (db: Database, text: string): void => rememberBlobs(db, parseBlobAddress(text), text);

  test('is remembered; endpoint and region may change, the place may not', () => {
    const db = open();
    rememberBlobs(db, undefined);
    at(db, 's3://bucket/x?region=eu-west-1');
    at(db, 's3://bucket/x?region=eu-west-1&endpoint=https://s3.example');
    expect(rememberedBlobs(db)).toBe('s3://bucket/x?region=eu-west-1&endpoint=https://s3.example');
    expect(() => at(db, 's3://bucket/y?region=eu-west-1')).toThrow('The blobs of this registry are at s3://bucket/x/.');
    expect(() => rememberBlobs(db, undefined)).toThrow('at s3://bucket/x/');
  });

  test('is the folder where a registry without a place has blobs', () => {
    const db = open();
    db.run("INSERT INTO repositories (id, name) VALUES (1, 'a')");
    db.run("INSERT INTO blobs (repository, digest, size_bytes, linked_at_ms) VALUES (1, 'sha256:0', 1, 1)");
    rememberBlobs(db, undefined);
    expect(() => at(db, 'azure://account/container')).toThrow('in its folder');
  });
});
