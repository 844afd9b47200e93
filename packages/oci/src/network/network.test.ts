import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { networkContext } from '../testing/context.ts';
import { answer, startProxy, startServer } from '../testing/server.ts';
import { addressScope, scopeAllows } from './address.ts';
import { createHttpClient, type HttpRequest, type NetworkOptions } from './client.ts';
import { proxyFor } from './proxy.ts';
import { parseRetryAfter, statusError, withRetries } from './retry.ts';

const signal = new AbortController().signal;
const ctx = networkContext();

async function send(options: NetworkOptions, request: Partial<HttpRequest> & { url: URL }): Promise<string> {
  const client = createHttpClient(options, ctx);
  try {
    const response = await client.send({ method: 'GET', limit: 'loopback', signal, ...request });
    return `${response.status} ${Buffer.from((await response.readAll(1e6)) ?? []).toString()}`;
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  } finally {
    client.close();
  }
}

describe('addresses', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.9.9.9', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['169.254.169.254', 'blocked'],
    ['169.254.1.1', 'blocked'],
    ['168.63.129.16', 'blocked'],
    ['100.100.100.200', 'blocked'],
    ['224.0.0.1', 'blocked'],
    ['255.255.255.255', 'blocked'],
    ['fe80::1', 'blocked'],
    ['fe80::1%eth0', 'blocked'],
    ['fd00:ec2::254', 'blocked'],
    ['ff02::1', 'blocked'],
  ])('T33 %s is %s', (address, scope) => {
    expect(addressScope(address)).toBe(scope);
  });

  test.each(['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '::a9fe:a9fe'])(
    'T33 sees the link-local address inside %s',
    (address) => {
      expect(addressScope(address)).toBe('blocked');
    },
  );

  test('T33 a mapped address has the scope of the address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressScope(`::ffff:${address}`)).toBe(addressScope(address));
      }),
    );
  });

  test('T33 the limit of a hop is the scope it came from', () => {
    expect(scopeAllows('public', 'private')).toBe(false);
    expect(scopeAllows('private', 'private')).toBe(true);
    expect(scopeAllows('private', 'loopback')).toBe(false);
    expect(scopeAllows('loopback', 'private')).toBe(true);
    expect(scopeAllows('loopback', 'blocked')).toBe(false);
  });

  test('T33 addresses are checked after resolution and when they are literal', async () => {
    const host = await startServer((_, response) => void response.end('inside'));
    const port = host.split(':')[1] ?? '';
    expect(await send({}, { url: new URL(`http://localhost:${port}/`) })).toBe('200 inside');
    for (const name of ['localhost', '127.0.0.1', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]']) {
      const url = new URL(`http://${name}:${port}/`);
      expect(await send({}, { url, limit: 'public' })).toContain('registry/blocked-address');
    }
    const metadata = new URL('http://169.254.169.254/latest/');
    expect(await send({}, { url: metadata })).toContain('registry/blocked-address');
  });
});

describe('proxies', () => {
  const rules = {
    http: 'http://p:1',
    https: 'p.example:2',
    no: 'a.example, .b.example,10.0.0.0/8, c.example:8443,[fd00::1]',
  };
  test.each([
    ['https://x.example/', 'p.example:2'],
    ['http://x.example/', 'p:1'],
    ['https://a.example/', undefined],
    ['https://sub.a.example/', undefined],
    ['https://b.example/', 'p.example:2'],
    ['https://x.b.example/', undefined],
    ['https://xb.example/', 'p.example:2'],
    ['https://10.9.9.9/', undefined],
    ['https://11.9.9.9/', 'p.example:2'],
    ['https://c.example/', 'p.example:2'],
    ['https://c.example:8443/', undefined],
    ['https://[fd00::1]/', undefined],
    ['https://localhost:5000/', undefined],
    ['http://127.0.0.1/', undefined],
  ])('%s goes through %s', (url, proxy) => {
    expect(proxyFor(new URL(url), rules)?.host).toBe(proxy);
  });

  test('star excludes everything; other kinds of proxy are refused', () => {
    expect(proxyFor(new URL('https://x/'), { https: 'http://p', no: '*' })).toBeUndefined();
    expect(() => proxyFor(new URL('https://x/'), { https: 'socks5://p' })).toThrow('not an http or https address');
  });

  test('plain requests carry the whole address and the user of the proxy', async () => {
    const { address, asked } = await startProxy('127.0.0.1:1');
    const url = new URL('http://registry.example/v2/?a=b');
    expect(await send({ proxy: { http: `http://u:p@${address}` } }, { url })).toContain('proxied');
    expect(asked).toEqual(['GET http://registry.example/v2/?a=b']);
  });

  test('a proxy that refuses a tunnel is named, its password is not', async () => {
    const { address } = await startProxy('127.0.0.1:1', 'Basic other');
    const url = new URL('https://registry.example/v2/');
    const message = await send({ proxy: { https: `http://user:hidden@${address}` } }, { url });
    expect(message).toContain('refused a tunnel to registry.example:443 (407)');
    expect(message).not.toContain('hidden');
  });
});

