// What the server does by itself now and then: collect garbage, apply retention, forget idle uploads.
import { messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import {
  applyRetention,
  collectGarbage,
  type BlobStore,
  type Database,
  type RegistryRules,
  type RegistryStore,
} from '@plombe/store';
import type { UploadSessions } from './upload-sessions.ts';

export interface MaintenanceParts {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly store: RegistryStore;
  readonly rules: RegistryRules;
  readonly uploads: UploadSessions;
}

export interface Maintenance {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

const sweepMs = 600_000;
/** A clock that went further than this beyond the time that passed was set, or is wrong: nothing is removed for its age until it agrees again. */
const jumpMs = 300_000;

/** Starts it; the first collection comes after one interval, so that restarts do not pile up work. */
export function startMaintenance({ uploads, ...parts }: MaintenanceParts, ctx: Context): Maintenance {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let seenMs = ctx.clock.nowMs();
  const jumped = (): boolean => {
    const beforeMs = seenMs;
    seenMs = ctx.clock.nowMs();
    const byMs = seenMs - beforeMs - parts.rules.everyMs;
    if (byMs > jumpMs) ctx.log.warn('registry.clock-jumped', { byMs });
    return byMs > jumpMs;
  };
  const run = async (): Promise<void> => {
    // One time for all of a round, whatever becomes of the clock meanwhile.
    const nowMs = seenMs;
    const all = { ...parts, clock: { nowMs: () => nowMs }, signal: ending.signal };
    try {
      const removed = await applyRetention(all);
      const collected = await collectGarbage(all);
      ctx.log.info('registry.collected', { ...removed, ...collected });
    } catch (error) {
      if (!ending.signal.aborted) ctx.log.warn('registry.collecting-failed', { cause: messageOf(error) });
    }
  };
  const collecting = setInterval(() => {
    if (jumped()) return;
    running ??= run().finally(() => (running = undefined));
  }, parts.rules.everyMs);
  const sweeping = setInterval(() => uploads.sweep(), sweepMs);
  collecting.unref();
  sweeping.unref();
  return {
    stop: async () => {
      clearInterval(collecting);
      clearInterval(sweeping);
      ending.abort();
      await running;
    },
  };
}
