// Scanner processes: layers read while they are written, what is no layer left alone, and a process that ends takes nothing with it.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeTar } from '@plombe/formats/testing';
import type { Digest } from '@plombe/model';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { networkContext } from '../../../../oci/src/testing/context.ts';
import { growingFile, layerSource, type Writer } from './growing.ts';
import { openScannerPool } from './pool.ts';
import { openScans } from './scans.ts';

const program = new URL('../../../../cli/src/main.ts', import.meta.url).pathname;
const layer = gzipSync(
  writeTar([
    { path: 'app/data', content: 'x'.repeat(300_000) },
    { path: 'etc/hosts', content: 'y' },
  ]),
  { level: 0 },
);
const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}` as Digest;

let folder = '';
let cache = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plombe-scanner-'));
  cache = join(folder, 'cache');
  mkdirSync(cache);
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function openPool(command = [process.execPath, program, 'gate', 'scanner', '--cache', cache]) {
  const pool = openScannerPool({ command, processes: 1 }, networkContext());
  onTestFinished(() => pool.close());
  return pool;
}

const records = (): readonly string[] =>
  readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}\./.test(name));

describe('a layer that is uploaded', () => {
  it('is read as soon as its last byte has come, and then kept', async () => {
    const path = join(folder, 'upload');
    writeFileSync(path, '');
    const task = openPool().layer(path);
    for (let at = 0; at < layer.length; at += 50_000) {
      appendFileSync(path, layer.subarray(at, at + 50_000));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    task.ended(true);
    const read = await task.read;
    expect(read?.digest).toBe(digest);
    read?.keep();
    await read?.kept;
    expect(records()).toHaveLength(1);
  });

  it.each([
    ['is given up', false, layer],
    ['is none', true, Buffer.from('{"architecture":"amd64"}')],
    ['is empty', true, Buffer.alloc(0)],
    ['is cut off', true, layer.subarray(0, 1000)],
  ])('leaves no record where it %s', async (_, complete, bytes) => {
    const path = join(folder, 'upload');
    writeFileSync(path, bytes);
    const task = openPool().layer(path);
    task.ended(complete);
    expect(await task.read).toBeUndefined();
    expect(records()).toHaveLength(0);
  });

  it('costs nothing where its file is not there', async () => {
    const task = openPool().layer(join(folder, 'absent'));
    task.ended(true);
    expect(await task.read).toBeUndefined();
  });
});

describe('uploads that stand still (T35)', () => {
  const stalled = (pool: ReturnType<typeof openPool>): void => {
    for (let i = 0; i < 6; i++) {
      writeFileSync(join(folder, `stalled${i}`), layer.subarray(0, 1000));
      pool.layer(join(folder, `stalled${i}`));
    }
  };

  it('hold up no layer of others', async () => {
    const pool = openPool();
    stalled(pool);
    const path = join(folder, 'upload');
    writeFileSync(path, layer);
    const task = pool.layer(path);
    task.ended(true);
    // Whether it was read ahead or given back does not matter: whoever waits for it goes on.
    expect([digest, undefined]).toContain((await task.read)?.digest);
  });
});

describe('a process that ends', () => {
  const ending = [process.execPath, '-e', 'process.once("message", () => process.exit(1))'];

  it('takes only its own tasks along', async () => {
    const pool = openPool(ending);
    expect(await pool.layer(join(folder, 'x')).read).toBeUndefined();
    const task = { registry: 'r', repository: 'a', digest, mediaType: '', manifest: layer, config: layer, layers: [] };
    await expect(pool.inventory(task)).rejects.toMatchObject({ code: 'archive/limit' });
  });

  it('does not hold up an upload', async () => {
    const scans = openScans(
      { cache: { cacheDirectory: cache }, pool: { command: ending, processes: 1 } },
      networkContext(),
    );
    onTestFinished(() => scans.close());
    const done = Promise.withResolvers<Digest | undefined>();
    scans.observe({ repository: 'a', path: join(folder, 'x'), done: done.promise, size: () => 0 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    done.resolve(digest);
    await expect(done.promise).resolves.toBe(digest);
  });
});

describe('a growing file', () => {
  const { signal } = new AbortController();
  const read = async (writer: Writer): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(growingFile(join(folder, 'upload'), writer, signal)));

  it('is read whole, whenever it ends', async () => {
    const writer: Writer = { state: 'writing' };
    writeFileSync(join(folder, 'upload'), 'first');
    const all = read(writer);
    setTimeout(() => {
      appendFileSync(join(folder, 'upload'), ' second');
      writer.state = 'complete';
    }, 20);
    expect((await all).toString()).toBe('first second');
  });

  it('throws where its writer gives up', async () => {
    writeFileSync(join(folder, 'upload'), 'first');
    await expect(read({ state: 'abandoned' })).rejects.toThrow('given up');
  });

  it('gives the bytes that it looked at along', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (const byte of layer.subarray(0, 600)) yield await Promise.resolve(Uint8Array.of(byte));
    }
    const source = await layerSource(pieces());
    expect(Buffer.concat(await Array.fromAsync(source ?? []))).toEqual(layer.subarray(0, 600));
  });
});
