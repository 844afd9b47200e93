import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageWith, push } from '../gate/testing/push.ts';
import { scannedPolicy, signedPolicy, statusOf } from '../gate/testing/policies.ts';
import { startStage } from '../gate/testing/stage.ts';
import { developer, digestOf, everything, imageManifest, reader } from '../registry/testing/server.ts';
import { defaultFarConfig } from './config.ts';
import { gone, startFaultyLine } from './testing/fault.ts';
import { startFront, startPlombe } from './testing/front.ts';
import { createRegistryClient } from '@plombe/oci';

const prefix = { prefix: 'hub', isCache: true, tagTtlMs: 60_000 } as const;

async function startCache(link = {}) {
  const behind = await startPlombe();
  const line = await startFaultyLine(behind.url);
  let offsetMs = 0;
  const nowMs = (): number => Date.now() + offsetMs;
  const front = await startFront(line.host, { link: { ...prefix, ...link }, nowMs });
  return { behind, line, front, advance: (ms: number) => void (offsetMs += ms) };
}

describe('a cache of another registry', () => {
  test('is filled by one pull, however many ask, and serves by itself from then on', async () => {
    const { behind, line, front } = await startCache();
    const digest = await behind.pushImage('library/app', '1', 'cached');
    const path = '/v2/hub/library/app/manifests/1';
    const replies = await Promise.all(Array.from({ length: 20 }, () => front.ask('GET', path, { as: reader })));
    expect(new Set(replies.map(({ status, body }) => `${status} ${digestOf(body)}`))).toEqual(
      new Set([`200 ${digest}`]),
    );
    const gets = line.requests.filter((one) => one.startsWith('GET '));
    expect(new Set(gets).size).toBe(gets.length);
    line.fault = gone;
    expect((await front.ask('GET', path, { as: reader })).status).toBe(200);
    for (const blob of imageManifest('cached').blobs)
      expect((await front.ask('GET', `/v2/hub/library/app/blobs/${digestOf(blob)}`, { as: reader })).body).toEqual(
        blob,
      );
  });

  test('asks for a tag again when its time is over, and serves the old one only where the setting says so', async () => {
    for (const offline of [true, false]) {
      const { behind, line, front, advance } = await startCache({ offline: () => offline });
      const first = await behind.pushImage('library/app', '1', 'first');
      const ask = () => front.ask('HEAD', '/v2/hub/library/app/manifests/1', { as: reader });
      expect((await ask()).headers['docker-content-digest']).toBe(first);
      const second = await behind.pushImage('library/app', '1', 'second');
      expect((await ask()).headers['docker-content-digest']).toBe(first);
      advance(61_000);
      expect((await ask()).headers['docker-content-digest']).toBe(second);
      advance(61_000);
      line.fault = gone;
      const late = await ask();
      expect([late.status, late.headers['docker-content-digest']]).toEqual(offline ? [200, second] : [503, undefined]);
    }
  });

  test('takes no pushes, is in no list of repositories, and leaves other repositories alone', async () => {
    const { line, front } = await startCache();
    const begun = await front.ask('POST', '/v2/hub/library/app/blobs/uploads/', { as: developer });
    expect([begun.status, begun.code]).toEqual([403, 'DENIED']);
    await front.pushImage('own/app', '1', 'own', developer);
    expect((await front.ask('GET', '/v2/own/app/manifests/1', { as: reader })).status).toBe(200);
    expect(line.requests).toEqual([]);
    const catalog = await front.ask('GET', '/v2/_catalog', { as: reader });
    expect(JSON.parse(catalog.body.toString())).toEqual({ repositories: ['own/app'] });
    // Deleting is about the copy here.
    expect((await front.ask('DELETE', '/v2/hub/library/app/manifests/1', { as: everything })).status).toBe(404);
    expect(line.requests.some((one) => one.startsWith('DELETE'))).toBe(false);
  });

  test('waits no longer than it may; the work goes on', async () => {
    const { behind, line, front } = await startCache({ waitMs: 50 });
    await behind.pushImage('library/app', '1', 'slow');
    const held = Promise.withResolvers<void>();
    let isHeld = false;
    line.fault = (request, response) => {
      if (isHeld || request.url?.includes('/blobs/') !== true || request.method !== 'GET') return false;
      isHeld = true;
      const [config = Buffer.alloc(0), layer = Buffer.alloc(0)] = imageManifest('slow').blobs;
      const bytes = request.url.endsWith(digestOf(config)) ? config : layer;
      void held.promise.then(() => response.writeHead(200, { 'content-length': bytes.length }).end(bytes));
      return true;
    };
    const path = '/v2/hub/library/app/manifests/1';
    const early = await front.ask('GET', path, { as: reader });
    expect([early.status, early.headers['retry-after']]).toEqual([503, '5']);
    held.resolve();
    await expect.poll(async () => (await front.ask('GET', path, { as: reader })).status).toBe(200);
  });

  test('a copy that went for want of room is fetched again', async () => {
    const { behind, front } = await startCache();
    await behind.pushImage('library/app', '1', 'again');
    await front.ask('GET', '/v2/hub/library/app/manifests/1', { as: reader });
    const [config = Buffer.alloc(0), layer = Buffer.alloc(0)] = imageManifest('again').blobs;
    for (const blob of [config, layer]) rmSync(join(front.folder, 'layout/blobs', digestOf(blob).replace(':', '/')));
    const path = `/v2/hub/library/app/blobs/${digestOf(layer)}`;
    expect((await front.ask('GET', path, { as: reader })).body).toEqual(layer);
    const part = await front.ask('GET', path, { as: reader, headers: { range: 'bytes=2-4' } });
    expect([part.status, part.body.toString()]).toEqual([206, 'yer']);
  });
});

