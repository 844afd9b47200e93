import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '@plombe/store';
import { imageWith, indexOf, push } from '../../gate/testing/push.ts';
import { scannedPolicy, sign, signedPolicy } from '../../gate/testing/policies.ts';
import { startStage, type Stage } from '../../gate/testing/stage.ts';
import {
  developer,
  digestOf,
  imageManifest,
  imageType,
  startTestServer,
  type TestServer,
} from '../../registry/testing/server.ts';
import { answering, gone, startFaultyLine } from '../testing/fault.ts';
import { canStart, startFar, startPlombe } from '../testing/front.ts';
import { replicationMigrations, replicationStatus, type ReplicationStatus } from './queue.ts';
import type { ReplicationRule } from './rule.ts';

function ruleTo(host: string, more: Partial<ReplicationRule> = {}): ReplicationRule {
  return {
    name: 'mirror',
    matches: (repository) => repository.startsWith('prod/'),
    origin: new URL(`http://${host}`),
    prefix: 'mirror',
    on: 'push',
    everyMs: 3_600_000,
    referrers: true,
    ...more,
  };
}

function statusOf(folder: string): ReplicationStatus | undefined {
  const db = openDatabase(join(folder, 'state.db'), replicationMigrations);
  try {
    return replicationStatus(db)[0];
  } finally {
    db.close();
  }
}

const idle = (folder: string) => expect.poll(() => statusOf(folder)?.waiting, { timeout: 15_000 }).toBe(0);

async function has(server: TestServer, repository: string, name: string): Promise<boolean> {
  return (await server.ask('GET', `/v2/${repository}/manifests/${name}`)).status === 200;
}

describe('copies', () => {
  for (const kind of ['docker-registry', 'plombe'] as const) {
    if (!canStart(kind)) console.warn(`SKIPPED: copies to ${kind} (not installed)`);
    test.skipIf(!canStart(kind))(
      `an image, its tags and what refers to it go to ${kind}, blobs by mount where they are there`,
      async () => {
        const { far, host: behind } = await startFar(kind);
        const line = await startFaultyLine(`http://${behind}`);
        const server = await startTestServer({ replication: { rules: [ruleTo(line.host)], network: {} } });
        const digest = await server.pushImage('prod/app', '1', 'one', developer);
        await server.pushImage('other/app', '1', 'other', developer);
        const subject = { mediaType: imageType, digest, size: imageManifest('one').bytes.length };
        const about = imageManifest('about', { subject, artifactType: 'application/vnd.test' });
        for (const blob of about.blobs) await server.pushBlob('prod/app', blob, developer);
        const headers = { 'content-type': imageType };
        await server.ask('PUT', `/v2/prod/app/manifests/${about.digest}`, {
          as: developer,
          body: about.bytes,
          headers,
        });
        await idle(server.folder);
        for (const name of ['1', digest, about.digest])
          expect(
            (await far.get(`/v2/mirror/prod/app/manifests/${name}`, { headers: { accept: imageType } })).status,
          ).toBe(200);
        expect((await far.get('/v2/mirror/other/app/tags/list')).status).toBe(404);
        await server.pushImage('prod/second', '1', 'one', developer);
        await idle(server.folder);
        const copied = await far.get('/v2/mirror/prod/second/manifests/1', { headers: { accept: imageType } });
        expect(digestOf(Buffer.from(await copied.arrayBuffer()))).toBe(digest);
        expect(line.requests.filter((one) => one.includes('from=mirror%2Fprod%2Fapp')).length).toBe(2);
        expect(statusOf(server.folder)).toMatchObject({ rule: 'mirror', copied: 3, waiting: 0, failing: 0 });
      },
    );
  }

  test('what fails is tried again, also by the next process, and says why', async () => {
    const behind = await startPlombe();
    const line = await startFaultyLine(behind.url);
    line.fault = answering(403);
    let offsetMs = 0;
    const options = { replication: { rules: [ruleTo(line.host)], network: {} }, nowMs: () => Date.now() + offsetMs };
    const server = await startTestServer(options);
    await server.pushImage('prod/app', '1', 'one', developer);
    await expect.poll(() => statusOf(server.folder)?.failing).toBe(1);
    expect(statusOf(server.folder)?.lastFailure).toContain('may not be');
    await server.stop();
    line.fault = undefined;
    offsetMs = 3_600_000;
    await startTestServer({ ...options, folder: server.folder });
    await idle(server.folder);
    expect(await has(behind, 'mirror/prod/app', '1')).toBe(true);
  });

  test('what was there before the rule, and a schedule', async () => {
    const behind = await startPlombe();
    const first = await startTestServer();
    await first.pushImage('prod/app', '1', 'before', developer);
    await first.stop();
    const { host } = new URL(behind.url);
    const rule = ruleTo(host, { on: 'schedule', everyMs: 50, prefix: '' });
    const second = await startTestServer({ folder: first.folder, replication: { rules: [rule], network: {} } });
    await expect.poll(() => has(behind, 'prod/app', '1')).toBe(true);
    await second.pushImage('prod/app', '2', 'after', developer);
    await expect.poll(() => has(behind, 'prod/app', '2'), { timeout: 10_000 }).toBe(true);
    // A tag that moves is copied too.
    await second.pushImage('prod/app', '2', 'moved', developer);
    await expect
      .poll(async () => digestOf((await behind.ask('GET', '/v2/prod/app/manifests/2')).body), { timeout: 10_000 })
      .toBe(imageManifest('moved').digest);
  });

  test('a registry that is gone is left alone between tries', async () => {
    const behind = await startPlombe();
    const line = await startFaultyLine(behind.url);
    line.fault = gone;
    const server = await startTestServer({ replication: { rules: [ruleTo(line.host)], network: {} } });
    for (let i = 0; i < 30; i++) await server.pushImage('prod/app', String(i), `image ${i}`, developer);
    await expect.poll(() => statusOf(server.folder)?.failing, { timeout: 15_000 }).toBe(30);
    expect(line.requests.length).toBeLessThan(30);
  });
});

