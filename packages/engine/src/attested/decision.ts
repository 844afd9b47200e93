// The use case `policy check --attest`: what was decided becomes a verification summary and a verification result beside the image.
import { PlombeError, type JsonObject } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { digestOf } from '@plombe/oci';
import { strictest, type Decision, type PolicyEvidence } from '@plombe/policy';
import {
  attestable,
  svrPredicate,
  svrPredicateType,
  vsaPredicate,
  vsaPredicateType,
  type Attestable,
  type JudgedDecision,
  type JudgedPolicy,
  type LookedAtEnvelope,
} from '@plombe/trust';
import { attestSubject, type SigningTask } from '../trust/sign.ts';
import type { Evidence } from '../trust/verify.ts';
import type { ScanAttestation } from './attest.ts';

/** A decision with all that it was drawn from. */
export interface DecidedSubject {
  /** One for each platform that was judged; they hold together. */
  readonly decisions: readonly Decision[];
  readonly found: Evidence;
  readonly evidence: Pick<PolicyEvidence, 'place' | 'signatures' | 'attestations'>;
  /** True where scan or config of only one platform was looked at. */
  readonly onePlatform: boolean;
  readonly decidedAtMs: number;
}

/** Says whether it may be attested, and as what. A part of an index says nothing about the whole. */
export function decisionAttestable(decided: DecidedSubject): Attestable {
  const may = attestable(judgedOf(decided.decisions));
  if (may.kind === 'refused' || may.result === 'FAILED' || !isPart(decided)) return may;
  const reason =
    'The subject is an index, and one platform of it was looked at; judge --all-platforms, or name the digest of the platform.';
  return { kind: 'refused', reason };
}

function isPart({ onePlatform, found }: DecidedSubject): boolean {
  return onePlatform && /image\.index\.v1\+json|manifest\.list\.v2\+json/.test(found.subject.mediaType);
}

/** Signs both statements, the summary first. Throws `internal/bug` for what may not be attested, and what signing and storing throw. */
export async function attestDecision(
  decided: DecidedSubject,
  task: SigningTask & { readonly format: 'bundle' | 'tag'; readonly version: string },
  ctx: Context,
): Promise<readonly ScanAttestation[]> {
  const may = decisionAttestable(decided);
  if (may.kind === 'refused') throw new PlombeError('internal/bug', may.reason);
  const { found, evidence, decidedAtMs } = decided;
  const { registry, repository } = found.subject.reference;
  const { version } = task;
  const whole = judgedOf(decided.decisions);
  // A platform that is denied denies the index; what passes on it passes there alone.
  const judged = isPart(decided) ? { ...whole, reasons: whole.reasons.filter(isNoPass) } : whole;
  const parts = { judged, place: placeOf(evidence), version, decidedAtMs };
  const resource = { registry, repository, digest: found.subject.digest };
  const inputs = lookedAt(found, evidence);
  const statements: readonly (readonly [string, JsonObject])[] = [
    [vsaPredicateType, vsaPredicate({ ...parts, resource, inputs, result: may.result })],
    [svrPredicateType, svrPredicate(parts)],
  ];
  const made: ScanAttestation[] = [];
  for (const [predicateType, predicate] of statements) {
    const { manifest, statement } = await attestSubject({ ...task, predicateType, predicate }, ctx);
    made.push({ predicateType, format: task.format, manifest, statement, signer: task.signer.publicKey.id });
  }
  return made;
}

function isNoPass({ outcome }: { readonly outcome: string }): boolean {
  return outcome !== 'pass';
}

/** Platforms hold together: every reason counts, and what one platform leaves unknown no other hides, but for a refusal. */
function judgedOf(decisions: readonly Decision[]): JudgedDecision {
  const policies = Map.groupBy(
    decisions.flatMap((one) => one.policies),
    ({ name }) => name,
  );
  const databaseDigest = decisions.find((one) => one.databaseDigest !== undefined)?.databaseDigest;
  return {
    decision: strictest(decisions.map(({ decision }) => decision)),
    reasons: decisions.flatMap(({ reasons }) => reasons),
    policies: [...policies.values()].flatMap(together),
    ...(databaseDigest === undefined ? {} : { databaseDigest }),
  };
}

function together(answers: Decision['policies']): readonly JudgedPolicy[] {
  const [first] = answers;
  if (first === undefined) return [];
  const decision = strictest(answers.map((answer) => answer.decision));
  const open = decision !== 'deny' && answers.some(({ strict }) => strict === 'unknown');
  return [{ ...first, decision, strict: open ? 'unknown' : strictest(answers.map(({ strict }) => strict)) }];
}

function placeOf({ place = {} }: Pick<PolicyEvidence, 'place'>): Readonly<Record<string, string>> {
  const entries: readonly (readonly [string, string | undefined])[] = Object.entries(place);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Envelopes that got a result. Those of a manifest of cosign's tags go together: its layers have no result of their own name. */
function lookedAt(
  { discovery }: Evidence,
  { signatures = [], attestations = [] }: Pick<PolicyEvidence, 'signatures' | 'attestations'>,
): readonly LookedAtEnvelope[] {
  const judged = new Set(
    [...signatures, ...attestations].flatMap(({ results }) => results.map(({ digest }) => digest)),
  );
  return discovery.envelopes
    .filter(({ manifest }) => judged.has(manifest))
    .map(({ manifest, bytes }) => ({ manifest, envelope: digestOf(bytes) }));
}
