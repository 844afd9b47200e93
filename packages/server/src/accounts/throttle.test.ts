// Who guesses must wait, and nobody else has to.
import { expect, test } from 'vitest';
import { basic, startFront } from './testing/front.ts';
import { openThrottle } from './throttle.ts';

function open(): { throttle: ReturnType<typeof openThrottle>; clock: { ms: number } } {
  const clock = { ms: 1_000_000 };
  return { throttle: openThrottle({ nowMs: () => clock.ms }), clock };
}

test('T65 ten failures of an account from an address, then the right password waits too', async () => {
  const front = await startFront();
  const { username, password } = front.robot();
  const status = async (secret: string): Promise<number> =>
    (await fetch(`http://${front.host}/v2/`, { headers: basic(username, secret) })).status;
  for (let count = 0; count < 10; count++) expect(await status('wrong')).toBe(401);
  const answer = await fetch(`http://${front.host}/v2/`, { headers: basic(username, password) });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const token = await fetch(`http://${front.host}/auth/token`, { headers: basic(username, password) });
  expect([token.status, Number(token.headers.get('retry-after')) > 0]).toEqual([429, true]);
  front.clock.advance(60_000);
  expect(await status(password)).toBe(200);
});

test('an address that tries many names waits, whoever logged in from there before does not', () => {
  const { throttle } = open();
  throttle.succeeded({ account: 'good', address: '192.0.2.1' });
  for (let count = 0; count < 50; count++) throttle.failed({ account: `guess${count}`, address: '192.0.2.1' });
  expect(throttle.waitSeconds({ account: 'new', address: '192.0.2.1' })).toBe(60);
  expect(throttle.waitSeconds({ account: 'good', address: '192.0.2.1' })).toBeUndefined();
  expect(throttle.waitSeconds({ account: 'new', address: '192.0.2.2' })).toBeUndefined();
});

test('failures from everywhere lock an account nowhere; those who fail are told to wait', () => {
  const { throttle } = open();
  const attempt = (at: number): { account: string; address: string } => ({
    account: 'victim',
    address: `192.0.2.${at}`,
  });
  const told = Array.from({ length: 60 }, (_, at) => throttle.failed(attempt(at)));
  expect(told.slice(0, 50).every((wait) => wait === undefined)).toBe(true);
  expect(told[55]).toBe(60);
  expect(throttle.waitSeconds(attempt(100))).toBeUndefined();
});

test('addresses of one IPv6 network count as one', () => {
  const { throttle } = open();
  for (let count = 0; count < 50; count++)
    throttle.failed({ account: `a${count}`, address: `2001:db8:1:2::${count.toString(16)}` });
  expect(throttle.waitSeconds({ account: 'x', address: '2001:db8:1:2:ffff::1' })).toBe(60);
  expect(throttle.waitSeconds({ account: 'x', address: '2001:db8:1:3::1' })).toBeUndefined();
});

test('a clock that is set back makes nobody wait for longer', () => {
  const { throttle, clock } = open();
  const attempt = { account: 'a', address: '192.0.2.1' };
  for (let count = 0; count < 10; count++) throttle.failed(attempt);
  expect(throttle.waitSeconds(attempt)).toBe(60);
  clock.ms -= 500_000;
  expect(throttle.waitSeconds(attempt)).toBeUndefined();
});

test('a flood of names and addresses is not remembered for ever', () => {
  const { throttle } = open();
  const first = { account: 'first', address: '192.0.2.1' };
  for (let count = 0; count < 10; count++) throttle.failed(first);
  for (let count = 0; count < 10_000; count++)
    throttle.failed({ account: `n${count}`, address: `198.51.${count >> 8}.${count & 255}` });
  expect(throttle.waitSeconds(first)).toBeUndefined();
});
