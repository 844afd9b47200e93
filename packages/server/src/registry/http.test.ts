// Requests as nobody should send them: one reading of each, an honest status, and no word of it in the log that is more than a word.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOf, everything, imageManifest, imageType, startTestServer, type TestServer } from './testing/server.ts';

/** Sends bytes and returns the status of each answer until the connection ends. */
async function statuses({ url }: Pick<TestServer, 'url'>, text: string): Promise<readonly number[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (piece: Buffer) => (answer += piece.toString('latin1'))).on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(Buffer.from(text, 'latin1'));
  await closed;
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

const head = (line: string, ...headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, `authorization: ${everything}`, 'connection: close', ...headers, '', ''].join('\r\n');
const upload = (digest: string): string => `POST /v2/a/blobs/uploads/?digest=${digest}`;
const inner = 'GET /v2/a/tags/list HTTP/1.1\r\nhost: x\r\n\r\n';

describe('shapes that two readers read differently', () => {
  test.each([
    ['length and chunks', ['host: x', 'content-length: 5', 'transfer-encoding: chunked'], `0\r\n\r\n${inner}`],
    ['chunks and length', ['host: x', 'transfer-encoding: chunked', 'content-length: 5'], `0\r\n\r\n${inner}`],
    ['two lengths', ['host: x', 'content-length: 5', 'content-length: 6'], `hello${inner}`],
    ['a list of lengths', ['host: x', 'content-length: 5, 5'], `hello${inner}`],
    ['a negative length', ['host: x', 'content-length: -1'], inner],
    ['a signed length', ['host: x', 'content-length: +5'], `hello${inner}`],
    ['a length in hexadecimal', ['host: x', 'content-length: 0x5'], `hello${inner}`],
    ['chunked, and not last', ['host: x', 'transfer-encoding: chunked, identity'], `0\r\n\r\n${inner}`],
    ['chunked twice', ['host: x', 'transfer-encoding: chunked', 'transfer-encoding: identity'], `0\r\n\r\n${inner}`],
    ['a space before the colon', ['host: x', 'transfer-encoding : chunked'], `0\r\n\r\n${inner}`],
    ['a folded line', ['host: x', 'x: y\r\n transfer-encoding: chunked'], `0\r\n\r\n${inner}`],
    [
      'a chunk too large to count',
      ['host: x', 'transfer-encoding: chunked'],
      `FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n`,
    ],
    ['a line feed alone', ['host: x', 'x: y\ncontent-length: 5'], inner],
    ['two hosts', ['host: x', 'host: y', 'content-length: 5'], 'hello'],
    ['no host', ['content-length: 5'], 'hello'],
  ])('%s', async (_, headers, body) => {
    const server = await startTestServer();
    const digest = digestOf('hello');
    expect(await statuses(server, head(upload(digest), ...headers) + body)).toEqual([400]);
    expect((await server.ask('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(404);
    await expect.poll(() => readdirSync(join(server.folder, 'uploads'))).toEqual([]);
  });

  test('what comes after a refused body is not a request', async () => {
    const server = await startTestServer();
    const anonymous = `${upload(digestOf('x'))} HTTP/1.1\r\nhost: x\r\ncontent-length: ${inner.length}\r\nconnection: close\r\n\r\n`;
    expect(await statuses(server, anonymous + inner)).toEqual([401]);
  });

  test('a whole address is read as its path, and its host as the host', async () => {
    const server = await startTestServer();
    await server.pushImage('a', '1', 'x');
    expect(await statuses(server, head('GET http://elsewhere/v2/a/tags/list?n=1', 'host: x'))).toEqual([200]);
    expect(await statuses(server, head('GET HTTP://elsewhere', 'host: x'))).toEqual([404]);
    expect(await statuses(server, head('GET http://elsewhere/v2/b/../a/tags/list', 'host: x'))).toEqual([400]);
    expect(await statuses(server, head('GET ftp://elsewhere/v2/', 'host: x'))).toEqual([404]);
  });
});

describe('odd, and answered', () => {
  test('requests in a row, without waiting', async () => {
    const server = await startTestServer();
    const one = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
    expect(await statuses(server, one.repeat(100) + head('GET /v2/', 'host: x'))).toEqual(Array(101).fill(200));
  });

  test.each([
    ['OPTIONS *', 404],
    ['OPTIONS /v2/', 405],
    ['TRACE /v2/', 405],
    ['GET /v2/a/manifests/%2e%2e', 400],
    ['GET /v2/a%2fb/tags/list', 400],
    ['GET /v2/a%00/tags/list', 400],
    [`GET /v2/a/manifests/${'t'.repeat(129)}`, 400],
    [`GET /v2/a/manifests/${'t'.repeat(128)}`, 404],
    [`GET /v2/${'a/'.repeat(5000)}tags/list`, 400],
    [`GET /v2/${'a'.repeat(40_000)}`, 431],
    ['GET //v2/', 404],
    ['GET /v2//', 404],
  ])('%s', async (line, status) => {
    const server = await startTestServer();
    expect(await statuses(server, head(line, 'host: x'))).toEqual([status]);
  });

  test('thousands of headers, and what is expected', async () => {
    const server = await startTestServer();
    expect(await statuses(server, head('GET /v2/', 'host: x', ...Array<string>(10_000).fill('a: b')))).toEqual([431]);
    const body = ['host: x', 'content-length: 2'] as const;
    expect(await statuses(server, `${head(upload(digestOf('hi')), ...body, 'expect: 100-continue')}hi`)).toEqual([
      100, 201,
    ]);
    expect(await statuses(server, `${head(upload(digestOf('ho')), ...body, 'expect: 200-ok')}ho`)).toEqual([417]);
  });

  test('a HEAD with a body, and HTTP/1.0', async () => {
    const server = await startTestServer();
    expect(await statuses(server, `${head('HEAD /v2/', 'host: x', 'content-length: 5')}hello`)).toEqual([200]);
    expect(await statuses(server, `GET /v2/ HTTP/1.0\r\nauthorization: ${everything}\r\n\r\n`)).toEqual([200]);
  });
});

test('ranges: the part, the whole, or 416, and never more than there is', async () => {
  const server = await startTestServer();
  const digest = await server.pushBlob('a', '0123456789');
  const many = Array.from({ length: 3000 }, (_, i) => `${i}-${i}`).join(',');
  for (const [range, status, body] of [
    ['bytes=0-', 206, '0123456789'],
    ['bytes=9-', 206, '9'],
    ['bytes=0-999999999999999', 206, '0123456789'],
    ['bytes=-3', 206, '789'],
    ['bytes=-99', 206, '0123456789'],
    ['bytes=10-', 416, undefined],
    ['bytes=-0', 416, undefined],
    ['bytes=5-2', 416, undefined],
    ['bytes=0-0,1-1', 200, '0123456789'],
    [`bytes=${many}`, 200, '0123456789'],
    ['bytes=0-,0-,0-', 200, '0123456789'],
    ['bytes=99999999999999999999-', 200, '0123456789'],
    ['bytes=--1', 200, '0123456789'],
    ['items=0-1', 200, '0123456789'],
  ] as const) {
    const answer = await server.ask('GET', `/v2/a/blobs/${digest}`, { headers: { range } });
    expect([range, answer.status]).toEqual([range, status]);
    if (body !== undefined) expect(answer.body.toString()).toBe(body);
  }
});

test('T60 what looks like SQL is text', async () => {
  const server = await startTestServer();
  await server.pushImage('a', '1', 'x');
  const { digest } = imageManifest('x');
  for (const text of [
    "' OR 1=1 --",
    "'; DROP TABLE manifests; --",
    '" UNION SELECT secret_hash FROM robots --',
    '%',
    '\0',
    '\u{d800}',
  ]) {
    const query = encodeURIComponent(text.toWellFormed());
    const tags = await server.ask('GET', `/v2/a/tags/list?last=${query}&n=1`);
    expect(tags.status).toBe(200);
    expect((await server.ask('GET', `/v2/_catalog?last=${query}`)).status).toBe(200);
    const referrers = await server.ask('GET', `/v2/a/referrers/${digest}?artifactType=${query}&last=${query}`);
    expect(JSON.parse(referrers.body.toString())).toMatchObject({ manifests: [] });
    expect((await server.ask('GET', `/v2/a/manifests/${query}`)).status).toBe(400);
  }
  expect((await server.ask('GET', '/v2/a/manifests/1')).status).toBe(200);
});

test('a manifest of exactly 4 MiB is taken, and one byte more is not', async () => {
  const server = await startTestServer();
  const { blobs } = imageManifest('x');
  for (const blob of blobs) await server.pushBlob('a', blob);
  const sized = (size: number): Buffer => {
    const empty = imageManifest('x', { annotations: { p: '' } }).bytes.length;
    return imageManifest('x', { annotations: { p: 'x'.repeat(size - empty) } }).bytes;
  };
  const headers = { 'content-type': imageType };
  const exact = await server.ask('PUT', '/v2/a/manifests/1', { body: sized(4 * 2 ** 20), headers });
  expect(exact.status).toBe(201);
  expect((await server.ask('GET', '/v2/a/manifests/1')).body.length).toBe(4 * 2 ** 20);
  expect((await server.ask('PUT', '/v2/a/manifests/2', { body: sized(4 * 2 ** 20 + 1), headers })).status).toBe(413);
});

test('T68 what is asked for is one inert line of the log', async () => {
  const server = await startTestServer();
  const hostile = ['\u001b[31m', '%0d%0afake: line', '\u009b2J', '\u202e', '::error::x', '"},{"a":"'];
  for (const text of hostile) await statuses(server, head(`GET /v2/${encodeURI(text)}/tags/list`, 'host: x'));
  await statuses(server, head('GET /v2/\u009b\u0085/tags/list', 'host: x'));
  for (const { path } of server.requests) expect(String(path)).toMatch(/^[\x20-\x7e]*$/);
});