test('an image is scanned before the first byte of its manifest is served', async () => {
  const behind = await startPlombe();
  const line = await startFaultyLine(behind.url);
  const links = [
    { ...prefix, origin: new URL(`http://${line.host}`), prefix: 'prod', waitMs: 50_000, offline: () => false },
  ];
  const stage = await startStage({
    policies: { 'gate.yaml': scannedPolicy },
    serve: { upstream: { links, network: {}, spoolBytes: 2 ** 30 } },
  });
  const past = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, stage.ctx);
  const { host } = new URL(behind.url);
  await push(past, host, 'library/good', imageWith('4.17.21'), '1');
  const bad = await push(past, host, 'library/bad', imageWith('4.17.4'), '1');
  expect(await statusOf(stage, 'prod/library/good', '1')).toBe(200);
  expect(await statusOf(stage, 'prod/library/bad', '1')).toBe(403);
  expect(await stage.records(bad)).toEqual(['push rejected']);
  await stage.gate.settled();
  // Evidence stays here.
  expect(line.requests.some((one) => /^(?:PUT|POST|PATCH)/.test(one))).toBe(false);
  const asked = line.requests.length;
  expect(await statusOf(stage, 'prod/library/bad', bad)).toBe(403);
  expect(line.requests.slice(asked).every((one) => one.includes(bad))).toBe(true);
  expect(readdirSync(join(stage.folder, 'data/uploads'))).toEqual([]);
});

test('what is to be signed is named where it can be signed', async () => {
  const behind = await startPlombe();
  const { host } = new URL(behind.url);
  const links = [{ ...defaultFarConfig.front, ...prefix, origin: new URL(behind.url), isCache: true }];
  const stage = await startStage({
    policies: { 'gate.yaml': signedPolicy.replace('prod/**', 'hub/**') },
    signers: ['ops'],
    serve: { upstream: { links, network: {}, spoolBytes: 2 ** 30 } },
  });
  const past = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, stage.ctx);
  const digest = await push(past, host, 'library/app', imageWith('4.17.21'), '1');
  const answer = await stage.get('/v2/hub/library/app/manifests/1', 'reader');
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining(`plombe sign ${host}/library/app@${digest} --key`) as string,
  ]);
  past.close();
});
