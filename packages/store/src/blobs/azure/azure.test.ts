// Azure Blob Storage, held to the contract of all stores, and what only it does; over Microsoft's emulator.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  ContainerClient,
  generateAccountSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mebibyte } from '@plombe/kit';
import { parseBlobAddress } from '../address.ts';
import { describeBlobStore, digestOf } from '../contract.ts';
import { openTestBlobs } from '../testing/access.ts';
import { hasObjectStore, startAzurite, type TestObjectStore } from '../testing/object-stores.ts';
import { openAzureObjects } from './azure.ts';

const clock = { nowMs: () => Date.now() };

describe.skipIf(!hasObjectStore('azurite-blob'))('Azure Blob Storage', () => {
  describeBlobStore('a container', async () => {
    const store = await startAzurite();
    const address = await store.address('contract');
    return {
      open: (folder) => openTestBlobs(address, store.environment, { folder }),
      stop: () => store.stop(),
    };
  });

  describe('besides', () => {
    let store: TestObjectStore;
    let address: string;
    const folder = mkdtempSync(join(tmpdir(), 'plombe-azure-'));
    const key = (): string => store.environment['AZURE_STORAGE_KEY'] ?? '';
    beforeAll(async () => {
      store = await startAzurite();
      address = await store.address('besides');
    });
    afterAll(async () => {
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const shared = (): StorageSharedKeyCredential => new StorageSharedKeyCredential('devstoreaccount1', key());
    const accountSas = (): string =>
      generateAccountSASQueryParameters(
        {
          expiresOn: new Date(clock.nowMs() + 600_000),
          permissions: AccountSASPermissions.parse('rwdlc'),
          resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
          services: AccountSASServices.parse('b').toString(),
          protocol: SASProtocol.HttpsAndHttp,
        },
        shared(),
      ).toString();

    test('blocks are nothing until their list is committed, and then all of it at once', async () => {
      const parsed = parseBlobAddress(address);
      if (parsed.kind !== 'azure') throw new Error('not of Azure');
      const objects = await openAzureObjects(parsed, { key: key() }, {}, { clock });
      const part = randomBytes(mebibyte);
      const upload = await objects.begin('blobs/x', 2 * mebibyte, mebibyte);
      await upload.add({ index: 1, bytes: part });
      await upload.add({ index: 0, bytes: part });
      expect(await objects.stat('blobs/x')).toBeUndefined();
      expect(await objects.get('blobs/x')).toBeUndefined();
      await upload.complete(2);
      expect(await objects.stat('blobs/x')).toMatchObject({ sizeBytes: 2 * mebibyte });
      await expect((await objects.begin('blobs/y', mebibyte, mebibyte)).complete(1)).rejects.toMatchObject({
        code: 'store/unreachable',
      });
    });

    test('an address for one blob, to read it and nothing else, for a short time', async () => {
      const blobs = await openTestBlobs(address, store.environment, { folder, redirects: true });
      const bytes = randomBytes(1000);
      const digest = digestOf(bytes);
      await blobs.put(digest, bytes);
      const url = await blobs.redirect?.(digest);
      if (url === undefined) throw new Error('no address');
      const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
      expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([206, bytes.subarray(10, 20)]);
      expect([url.searchParams.get('sp'), url.searchParams.get('sr')]).toEqual(['r', 'b']);
      const lifeMs = Date.parse(url.searchParams.get('se') ?? '') - clock.nowMs();
      expect(lifeMs).toBeLessThanOrEqual(600_000);
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
      const other = new URL(url);
      other.pathname = other.pathname.replace(/[0-9a-f]{64}$/, '0'.repeat(64));
      expect((await fetch(other)).status).toBe(403);
    });

    test('a SAS opens the store, and is never handed on', async () => {
      const blobs = await openTestBlobs(
        address,
        { AZURE_STORAGE_SAS_TOKEN: accountSas() },
        { folder, redirects: true },
      );
      const bytes = randomBytes(9 * mebibyte);
      const upload = blobs.stage('by-sas', 'sha256');
      await upload.append(
        (async function* () {
          yield Uint8Array.from(bytes);
        })(),
      );
      expect(await upload.commit(digestOf(bytes))).toMatchObject({ kind: 'stored' });
      expect((await blobs.stat(digestOf(bytes)))?.sizeBytes).toBe(bytes.length);
      expect(await blobs.redirect?.(digestOf(bytes))).toBeUndefined();
    });

    test('what is wrong is told at start, without a secret', async () => {
      const wrong = Buffer.from('wrong').toString('base64');
      await expect(openTestBlobs(address, { AZURE_STORAGE_KEY: wrong }, { folder })).rejects.toMatchObject({
        code: 'store/unreachable',
        message: 'azure://devstoreaccount1/besides/plombe/ answered 403 AuthorizationFailure.',
      });
      const absent = address.replace('/besides/', '/absent/');
      await expect(openTestBlobs(absent, store.environment, { folder })).rejects.toMatchObject({
        code: 'store/unreachable',
        message: expect.stringContaining('404 ContainerNotFound') as string,
      });
      await expect(openTestBlobs(address, {}, { folder })).rejects.toMatchObject({ code: 'config/invalid' });
      const sas = `${accountSas()}x`;
      const failure = await openTestBlobs(address, { AZURE_STORAGE_SAS_TOKEN: sas }, { folder }).catch(String);
      expect(failure).not.toContain('sig=');
    });

    test('others’ objects in the container are no blobs', async () => {
      const { endpoint } = parseBlobAddress(address);
      const container = new ContainerClient(`${endpoint.href}/besides`, shared());
      await container.getBlockBlobClient('plombe/blobs/sha256/short').upload('x', 1);
      await container.getBlockBlobClient(`blobs/sha256/${'0'.repeat(64)}`).upload('x', 1);
      const blobs = await openTestBlobs(address, store.environment, { folder });
      for await (const { digest } of blobs.list()) expect(digest).not.toMatch(/0{64}|short/);
    });

    test('copies are files for as long as somebody needs them', async () => {
      const blobs = await openTestBlobs(address, store.environment, { folder });
      const all = [randomBytes(100), randomBytes(3 * mebibyte), randomBytes(50)];
      const digests = all.map((bytes) => digestOf(bytes));
      for (const bytes of all) await blobs.put(digestOf(bytes), bytes);
      const held = (): readonly (number | undefined)[] =>
        digests.map((digest) => {
          const path = join(folder, 'layout', 'blobs', ...digest.split(':'));
          return existsSync(path) ? readFileSync(path).length : undefined;
        });
      const [first = digestOf(Buffer.of())] = digests;
      await Promise.all([blobs.fetch?.('a', [...digests, first]), blobs.fetch?.('a', [first])]);
      expect(held()).toEqual([100, 3 * mebibyte, 50]);
      blobs.release?.([...digests, first]);
      expect(held()).toEqual([100, undefined, undefined]);
      blobs.release?.([first]);
      expect(held()).toEqual([undefined, undefined, undefined]);
      await expect(blobs.fetch?.('a', [...digests, digestOf(randomBytes(1))])).rejects.toMatchObject({
        code: 'ENOENT',
      });
      expect(held()).toEqual([undefined, undefined, undefined]);
      await blobs.fetch?.('a', [first]);
      await blobs.removeStale(Number.MAX_SAFE_INTEGER);
      expect(held()).toEqual([undefined, undefined, undefined]);
    });

    test('a token goes to hosts of Azure only', async () => {
      const token = (): Promise<never> => Promise.reject(new Error('not asked'));
      for (const endpoint of [
        'https://evil.example',
        'https://blob.core.windows.net.evil.example',
        'http://localhost:1',
      ]) {
        const parsed = parseBlobAddress(`azure://account/container?endpoint=${endpoint}`);
        if (parsed.kind !== 'azure') throw new Error('not of Azure');
        await expect(openAzureObjects(parsed, { token }, {}, { clock })).rejects.toMatchObject({
          code: 'config/invalid',
        });
      }
    });
  });
});
