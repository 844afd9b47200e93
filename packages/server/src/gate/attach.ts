// Scan evidence of accepted images: signed with the gate's own key, stored beside the image as referrers, and told to the ledger.
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
  sources(): EvidenceSources;
}

/** Attaches in the background, one image after the other, so that no push waits for it. */
export interface Attacher {
  /** `scan`: what was found when it was judged; absent: it is scanned now. Attached already: nothing is done. */
  attach(place: Place, scan?: ScanResult): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly place: Place;
  readonly scan?: ScanResult;
}

/** Scans that are kept in memory until they are attached; of those beyond it only the place is kept. */
const maxKeptScans = 16;

/** Opens the queue. What is not attached when the server ends is attached after the next start. */
export function openAttacher(parts: AttachParts, ctx: Context): Attacher {
  const { decisions, custody, signer } = parts;
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function attachOne({ place, scan: known }: Waiting): Promise<void> {
    const { repository, digest, registry } = place;
    const sources = parts.sources();
    const record = sources.store.manifest(repository, digest, 'all');
    if (record === undefined || decisions.isAttested(repository, digest)) return;
    const scanned = known === undefined ? await scanOf(place, sources, ctx) : { scan: known };
    if ('scan' in scanned) {
      const { mediaType, sizeBytes } = record;
      const subject = { reference: { registry, repository, digest }, digest, mediaType, sizeBytes };
      const task = { client: sources.client, subject, signer, endorsers: {}, format: 'bundle' } as const;
      const attested = await attestScan(scanned.scan, task, ctx);
      await custody.record(scanRecords(digest, scanned.scan, attested));
    }
    decisions.setAttested(repository, digest);
  }

  async function drain(): Promise<void> {
    for (let next = queue.shift(); next !== undefined && !closed; next = queue.shift()) {
      const { repository, digest } = next.place;
      try {
        await attachOne(next);
      } catch (thrown) {
        ctx.log.warn('gate.not-attached', { repository, digest, cause: messageOf(thrown) });
      }
    }
  }

  return {
    attach: (place, scan) => {
      if (closed || decisions.isAttested(place.repository, place.digest)) return;
      const kept = scan !== undefined && queue.length < maxKeptScans ? { scan } : {};
      queue.push({ place, ...kept });
      running ??= drain().finally(() => (running = undefined));
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
    close: async () => {
      closed = true;
      await running;
    },
  };
}
