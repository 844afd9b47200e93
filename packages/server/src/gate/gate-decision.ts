// From judgements to what is remembered of them and answered to clients.
import type { Digest } from '@plombe/model';
import { selecting, type PolicyEvidence } from '@plombe/policy';
import type { PushVerdict, VerdictReasons } from '../registry/ports.ts';
import type { StoredDecision } from './decisions.ts';
import { askedOf, type Place } from './evidence.ts';
import type { Judgement } from './judgement.ts';
import type { Means } from './state.ts';

/** A push takes nothing away that is visible: it is refused, and what is pulled is answered as before. */
export function verdictOf(
  judged: Judgement,
  { isVisible, releasedTags }: { readonly isVisible: boolean; readonly releasedTags: readonly string[] },
): PushVerdict {
  if (judged.verdict === 'accept') return { kind: 'accept', reasons: judged.reasons, releasedTags };
  return { kind: isVisible ? 'deny' : judged.verdict, reasons: judged.reasons };
}

/** What pulls are answered with from now on. */
export function decisionOf(
  judged: Judgement,
  kind: 'image' | 'index',
  { epoch }: Means,
  onOutage: StoredDecision['onOutage'],
  decidedAtMs: number,
): StoredDecision {
  const { validUntilMs, verdict, reasons } = judged;
  return {
    kind,
    epoch,
    decidedAtMs,
    onOutage,
    ...(validUntilMs === undefined ? {} : { validUntilMs }),
    ...(verdict === 'accept' ? {} : { refusal: reasons }),
  };
}

/** A repository that no policy selects asks for nothing, also not to be closed. */
export function onOutageOf(
  place: Place,
  { set }: Means,
  where: NonNullable<PolicyEvidence['place']>,
): StoredDecision['onOutage'] {
  const asked = selecting(set.policies, askedOf(place, { place: where }));
  return asked.some(({ spec }) => (spec.onOutage ?? 'deny') === 'deny') ? 'deny' : 'last-decision';
}

/** Statements are never refused; what they are about is. */
export function statementDecision(epoch: string, decidedAtMs: number, about: Digest | undefined): StoredDecision {
  return {
    kind: 'statement',
    epoch,
    decidedAtMs,
    onOutage: 'last-decision',
    ...(about === undefined ? {} : { about }),
  };
}

/** A refusal that no policy made. */
export function refusedFor(message: string): VerdictReasons {
  return { decision: 'unknown', message: `gate: ${message}`, reasons: [] };
}
