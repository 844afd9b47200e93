// Small bodies: whole, too large, and never there.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startServer } from '@plombe/oci/testing/server';
import { readSmallBody } from './http.ts';

/** Sends a request that says it has `length` bytes, and what of it comes. Returns what was read, and what was answered. */
async function send(length: number, body: string, withinMs?: number): Promise<readonly [unknown, string]> {
  const read = Promise.withResolvers<string | undefined>();
  const host = await startServer((request, response) => {
    readSmallBody(request, withinMs).then(read.resolve, read.reject);
    read.promise.then(
      () => response.end('read'),
      () => response.destroy(),
    );
  });
  const socket = connect(Number(new URL(`http://${host}`).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (piece: Buffer) => (answer += piece.toString())).on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`);
  await closed;
  return [await read.promise.catch((error: unknown) => error), answer];
}

test('a body that is there is read, and a large one is told to be too large', async () => {
  expect(await send(5, 'a=b&c')).toEqual(['a=b&c', expect.stringMatching(/read$/)]);
  expect(await send(70_000, 'x'.repeat(70_000))).toEqual([undefined, expect.stringMatching(/read$/)]);
});

test('T35 a body that never comes breaks the connection', async () => {
  const [failure, answer] = await send(100, 'grant', 50);
  expect(failure).toBeInstanceOf(Error);
  expect(answer).toBe('');
});
