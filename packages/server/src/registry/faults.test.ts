// Clocks that jump, and blobs that vanish: nothing that was acknowledged is lost by it, and nothing short looks whole.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultRules } from '@plombe/store';
import { digestOf, everything, startTestServer } from './testing/server.ts';

const year = 365 * 86_400_000;

/** A server whose clock the test sets, and that looks for what to remove all the time. */
async function startMoved() {
  const clock = { nowMs: Date.now() };
  const rule = { matches: () => true, matchesTag: () => true, keepForMs: 3_600_000, untaggedAfterMs: 3_600_000 };
  const rules = { ...defaultRules, everyMs: 200, retention: [rule] };
  const server = await startTestServer({ rules, nowMs: () => clock.nowMs });
  /** Resolves after so many rounds that began after the call. */
  const rounds = async (count: number): Promise<void> => {
    const before = server.infos.length;
    await expect.poll(() => server.infos.length, { interval: 5 }).toBeGreaterThanOrEqual(before + count);
  };
  return { server, clock, rounds };
}

test('a clock that jumps ahead removes nothing at once', async () => {
  const { server, clock, rounds } = await startMoved();
  await server.pushImage('a', '1', 'x');
  await rounds(2);
  clock.nowMs += 10 * year;
  await expect.poll(() => server.infos.map(({ event }) => event), { interval: 1 }).toContain('registry.clock-jumped');
  clock.nowMs -= 10 * year;
  await rounds(2);
  expect((await server.ask('GET', '/v2/a/manifests/1')).status).toBe(200);
  // One that stays there is the time.
  clock.nowMs += year;
  await expect.poll(async () => (await server.ask('GET', '/v2/a/manifests/1')).status, { timeout: 20_000 }).toBe(404);
});

test('a clock that jumps back loses no push and no upload', async () => {
  const { server, clock, rounds } = await startMoved();
  await server.pushImage('a', '1', 'x');
  const begun = await server.ask('POST', '/v2/a/blobs/uploads/');
  const path = String(begun.headers.location);
  expect((await server.ask('PATCH', path, { body: 'whole ' })).status).toBe(202);
  clock.nowMs -= 10 * year;
  await rounds(2);
  await server.pushImage('a', '2', 'y');
  const digest = digestOf('whole content');
  expect((await server.ask('PUT', `${path}?digest=${digest}`, { body: 'content', as: everything })).status).toBe(201);
  for (const tag of ['1', '2']) expect((await server.ask('GET', `/v2/a/manifests/${tag}`)).status).toBe(200);
});

test('T36 a blob that is deleted while it is pulled is sent to its end, and is gone then', async () => {
  const server = await startTestServer();
  const bytes = Buffer.alloc(24 * 2 ** 20, 7);
  const digest = await server.pushBlob('a', bytes);
  const { hostname, port } = new URL(server.url);
  const asked = request({ hostname, port, path: `/v2/a/blobs/${digest}`, headers: { authorization: everything } });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect((await server.ask('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202);
  // As a collection does it.
  rmSync(join(server.folder, 'layout/blobs/sha256', digest.slice('sha256:'.length)));
  let received = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) received += piece.length;
  expect(received).toBe(bytes.length);
  expect((await server.ask('GET', `/v2/a/blobs/${digest}`)).status).toBe(404);
});

test('T36 a blob whose file is gone ends the answer, and is never a short one that looks whole', async () => {
  const server = await startTestServer();
  const digest = await server.pushBlob('a', 'content');
  rmSync(join(server.folder, 'layout/blobs/sha256', digest.slice('sha256:'.length)));
  await expect(server.ask('GET', `/v2/a/blobs/${digest}`)).rejects.toThrow();
  expect((await server.ask('GET', '/v2/')).status).toBe(200);
});