describe('deadlines', () => {
  const timeouts = { connectMs: 10_000, headersMs: 150, idleMs: 150 };

  test('T35 a server that never answers, stalls or trickles is left', async () => {
    const silent = await startServer(() => {});
    expect(await send({ timeouts }, { url: new URL(`http://${silent}/`) })).toContain('sent no answer within 0.15 s');
    const stalls = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x');
    });
    expect(await send({ timeouts: { idleMs: 150 } }, { url: new URL(`http://${stalls}/`) })).toContain(
      'sent no further bytes',
    );
    const trickles = await startServer((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    });
    const patient = { headersMs: 10_000, idleMs: 1000 };
    expect(await send({ timeouts: patient }, { url: new URL(`http://${trickles}/`) })).toContain('too slowly');
  });

  test("the reader's own time does not count", async () => {
    const host = await startServer((_, response) => void response.end(Buffer.alloc(300_000)));
    const client = createHttpClient({ timeouts: { idleMs: 150 } }, ctx);
    const { body } = await client.send({ method: 'GET', url: new URL(`http://${host}/`), limit: 'loopback', signal });
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size < 200_000) await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(size).toBe(300_000);
    client.close();
  });

  test('T35 a truncated body and a cancelled request are told apart', async () => {
    const cuts = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x', () => response.destroy());
    });
    expect(await send({}, { url: new URL(`http://${cuts}/`) })).toContain('closed the connection');
    const silent = await startServer(() => {});
    const url = new URL(`http://${silent}/`);
    expect(await send({}, { url, signal: AbortSignal.timeout(50) })).toContain('operation/cancelled');
  });

  test('what is not HTTP or not TLS, nobody there, and no such name', async () => {
    const raw = await startServer((request) => void request.socket.end('nonsense\r\n\r\n'));
    expect(await send({}, { url: new URL(`http://${raw}/`) })).toContain('not HTTP');
    expect(await send({}, { url: new URL(`https://${raw}/`) })).toContain('does not speak TLS');
    expect(await send({}, { url: new URL('http://127.0.0.1:1/') })).toContain('refused the connection');
    expect(await send({}, { url: new URL('http://no-such-host.invalid/') })).toContain('registry/unreachable');
  });
});

describe('retries', () => {
  const options = { attempts: 4, baseMs: 1, maxWaitMs: 50 };

  test('T35 a storm of 503 ends honestly, a Retry-After of ten years at once', async () => {
    let calls = 0;
    const storm = (retryAfter?: string) => async (): Promise<never> => {
      calls += 1;
      throw statusError('x', 503, retryAfter, 0);
    };
    await expect(withRetries(options, ctx, signal, storm())).rejects.toThrow('failed with status 503');
    expect(calls).toBe(4);
    calls = 0;
    await expect(withRetries(options, ctx, signal, storm('315360000'))).rejects.toThrow('asks to wait 3650 days');
    expect(calls).toBe(1);
  });

  test.each([
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 1969 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    [undefined, undefined],
  ])('reads Retry-After %s', (text, ms) => {
    expect(parseRetryAfter(text, 0)).toBe(ms);
  });

  test('waits are cancelled', async () => {
    const work = withRetries(
      { ...options, baseMs: 10_000, maxWaitMs: 10_000 },
      ctx,
      AbortSignal.timeout(20),
      async () => {
        throw statusError('x', 500, undefined, 0);
      },
    );
    await expect(work).rejects.toThrow();
  });
});

test('an answer may be JSON', async () => {
  const host = await startServer((_, response) => answer(response, 200, { a: 1 }));
  expect(await send({}, { url: new URL(`http://${host}/`) })).toBe('200 {"a":1}');
});
