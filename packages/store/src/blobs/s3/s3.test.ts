// S3, held to the contract of all stores, and what only it does; over moto.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mebibyte } from '@plombe/kit';
import { parseBlobAddress } from '../address.ts';
import { describeBlobStore, digestOf } from '../contract.ts';
import { openTestBlobs } from '../testing/access.ts';
import { hasObjectStore, startMoto, type TestObjectStore } from '../testing/object-stores.ts';
import { openS3Objects } from './s3.ts';

const clock = { nowMs: () => Date.now() };
const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };

describe.skipIf(!hasObjectStore('moto_server'))('S3', () => {
  describeBlobStore('a bucket', async () => {
    const store = await startMoto();
    const address = await store.address('contract');
    return {
      open: (folder) => openTestBlobs(address, store.environment, { folder }),
      stop: () => store.stop(),
    };
  });

  describe('besides', () => {
    let store: TestObjectStore;
    let address: string;
    const folder = mkdtempSync(join(tmpdir(), 'plombe-s3-'));
    beforeAll(async () => {
      store = await startMoto();
      address = await store.address('besides');
    });
    afterAll(async () => {
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test('parts are nothing until the upload is completed; those of a killed process are removed', async () => {
      const parsed = parseBlobAddress(address);
      if (parsed.kind !== 's3') throw new Error('not of S3');
      const objects = await openS3Objects(parsed, credentials, {}, { clock });
      const part = randomBytes(5 * mebibyte);
      const upload = await objects.begin('blobs/x', 6 * mebibyte, 5 * mebibyte);
      await upload.add({ index: 1, bytes: part.subarray(0, mebibyte) });
      await upload.add({ index: 0, bytes: part });
      expect(await objects.stat('blobs/x')).toBeUndefined();
      await upload.complete(2);
      expect(await objects.stat('blobs/x')).toMatchObject({ sizeBytes: 6 * mebibyte });

      await (await objects.begin('blobs/y', 6 * mebibyte, 5 * mebibyte)).add({ index: 0, bytes: part });
      const client = new S3Client({
        endpoint: parsed.endpoint.href,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials,
      });
      const unfinished = async (): Promise<number> =>
        (await client.send(new ListMultipartUploadsCommand({ Bucket: 'besides' }))).Uploads?.length ?? 0;
      await objects.removeUnfinished(Date.parse('2001-01-01'));
      expect(await unfinished()).toBe(1);
      await objects.removeUnfinished(Date.parse('2101-01-01'));
      expect(await unfinished()).toBe(0);
      client.destroy();
    });

    test('an address for one blob, for a short time', async () => {
      const blobs = await openTestBlobs(address, store.environment, { folder, redirects: true });
      const bytes = randomBytes(1000);
      const digest = digestOf(bytes);
      await blobs.put(digest, bytes);
      const url = await blobs.redirect?.(digest);
      if (url === undefined) throw new Error('no address');
      const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
      expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([206, bytes.subarray(10, 20)]);
      expect(url.searchParams.get('X-Amz-Expires')).toBe('600');
      expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    });

    test('what is wrong is told at start', async () => {
      const absent = address.replace('//besides/', '//absent/');
      await expect(openTestBlobs(absent, store.environment, { folder })).rejects.toMatchObject({
        code: 'store/unreachable',
        message: 's3://absent/plombe/ answered 404 NoSuchBucket.',
      });
      await expect(openTestBlobs(address, {}, { folder })).rejects.toMatchObject({ code: 'config/invalid' });
    });
  });
});
