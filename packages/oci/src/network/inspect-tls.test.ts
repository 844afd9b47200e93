import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority, readCertificate } from '../testing/certificates.ts';
import { freePort } from '../testing/peers.ts';
import { startServer } from '../testing/server.ts';
import { inspectTls } from './inspect-tls.ts';

const { signal } = new AbortController();
const authority = createAuthority(mkdtempSync(`${tmpdir()}/plombe-tls-`));
const certificate = readCertificate(authority.issue('inspected', 'IP:127.0.0.1'));
const ask = (host: string, newest?: 'TLSv1' | 'TLSv1.1') =>
  inspectTls({ host, timeoutMs: 5000, signal, ...(newest === undefined ? {} : { newest }) });

test('tells version, key and end of a certificate that nobody trusts', async () => {
  const host = await startServer((_, response) => response.end(), certificate);
  const answer = await ask(host);
  expect(answer).toMatchObject({ version: 'TLSv1.3', key: { type: 'EC', bits: 256 } });
  expect(Date.parse(answer?.expiresAt ?? '')).toBeGreaterThan(0);
  expect(await ask(host, 'TLSv1.1')).toBeUndefined();
});

test('finds that an old version is taken', async () => {
  const server = createServer({
    ...certificate,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await ask(host, 'TLSv1.1'))?.version).toBe('TLSv1.1');
  expect((await ask(host, 'TLSv1'))?.version).toBe('TLSv1');
});

test('a server that is not there, or speaks no TLS, is an error and no answer', async () => {
  await expect(ask(`127.0.0.1:${await freePort()}`, 'TLSv1')).rejects.toMatchObject({ code: 'registry/unreachable' });
  const plain = await startServer((_, response) => response.end());
  await expect(ask(plain)).rejects.toMatchObject({ code: 'registry/tls' });
  expect(() => ask('169.254.169.254')).toThrow(/metadata/);
});
