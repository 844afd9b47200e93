import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { createRegistryClient, type RegistryClient } from '@plombe/oci';
import { imageWith, indexOf, push } from '../gate/testing/push.ts';
import { policyText, scannedPolicy, sign, signedPolicy, statusOf, tagsOf } from '../gate/testing/policies.ts';
import { startStage, type Stage } from '../gate/testing/stage.ts';
import { digestOf, type TestServer } from '../registry/testing/server.ts';
import { defaultFarConfig } from './config.ts';
import { gone, startFaultyLine, type FaultyLine } from './testing/fault.ts';
import { startPlombe } from './testing/front.ts';

const signal = new AbortController().signal;

interface Front {
  readonly stage: Stage;
  readonly behind: TestServer;
  /** A client of the registry behind, past the gate. */
  readonly past: RegistryClient;
  readonly host: string;
  readonly line: FaultyLine;
}

/** A gate in front of a registry that lets everybody do everything. */
async function startGate(policy: string): Promise<Front> {
  const behind = await startPlombe();
  const { host } = new URL(behind.url);
  const line = await startFaultyLine(behind.url);
  const links = [{ ...defaultFarConfig.front, origin: new URL(`http://${line.host}`), isCache: false }];
  const stage = await startStage({
    policies: { 'gate.yaml': policy },
    signers: ['ops'],
    serve: { upstream: { links, network: {}, spoolBytes: 1, tidyEveryMs: 200 } },
  });
  const past = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, stage.ctx);
  return { stage, behind, past, host, line };
}

async function behindHas({ behind }: Front, repository: string, reference: string): Promise<boolean> {
  return (await behind.ask('GET', `/v2/${repository}/manifests/${reference}`)).status === 200;
}

async function referrersBehind({ past, host }: Front, repository: string, digest: Digest): Promise<number> {
  const found = await past.listReferrers({ registry: host, repository }, digest, { signal, maxEntries: 100 });
  return found.descriptors.length;
}

describe('pushes', () => {
  test('what is allowed goes there with its evidence, what is rejected does not', async () => {
    const front = await startGate(scannedPolicy);
    const { stage } = front;
    const good = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.21'), '1');
    expect(await behindHas(front, 'prod/app', '1')).toBe(true);
    await stage.gate.settled();
    expect(await referrersBehind(front, 'prod/app', good)).toBeGreaterThan(0);
    const bad = imageWith('4.17.4');
    await expect(push(stage.client('pusher'), stage.host, 'prod/app', bad, '2')).rejects.toThrow();
    expect(await behindHas(front, 'prod/app', '2')).toBe(false);
    expect(await behindHas(front, 'prod/app', bad.digest)).toBe(false);
    expect(await statusOf(stage, 'prod/app', bad.digest)).toBe(404);
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  });

  test.each(['bundle', 'tag'] as const)(
    'quarantine is here alone, with its signatures (%s), until it is released',
    async (format) => {
      const front = await startGate(signedPolicy);
      const { stage } = front;
      const digest = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.21'), '1');
      expect(await behindHas(front, 'prod/app', digest)).toBe(false);
      expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
      expect(await statusOf(stage, 'prod/app', '1', 'signer')).toBe(200);
      const signature = await sign(stage, 'prod/app', digest, { format });
      expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
      expect(await behindHas(front, 'prod/app', '1')).toBe(true);
      expect(await behindHas(front, 'prod/app', signature)).toBe(true);
    },
  );

  test('a signature of what stays in quarantine is not told of there', async () => {
    const front = await startGate(signedPolicy);
    const { stage } = front;
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.4'), '1');
    const signature = await sign(stage, 'prod/app', digest);
    expect(await behindHas(front, 'prod/app', signature)).toBe(false);
    expect(await behindHas(front, 'prod/app', digest)).toBe(false);
  });

  test('a blob that was collected there while it waited is sent again', async () => {
    const front = await startGate(signedPolicy);
    const { stage, behind } = front;
    const image = imageWith('4.17.21');
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', image, '1');
    for (const blob of image.blobs)
      expect((await behind.ask('DELETE', `/v2/prod/app/blobs/${digestOf(blob)}`)).status).toBe(202);
    await sign(stage, 'prod/app', digest);
    expect(await behindHas(front, 'prod/app', '1')).toBe(true);
  });

  test('what cannot go there when it is released is seen when it could', async () => {
    const front = await startGate(signedPolicy);
    const { stage, line } = front;
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.21'), '1');
    // The blobs of the signature are there before.
    line.fault = (request, response) =>
      request.method === 'PUT' && request.url?.includes('/manifests/') === true && gone(request, response);
    await sign(stage, 'prod/app', digest);
    expect(await statusOf(stage, 'prod/app', '1')).not.toBe(200);
    line.fault = undefined;
    stage.advance(61_000);
    await expect.poll(() => statusOf(stage, 'prod/app', '1'), { timeout: 10_000 }).toBe(200);
    expect(await behindHas(front, 'prod/app', '1')).toBe(true);
  });
});

