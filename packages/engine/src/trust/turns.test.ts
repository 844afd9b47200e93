import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from './turns.ts';

test('answers come in the order of the work, never more at a time than allowed', async () => {
  let running = 0;
  let most = 0;
  const work = Array.from({ length: 20 }, (_, index) => async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep((index * 7) % 5);
    running -= 1;
    return index;
  });
  expect(await inTurns(work, 3)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(3);
  expect(await inTurns([], 3)).toEqual([]);
});

test('after a failure nothing further is begun', async () => {
  const begun: number[] = [];
  const work = Array.from({ length: 10 }, (_, index) => async () => {
    begun.push(index);
    await sleep(1);
    if (index === 1) throw new Error('no');
  });
  await expect(inTurns(work, 2)).rejects.toThrow('no');
  await sleep(20);
  expect(begun.length).toBeLessThan(5);
});
