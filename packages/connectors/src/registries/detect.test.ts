import { expect, test } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import { freePort } from '@plombe/oci/testing/peers';
import { answer, startServer } from '@plombe/oci/testing/server';
import { startMsr } from '../testing/msr/server.ts';
import { detectKind } from './detect.ts';
import { openConnector, registryKinds } from './open.ts';

const ctx = networkContext();
const retry = { attempts: 1 };
const of = (registry: string) => detectKind({ registry, network: { plainHttp: true, retry } }, ctx, ctx);

/** Answers these paths; everything else is a page of the web interface. */
async function serve(
  documents: Readonly<Record<string, readonly [status: number, document: unknown]>>,
): Promise<string> {
  return startServer((request, response) => {
    const [status, document] = documents[request.url ?? ''] ?? [200, undefined];
    if (document === undefined) return void response.end('<!doctype html>');
    return answer(response, status, document);
  });
}

test('login servers of Azure are told by their name, and nothing is asked', async () => {
  expect(await of('contoso.azurecr.io')).toBe('acr');
  expect(await of('contoso.azurecr.cn')).toBe('acr');
});

test('T31 what only looks like one is asked like any other', async () => {
  expect(await of(`127.0.0.1:${await freePort()}`)).toBe('oci');
  const timeouts = await detectKind({ registry: 'contoso.azurecr.io.invalid', network: { retry } }, ctx, ctx);
  expect(timeouts).toBe('oci');
});

test('Harbor and MSR by a route of their own', async () => {
  expect(await of(await serve({ '/api/v2.0/systeminfo': [200, { auth_mode: 'db_auth' }] }))).toBe('harbor');
  expect(await of(await serve({ '/api/v0/meta/features': [200, { scanningEnabled: true }] }))).toBe('msr');
  expect(await of(await serve({ '/api/v0/meta/features': [401, { errors: [{ code: 'NOT_AUTHENTICATED' }] }] }))).toBe(
    'msr',
  );
  const { host, caFile } = await startMsr();
  expect(await detectKind({ registry: host, network: { caFiles: [caFile], retry } }, ctx, ctx)).toBe('msr');
});

test('a web page for every path, other words and nonsense are any registry', async () => {
  expect(await of(await serve({}))).toBe('oci');
  expect(await of(await serve({ '/api/v2.0/systeminfo': [200, []], '/api/v0/meta/features': [403, {}] }))).toBe('oci');
});

test('each kind opens a connector of it', () => {
  for (const kind of registryKinds) {
    const registry = kind === 'acr' ? 'contoso.azurecr.io' : 'registry.example';
    const connector = openConnector(kind, { registry, network: {} }, ctx);
    expect([connector.kind, connector.registry]).toEqual([kind, registry]);
    connector.close();
  }
});

test('one that is throttled or fails may be any kind: asked again, and then an error, never taken for any registry', async () => {
  let left = 2;
  const late = await startServer((request, response) => {
    if (left-- > 0) return void response.writeHead(503, { 'retry-after': '0' }).end();
    return answer(response, 200, request.url === '/api/v2.0/systeminfo' ? { auth_mode: 'db_auth' } : {});
  });
  const network = { plainHttp: true, retry: { attempts: 3, baseMs: 1 } } as const;
  expect(await detectKind({ registry: late, network }, ctx, ctx)).toBe('harbor');
  const storm = await startServer((_, response) => void response.writeHead(429, { 'retry-after': '86400' }).end());
  await expect(of(storm)).rejects.toMatchObject({ code: 'registry/rate-limited' });
  const down = await startServer((_, response) => void response.writeHead(503).end());
  await expect(of(down)).rejects.toMatchObject({ code: 'registry/unreachable' });
});

test('T39 one whose certificate nobody vouches for is an error', async () => {
  const { host, asked } = await startMsr();
  await expect(detectKind({ registry: host, network: { retry } }, ctx, ctx)).rejects.toMatchObject({
    code: 'registry/tls',
  });
  expect(asked).toEqual([]);
});
