import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Descriptor } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { digestOf } from '../manifest/verify.ts';
import { parseReference } from '../reference/reference.ts';
import { temporaryFolder } from '../sources/testing/context.ts';
import { createAuthority, readCertificate } from '../testing/certificates.ts';
import { networkContext } from '../testing/context.ts';
import { hasProgram } from '../testing/peers.ts';
import { answer, startServer, type Handler } from '../testing/server.ts';
import { createRegistryClient, type RegistryClient, type RegistryOptions } from './client.ts';
import { nextPath } from './pages.ts';

const signal = new AbortController().signal;
const ctx = networkContext();
const retry = { attempts: 3, baseMs: 1, maxWaitMs: 20 };
const manifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(Buffer.of(1)), size: 1 },
  layers: [],
};

async function withClient<T>(options: RegistryOptions, use: (client: RegistryClient) => Promise<T>): Promise<T> {
  const client = createRegistryClient({ plainHttp: true, retry, ...options }, ctx);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'done';
}

const fetchTag = (host: string, options: RegistryOptions = {}): Promise<string> =>
  outcome(withClient(options, (client) => client.fetchManifest(parseReference(`${host}/app:1`), { signal })));

function descriptorOf(bytes: Uint8Array): Descriptor {
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(bytes), sizeBytes: bytes.length };
}

async function readBlob(
  host: string,
  descriptor: Descriptor,
  options: RegistryOptions = {},
  offset = 0,
): Promise<Buffer> {
  return withClient(options, async (client) => {
    const chunks: Uint8Array[] = [];
    const blob = client.openBlob(parseReference(`${host}/app:1`), descriptor, { signal, offset });
    for await (const chunk of blob) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

describe('manifests', () => {
  test('T26 a document that does not fit its Content-Type is refused', async () => {
    const type = 'application/vnd.oci.image.index.v1+json';
    const host = await startServer((_, response) => answer(response, 200, manifest, { 'content-type': type }));
    expect(await fetchTag(host)).toContain('ambiguous');
  });

  test('T27 a manifest, a header or a blob with another digest is refused', async () => {
    const host = await startServer((request, response) => {
      if (request.url?.includes('/blobs/')) return void response.end('evil');
      const declared = request.url?.endsWith('/2') ? 'sha256:../../x' : digestOf(Buffer.of(7));
      return answer(response, 200, manifest, { 'docker-content-digest': declared });
    });
    expect(await fetchTag(host)).toContain('archive/digest-mismatch');
    const pinned = parseReference(`${host}/app@${digestOf(Buffer.of(9))}`);
    const second = parseReference(`${host}/app:2`);
    await withClient({}, async (client) => {
      expect(await outcome(client.fetchManifest(pinned, { signal }))).toContain('archive/digest-mismatch');
      expect(await outcome(client.fetchManifest(second, { signal }))).toContain('which is no digest');
      const descriptor = descriptorOf(Buffer.from('good'));
      expect(await outcome(client.fetchBlob(second, descriptor, 100, { signal }))).toContain('archive/digest-mismatch');
      expect(await outcome(client.fetchBlob(second, descriptor, 3, { signal }))).toContain('larger than the limit');
    });
  });

  test('T28 an endless manifest, one that says to be a gigabyte, and an endless error page are left', async () => {
    const endless =
      (status: number): Handler =>
      (_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 32)));
        };
        response.on('drain', more);
        more();
      };
    expect(await fetchTag(await startServer(endless(200)))).toContain('more than 4194304 bytes');
    expect(await fetchTag(await startServer(endless(404)))).toContain('registry/not-found');
    const huge = await startServer(
      (_, response) => void response.writeHead(200, { 'content-length': '1000000000' }).write('{'),
    );
    expect(await fetchTag(huge)).toContain('larger than the limit');
  });

  test('T28 lists of tags have limits in pages and never leave the registry', async () => {
    let pages = 0;
    const host = await startServer((request, response) => {
      pages += 1;
      const path = request.url ?? '';
      const next = path.includes('loop') ? path : `/v2/app/tags/list?n=1000&last=${pages}`;
      answer(response, 200, { tags: [`t${pages}`, 7] }, { link: `<${next}>; rel="next"` });
    });
    const list = (name: string): Promise<string> =>
      outcome(withClient({}, (client) => client.listTags(parseReference(`${host}/${name}`), { signal })));
    expect(await list('app')).toContain('more than 2000 pages');
    expect(await list('loop')).toContain('leads to an earlier one');
    const origin = 'https://x.io';
    const base = `${origin}/v2/a/tags/list`;
    expect(nextPath('<?last=b>; rel="next"', base, origin)).toBe('/v2/a/tags/list?last=b');
    expect(nextPath('<https://evil.example/v2/x>; rel="next"', base, origin)).toBeUndefined();
    expect(nextPath('</other>; rel="next"', base, origin)).toBeUndefined();
    expect(nextPath('</v2/x>; rel="prev"', base, origin)).toBeUndefined();
  });

  test('T29 referrers come from the API, filtered again, and have a limit', async () => {
    const entry = (artifactType: string): object => ({ ...manifest.config, artifactType });
    const index = (manifests: object[]): object => ({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    });
    const digest = digestOf(Buffer.of(1));
    const host = await startServer((request, response) => {
      if (request.url?.includes('/many/')) {
        return answer(response, 200, index(Array.from({ length: 10_001 }, () => entry('a'))));
      }
      return answer(response, 200, index([entry('a'), entry('b')]));
    });
    await withClient({}, async (client) => {
      const few = parseReference(`${host}/few`);
      const named = await client.listReferrers(few, digest, { signal, artifactType: 'b' });
      expect(named.map(({ artifactType }) => artifactType)).toEqual(['b']);
      const many = client.listReferrers(parseReference(`${host}/many`), digest, { signal });
      expect(await outcome(many)).toContain('more than 10000 entries');
    });
  });

  test('messages of a registry are not repeated', async () => {
    const body = { errors: [{ code: 'DENIED', message: 'token=secret \u001b[31m' }] };
    const host = await startServer((_, response) => answer(response, 403, body));
    const message = await fetchTag(host);
    expect(message).toContain('(403, DENIED)');
    expect(message).not.toContain('secret');
  });
});

