// A registry whose blobs are in an object store, through the program itself: pushing, pulling, redirects, collection, and a kill at any time.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasObjectStore, startAzurite, startMoto, type TestObjectStore } from '@plombe/store/testing';
import { startGateProgram, type Said } from './support/gate.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';
import { makeRobot, startServe, type ServeProcess } from './support/server.ts';

const mebibyte = 2 ** 20;
/** Several starts of the program, from source where there is no build. */
const timeout = 240_000;
const imageType = 'application/vnd.oci.image.manifest.v1+json';

interface Registry {
  readonly home: string;
  readonly data: string;
  readonly url: string;
  readonly server: ServeProcess;
  readonly ask: (
    method: string,
    path: string,
    body?: Uint8Array | string,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** Pushes by POST, PATCH and PUT, as most clients do; returns the status of the last. */
  readonly pushBlob: (bytes: Uint8Array) => Promise<number>;
}

const digestOf = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function serve(
  store: TestObjectStore,
  address: string,
  begun: { readonly home?: string; readonly args?: readonly string[]; readonly authorization?: string } = {},
): Promise<Registry & { readonly authorization: string }> {
  const home = begun.home ?? temporaryFolder();
  const data = join(home, 'data');
  const authorization = begun.authorization ?? (await makeRobot(data, home, 'ci', 'pull,push,delete')).authorization;
  const args = ['--plain-http', '--blobs', address, ...(begun.args ?? [])];
  const server = await startServe(data, { home, env: store.environment, args });
  const ask: Registry['ask'] = (method, path, body, headers = {}) =>
    fetch(new URL(path, server.url), {
      method,
      redirect: 'manual',
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return {
    home,
    data,
    url: server.url,
    server,
    authorization,
    ask,
    pushBlob: async (bytes) => {
      const begin = await ask('POST', '/v2/app/blobs/uploads/');
      const patch = await ask('PATCH', begin.headers.get('location') ?? '', bytes);
      const put = await ask('PUT', `${patch.headers.get('location') ?? ''}?digest=${digestOf(bytes)}`);
      return put.status;
    },
  };
}

async function pushImage({ ask, pushBlob }: Registry, layer: Uint8Array, tag: string): Promise<string> {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
  );
  expect([await pushBlob(config), await pushBlob(layer)]).toEqual([201, 201]);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(layer), size: layer.length }],
  });
  expect((await ask('PUT', `/v2/app/manifests/${tag}`, manifest, { 'content-type': imageType })).status).toBe(201);
  return digestOf(manifest);
}

const stores = [
  ['azurite-blob', startAzurite],
  ['moto_server', startMoto],
] as const;

