// Whether a policy's decision may be attested, and the parts that both predicates about it share (docs/predicates/decision.md).
import { createHash } from 'node:crypto';
import { by, inert, type JsonObject } from '@plombe/kit';

/** What one policy answered. */
export interface JudgedPolicy {
  readonly name: string;
  /** `sha256:<hex>` of its text. */
  readonly digest: string;
  readonly mode: string;
  readonly decision: DecisionWord;
  /** What it would be in mode `deny`. */
  readonly strict: DecisionWord;
}

type DecisionWord = 'allow' | 'warn' | 'deny' | 'unknown';

/** What one check said; its texts are inert. */
export interface JudgedCheck {
  readonly policy: string;
  readonly check: string;
  readonly outcome: 'pass' | 'fail' | 'unknown';
  /** Exceptions without which it would not pass. */
  readonly exceptions?: readonly unknown[];
}

/** A decision as the policy engine gives it. */
export interface JudgedDecision {
  readonly decision: DecisionWord;
  readonly reasons: readonly JudgedCheck[];
  readonly policies: readonly JudgedPolicy[];
  readonly databaseDigest?: string;
}

/** A decision with what both predicates say of its making. */
export interface DecisionParts {
  readonly judged: JudgedDecision;
  /** Where it is to be deployed, as the caller said. */
  readonly place: Readonly<Record<string, string>>;
  /** Version of this program. */
  readonly version: string;
  readonly decidedAtMs: number;
}

/** `PASSED` and `FAILED` are the words of SLSA's verification summary. */
export type Attestable =
  | { readonly kind: 'attestable'; readonly result: 'PASSED' | 'FAILED' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Who decides, in both predicates. */
export const decisionVerifier = 'https://plombe.dev/plombe';
/** Our field in both predicates; extension fields are named by URIs (in-toto attestation specification v1, parsing rules). */
export const decisionField = 'https://plombe.dev/decision';

/**
 * Says whether a decision may be attested. What nobody could tell never counts as passed, also where a mode softened it; and where no
 * policy was asked nothing was verified.
 */
export function attestable({ decision, policies }: JudgedDecision): Attestable {
  const refused = (reason: string): Attestable => ({ kind: 'refused', reason });
  if (policies.length === 0) return refused('No policy selects the subject, so nothing was verified.');
  if (decision === 'deny') return { kind: 'attestable', result: 'FAILED' };
  if (decision === 'unknown') return refused('The decision is unknown, and what is unknown is not attested as passed.');
  const open = policies.find(({ strict }) => strict === 'unknown');
  if (open === undefined) return { kind: 'attestable', result: 'PASSED' };
  return refused(
    `Mode ${open.mode} makes ${decision} of what the policy ${inert(open.name)} cannot tell, and what is unknown is not attested as passed.`,
  );
}

/** The policies as in-toto resource descriptors, sorted by name. */
export function policyDescriptors(policies: readonly JudgedPolicy[]): readonly JsonObject[] {
  return policies.toSorted(by(({ name }) => name)).map(({ name, digest, mode, decision, strict }) => ({
    name: inert(name),
    uri: `https://plombe.dev/policy/${encodeURIComponent(name.toWellFormed())}`,
    digest: digestSet(digest),
    annotations: { mode, decision, strict },
  }));
}

/**
 * The one descriptor that a verification summary has place for. Several policies together are named by the SHA-256 of the lines
 * `sha256:HEX  NAME`, sorted by name, each closed by LF; the policies are in its annotations.
 */
export function policySet(policies: readonly JudgedPolicy[]): JsonObject {
  const descriptors = policyDescriptors(policies);
  const [first] = descriptors;
  if (first !== undefined && descriptors.length === 1) return first;
  const sorted = policies.toSorted(by(({ name }) => name));
  const lines = sorted.map(({ name, digest }) => `${digest}  ${inert(name)}\n`).join('');
  return {
    uri: 'https://plombe.dev/policies',
    digest: { sha256: createHash('sha256').update(lines).digest('hex') },
    annotations: { policies: descriptors },
  };
}

/** `sha256:HEX` → `{sha256: HEX}`, as in-toto has digests. */
export function digestSet(digest: string): JsonObject {
  const colon = digest.indexOf(':');
  return { [digest.slice(0, colon)]: digest.slice(colon + 1) };
}

/** Our field: the word, the place it holds for, each check, and the advisory data it came from. */
export function decisionDetails({ judged, place }: DecisionParts): JsonObject {
  const { decision, reasons, databaseDigest } = judged;
  return {
    decision,
    place: Object.fromEntries(Object.entries(place).map(([name, value]) => [name, inert(value)])),
    checks: reasons.map(({ policy, check, outcome, exceptions = [] }) => ({
      policy: inert(policy),
      check: inert(check),
      outcome,
      ...(exceptions.length === 0 ? {} : { exceptions: exceptions.length }),
    })),
    ...(databaseDigest === undefined ? {} : { database: { digest: databaseDigest } }),
  };
}
