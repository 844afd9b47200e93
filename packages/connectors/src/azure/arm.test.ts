// The client of Azure Resource Manager against servers that answer as none should.
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { createHttpClient } from '@plombe/oci';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { networkContext } from '@plombe/oci/testing/context';
import { hasProgram } from '@plombe/oci/testing/peers';
import { startProxy, startServer } from '@plombe/oci/testing/server';
import { armClient, type ArmClient } from './arm.ts';
import { cloudOf } from './cloud.ts';

const { signal } = new AbortController();
const call = { path: '/things', apiVersion: '2025-11-01', permission: 'Some.Provider/things/read' };

async function clientOf(
  answer: (response: ServerResponse, url: string) => void,
): Promise<{ arm: ArmClient; asked: string[] }> {
  const folder = mkdtempSync(`${tmpdir()}/plombe-arm-`);
  const authority = createAuthority(folder);
  const asked: string[] = [];
  const tls = readCertificate(authority.issue('arm', 'DNS:management.azure.com'));
  const server = await startServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    answer(response, request.url ?? '');
  }, tls);
  const { address } = await startProxy(server);
  const ctx = networkContext(signal);
  const client = createHttpClient({ caFiles: [authority.caFile], proxy: { https: `http://${address}` } }, ctx);
  onTestFinished(() => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const token = { token: async () => ({ value: 'token' }) };
  return { arm: armClient('https://management.azure.com', client, ctx, token, { attempts: 2, baseMs: 1 }), asked };
}

const outcome = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => JSON.stringify(value),
    (error: unknown) => (isPlombeError(error) ? `${error.code}: ${error.message}` : String(error)),
  );

const json =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };

test.skipIf(!hasProgram('openssl')).each([
  ['an object', json(200, '{"a":1}'), '{"a":1}'],
  [
    'a page of a proxy',
    json(200, '<html>'),
    'registry/invalid-answer: management.azure.com answered something that is no JSON object.',
  ],
  [
    'a list',
    json(200, '[]'),
    'registry/invalid-answer: management.azure.com answered something that is no JSON object.',
  ],
  [
    '17 MiB',
    json(200, `"${'x'.repeat(17 * 1024 * 1024)}"`),
    'registry/invalid-answer: management.azure.com answered with more than 16777216 bytes.',
  ],
  [
    'a redirect',
    json(302, '{}', { location: 'https://evil.example/' }),
    'registry/invalid-answer: management.azure.com (302) did not answer as documented, asked with Some.Provider/things/read.',
  ],
  [
    '401',
    json(401, '{}'),
    'registry/unauthorized: management.azure.com (401) does not take the token for Some.Provider/things/read.',
  ],
  [
    '403 with a code',
    json(403, '{"error":{"code":"AuthorizationFailed","message":"secret"}}'),
    'registry/forbidden: management.azure.com (403, AuthorizationFailed) refuses: the identity lacks Some.Provider/things/read.',
  ],
  [
    '403 with anything',
    json(403, '{"error":{"code":"<b>\\u001b[31m"}}'),
    'registry/forbidden: management.azure.com (403) refuses: the identity lacks Some.Provider/things/read.',
  ],
  [
    '404',
    json(404, '{"error":{"code":"ResourceNotFound"}}'),
    'registry/not-found: management.azure.com (404, ResourceNotFound) has nothing there, asked with Some.Provider/things/read.',
  ],
  [
    '429 for a day',
    json(429, '{}', { 'retry-after': '99999' }),
    'registry/rate-limited: management.azure.com limits the rate of requests (429); it asks to wait',
  ],
  ['a reset', (response: ServerResponse) => void response.destroy(), 'registry/unreachable'],
  [
    'a truncated body',
    (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"a":1}', () => response.destroy());
    },
    'registry/unreachable',
  ],
])('%s', async (_, answer, expected) => {
  const { arm } = await clientOf(answer);
  const found = await outcome(arm.get(call, { signal }));
  expect(found.startsWith(expected)).toBe(true);
});

test.skipIf(!hasProgram('openssl'))('no call for a secret leaves, and lists that never end do', async () => {
  let n = 0;
  const { arm, asked } = await clientOf((response) =>
    json(
      200,
      JSON.stringify({ value: [{ n }], nextLink: `https://management.azure.com/things?page=${(n += 1)}` }),
    )(response),
  );
  for (const action of [
    'listCredentials',
    'generateCredentials',
    'regenerateCredential',
    'webhooks/x/getCallbackConfig',
    'listClusterAdminCredential',
  ]) {
    const list = Array.fromAsync(arm.list({ ...call, path: `/r/${action}` }, { signal, method: 'POST' }));
    expect(await outcome(list)).toContain('internal/bug');
  }
  expect(asked).toEqual([]);
  expect(await outcome(Array.fromAsync(arm.list(call, { signal })))).toContain('has more than 2000 pages');
  expect(asked.every((line) => line.startsWith('GET /things?') && line.endsWith('Bearer token'))).toBe(true);
});

test.each([
  ['a1234.azurecr.io', 'https://management.azure.com'],
  ['a1234.azurecr.us', 'https://management.usgovcloudapi.net'],
  ['a1234.azurecr.cn', 'https://management.chinacloudapi.cn'],
  ['a1234.azurecr.de', undefined],
  ['localhost:5000', undefined],
])('T31 %s belongs to %s', (registry, expected) => {
  if (expected === undefined) expect(() => cloudOf(registry)).toThrow(/not a login server/);
  else expect(cloudOf(registry).arm).toBe(expected);
});