describe.each(stores)('blobs in %s', (program, start) => {
  const isThere = hasObjectStore(program);
  let store: TestObjectStore;
  let serial = 0;
  const nextAddress = (): Promise<string> => store.address(`test-${(serial += 1)}`);
  beforeAll(async () => {
    if (isThere) store = await start();
  });
  afterAll(async () => {
    if (isThere) await store.stop();
  });

  test.skipIf(!isThere)(
    'are pushed and pulled; nothing of them stays in the folder; a restart finds all',
    { timeout },
    async () => {
      const address = await nextAddress();
      const first = await serve(store, address);
      const layer = randomBytes(9 * mebibyte);
      const manifest = await pushImage(first, layer, '1');
      const { data, home, authorization } = first;
      expect(readdirSync(join(data, 'uploads'))).toEqual([]);
      expect(existsSync(join(data, 'layout', 'blobs'))).toBe(false);
      expect(readFileSync(join(data, 'layout', 'index.json'), 'utf8')).toContain(manifest);
      expect(await first.server.end('SIGTERM')).toEqual([0, null]);

      const { ask } = await serve(store, address, { home, authorization });
      const pulled = await ask('GET', '/v2/app/manifests/1');
      expect(digestOf(Buffer.from(await pulled.arrayBuffer()))).toBe(manifest);
      const whole = await ask('GET', `/v2/app/blobs/${digestOf(layer)}`);
      expect(whole.status).toBe(200);
      expect(digestOf(Buffer.from(await whole.arrayBuffer()))).toBe(digestOf(layer));
      const part = await ask('GET', `/v2/app/blobs/${digestOf(layer)}`, undefined, { range: 'bytes=5000000-5000099' });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(layer.subarray(5_000_000, 5_000_100));
      expect((await ask('GET', `/v2/app/blobs/${digestOf('absent')}`)).status).toBe(404);
    },
  );

  test.skipIf(!isThere)(
    'are fetched from the store itself with --redirect-blobs, by those who may pull',
    { timeout },
    async () => {
      const { ask, pushBlob, url } = await serve(store, await nextAddress(), { args: ['--redirect-blobs'] });
      const bytes = randomBytes(1000);
      await pushBlob(bytes);
      const answer = await ask('GET', `/v2/app/blobs/${digestOf(bytes)}`);
      expect(answer.status).toBe(307);
      const elsewhere = await fetch(answer.headers.get('location') ?? '');
      expect(Buffer.from(await elsewhere.arrayBuffer())).toEqual(bytes);
      const anonymous = await fetch(new URL(`/v2/app/blobs/${digestOf(bytes)}`, url), { redirect: 'manual' });
      expect([anonymous.status, anonymous.headers.get('location')]).toEqual([401, null]);
      expect((await ask('HEAD', `/v2/app/blobs/${digestOf(bytes)}`)).status).toBe(200);
    },
  );

  test.skipIf(!isThere)(
    'are collected where the database says they are; another place is refused',
    { timeout },
    async () => {
      const address = await nextAddress();
      const registry = await serve(store, address);
      const layer = randomBytes(2000);
      await pushImage(registry, layer, '1');
      const kept = randomBytes(2000);
      await pushImage(registry, kept, '2');
      expect((await registry.ask('DELETE', '/v2/app/manifests/1')).status).toBe(202);
      const { home, data, authorization } = registry;
      const rules = join(home, 'rules.yaml');
      writeFileSync(
        rules,
        'apiVersion: plombe/v1\nkind: RegistryConfig\ngarbageCollection: { grace: 1s }\nretention: [{ repositories: ["**"], untaggedAfter: 1s }]\n',
      );
      // So that what was pushed is older than the grace; stores tell whole seconds.
      await sleep(3000);
      const plombe = installed(home);
      const collect = ['registry', 'gc', '--data', data, '--registry-config', rules, '-o', 'json'];
      const without = await plombe(collect);
      expect([without.code, without.stderr.includes('There are no credentials')]).toEqual([2, true]);
      const collected = await plombe(collect, { env: store.environment });
      expect(collected, collected.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(collected.stdout)).toMatchObject({ manifests: 1, blobs: 2 });
      expect((await registry.ask('GET', `/v2/app/blobs/${digestOf(layer)}`)).status).toBe(404);
      expect((await registry.ask('GET', `/v2/app/blobs/${digestOf(kept)}`)).status).toBe(200);
      expect((await registry.ask('GET', '/v2/app/manifests/2')).status).toBe(200);

      await registry.server.end('SIGTERM');
      const elsewhere = serve(store, await nextAddress(), { home, authorization });
      await expect(elsewhere).rejects.toThrow('config/invalid');
      await expect(startServe(data, { home })).rejects.toThrow('The blobs of this registry are at');
    },
  );

  test.skipIf(!isThere)(
    'survive kill -9 at any time: what was acknowledged is there, and nothing else is seen',
    async () => {
      const address = await nextAddress();
      let registry = await serve(store, address);
      const { home, authorization } = registry;
      const acknowledged = new Map<string, number>();
      const begun = new Set<string>();
      for (const after of [1, 3, 5]) {
        const { pushBlob, server } = registry;
        let isOver = false;
        let left = after;
        const enough = Promise.withResolvers<void>();
        const clients = Array.from({ length: 4 }, async (_, index) => {
          while (!isOver) {
            const bytes = randomBytes(index % 2 === 0 ? 40_000 : 17 * mebibyte);
            const digest = digestOf(bytes);
            begun.add(digest);
            const status = await pushBlob(bytes).catch(() => 0);
            if (status !== 201) continue;
            acknowledged.set(digest, bytes.length);
            left -= 1;
            if (left === 0) enough.resolve();
          }
        });
        // While the others are in the middle of theirs.
        await enough.promise;
        const killed = server.end('SIGKILL');
        isOver = true;
        await killed;
        await Promise.all(clients);
        registry = await serve(store, address, { home, authorization });
      }
      const { ask } = registry;
      for (const digest of begun) {
        const answer = await ask('GET', `/v2/app/blobs/${digest}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        expect([200, 404]).toContain(answer.status);
        if (answer.status === 200) expect(digestOf(bytes)).toBe(digest);
        if (acknowledged.has(digest)) expect(answer.status).toBe(200);
      }
      expect(acknowledged.size).toBeGreaterThanOrEqual(9);
    },
  );

  test.skipIf(!isThere)('go on with an upload that a killed server had begun', { timeout }, async () => {
    const address = await nextAddress();
    const first = await serve(store, address);
    const bytes = randomBytes(10 * mebibyte);
    const begin = await first.ask('POST', '/v2/app/blobs/uploads/');
    const patch = await first.ask('PATCH', begin.headers.get('location') ?? '', bytes.subarray(0, 6 * mebibyte));
    expect(patch.status).toBe(202);
    await first.server.end('SIGKILL');
    const { ask } = await serve(store, address, { home: first.home, authorization: first.authorization });
    const location = patch.headers.get('location') ?? '';
    expect((await ask('GET', location)).headers.get('range')).toBe(`0-${6 * mebibyte - 1}`);
    const rest = bytes.subarray(6 * mebibyte);
    expect((await ask('PUT', `${location}?digest=${digestOf(bytes)}`, rest)).status).toBe(201);
    const answer = await ask('GET', `/v2/app/blobs/${digestOf(bytes)}`);
    expect(digestOf(Buffer.from(await answer.arrayBuffer()))).toBe(digestOf(bytes));
  });
});

describe.skipIf(!hasObjectStore('azurite-blob') || !hasProgram('skopeo'))('a gate over blobs elsewhere', () => {
  test('judges images by layers that were read while they came, and by those in the store', { timeout }, async () => {
    const store = await startAzurite();
    onTestFinished(() => store.stop());
    const policy =
      'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: scanned}\nspec: {select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}}\n';
    const args = ['--blobs', await store.address('gate')];
    const gate = await startGateProgram({ 'scanned.yaml': policy }, [], undefined, { args, env: store.environment });
    const copying = ['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false'];
    const push = (name: string, to: string): Promise<Said> =>
      gate.say('pusher', 'skopeo', ...copying, `oci:${gate.layout}:${name}`, `docker://${gate.host}/${to}`);
    expect(await push('clean', 'prod/app:1')).toMatchObject({ ok: true });
    const refused = await push('bad', 'prod/app:2');
    expect(refused.ok).toBe(false);
    expect(refused.text).toContain('denied: plombe: vulnerabilities: ');
    expect(await gate.status('reader', 'prod/app', '1')).toBe(200);
    expect(await gate.status('reader', 'prod/app', '2')).toBe(404);
    await gate.end('SIGTERM');
    await gate.start();
    expect(await gate.status('reader', 'prod/app', '1')).toBe(200);
    // Without the records of its layers, which are in the store and not pushed again.
    rmSync(join(gate.home, 'data', 'cache'), { recursive: true });
    expect((await push('bad', 'prod/app:3')).text).toContain('denied: plombe: vulnerabilities: ');
    expect(await push('clean', 'prod/app:4')).toMatchObject({ ok: true });
    // Nothing that was fetched for a scan stays.
    expect(readdirSync(join(gate.home, 'data', 'uploads'))).toEqual([]);
    expect(readdirSync(join(gate.home, 'data', 'layout', 'blobs', 'sha256'))).toEqual([]);
  });
});

describe.skipIf(!hasObjectStore('moto_server'))('a store that fails', () => {
  test('is answered 500 and told in the log; nothing is taken for stored', { timeout }, async () => {
    const store = await startMoto();
    onTestFinished(() => store.stop());
    const registry = await serve(store, await store.address('failing'));
    const [before, after] = [randomBytes(1000), randomBytes(1000)];
    expect(await registry.pushBlob(before)).toBe(201);
    await store.stop();
    expect(await registry.pushBlob(after)).toBe(500);
    expect((await registry.ask('HEAD', `/v2/app/blobs/${digestOf(after)}`)).status).toBe(404);
    expect(readdirSync(join(registry.data, 'uploads'))).toEqual([]);
    expect(registry.server.stderr()).toContain('s3://failing/plombe/ ');
    expect(registry.server.stderr()).not.toContain('test-secret');
  });
});

describe('what the flags say wrongly', () => {
  test.each([
    [['--blobs', 'gs://bucket'], 'is no address of an object store'],
    [['--blobs', 'azure://account/container?sv=1&sig=verysecret'], 'has the parameter sv'],
    [['--blobs', 's3://bucket?region=eu-west-1'], 'There are no credentials for the bucket bucket'],
    [
      ['--blobs', 's3://bucket?endpoint=http://127.0.0.1:1', '--upstream', 'http://127.0.0.1:2'],
      'does not go with --upstream',
    ],
    [['--redirect-blobs'], '--redirect-blobs belongs to blobs elsewhere'],
  ])('%j', async (args, says) => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'data'));
    const failure = await startServe(join(home, 'data'), { home, args: ['--plain-http', ...args] }).catch(String);
    expect(failure).toContain(says);
    expect(failure).not.toContain('verysecret');
  });
});
