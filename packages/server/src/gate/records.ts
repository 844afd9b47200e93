// What the ledger is told by the gate (docs/predicates/custody.md): who pushed what, what was decided on it, and what it became.
import { decisionRecord } from '@plombe/engine';
import { inert, type JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import type { NewRecord } from '@plombe/trust';
import type { ManifestCopy } from '../registry/ports.ts';
import type { Judgement } from './judgement.ts';
import { ownIdentity } from './store-writer.ts';

/** What became of a manifest. */
export type PushEvent = 'accepted' | 'quarantined' | 'rejected' | 'released' | 'withdrawn';

/** Who and where. */
export interface RecordPlace {
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** Id of the identity whose request it was. */
  readonly by: string;
}

/** The record of a push or of a decision that was made anew, and one for each exception that let it through. */
export function pushRecords(
  event: PushEvent,
  { repository, digest, tags, by }: RecordPlace,
  judged: Judgement,
): NewRecord[] {
  const { reasons, brokenGlass } = judged;
  const refused = event === 'accepted' || event === 'released' ? {} : { reason: reasons.message };
  const content: JsonObject = {
    event,
    repository: inert(repository),
    ...(tags.length === 0 ? {} : { tags: tags.map(inert) }),
    by: inert(by),
    ...decisionRecord(judged),
    ...refused,
  };
  const exceptions = brokenGlass.map(({ persons, reasons: why, untilMs }): NewRecord => ({
    digest,
    kind: 'exception',
    content: {
      event: 'break-glass',
      repository: inert(repository),
      persons: persons.map(inert),
      reasons: why.map(inert),
      expires: new Date(untilMs).toISOString(),
    },
  }));
  return [...exceptions, { digest, kind: 'push', content }];
}

/** A statement that came: it is told of the manifest that it is about. */
export function statementRecord(
  subject: Digest,
  manifest: Digest,
  { repository, by }: Pick<RecordPlace, 'repository' | 'by'>,
): NewRecord {
  return {
    digest: subject,
    kind: 'sign',
    content: { event: 'attached', manifest, repository: inert(repository), by: inert(by) },
  };
}

/** A copy that another registry has now. */
export function copyRecord({ repository, digest, tags, to }: ManifestCopy): NewRecord {
  return {
    digest,
    kind: 'copy',
    content: {
      event: 'replicated',
      repository: inert(repository),
      ...(tags.length === 0 ? {} : { tags: tags.map(inert) }),
      to: inert(to),
      by: ownIdentity,
    },
  };
}
