// A registry that fails is left alone for a while: one caller tries, the others are told at once (429 and 503 storms, T35).
import { askedWaitMs } from '@plombe/oci';
import { isPlombeError, type PlombeError } from '@plombe/kit';
import type { Clock } from '@plombe/model';

/** Guards calls to one registry. */
export interface Breaker {
  /** Runs the call, or throws the last failure where the registry is left alone. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Milliseconds for which the registry is left alone yet; 0: it is asked. */
  restMs(): number;
}

/** So many failures in a row are no accident of one connection. */
const failuresToOpen = 5;
/** A wait doubles from the first to the last. */
const rest = { firstMs: 1000, lastMs: 30_000 } as const;
/** A server may ask for ten years; whether it means that is asked again after this time. */
const maxAskedMs = 60_000;

/** Creates it closed. */
export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let restUntilMs = -Infinity;
  let last: PlombeError | undefined;
  let isProbing = false;

  const restMs = (): number => {
    const leftMs = restUntilMs - clock.nowMs();
    // A clock that was set back must not close the registry for long.
    return leftMs > maxAskedMs ? maxAskedMs : Math.max(0, leftMs);
  };
  const failed = (error: PlombeError): void => {
    failures += 1;
    last = error;
    const askedMs = askedWaitMs(error);
    if (askedMs === undefined && failures < failuresToOpen) return;
    const step = Math.max(0, failures - failuresToOpen);
    const ownMs = Math.min(rest.lastMs, rest.firstMs * 2 ** Math.min(step, 10));
    restUntilMs = clock.nowMs() + Math.min(maxAskedMs, Math.max(askedMs ?? 0, ownMs));
  };

  return {
    restMs,
    run: async (work) => {
      const isOpen = last !== undefined && restUntilMs !== -Infinity;
      if (isOpen && (restMs() > 0 || isProbing)) throw last as PlombeError;
      isProbing = isOpen;
      try {
        const result = await work();
        failures = 0;
        restUntilMs = -Infinity;
        last = undefined;
        return result;
      } catch (error) {
        if (isOutage(error)) failed(error);
        throw error;
      } finally {
        if (isOpen) isProbing = false;
      }
    },
  };
}

/** True for failures that say nothing about what was asked for: the registry is not there, or has too much to do. */
export function isOutage(error: unknown): error is PlombeError {
  return isPlombeError(error, 'registry/unreachable') || isPlombeError(error, 'registry/rate-limited');
}
