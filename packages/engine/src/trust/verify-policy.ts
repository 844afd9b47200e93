// Signatures and attestations judged by the rules of a policy: all it demands of them, and nothing else of it.
import type { AttestationResult, Context, SignatureResult, VerificationReport, Verdict } from '@plombe/model';
import { formatReference } from '@plombe/oci';
import { anchorsOf, decide, type Policy } from '@plombe/policy';
import { isPredicateType, predicateTypeUri } from '@plombe/trust';
import { openAnchors, type AnchorSources } from '../policy/anchors.ts';
import { verifyNeeds } from '../policy/signatures.ts';
import { policySubject } from '../policy/subject.ts';
import { ignoredReasons } from './discover.ts';
import type { Evidence } from './verify.ts';

/**
 * Verifies by a policy. `type`: only its rules about attestations of that type; absent: all about signatures and attestations. A policy that
 * demands nothing of the subject verifies nothing: `rejected`. Throws what opening the anchors throws.
 */
export async function verifyByPolicy(
  found: Evidence,
  policy: Policy,
  sources: AnchorSources,
  ctx: Pick<Context, 'clock'>,
  type?: string,
): Promise<VerificationReport> {
  const needs = anchorsOf([policy]);
  const judged = await verifyNeeds(found, needs, await openAnchors(needs, sources), ctx);
  const { subject, discovery } = found;
  const asked = { ...policy, checks: policy.checks.filter(({ id }) => isAsked(id, type)) };
  const evidence = { subject: policySubject(subject.reference, subject.digest), ...judged };
  const { reasons } = decide([asked], evidence, { nowMs: ctx.clock.nowMs() });
  const attestations = judged.attestations.filter((one) => type === undefined || isType(one.type, type));
  const texts = reasons.map(({ message, remedy }) => (remedy === '' ? message : `${message} ${remedy}`));
  const nothing = `The policy ${policy.name} demands no ${type === undefined ? 'signature' : 'such attestation'} of this subject.`;
  return {
    verdict: verdictOf(
      reasons.map(({ outcome }) => outcome),
      discovery.limits.length > 0,
    ),
    subject: { reference: formatReference(subject.reference), digest: subject.digest },
    signatures: type === undefined ? best(judged.signatures.flatMap(({ results }) => results)) : [],
    // Parts are for conditions; the statement has all that is in them.
    attestations: best(attestations.flatMap(({ results }) => results.map(withoutParts))),
    reasons: [...discovery.limits, ...(texts.length === 0 ? [nothing] : texts), ...ignoredReasons(discovery)],
  };
}

function withoutParts(result: AttestationResult): AttestationResult {
  const { parts: _, ...rest } = result;
  return rest;
}

function isAsked(id: string, type: string | undefined): boolean {
  const [check, name] = [id.split('/', 1)[0], id.slice('attestations/'.length)];
  if (check === 'attestations') return type === undefined || isType(name, type);
  return check === 'signatures' && type === undefined;
}

function isType(named: string, asked: string): boolean {
  const uri = predicateTypeUri(named);
  return uri !== undefined && isPredicateType(uri, asked);
}

function verdictOf(outcomes: readonly ('pass' | 'fail' | 'unknown')[], limited: boolean): Verdict {
  if (limited) return 'undecidable';
  if (outcomes.length === 0 || outcomes.includes('fail')) return 'rejected';
  return outcomes.includes('unknown') ? 'undecidable' : 'verified';
}

/** One envelope judged under several anchors is shown once for each signer that holds, else once as it was refused. */
function best<T extends SignatureResult>(results: readonly T[]): readonly T[] {
  const chosen = new Map<string, T>();
  for (const result of results) {
    if (result.verdict !== 'verified') continue;
    chosen.set(JSON.stringify([result.digest, result.format, result.signerId, result.annotations]), result);
  }
  const sound = new Set(results.filter(({ verdict }) => verdict === 'verified').map(({ digest }) => digest));
  for (const result of results) {
    if (result.verdict === 'verified' || sound.has(result.digest)) continue;
    const key = JSON.stringify([result.digest, result.format, result.annotations]);
    if (!chosen.has(key)) chosen.set(key, result);
  }
  return [...chosen.values()];
}
