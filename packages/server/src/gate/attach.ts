// Scan evidence of accepted images and indexes: signed with the gate's own key, stored beside the image as referrers, and told to the ledger.
import { setImmediate } from 'node:timers/promises';
import { attestScan, scanRecords } from '@plombe/engine';
import { messageOf } from '@plombe/kit';
import type { Context, ScanResult } from '@plombe/model';
import type { IndexDocument } from '@plombe/oci';
import type { NewRecord, Signer } from '@plombe/trust';
import { attestedOr, attestListed, signingTask } from './attach-index.ts';
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

/** Attaches in the background, one manifest after the other, so that no push waits for it. */
export interface Attacher {
  /** An image or an index. `scan`: what was found when it was judged; absent: it is scanned now. Attached already: nothing is done. */
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

  function isTaken(place: Place): boolean {
    return taken.has(keyOf(place)) || decisions.isAttested(place.repository, place.digest);
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

  async function attachOne({ place, scan }: Waiting): Promise<void> {
    const sources = parts.sources();
    if (sources.store.manifest(place.repository, place.digest, 'all') === undefined || isTaken(place)) return;
    const { document } = await sources.client.fetchManifest(place, ctx);
    if (document.kind === 'index') return attachIndex(place, document, sources);
    const scanned = scan === undefined ? await scanOf(place, sources, ctx) : { scan };
    if ('scan' in scanned) return attachImage(place, scanned.scan, sources);
    decisions.setAttested(place.repository, place.digest);
    taken.add(keyOf(place));
  }

  async function attachImage(place: Place, scan: ScanResult, sources: EvidenceSources): Promise<void> {
    const task = signingTask(place, { sources, signer });
    const attested = await attestedOr(() => attestScan(scan, task, ctx), place, ctx);
    recordTaken(place, scanRecords(place.digest, scan, attested));
  }

  async function attachIndex(place: Place, index: IndexDocument, sources: EvidenceSources): Promise<void> {
    const records = await attestListed(
      place,
      index,
      { sources, signer },
      {
        isOver: () => closed,
        // What was accepted by itself and is not attached yet need not be scanned for it again.
        eachScan: async (child, scan) => {
          if (isAccepted(child, sources) && !isTaken(child)) await attachImage(child, scan, sources);
        },
      },
      ctx,
    );
    if (records !== undefined) recordTaken(place, records);
  }

  function isAccepted({ repository, digest }: Place, { store }: EvidenceSources): boolean {
    const decision = decisions.get(repository, digest);
    if (decision === undefined || decision.refusal !== undefined) return false;
    return store.manifest(repository, digest, 'visible') !== undefined;
  }

  function recordTaken(place: Place, records: readonly NewRecord[]): void {
    taken.add(keyOf(place));
    const durable = custody.recordLater(records);
    track(
      place,
      durable
        .then(() => decisions.setAttested(place.repository, place.digest))
        .finally(() => taken.delete(keyOf(place))),
    );
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

function keyOf({ repository, digest }: Place): string {
  return `${repository} ${digest}`;
}
