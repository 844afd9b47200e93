import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../../oci/src/testing/server.ts';
import { developer, digestOf, imageManifest, imageType, reader, type TestServer } from '../registry/testing/server.ts';
import { answering, gone, startFaultyLine, type FaultyLine } from './testing/fault.ts';
import { startFront, startPlombe } from './testing/front.ts';
import type { LinkOptions } from './link.ts';

interface Stage {
  readonly front: TestServer;
  readonly line: FaultyLine;
  readonly behind: TestServer;
  readonly advance: (ms: number) => void;
}

async function startStage(link: Partial<LinkOptions> = {}, network = {}): Promise<Stage> {
  const behind = await startPlombe();
  const line = await startFaultyLine(behind.url);
  let offsetMs = 0;
  const front = await startFront(line.host, { link, network, nowMs: () => Date.now() + offsetMs });
  return { front, line, behind, advance: (ms) => void (offsetMs += ms) };
}

describe('a registry that lies', () => {
  test('T27 about a digest: nobody gets the manifest, and it is not kept', async () => {
    const { front, line, behind } = await startStage();
    const digest = await behind.pushImage('team/app', '1', 'true');
    const other = imageManifest('false').bytes;
    line.fault = (request, response) => {
      if (request.method !== 'GET' || request.url?.includes('/manifests/') !== true) return false;
      response.writeHead(200, { 'content-type': imageType, 'docker-content-digest': digest }).end(other);
      return true;
    };
    for (const name of ['1', digest])
      expect((await front.ask('GET', `/v2/team/app/manifests/${name}`, { as: reader })).status).toBe(502);
    line.fault = undefined;
    expect((await front.ask('GET', `/v2/team/app/manifests/1`, { as: reader })).status).toBe(200);
  });

  test('T27 about a blob: the last bytes are never sent', async () => {
    const { front, line, behind } = await startStage();
    await behind.pushImage('team/app', '1', 'blob');
    expect((await front.ask('GET', '/v2/team/app/manifests/1', { as: reader })).status).toBe(200);
    const [, layer = Buffer.alloc(0)] = imageManifest('blob').blobs;
    // The copy here is gone, as it is when there is no room.
    rmSync(join(front.folder, 'layout/blobs', digestOf(layer).replace(':', '/')));
    for (const cut of [layer.length, 4]) {
      line.fault = (request, response) => {
        if (request.url?.includes('/blobs/') !== true || request.headers.range !== undefined) return false;
        response.writeHead(200, { 'content-length': layer.length });
        response.write(Buffer.alloc(cut, 120), () => response.destroy());
        return true;
      };
      await expect(front.ask('GET', `/v2/team/app/blobs/${digestOf(layer)}`, { as: reader })).rejects.toThrow();
    }
    line.fault = undefined;
    expect((await front.ask('GET', `/v2/team/app/blobs/${digestOf(layer)}`, { as: reader })).body).toEqual(layer);
  });

  test('T28 about how many tags it has', async () => {
    const { front, line } = await startStage();
    let page = 0;
    line.fault = (_, response) => {
      page += 1;
      const tags = Array.from({ length: 2000 }, (__, index) => `t${page}-${index}`);
      response.writeHead(200, {
        'content-type': 'application/json',
        link: `</v2/team/app/tags/list?page=${page}>; rel="next"`,
      });
      response.end(JSON.stringify({ name: 'team/app', tags }));
      return true;
    };
    expect((await front.ask('GET', '/v2/team/app/tags/list', { as: reader })).status).toBe(502);
    expect(page).toBeLessThan(110);
  });

  test('T30 T32 about where logins go: another host gets none, and no blob is fetched from inside', async () => {
    const seen: (string | undefined)[] = [];
    const thief = await startServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200).end('{"token":"x"}');
    });
    const behind = await startPlombe();
    const line = await startFaultyLine(behind.url);
    const credentials = { [line.host]: { kind: 'password', username: 'user', password: 'secret' } } as const;
    const front = await startFront(line.host, { network: { credentials } });
    const realm = `Bearer realm="http://${thief.replace('127.0.0.1', 'localhost')}/token",service="x"`;
    line.fault = answering(401, { 'www-authenticate': realm });
    const refused = await front.ask('GET', '/v2/team/app/manifests/1', { as: reader });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(seen.filter((value) => value !== undefined)).toEqual([]);
    expect(refused.body.toString()).not.toContain('secret');
    line.fault = undefined;
    const bytes = randomBytes(100);
    const digest = await behind.pushBlob('team/app', bytes);
    line.fault = (request, response) => {
      if (request.method !== 'GET' || request.url?.includes('/blobs/') !== true) return false;
      response.writeHead(307, { location: `http://${thief.replace('127.0.0.1', 'localhost')}/steal` }).end();
      return true;
    };
    expect((await front.ask('HEAD', `/v2/team/app/blobs/${digest}`, { as: developer })).status).toBe(200);
    await expect(front.ask('GET', `/v2/team/app/blobs/${digest}`, { as: developer })).rejects.toThrow();
    expect(seen.filter((value) => value !== undefined)).toEqual([]);
  });

  test('a client sees neither its addresses nor its login', async () => {
    const { front, line } = await startStage();
    const begun = await front.ask('POST', '/v2/team/app/blobs/uploads/', { as: developer });
    const location = String(begun.headers.location);
    const patched = await front.ask('PATCH', location, { as: developer, body: randomBytes(6 * 2 ** 20) });
    for (const reply of [begun, patched]) {
      expect(JSON.stringify(reply.headers)).not.toContain(line.host);
      expect(String(reply.headers.location)).toBe(location);
    }
    await expect.poll(() => line.requests.some((one) => one.startsWith('PATCH '))).toBe(true);
    const cancelled = await front.ask('DELETE', location, { as: developer });
    expect(cancelled.status).toBe(204);
    await expect
      .poll(() => line.requests.some((one) => one.startsWith('DELETE /v2/team/app/blobs/uploads/')))
      .toBe(true);
  });
});

