// Bodies of answers as byte streams: what arrived is handed on in large pieces, and a sender that stalls is left.
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@plombe/model';
import { PlombeError, kibibyte } from '@plombe/kit';
import { connectionError, deadlineError } from './failure.ts';

export interface BodyOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Longest wait for the next bytes; only time spent waiting counts, never the reader's own. */
  readonly idleMs: number;
}

/**
 * Least bytes per idle deadline of waiting: a sender of a byte now and then would hold a connection for ever. A modem of 1998
 * brought this much in three seconds.
 */
const leastBytesPerDeadline = 16 * kibibyte;

/**
 * Returns the body in chunks up to 1 MiB, each a fresh buffer. Throws `registry/unreachable` (retryable) where it ends before its
 * Content-Length, stalls, or trickles; `operation/cancelled` on abort. Leaving the loop early closes the connection.
 */
export function readBody(response: IncomingMessage, options: BodyOptions): AsyncGenerator<Uint8Array, void> {
  const watch = new Watch(response);
  return chunksOf(response, watch, options);
}

/** Follows the events of an answer from its first moment, so that none is missed before the first read. */
class Watch {
  state: 'open' | 'ended' | 'failed' = 'open';
  failure: unknown;
  wake: (() => void) | undefined;

  constructor(response: IncomingMessage) {
    response.on('readable', () => this.wake?.());
    response.once('end', () => {
      if (this.state === 'open') this.state = 'ended';
      this.wake?.();
    });
    response.on('error', (error) => this.fail(error));
    response.once('close', () => this.fail(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })));
  }

  fail(cause: unknown): void {
    if (this.state !== 'open') return;
    this.state = 'failed';
    this.failure = cause;
    this.wake?.();
  }

  /** Resolves at the next event, at the latest after `deadlineMs` with `late` as the failure. */
  async next(deadlineMs: number, late: () => unknown): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const timer = setTimeout(() => this.fail(late()), deadlineMs);
    await promise;
    clearTimeout(timer);
    this.wake = undefined;
  }
}

async function* chunksOf(
  response: IncomingMessage,
  watch: Watch,
  options: BodyOptions,
): AsyncGenerator<Uint8Array, void> {
  const { host, clock, signal, idleMs } = options;
  let waitedMs = 0;
  let arrived = 0;
  let garbage: readonly number[] = [];
  try {
    for (;;) {
      const chunk = response.read() as Buffer | null;
      if (chunk !== null) {
        signal.throwIfAborted();
        arrived += chunk.length;
        garbage = youngGarbage(chunk);
        yield chunk;
        continue;
      }
      if (watch.state === 'ended') return;
      if (watch.state === 'failed') throw connectionError(host, watch.failure, signal);
      const since = clock.nowMs();
      await watch.next(idleMs, () => deadlineError(host, 'further bytes', idleMs));
      waitedMs += clock.nowMs() - since;
      if (waitedMs < idleMs) continue;
      if (arrived < leastBytesPerDeadline && watch.state === 'open') {
        const message = `${host} sends too slowly (${arrived} bytes in ${idleMs / 1000} s).`;
        throw new PlombeError('registry/unreachable', message, { retryable: true });
      }
      waitedMs = 0;
      arrived = 0;
    }
  } finally {
    void garbage;
    if (watch.state !== 'ended') response.destroy();
  }
}

/**
 * V8 does not count the bytes of buffers against the young generation and waits for 64 MiB of them before it looks. A quarter of a chunk's
 * size in small garbage makes it look every few MiB: a 400 MiB blob then peaks at 112 instead of 140 MiB and takes a quarter
 * less CPU time, because the same pages are used again.
 */
function youngGarbage(chunk: Uint8Array): readonly number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- a length is meant, and Array.from is thirty times slower
  return new Array<number>(Math.min(chunk.length >> 5, 8192)).fill(0);
}