describe('with a gate', () => {
  async function startGate(
    policy: string,
  ): Promise<{ readonly stage: Stage; readonly behind: TestServer; readonly data: string }> {
    const behind = await startPlombe();
    const stage = await startStage({
      policies: { 'gate.yaml': policy },
      signers: ['ops'],
      serve: { replication: { rules: [ruleTo(new URL(behind.url).host)], network: {} } },
    });
    return { stage, behind, data: join(stage.folder, 'data') };
  }

  test('each copy is a record of the ledger, an index with its platforms', async () => {
    const { stage, behind, data } = await startGate(scannedPolicy);
    const children = [imageWith('4.17.21', 'a'), imageWith('4.17.21', 'b')];
    for (const child of children) await push(stage.client('pusher'), stage.host, 'prod/app', child);
    const index = await push(stage.client('pusher'), stage.host, 'prod/app', indexOf(children), '1');
    await stage.gate.settled();
    await idle(data);
    expect(await has(behind, 'mirror/prod/app', '1')).toBe(true);
    expect(await stage.records(index)).toContain('copy replicated');
    for (const { digest } of children) expect(await stage.records(digest)).toContain('copy replicated');
  });

  test('what is in quarantine is copied when it is released, with its signature', async () => {
    const { stage, behind, data } = await startGate(signedPolicy);
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.21'), '1');
    expect(await has(behind, 'mirror/prod/app', digest)).toBe(false);
    const signature = await sign(stage, 'prod/app', digest);
    await stage.gate.settled();
    await idle(data);
    expect(await has(behind, 'mirror/prod/app', '1')).toBe(true);
    expect(await has(behind, 'mirror/prod/app', signature)).toBe(true);
  });
});
