// What is done in registries of others, as custody records: the same words as those of the gate (docs/gate.md, "Records").
import { decisionRecord } from '@plombe/engine';
import { inert, type JsonObject } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import { openWriter, type NewRecord } from '@plombe/trust';
import type { SubjectDecision } from '../policy.ts';
import { ledgerStore, type Flags } from '../ledger.ts';

/** What became of an image. `denied`: a policy denies it, and it can be pulled all the same. */
export type ConnectedEvent = 'accepted' | 'denied' | 'quarantined' | 'released' | 'promoted';

export interface ConnectedChange {
  readonly event: ConnectedEvent;
  readonly registry: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** Where a promotion leads. */
  readonly to?: string;
  /** What a person gave as the reason. */
  readonly reason?: string;
  /** What policies said. */
  readonly decided?: SubjectDecision;
}

/** Takes changes one after the other; nothing where no ledger is named. */
export interface ConnectedCustody {
  /** Durable when it resolves. Throws `ledger/…`. */
  record(change: ConnectedChange): Promise<void>;
}

/** Opens the ledger of `--ledger` once, so that one that cannot be written is known before anything is done. Throws `ledger/…`. */
export async function openConnectedCustody(flags: Flags, ctx: Context): Promise<ConnectedCustody> {
  if (flags['ledger'] === undefined) return { record: async () => undefined };
  // Held for single records only: others may write to the same ledger meanwhile.
  await (await openWriter(ledgerStore(flags), ctx.clock)).close();
  return {
    record: async (change) => {
      const writer = await openWriter(ledgerStore(flags), ctx.clock);
      try {
        await writer.append([recordOf(change)]);
      } finally {
        await writer.close();
      }
    },
  };
}

function recordOf(change: ConnectedChange): NewRecord {
  const { event, registry, repository, digest, tags, to, reason, decided } = change;
  const place: JsonObject =
    event === 'promoted' ? { from: inert(repository), to: inert(to ?? '') } : { repository: inert(repository) };
  const content: JsonObject = {
    event,
    registry,
    ...place,
    ...(tags.length === 0 ? {} : { tags: tags.map(inert) }),
    by: 'plombe',
    ...(decided === undefined ? {} : decisionOf(decided)),
    ...(reason === undefined ? {} : { reason: inert(reason) }),
  };
  return { digest, kind: event === 'promoted' ? 'promote' : event === 'denied' ? 'drift' : 'push', content };
}

function decisionOf(decided: SubjectDecision): JsonObject {
  const against = decided.reasons.filter(({ outcome }) => outcome !== 'pass').map(({ message }) => inert(message));
  return { ...decisionRecord(decided), ...(against.length === 0 ? {} : { reasons: against }) };
}