describe('pulls', () => {
  test.each(['pushed', 'pulled'] as const)('what was %s and is refused now is in no list', async (by) => {
    const lenient = policyText('gate', '{select: {repositories: ["prod/**"]}, configuration: {noLatestTag: true}}');
    const front = await startGate(lenient);
    const { stage } = front;
    const bad = imageWith('4.17.4');
    const [client, host] = by === 'pushed' ? [stage.client('pusher'), stage.host] : [front.past, front.host];
    await push(client, host, 'prod/app', bad, '1');
    await push(client, host, 'prod/app', imageWith('4.17.21'), '2');
    if (by === 'pulled') for (const tag of ['1', '2']) expect(await statusOf(stage, 'prod/app', tag)).toBe(200);
    expect(await tagsOf(stage, 'prod/app')).toEqual(['1', '2']);
    stage.writePolicy('gate.yaml', scannedPolicy);
    await stage.gate.reload();
    await stage.gate.settled();
    expect([await tagsOf(stage, 'prod/app'), await tagsOf(stage, 'prod/app', 'signer')]).toEqual([['2'], ['1', '2']]);
    for (const name of ['1', bad.digest]) expect(await statusOf(stage, 'prod/app', name)).toBe(403);
  });

  test('a repository that is nowhere has no list of tags', async () => {
    const { stage } = await startGate(scannedPolicy);
    const answer = await stage.get('/v2/prod/none/tags/list', 'reader');
    expect([answer.status, await answer.json()]).toMatchObject([404, { errors: [{ code: 'NAME_UNKNOWN' }] }]);
  });

  test("what lay there is judged at its first pull, and what it names is nobody's before", async () => {
    const front = await startGate(scannedPolicy);
    const { stage, past, host } = front;
    const good = await push(past, host, 'prod/app', imageWith('4.17.21'), 'good');
    const bad = imageWith('4.17.4');
    await push(past, host, 'prod/app', bad, 'bad');
    expect(await statusOf(stage, 'prod/app', 'good')).toBe(200);
    expect(await statusOf(stage, 'prod/app', good)).toBe(200);
    for (const name of ['bad', bad.digest]) {
      const reply = await stage.get(`/v2/prod/app/manifests/${name}`, 'reader');
      expect(reply.status).toBe(403);
      const { errors } = (await reply.json()) as { errors: { code: string; message: string }[] };
      expect(errors[0]?.code).toBe('DENIED');
      expect(errors[0]?.message).toContain('lodash');
    }
    for (const blob of bad.blobs)
      expect((await stage.get(`/v2/prod/app/blobs/${digestOf(blob)}`, 'reader')).status).toBe(404);
    const tags = (await (await stage.get('/v2/prod/app/tags/list', 'reader')).json()) as { tags: string[] };
    expect(tags.tags).toEqual(['good']);
  });

  test('what is refused there gets no evidence and goes nowhere', async () => {
    const promoting = scannedPolicy.replace('medium}}', 'medium}, promote: {from: "prod/**", to: "open/$1"}}');
    const front = await startGate(promoting);
    const { stage, past, host } = front;
    const bad = await push(past, host, 'prod/app', imageWith('4.17.4'), 'bad');
    expect(await statusOf(stage, 'prod/app', 'bad')).toBe(403);
    await stage.gate.settled();
    expect(await referrersBehind(front, 'prod/app', bad)).toBe(0);
    expect(await behindHas(front, 'open/app', 'bad')).toBe(false);
    expect(await statusOf(stage, 'open/app', bad)).toBe(404);
  });

  test('all platforms of an index are judged', async () => {
    const { stage, past, host } = await startGate(scannedPolicy);
    const children = [imageWith('4.17.21', 'a'), imageWith('4.17.4', 'b')];
    for (const child of children) await push(past, host, 'prod/app', child);
    await push(past, host, 'prod/app', indexOf(children), 'mixed');
    expect(await statusOf(stage, 'prod/app', 'mixed')).toBe(403);
    const fine = [imageWith('4.17.21', 'c'), imageWith('4.17.21', 'd')];
    for (const child of fine) await push(past, host, 'prod/app', child);
    await push(past, host, 'prod/app', indexOf(fine), 'fine');
    expect(await statusOf(stage, 'prod/app', 'fine')).toBe(200);
    expect(await statusOf(stage, 'prod/app', fine[0]?.digest ?? '')).toBe(200);
  });

  test('a tag is resolved once, and moved past the gate it is judged anew', async () => {
    const { stage, past, host } = await startGate(scannedPolicy);
    const good = await push(past, host, 'prod/app', imageWith('4.17.21'), 'v');
    const reply = await stage.get('/v2/prod/app/manifests/v', 'reader');
    expect(digestOf(Buffer.from(await reply.arrayBuffer()))).toBe(good);
    await push(past, host, 'prod/app', imageWith('4.17.4'), 'v');
    expect(await statusOf(stage, 'prod/app', 'v')).toBe(403);
    expect(await statusOf(stage, 'prod/app', good)).toBe(200);
  });

  test('signatures that lie there are found, also those that come later', async () => {
    const front = await startGate(signedPolicy);
    const { stage, past, host } = front;
    const digest = await push(past, host, 'prod/app', imageWith('4.17.21'), 'v');
    expect(await statusOf(stage, 'prod/app', 'v')).toBe(403);
    // Through the gate it reaches the registry behind, where the image is already.
    await sign(stage, 'prod/app', digest);
    expect(await referrersBehind(front, 'prod/app', digest)).toBeGreaterThan(0);
    expect(await statusOf(stage, 'prod/app', 'v')).toBe(200);
    const second = await startStage({
      policies: { 'gate.yaml': signedPolicy },
      signers: ['ops'],
      serve: {
        upstream: {
          links: [{ ...defaultFarConfig.front, origin: new URL(`http://${host}`), isCache: false }],
          network: {},
          spoolBytes: 2 ** 30,
        },
      },
    });
    // Another gate has another key of that name.
    expect(await statusOf(second, 'prod/app', 'v')).toBe(403);
    await sign(second, 'prod/app', digest);
    expect(await statusOf(second, 'prod/app', 'v')).toBe(200);
  });
});

