// A listener takes a renewed certificate while it serves, and keeps the one before where the new one cannot be used.
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { issue } from '../../../pki/src/testing/authority.ts';
import { listen } from './listener.ts';

const pem = (key: KeyObject): string => String(key.export({ format: 'pem', type: 'pkcs8' }));

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString().split('\r\n', 1)[0] ?? '';
}

test('new connections get the renewed certificate, and those that are there go on', async () => {
  const [before, after] = [issue({ subject: ['CN=before'] }), issue({ subject: ['CN=after'] })];
  const tls = { certPem: before.pem, keyPem: pem(before.key) };
  const listener = await listen((_, response) => response.end('ok'), { host: '127.0.0.1', port: 0, tls });
  onTestFinished(() => listener.close(0));
  const port = Number(new URL(listener.url).port);
  const nameAt = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN;

  const early = await open(port);
  expect(nameAt(early)).toBe('before');
  listener.renew({ certPem: after.pem, keyPem: pem(after.key) });
  expect(nameAt(await open(port))).toBe('after');
  expect(await ask(early)).toBe('HTTP/1.1 200 OK');

  for (const bad of [
    { certPem: before.pem, keyPem: pem(after.key) },
    { certPem: '', keyPem: '' },
  ])
    expect(() => listener.renew(bad)).toThrow(/--tls-/);
  const late = await open(port);
  expect(nameAt(late)).toBe('after');
  expect(await ask(late)).toBe('HTTP/1.1 200 OK');
});
