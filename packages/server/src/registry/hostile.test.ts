import { connect } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRepository, parseRoute } from './route.ts';
import {
  descriptor,
  digestOf,
  everything,
  imageManifest,
  imageType,
  indexType,
  startTestServer,
} from './testing/server.ts';

const put = (
  server: Awaited<ReturnType<typeof startTestServer>>,
  body: Uint8Array | string,
  type = imageType,
  name = '1',
) => server.ask('PUT', `/v2/a/manifests/${name}`, { body, headers: { 'content-type': type } });

/** Sends bytes as they are and returns all that is answered until the connection ends. */
async function raw(url: string, text: string, end = false): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (piece: Buffer) => (answer += piece.toString()));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(text);
  if (end) socket.end();
  await closed;
  return answer;
}

describe('hostile manifests', () => {
  test('T26 refuses what can be read as two things, whatever it came as', async () => {
    const server = await startTestServer();
    const { bytes, blobs } = imageManifest('x');
    for (const blob of blobs) await server.pushBlob('a', blob);
    const image = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const both = JSON.stringify({ ...image, manifests: [] });
    const twice = bytes.toString().replace('"layers"', '"layers":[],"layers"');
    for (const [body, type] of [
      [both, imageType],
      [both, indexType],
      [JSON.stringify({ ...image, mediaType: indexType }), indexType],
      [bytes, indexType],
      [twice, imageType],
      [JSON.stringify({ schemaVersion: 1, fsLayers: [] }), 'application/vnd.docker.distribution.manifest.v1+json'],
      ['[]', imageType],
      ['nothing', imageType],
    ] as const) {
      const reply = await put(server, body, type);
      expect([reply.status, reply.code]).toEqual([400, 'MANIFEST_INVALID']);
    }
    expect((await server.ask('GET', '/v2/a/tags/list')).status).toBe(404);
    expect((await put(server, bytes)).status).toBe(201);
  });

  test('T27 uses no digest that is none, and believes none that is wrong', async () => {
    const server = await startTestServer();
    const { bytes, blobs } = imageManifest('x');
    for (const blob of blobs) await server.pushBlob('a', blob);
    for (const wrong of [
      'sha256:../../state.db',
      'sha256:..%2F..%2Fstate.db',
      `md5:${'0'.repeat(32)}`,
      'sha256:',
      `sha256:${'A'.repeat(64)}`,
    ]) {
      for (const path of [`blobs/${wrong}`, `manifests/${wrong}`, `referrers/${wrong}`]) {
        const { status } = await server.ask('GET', `/v2/a/${path}`);
        expect([400, 404]).toContain(status);
      }
      for (const query of [`digest=${wrong}`, `mount=${wrong}&from=a`]) {
        const reply = await server.ask('POST', `/v2/a/blobs/uploads/?${query}`, { body: 'x' });
        expect([reply.status, reply.code]).toEqual([400, 'DIGEST_INVALID']);
      }
    }
    const other = await put(server, bytes, imageType, digestOf('other'));
    expect([other.status, other.code]).toEqual([400, 'DIGEST_INVALID']);
    const named = JSON.parse(bytes.toString()) as { layers: { digest: string }[] };
    (named.layers[0] as { digest: string }).digest = 'sha256:../../x';
    expect((await put(server, JSON.stringify(named))).code).toBe('MANIFEST_INVALID');
    expect(readdirSync(join(server.folder, 'uploads'))).toEqual([]);
  });

  test('T28 refuses a manifest over 4 MiB by its length, and one that says nothing of its length', async () => {
    const server = await startTestServer();
    const large = ' '.repeat(4 * 2 ** 20 + 1);
    expect((await put(server, large)).status).toBe(413);
    const { hostname, port } = new URL(server.url);
    const head = `PUT /v2/a/manifests/1 HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: ${everything}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`;
    const chunk = `${(2 ** 20).toString(16)}\r\n${' '.repeat(2 ** 20)}\r\n`;
    expect(await raw(server.url, `${head}${chunk.repeat(5)}0\r\n\r\n`)).toContain(' 413 ');
  });

  test('T28 lists are cut into pages, however many are asked for', async () => {
    const server = await startTestServer();
    const digest = await server.pushImage('a', 'first', 'x');
    const { bytes } = imageManifest('x');
    const tags = Array.from({ length: 100 }, (_, i) => `tag=t${String(i).padStart(3, '0')}`).join('&');
    expect((await put(server, bytes, imageType, `${digest}?${tags}`)).headers['oci-tag']).toContain('t099');
    expect((await put(server, bytes, imageType, `${digest}?${tags}&tag=more`)).code).toBe('TAG_INVALID');
    const page = await server.ask('GET', '/v2/a/tags/list?n=3');
    expect(JSON.parse(page.body.toString())).toEqual({ name: 'a', tags: ['first', 't000', 't001'] });
    expect(page.headers.link).toBe('</v2/a/tags/list?n=3&last=t001>; rel="next"');
    expect((await server.ask('GET', '/v2/a/tags/list?n=999999999')).status).toBe(200);
    for (const n of ['-1', 'x', '1e9', '9999999999']) {
      expect((await server.ask('GET', `/v2/a/tags/list?n=${n}`)).code).toBe('PAGINATION_NUMBER_INVALID');
    }
    expect(JSON.parse((await server.ask('GET', '/v2/a/tags/list?n=0')).body.toString())).toEqual({
      name: 'a',
      tags: [],
    });
  });

  test('T28 annotations of megabytes do not come back in lists', async () => {
    const server = await startTestServer();
    const image = imageManifest('x');
    const large = imageManifest('sbom', {
      subject: descriptor(image.bytes, imageType),
      annotations: { text: 'x'.repeat(2 ** 20) },
    });
    for (const blob of large.blobs) await server.pushBlob('a', blob);
    expect((await put(server, large.bytes, imageType, large.digest)).status).toBe(201);
    const list = await server.ask('GET', `/v2/a/referrers/${image.digest}`);
    expect(list.body.length).toBeLessThan(2000);
    expect(list.body.toString()).toContain(large.digest);
  });

  test('T73 keys that are members of prototypes are data', async () => {
    const server = await startTestServer();
    const { bytes, blobs } = imageManifest('x');
    for (const blob of blobs) await server.pushBlob('a', blob);
    const text = bytes.toString().replace('{', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"x":1}},');
    const annotated = text.replace(
      /}$/,
      `,"subject":${JSON.stringify(descriptor(bytes, imageType))},"annotations":{"__proto__":"y"}}`,
    );
    expect((await put(server, annotated)).status).toBe(201);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    const list = await server.ask('GET', `/v2/a/referrers/${digestOf(bytes)}`);
    expect(list.body.toString()).toContain('"annotations":{"__proto__":"y"}');
    for (const query of ['__proto__=1', 'constructor=1', 'n=__proto__', 'last=__proto__']) {
      expect([200, 400]).toContain((await server.ask('GET', `/v2/a/tags/list?${query}`)).status);
    }
    expect((await server.ask('GET', '/v2/__proto__/tags/list')).code).toBe('NAME_INVALID');
  });
});

