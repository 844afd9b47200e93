// Scan evidence of accepted images: signed with the gate's own key, stored beside the image as referrers, and told to the ledger.
import { setImmediate } from 'node:timers/promises';
import { attestScan, scanRecords } from '@plombe/engine';
import { messageOf } from '@plombe/kit';
import type { Context, ScanResult } from '@plombe/model';
import type { Signer } from '@plombe/trust';
import type { Custody } from './custody.ts';
import type { Decisions } from './decisions.ts';
import { scanOf, type EvidenceSources, type Place } from './evidence.ts';

/** What attaching needs. */
export interface AttachParts {
  readonly signer: Signer;
  readonly custody: Custody;
  readonly decisions: Decisions;
  /** Throws `gate/outage` where nothing can be scanned at the moment. */
  readonly sources: () => EvidenceSources;
  /** A minute unless set. */
  readonly retryMs?: number;
}

/** Attaches in the background, one image after the other, so that no push waits for it. */
export interface Attacher {
  /** `scan`: what was found when it was judged; absent: it is scanned now. Attached already: nothing is done. */
  attach(place: Place, scan?: ScanResult): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  waiting(): number;
  close(): Promise<void>;
}

interface Waiting {
  readonly place: Place;
  readonly scan?: ScanResult;
}

/** What could not be attached or recorded is tried again after this time: a full disk, an outage of the gate or a locked ledger end. */
const retryMs = 60_000;
/** Scans that are kept in memory until they are attached; of those beyond it only the place is kept. */
const maxKeptScans = 16;

/** Opens the queue. What is not attached when the server ends is attached after the next start. */
export function openAttacher(parts: AttachParts, ctx: Context): Attacher {
  const { decisions, custody, signer } = parts;
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  const retries = new Set<NodeJS.Timeout>();
  /** Records that are not durable yet; an image counts as attested when its are. */
  const recording = new Set<Promise<void>>();

  /** Attested, though it may not be recorded yet. */
  const taken = new Set<string>();

  function isTaken({ repository, digest }: Place): boolean {
    return taken.has(`${repository} ${digest}`) || decisions.isAttested(repository, digest);
  }

  /** Without the scan: what it says may have changed by then. */
  function again(place: Place): void {
    if (closed) return;
    const timer = setTimeout(() => {
      retries.delete(timer);
      attach(place);
    }, parts.retryMs ?? retryMs);
    timer.unref();
    retries.add(timer);
  }

  function track(place: Place, records: Promise<void>): void {
    const kept = records
      .catch((thrown: unknown) => {
        ctx.log.warn('gate.not-recorded', { cause: messageOf(thrown) });
        again(place);
      })
      .finally(() => recording.delete(kept));
    recording.add(kept);
  }

  async function attachOne({ place, scan: known }: Waiting): Promise<void> {
    const { repository, digest, registry } = place;
    const sources = parts.sources();
    const record = sources.store.manifest(repository, digest, 'all');
    if (record === undefined || isTaken(place)) return;
    const scanned = known === undefined ? await scanOf(place, sources, ctx) : { scan: known };
    if ('scan' in scanned) {
      const { mediaType, sizeBytes } = record;
      const subject = { reference: { registry, repository, digest }, digest, mediaType, sizeBytes };
      const task = { client: sources.client, subject, signer, endorsers: {}, format: 'bundle' } as const;
      const attested = await attestScan(scanned.scan, task, ctx);
      const records = custody.recordLater(scanRecords(digest, scanned.scan, attested));
      track(
        place,
        records
          .then(() => decisions.setAttested(repository, digest))
          .finally(() => taken.delete(`${repository} ${digest}`)),
      );
    } else decisions.setAttested(repository, digest);
    taken.add(`${repository} ${digest}`);
  }

  async function drain(): Promise<void> {
    // Writing the statement of thousands of packages takes a while: the answer to the client goes out before.
    await setImmediate();
    for (let next = queue.shift(); next !== undefined && !closed; next = queue.shift()) {
      const { repository, digest } = next.place;
      try {
        await attachOne(next);
      } catch (thrown) {
        ctx.log.warn('gate.not-attached', { repository, digest, cause: messageOf(thrown) });
        again(next.place);
      }
    }
  }

  function attach(place: Place, scan?: ScanResult): void {
    if (closed || isTaken(place)) return;
    const kept = scan !== undefined && queue.length < maxKeptScans ? { scan } : {};
    queue.push({ place, ...kept });
    running ??= drain().finally(() => (running = undefined));
  }

  return {
    attach,
    waiting: () => queue.length,
    idle: async () => {
      while (running !== undefined || recording.size > 0) await Promise.all([running, ...recording]);
    },
    close: async () => {
      closed = true;
      for (const timer of retries) clearTimeout(timer);
      await running;
    },
  };
}
