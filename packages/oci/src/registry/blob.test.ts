import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../sources/testing/context.ts';
import { createAuthority, readCertificate } from '../testing/certificates.ts';
import { emptyManifest as manifest, descriptorOf, fetchTag, outcome, readBlob } from '../testing/client.ts';
import { hasProgram } from '../testing/peers.ts';
import { answer, startServer } from '../testing/server.ts';

describe('redirects and blobs', () => {
  const bytes = randomBytes(300_000);
  const descriptor = descriptorOf(bytes);

  test('T32 authorization is gone at another host, and stays at the registry', async () => {
    const seen: Record<string, string | undefined> = {};
    const storage = await startServer((request, response) => {
      seen['storage'] = request.headers.authorization;
      response.end(bytes);
    });
    const host = await startServer((request, response) => {
      seen[request.url ?? ''] = request.headers.authorization;
      if (!request.headers.authorization) return answer(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' });
      const location = request.url?.startsWith('/v2') ? '/elsewhere' : `http://${storage}/blob`;
      return void response.writeHead(307, { location }).end();
    });
    const credentials = { [host]: { kind: 'password', username: 'u', password: 'p' } } as const;
    expect((await readBlob(host, descriptor, { credentials })).equals(bytes)).toBe(true);
    expect(seen['/elsewhere']).toContain('Basic');
    expect(seen['storage']).toBeUndefined();
  });

  test.each([
    ['/v2/app/manifests/1', 'redirects more than 5 times'],
    ['http://169.254.169.254/latest/meta-data/', 'registry/blocked-address'],
    ['http://[::ffff:169.254.169.254]/', 'registry/blocked-address'],
    ['file:///etc/passwd', 'which is refused'],
    ['http://', 'without a valid location'],
  ])('T32 T33 a redirect to %s is refused', async (location, part) => {
    const host = await startServer((_, response) => void response.writeHead(302, { location }).end());
    expect(await fetchTag(host)).toContain(part);
  });

  test.skipIf(!hasProgram('openssl'))(
    'T32 T39 https never leads to http, not even to the registry itself',
    async () => {
      const authority = createAuthority(temporaryFolder());
      const paths: string[] = [];
      const plain = await startServer((request, response) => {
        paths.push(request.url ?? '');
        answer(response, 200, manifest);
      });
      const secure = await startServer(
        (_, response) => void response.writeHead(301, { location: `http://${plain}/x` }).end(),
        readCertificate(authority.issue('redirects', 'IP:127.0.0.1')),
      );
      const options = { plainHttp: [plain], caFiles: [authority.caFile] };
      expect(await fetchTag(secure, options)).toContain('from https:// to http://');
      expect(paths).toEqual([]);
    },
  );

  test('T33 a registry in public may not redirect inside', async () => {
    const inside = await startServer((_, response) => answer(response, 200, manifest));
    const port = inside.split(':')[1] ?? '';
    for (const name of ['127.0.0.1', 'localhost', '0x7f.1', '10.0.0.1']) {
      const location = `http://${name}:${port}/`;
      // What answers through a proxy counts as public: the proxy hides where it is.
      const proxy = await startServer((_, response) => void response.writeHead(302, { location }).end());
      const options = { proxy: { http: `http://${proxy}` } };
      expect(await fetchTag('registry.example', options)).toContain('registry/blocked-address');
    }
  });

  test('resumes a blob where the connection broke', async () => {
    const ranges: (string | undefined)[] = [];
    const host = await startServer((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const from = Number(/bytes=([0-9]+)-/.exec(range ?? '')?.[1] ?? 0);
      const status = range === undefined ? 200 : 206;
      const contentRange = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(status, { 'content-length': bytes.length - from, 'content-range': contentRange });
      response.write(bytes.subarray(from, from + 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await readBlob(host, descriptor)).equals(bytes)).toBe(true);
    expect(ranges.length).toBeGreaterThanOrEqual(3);
    expect(ranges[1]).toBe('bytes=100000-');
    expect((await readBlob(host, descriptor, {}, 250_000)).equals(bytes.subarray(250_000))).toBe(true);
  });

  test('starts again and skips where ranges are not understood', async () => {
    let calls = 0;
    const host = await startServer((_, response) => {
      calls += 1;
      response.writeHead(200, { 'content-length': bytes.length });
      if (calls > 1) return void response.end(bytes);
      return void response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    });
    expect((await readBlob(host, descriptor)).equals(bytes)).toBe(true);
    expect(calls).toBe(2);
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    [
      'another range',
      (_, response) => void response.writeHead(206, { 'content-range': 'bytes 0-9/300000' }).end('x'),
      'another range',
    ],
    [
      'more bytes than promised',
      (_, response) => void response.writeHead(200).end(Buffer.alloc(400_000)),
      'sends more than',
    ],
    [
      'a longer length',
      (_, response) => void response.writeHead(200, { 'content-length': '400000' }).write('x'),
      'sends more than',
    ],
    ['fewer bytes', (_, response) => void response.writeHead(200).end('x'), 'after'],
    ['nothing at all', (_, response) => void response.writeHead(200).end(), 'after 50 of 300000'],
    ['a 416', (_, response) => void response.writeHead(416).end(), 'status 416'],
  ])('T35 a blob with %s ends in an error', async (_, handler, part) => {
    const host = await startServer(handler);
    expect(await outcome(readBlob(host, descriptor, {}, 50))).toContain(part);
  });

  test('T36 a blob that is deleted while it is read is not found', async () => {
    let calls = 0;
    const host = await startServer((_, response) => {
      calls += 1;
      if (calls > 1) return answer(response, 404, { errors: [{ code: 'BLOB_UNKNOWN' }] });
      response.writeHead(200, { 'content-length': bytes.length });
      return void response.write('x', () => setTimeout(() => response.destroy(), 20));
    });
    expect(await outcome(readBlob(host, descriptor))).toContain('(404, BLOB_UNKNOWN)');
  });

  test('T35 storms are waited out within the attempts, and named after them', async () => {
    let calls = 0;
    const recovers = await startServer((_, response) => {
      calls += 1;
      if (calls < 3) return answer(response, 429, {}, { 'retry-after': '0' });
      return answer(response, 200, manifest);
    });
    expect(await fetchTag(recovers)).toBe('done');
    calls = 0;
    const storm = await startServer((_, response) => {
      calls += 1;
      answer(response, 503, {});
    });
    expect(await fetchTag(storm)).toContain('failed with status 503');
    expect(calls).toBe(3);
    const limited = await startServer((_, response) => answer(response, 429, {}, { 'retry-after': '315360000' }));
    expect(await fetchTag(limited)).toContain('3650 days');
  });
});
