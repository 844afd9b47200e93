// Trying again: which failures are worth it, how long to wait, and when to stop and say so.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@plombe/model';
import { isPlombeError, PlombeError } from '@plombe/kit';

export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** First wait; it doubles. */
  readonly baseMs: number;
  /** Longest single wait, also where a server asks for more. */
  readonly maxWaitMs: number;
}

/** Five attempts within a minute: registries restart faster than that, and a person should hear of one that does not. */
export const defaultRetry: RetryOptions = { attempts: 5, baseMs: 500, maxWaitMs: 30_000 };

/** Extra of a retryable error: how long the server asks to wait. */
const waits = new WeakMap<PlombeError, number>();

/** Returns how long the server that caused the error asks to wait, in milliseconds; undefined where it says nothing. */
export function askedWaitMs(error: PlombeError): number | undefined {
  return waits.get(error);
}

/** Runs `attempt` until it succeeds, fails for good or the attempts are used up; then the last error is thrown. */
export async function withRetries<T>(
  options: RetryOptions,
  ctx: Pick<Context, 'random' | 'log'>,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPlombeError(error) || !error.retryable || n >= options.attempts || signal.aborted) throw error;
      const waitMs = waitBefore(n, options, waits.get(error), ctx);
      if (waitMs === undefined) throw error;
      ctx.log.debug('registry.retry', { code: error.code, attempt: n, waitMs });
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

/** Milliseconds before attempt `n + 1`: what the server asks, else full jitter over a doubling span; undefined to give up. */
function waitBefore(
  n: number,
  options: RetryOptions,
  asked: number | undefined,
  ctx: Pick<Context, 'random'>,
): number | undefined {
  if (asked !== undefined && asked > options.maxWaitMs) return undefined;
  const span = Math.min(options.baseMs * 2 ** (n - 1), options.maxWaitMs);
  const [high = 0, low = 0] = ctx.random(2);
  const jittered = span / 2 + (span / 2) * ((high * 256 + low) / 65_536);
  return Math.max(asked ?? 0, Math.round(jittered));
}

/** Returns the error of a 429, 408 or 5xx answer; it is retried after `Retry-After`, or not at all where that is too long. */
export function statusError(host: string, status: number, retryAfter: string | undefined, nowMs: number): PlombeError {
  const askedMs = parseRetryAfter(retryAfter, nowMs);
  const asks = askedMs === undefined ? '' : `; it asks to wait ${describe(askedMs)}`;
  const error =
    status === 429
      ? new PlombeError('registry/rate-limited', `${host} limits the rate of requests (429)${asks}.`, {
          retryable: true,
        })
      : new PlombeError('registry/unreachable', `${host} failed with status ${status}${asks}.`, {
          retryable: status !== 501,
        });
  if (askedMs !== undefined) waits.set(error, askedMs);
  return error;
}

/** Parses `Retry-After` (RFC 9110, 10.2.3), seconds or a date, to milliseconds from now; undefined where it is neither. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*[0-9]{1,12}\s*$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]+, [\w :-]{1,40}$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function describe(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 172_800 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 86_400)} days`;
}