test('a known digest under a new tag waits for its signature, and the tag goes there with it', async () => {
  const front = await startGate(signedPolicy);
  const { stage, past, host } = front;
  const image = imageWith('4.17.21');
  await push(past, host, 'prod/app', image, 'old');
  expect(await statusOf(stage, 'prod/app', 'old')).toBe(403);
  const digest = await push(stage.client('pusher'), stage.host, 'prod/app', image, 'new');
  expect([await statusOf(stage, 'prod/app', 'new'), await behindHas(front, 'prod/app', 'new')]).toEqual([404, false]);
  expect(await statusOf(stage, 'prod/app', 'new', 'signer')).toBe(200);
  await sign(stage, 'prod/app', digest);
  expect([await statusOf(stage, 'prod/app', 'new'), await behindHas(front, 'prod/app', 'new')]).toEqual([200, true]);
});

test('copies go when there is no room, but not those of what is in quarantine', async () => {
  const front = await startGate(signedPolicy);
  const { stage } = front;
  const [kept, evicted] = [imageWith('4.17.21', 'kept'), imageWith('4.17.21', 'gone')];
  await push(stage.client('pusher'), stage.host, 'prod/app', kept, 'kept');
  const digest = await push(stage.client('pusher'), stage.host, 'free/app', evicted, 'gone');
  const isHere = (blob: Uint8Array): boolean =>
    existsSync(join(stage.folder, 'data/layout/blobs', digestOf(blob).replace(':', '/')));
  await expect.poll(() => evicted.blobs.some(isHere), { timeout: 10_000 }).toBe(false);
  expect(kept.blobs.every(isHere)).toBe(true);
  for (const blob of evicted.blobs) {
    const reply = await stage.get(`/v2/free/app/blobs/${digestOf(blob)}`, 'reader');
    expect(Buffer.from(await reply.arrayBuffer()).equals(blob)).toBe(true);
  }
  expect(await statusOf(stage, 'free/app', digest)).toBe(200);
});

test('a blob that is lost in both places is asked for again', async () => {
  const front = await startGate(scannedPolicy);
  const { stage, behind } = front;
  const image = imageWith('4.17.21');
  await push(stage.client('pusher'), stage.host, 'free/app', image, '1');
  const isHere = (blob: Uint8Array): boolean =>
    existsSync(join(stage.folder, 'data/layout/blobs', digestOf(blob).replace(':', '/')));
  await expect.poll(() => image.blobs.some(isHere), { timeout: 10_000 }).toBe(false);
  expect((await behind.ask('DELETE', `/v2/free/app/manifests/${image.digest}`)).status).toBe(202);
  for (const blob of image.blobs)
    expect((await behind.ask('DELETE', `/v2/free/app/blobs/${digestOf(blob)}`)).status).toBe(202);
  await expect(
    stage
      .client('pusher')
      .writer.pushManifest({ registry: stage.host, repository: 'free/app', tag: '2' }, image, { signal }),
  ).rejects.toThrow();
  await push(stage.client('pusher'), stage.host, 'free/app', image, '2');
  expect(await behindHas(front, 'free/app', '2')).toBe(true);
});

test('tags that waited come out there with a push that is let in, but for those that are refused', async () => {
  const front = await startGate(
    policyText(
      'gate',
      '{select: {repositories: ["prod/**"]}, onViolation: quarantine, configuration: {noLatestTag: true}, signatures: {anyOf: [{cosign: {key: ops.pub}}]}}',
    ),
  );
  const { stage } = front;
  const image = imageWith('4.17.21');
  for (const tag of ['latest', '1']) await push(stage.client('pusher'), stage.host, 'prod/app', image, tag);
  await sign(stage, 'prod/app', image.digest);
  await push(stage.client('pusher'), stage.host, 'prod/app', image, '2');
  await stage.gate.settled();
  const seen: Record<string, readonly unknown[]> = {};
  for (const tag of ['1', '2', 'latest'])
    seen[tag] = [await statusOf(stage, 'prod/app', tag), await behindHas(front, 'prod/app', tag)];
  expect(seen).toEqual({ 1: [200, true], 2: [200, true], latest: [404, false] });
});