describe('a registry that fails (T35)', () => {
  test('429 with ten years is told with ten minutes, and there is no storm', async () => {
    const { front, line } = await startStage();
    line.fault = answering(429, { 'retry-after': '315360000' });
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) => front.ask('GET', `/v2/team/app${index}/manifests/1`, { as: reader })),
    );
    expect(new Set(replies.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['429 TOOMANYREQUESTS']));
    for (const { headers } of replies) expect(Number(headers['retry-after'])).toBeLessThanOrEqual(600);
    const before = line.requests.length;
    for (let i = 0; i < 20; i++) await front.ask('GET', '/v2/team/app/manifests/1', { as: reader });
    expect(line.requests.length).toBe(before);
  });

  test('503 and silence are 503 with Retry-After, asked for less and less, and over when it is back', async () => {
    const { front, line, behind, advance } = await startStage();
    await behind.pushImage('team/app', '1', 'back');
    for (const fault of [answering(503, { 'retry-after': '30' }), gone]) {
      line.fault = fault;
      for (let i = 0; i < 20; i++) {
        const reply = await front.ask('GET', '/v2/team/app/manifests/1', { as: reader });
        expect([reply.status, Number(reply.headers['retry-after']) > 0]).toEqual([503, true]);
      }
      const before = line.requests.length;
      expect((await front.ask('POST', '/v2/team/app/blobs/uploads/', { as: developer })).status).toBe(503);
      expect((await front.ask('GET', '/v2/team/app/tags/list', { as: reader })).status).toBe(503);
      expect(line.requests.length).toBe(before);
      line.fault = undefined;
      advance(61_000);
      expect((await front.ask('GET', '/v2/team/app/manifests/1', { as: reader })).status).toBe(200);
    }
  });

  test('an upload that breaks there is sent again from here before it is acknowledged', async () => {
    const { front, line, behind } = await startStage();
    const bytes = randomBytes(12 * 2 ** 20);
    let broken = 0;
    line.fault = (request, response) => {
      if (request.method !== 'PATCH' || broken > 0) return false;
      broken += 1;
      response.destroy();
      return true;
    };
    const digest = await front.pushBlob('team/app', bytes, developer);
    expect(broken).toBe(1);
    expect((await behind.ask('GET', `/v2/team/app/blobs/${digest}`)).body.equals(bytes)).toBe(true);
  });

  test('a blob that cannot go there is not acknowledged, and a manifest neither', async () => {
    const { front, line, advance } = await startStage();
    const bytes = randomBytes(1000);
    const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(bytes)}`;
    line.fault = (request, response) => request.method !== 'HEAD' && answering(403)(request, response);
    expect((await front.ask('POST', path, { as: developer, body: bytes })).status).toBe(403);
    line.fault = undefined;
    expect((await front.ask('HEAD', `/v2/team/app/blobs/${digestOf(bytes)}`, { as: developer })).status).toBe(404);
    const made = imageManifest('x');
    for (const blob of made.blobs) await front.pushBlob('team/app', blob, developer);
    line.fault = (request, response) => request.method === 'PUT' && gone(request, response);
    const headers = { 'content-type': imageType };
    const put = () => front.ask('PUT', '/v2/team/app/manifests/1', { as: developer, body: made.bytes, headers });
    expect((await put()).status).toBe(503);
    line.fault = undefined;
    advance(61_000);
    expect((await front.ask('GET', '/v2/team/app/manifests/1', { as: reader })).status).toBe(404);
    expect((await put()).status).toBe(201);
  });

  test('while it is away known digests are served only where the setting says so', async () => {
    for (const offline of [true, false]) {
      const { front, line, behind } = await startStage({ offline: () => offline });
      const digest = await behind.pushImage('team/app', '1', 'offline');
      expect((await front.ask('GET', '/v2/team/app/manifests/1', { as: reader })).status).toBe(200);
      line.fault = gone;
      const replies: number[] = [];
      for (const name of ['1', '1', '1', digest, '1', '1', digest])
        replies.push((await front.ask('GET', `/v2/team/app/manifests/${name}`, { as: reader })).status);
      expect(new Set(replies)).toEqual(new Set([offline ? 200 : 503]));
      expect((await front.ask('GET', '/v2/team/app/manifests/unknown', { as: reader })).status).toBe(503);
    }
  });
});

describe('a registry that does not take the login of this server', () => {
  test.each([
    [401, 404, 'NAME_UNKNOWN'],
    [403, 403, 'DENIED'],
  ] as const)('%i is told, and whose login it is', async (status, expected, code) => {
    const { front, line } = await startStage();
    line.fault = answering(status);
    const answer = await front.ask('GET', '/v2/team/app/manifests/1', { as: developer });
    expect([answer.status, answer.code]).toEqual([expected, code]);
    expect(answer.body.toString()).toContain("this server's own: its DOCKER_CONFIG");
  });
});
