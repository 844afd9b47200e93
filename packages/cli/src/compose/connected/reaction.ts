// What a watch does about a push: judges the image by policies, and where that is asked for holds back what is denied and promotes what is allowed.
import type { ConfirmedEvent, RegistryConnector } from '@plombe/connectors';
import { inert, isPlombeError, messageOf } from '@plombe/kit';
import { parseDigest, type Context, type Digest } from '@plombe/model';
import { policySubject } from '@plombe/engine';
import { formatReference, parseReference } from '@plombe/oci';
import { promotionTarget, selecting, type DecisionWord, type Policy } from '@plombe/policy';
import { circumstances, decideSubject, type PolicySession, type SubjectDecision } from '../policy.ts';
import type { ConnectedCustody, ConnectedEvent } from './custody.ts';

/** What is added to the line of an event. */
export interface Reaction {
  /** The image that was judged: the one pushed, or the one that a signature came for. */
  readonly judged: Digest;
  readonly decision: DecisionWord;
  /** What stands against it, with the name of the check. */
  readonly reasons: readonly string[];
  /** What was done. `failed`: what should have been done was not, and `actionCause` says why. */
  readonly action: 'none' | 'quarantined' | 'promoted' | 'failed';
  readonly promotedTo?: readonly string[];
  readonly actionCause?: string;
}

export interface ReactionParts {
  readonly connector: RegistryConnector;
  readonly session: PolicySession;
  readonly custody: ConnectedCustody;
  /** Hold back and promote; without it only judge. */
  readonly enforce: boolean;
}

/** Tags of cosign for what belongs to a digest, and the fallback tag of referrers. */
const statementTag = /^(sha256)-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

/**
 * Judges and acts. Undefined where the event is about nothing that can be judged: no push, not there any more, or in quarantine already. Throws
 * only where the work is cancelled.
 */
export async function react(
  { connector, session, custody, enforce }: ReactionParts,
  event: ConfirmedEvent,
  ctx: Context,
): Promise<Reaction | undefined> {
  const { repository, registry } = event;
  const judged = imageOf(event);
  if (judged === undefined || (connector.quarantineArea && repository.startsWith(connector.quarantineArea))) return;
  const reference = { registry, repository, digest: judged };
  const selected = selecting(session.policies, { subject: policySubject(reference), ...circumstances(session.flags) });
  if (selected.length === 0) return undefined;
  const decided = await decideImage(formatReference(reference), session, ctx);
  if (decided === undefined) return undefined;
  const answer = { judged, decision: decided.decision, reasons: against(decided) };
  const isRefused = decided.decision === 'deny' || decided.decision === 'unknown';
  // Not promoted where nothing was compared, whatever the mode.
  const targets = isRefused || !enforce || decided.policies.length === 0 ? [] : targetsOf(selected, repository);
  try {
    const tags = await tagsOf(connector, event, judged, ctx);
    const record = (name: ConnectedEvent, to?: string): Promise<void> =>
      custody.record({
        event: name,
        registry,
        repository,
        digest: judged,
        tags,
        decided,
        ...(to === undefined ? {} : { to }),
      });
    if (isRefused && enforce) {
      await connector.quarantine(repository, judged, ctx);
      await record('quarantined');
      return { ...answer, action: 'quarantined' };
    }
    await record(isRefused ? 'denied' : 'accepted');
    for (const to of targets) {
      await connector.promote({ from: { repository, digest: judged }, to: { repository: to, tags } }, ctx);
      await record('promoted', to);
    }
    return targets.length === 0
      ? { ...answer, action: 'none' }
      : { ...answer, action: 'promoted', promotedTo: targets };
  } catch (thrown) {
    if (ctx.signal.aborted) throw thrown;
    return { ...answer, action: 'failed', actionCause: inert(messageOf(thrown)) };
  }
}

/** A statement that comes leads to a new decision on what it is about. */
function imageOf({ kind, state, digest, subject, tag }: ConfirmedEvent): Digest | undefined {
  if (kind !== 'push' || state !== 'present') return undefined;
  const [, algorithm, hex] = statementTag.exec(tag ?? '') ?? [];
  if (hex !== undefined) return parseDigest(`${algorithm}:${hex}`);
  return subject ?? digest;
}

/** Undefined where the image is gone. What could not be read or compared is unknown, and by policies of mode `deny` refused. */
async function decideImage(
  reference: string,
  session: PolicySession,
  ctx: Context,
): Promise<SubjectDecision | undefined> {
  try {
    return await decideSubject(reference, session);
  } catch (thrown) {
    if (ctx.signal.aborted || !isPlombeError(thrown)) throw thrown;
    if (thrown.code === 'registry/not-found') return undefined;
    const reason = { policy: '', check: thrown.code, outcome: 'unknown', message: thrown.message, remedy: '' } as const;
    const policies = selecting(session.policies, { subject: policySubject(parseReference(reference)) });
    const isStrict = policies.some(({ modes }) => modes.newDeployments === 'deny');
    return {
      subject: { reference },
      decision: isStrict ? 'unknown' : 'allow',
      reasons: [{ ...reason, lookedAt: '' }],
      policies: [],
    };
  }
}

function against({ reasons }: SubjectDecision): readonly string[] {
  return reasons.filter(({ outcome }) => outcome !== 'pass').map(({ check, message }) => `${check}: ${inert(message)}`);
}

function targetsOf(selected: readonly Policy[], repository: string): readonly string[] {
  const rules = selected.flatMap(({ spec }) => spec.promote ?? []);
  return [...new Set(rules.flatMap((rule) => promotionTarget(rule, repository) ?? []))];
}

/** The tag that was pushed; of what a statement came for those that it has. */
async function tagsOf(
  connector: RegistryConnector,
  { repository, tag, digest }: ConfirmedEvent,
  judged: Digest,
  ctx: Context,
): Promise<readonly string[]> {
  if (digest === judged && tag !== undefined) return [tag];
  for await (const artifact of connector.artifacts(repository, ctx)) {
    if (artifact.digest === judged) return artifact.tags;
  }
  return [];
}
