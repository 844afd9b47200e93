// A context for tests of the network: real time, real chance, no log.
import { randomBytes } from 'node:crypto';
import type { Context } from '@plombe/model';

/** Returns a context with the real clock; `nowMs` replaces it. */
export function networkContext(signal: AbortSignal = new AbortController().signal, nowMs = () => Date.now()): Context {
  return {
    clock: { nowMs },
    random: (size) => randomBytes(size),
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    fetch: () => Promise.reject(new Error('not used')),
    signal,
  };
}