describe('hostile names', () => {
  test('T37 takes names in one form only', async () => {
    const server = await startTestServer();
    await server.pushImage('library/app', '1', 'x');
    for (const name of [
      'App',
      'library/App',
      'аpp',
      'a%C3%A4',
      'a..b',
      '-a',
      'a/',
      '/a',
      'a//b',
      'a%2Fb',
      'localhost:5000/a',
      'a'.repeat(256),
    ]) {
      const reply = await server.ask('GET', `/v2/${encodeURI(name).replaceAll('%25', '%')}/tags/list`);
      expect([reply.status, reply.code]).toEqual([400, 'NAME_INVALID']);
    }
    expect((await server.ask('GET', '/v2/app/tags/list')).status).toBe(404);
  });

  test('any path is a route, nothing, or refused', () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom('v2', 'a', 'blobs', 'uploads', 'manifests', 'tags', 'list', 'referrers', '..', '%2e%2e', ''),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        let route;
        try {
          route = parseRoute(`/v2/${segments.join('/')}`);
        } catch (error) {
          expect((error as Error).name).toBe('Refused');
          return;
        }
        if (route !== undefined && 'repository' in route) expect(isRepository(route.repository)).toBe(true);
      }),
    );
  });

  test('a repository may be called like a part of a path', async () => {
    const server = await startTestServer();
    for (const name of ['blobs/uploads', 'manifests', 'tags/list', 'v2/blobs']) {
      const digest = await server.pushImage(name, '1', name);
      expect((await server.ask('GET', `/v2/${name}/manifests/1`)).headers['docker-content-digest']).toBe(digest);
      expect((await server.ask('GET', `/v2/${name}/tags/list`)).status).toBe(200);
    }
  });
});

