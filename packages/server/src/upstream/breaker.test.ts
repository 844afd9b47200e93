import { expect, test } from 'vitest';
import { isPlombeError, PlombeError } from '@plombe/kit';
import { statusError } from '@plombe/oci';
import { createBreaker } from './breaker.ts';

function stage() {
  let nowMs = 1_000_000;
  const breaker = createBreaker({ nowMs: () => nowMs });
  let calls = 0;
  const ask = async (outcome: PlombeError | 'fine'): Promise<string> => {
    try {
      return await breaker.run(() => {
        calls += 1;
        return outcome === 'fine' ? Promise.resolve('fine') : Promise.reject(outcome);
      });
    } catch (error) {
      return isPlombeError(error) ? error.code : String(error);
    }
  };
  return { breaker, ask, calls: () => calls, advance: (ms: number) => void (nowMs += ms) };
}

const down = new PlombeError('registry/unreachable', 'down');

test('five failures in a row open it, longer each time; one asks for all', async () => {
  const { breaker, ask, calls, advance } = stage();
  for (let i = 0; i < 4; i++) await ask(down);
  expect(breaker.restMs()).toBe(0);
  await ask(down);
  expect([breaker.restMs(), calls()]).toEqual([1000, 5]);
  expect([await ask('fine'), calls()]).toEqual(['registry/unreachable', 5]);
  advance(1000);
  const [first, second] = await Promise.all([ask(down), ask('fine')]);
  expect([first, second, calls(), breaker.restMs()]).toEqual(['registry/unreachable', 'registry/unreachable', 6, 2000]);
  for (const restMs of [4000, 8000, 16_000, 30_000, 30_000]) {
    advance(breaker.restMs());
    await ask(down);
    expect(breaker.restMs()).toBe(restMs);
  }
  advance(30_000);
  expect([await ask('fine'), await ask('fine'), breaker.restMs()]).toEqual(['fine', 'fine', 0]);
});

test('what it asks for is done at once, for a minute at most', async () => {
  const { breaker, ask, advance } = stage();
  await ask(statusError('h', 429, '20', 0));
  expect(breaker.restMs()).toBe(20_000);
  advance(20_000);
  await ask(statusError('h', 503, '315360000', 0));
  expect(breaker.restMs()).toBe(60_000);
  // The clock was set back.
  advance(-86_400_000);
  expect(breaker.restMs()).toBe(60_000);
});

test('an answer about what was asked for is no outage', async () => {
  const { breaker, ask, calls } = stage();
  for (let i = 0; i < 20; i++)
    expect(await ask(new PlombeError('registry/not-found', 'no'))).toBe('registry/not-found');
  expect([breaker.restMs(), calls()]).toEqual([0, 20]);
});