test('registries for plain http are compared in their canonical form', async () => {
  const host = await startServer((_, response) => answer(response, 200, manifest));
  const port = host.split(':')[1] ?? '';
  expect(await fetchTag(`localhost:${port}`, { plainHttp: [`LocalHost:${port}`] })).toBe('done');
  expect(await fetchTag(`localhost:${port}`, { plainHttp: [host] })).toContain('registry/tls');
  expect(await fetchTag(host, { plainHttp: [`http://${host}`] })).toContain('no registry for plain http');
});

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

describe('tokens', () => {
  const password = (host: string): RegistryOptions => ({
    credentials: { [host]: { kind: 'password', username: 'u', password: 'p' } },
  });

  test('one token serves many requests at once, and is fetched anew when it is refused', async () => {
    const asked: string[] = [];
    let good = 't1';
    const host = await startServer((request, response) => {
      const url = new URL(request.url ?? '', `http://${request.headers.host}`);
      if (url.pathname === '/token') {
        asked.push(`${url.search} ${request.headers.authorization ?? ''}`);
        return answer(response, 200, { token: good, expires_in: 300 });
      }
      if (request.headers.authorization === `Bearer ${good}`) return answer(response, 200, manifest);
      const realm = `http://${request.headers.host}/token`;
      const scope = 'repository:app:pull,push,delete registry:catalog:*';
      return answer(
        response,
        401,
        {},
        { 'www-authenticate': `Bearer realm="${realm}",service="s,x",scope="${scope}"` },
      );
    });
    await withClient(password(host), async (client) => {
      const reference = parseReference(`${host}/app:1`);
      await Promise.all([1, 2, 3, 4].map(() => client.fetchManifest(reference, { signal })));
      expect(asked).toEqual([
        `?service=s%2Cx&scope=repository%3Aapp%3Apull&account=u Basic ${Buffer.from('u:p').toString('base64')}`,
      ]);
      good = 't2';
      await client.fetchManifest(reference, { signal });
      expect(asked.length).toBe(2);
    });
  });

  test.skipIf(!hasProgram('openssl'))(
    'T30 a realm on another host gets no credential unless it is allowed',
    async () => {
      const authority = createAuthority(temporaryFolder());
      const seen: (string | undefined)[] = [];
      const certificate = readCertificate(authority.issue('realm', 'IP:127.0.0.1'));
      const realm = await startServer((request, response) => {
        seen.push(request.headers.authorization);
        if (request.headers.authorization === undefined) return answer(response, 401, { error: 'denied' });
        return answer(response, 200, { access_token: 'good' });
      }, certificate);
      const host = await startServer((request, response) => {
        if (request.headers.authorization === 'Bearer good') return answer(response, 200, manifest);
        return answer(response, 401, {}, { 'www-authenticate': `Bearer realm="https://${realm}/token"` });
      });
      const options = { ...password(host), caFiles: [authority.caFile] };
      expect(await fetchTag(host, options)).toContain('which did not get its credentials');
      expect(seen).toEqual([undefined]);
      expect(await fetchTag(host, { ...options, realmAllow: { [host]: [realm] } })).toBe('done');
      expect(seen[1]).toContain('Basic');
    },
  );

  test.each(['http://127.0.0.1:1/token', 'https://user:secret@x.io/token', 'file:///etc/passwd', 'token', ''])(
    'T30 the realm "%s" is not called at all',
    async (realm) => {
      const host = await startServer((_, response) =>
        answer(response, 401, {}, { 'www-authenticate': `Bearer realm="${realm}"` }),
      );
      expect(await fetchTag(host, password(host))).toContain('not an https address');
    },
  );

  test.each([
    ['is no JSON', 'x', 'no JSON object'],
    ['has no token', '{}', 'without a usable token'],
    ['has a header in it', '{"token":"a\\r\\nx: y"}', 'without a usable token'],
    ['is 50 MB (T48)', `{"token":"${'a'.repeat(1_000_000)}"}`, 'more than 262144 bytes'],
  ])('a token answer that %s is refused', async (_, body, part) => {
    const host = await startServer((request, response) => {
      if (request.url?.startsWith('/token')) return void response.end(body);
      return answer(response, 401, {}, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token"` });
    });
    expect(await fetchTag(host)).toContain(part);
  });

  test('no way to log in is said', async () => {
    const host = await startServer((_, response) => answer(response, 401, {}, { 'www-authenticate': 'Negotiate' }));
    expect(await fetchTag(host)).toContain('names no way to log in');
  });
});