describe('hostile connections (T35)', () => {
  const patience = { stallMs: 150, minBytes: 1000, manifestMs: 150 };
  const head = (method: string, path: string, length: number): string =>
    `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${everything}\r\ncontent-length: ${length}\r\n\r\n`;

  test('a body that does not come ends the connection, and leaves nothing', async () => {
    const server = await startTestServer({ patience });
    const digest = digestOf('never');
    expect(await raw(server.url, `${head('POST', `/v2/a/blobs/uploads/?digest=${digest}`, 1e9)}some bytes`)).toBe('');
    await expect.poll(() => readdirSync(join(server.folder, 'uploads'))).toEqual([]);
    const late = await raw(server.url, `${head('PUT', '/v2/a/manifests/1', 5000)}{`);
    expect(late).toContain(' 408 ');
  });

  test('a client that takes nothing of a large blob is let go', async () => {
    const server = await startTestServer({ patience });
    const digest = await server.pushBlob('a', Buffer.alloc(32 * 2 ** 20, 1));
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(head('GET', `/v2/a/blobs/${digest}`, 0));
    await expect.poll(() => server.requests.at(-1)).toMatchObject({ method: 'GET', complete: false });
    socket.destroy();
  });

  test('a client that takes nothing of large manifests is let go', async () => {
    const server = await startTestServer({ patience });
    const { bytes, blobs } = imageManifest('x', { annotations: { p: 'x'.repeat(4_000_000) } });
    for (const blob of blobs) await server.pushBlob('a', blob);
    expect((await put(server, bytes)).status).toBe(201);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.pause();
    // More than the system keeps for a connection.
    socket.write(head('GET', '/v2/a/manifests/1', 0).repeat(8));
    await expect.poll(() => server.requests.at(-1)).toMatchObject({ method: 'GET', complete: false });
    socket.destroy();
  });

  test('a truncated upload is not stored, and its client is told where to go on', async () => {
    const server = await startTestServer();
    const digest = digestOf('whole content');
    await raw(server.url, `${head('POST', `/v2/a/blobs/uploads/?digest=${digest}`, 13)}whole`, true);
    expect((await server.ask('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(404);
    const path = String((await server.ask('POST', '/v2/a/blobs/uploads/')).headers.location);
    await raw(server.url, `${head('PATCH', path, 13)}whole`, true);
    // Until the server has seen the connection break, the upload is not free.
    await expect.poll(async () => (await server.ask('GET', path)).status).toBe(204);
    const state = await server.ask('GET', path);
    // What the system had not yet handed on when the connection broke may be lost; the answer says where to go on.
    expect(['0-0', '0-4']).toContain(state.headers.range);
    const rest = state.headers.range === '0-4' ? ' content' : 'whole content';
    expect((await server.ask('PUT', `${path}?digest=${digest}`, { body: rest })).status).toBe(201);
    expect(readdirSync(join(server.folder, 'uploads'))).toEqual([]);
  });

  test('chunks out of order, lying ranges and lying digests are refused', async () => {
    const server = await startTestServer();
    const path = String((await server.ask('POST', '/v2/a/blobs/uploads/')).headers.location);
    const patch = (body: string, range: string) =>
      server.ask('PATCH', path, { body, headers: { 'content-range': range } });
    expect((await patch('abc', '3-5')).status).toBe(416);
    expect((await patch('abc', '0-7')).status).toBe(416);
    expect((await patch('abc', 'x')).status).toBe(416);
    expect((await patch('abc', '0-2')).headers.range).toBe('0-2');
    expect((await patch('abc', '0-2')).status).toBe(416);
    const wrong = await server.ask('PUT', `${path}?digest=${digestOf('abd')}`);
    expect([wrong.status, wrong.code]).toEqual([400, 'DIGEST_INVALID']);
    expect((await server.ask('GET', path)).code).toBe('BLOB_UPLOAD_UNKNOWN');
    expect((await server.ask('PATCH', `${path.slice(0, -32)}${'0'.repeat(32)}`, { body: 'x' })).status).toBe(404);
  });

  test('an upload belongs to its repository', async () => {
    const server = await startTestServer();
    const path = String((await server.ask('POST', '/v2/a/blobs/uploads/')).headers.location);
    expect((await server.ask('PATCH', path.replace('/v2/a/', '/v2/b/'), { body: 'x' })).status).toBe(404);
  });

  test('a refused body is not waited for', async () => {
    const server = await startTestServer();
    const answer = await raw(
      server.url,
      `POST /v2/a/blobs/uploads/?digest=${digestOf('x')} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx`,
    );
    expect(answer).toContain(' 401 ');
  });
});
