// Break-glass: several people, each by a signed statement with reason and end, let one digest through that the policy refuses (docs/predicates/break-glass.md).
import { inert, objectField, textField } from '@plombe/kit';
import type { AttestationResult } from '@plombe/model';
import { signerAnchor, type AttestationNeed, type CosignAnchor } from '../anchors.ts';
import type { PolicySpec } from '../document/policy-schema.ts';
import type { PolicyEvidence } from '../evidence.ts';
import { instantMs } from '../schema/format.ts';

/** Predicate type of the statement. */
export const breakGlassType = 'https://plombe.dev/attestation/break-glass/v1';

/** The rule with its anchors. */
export interface BreakGlassRule {
  readonly approvers: readonly CosignAnchor[];
  /** Distinct people, at least two. */
  readonly atLeast: number;
  readonly maxMs: number;
}

/** Who let it through, why, and until when. */
export interface BrokenGlass {
  /** Ids of the signers, sorted. */
  readonly persons: readonly string[];
  /** Inert. */
  readonly reasons: readonly string[];
  /** From this instant on fewer people than needed stand behind it. */
  readonly untilMs: number;
}

/** A signer's clock may be so far ahead. */
const clockSkewMs = 5 * 60_000;
const hourMs = 3_600_000;

/** The rule of a policy; undefined where it has none. */
export function breakGlassRule(spec: PolicySpec, folder: string | undefined): BreakGlassRule | undefined {
  const rule = spec.breakGlass;
  if (rule === undefined) return undefined;
  const { approvers, atLeast = 2, maxHours = 4 } = rule;
  return {
    approvers: approvers.map((fields) => signerAnchor(fields, folder)),
    atLeast,
    maxMs: maxHours * hourMs,
  };
}

/** What must be gathered for the rule. */
export function breakGlassNeeds({ approvers }: BreakGlassRule): readonly AttestationNeed[] {
  return approvers.map((anchor) => ({ type: breakGlassType, anchor }));
}

interface Statement {
  readonly person: string;
  readonly reason: string;
  readonly expiresMs: number;
}

/** Tells whether enough people stand behind the digest now; pure. */
export function judgeBreakGlass(
  rule: BreakGlassRule,
  { attestations = [], subject }: Pick<PolicyEvidence, 'attestations' | 'subject'>,
  nowMs: number,
): BrokenGlass | undefined {
  const anchors = new Set(rule.approvers.map(({ id }) => id));
  const results = attestations
    .filter(({ type, anchor }) => type === breakGlassType && anchors.has(anchor))
    .flatMap((entry) => entry.results);
  const latest = new Map<string, Statement>();
  for (const result of results) {
    const statement = statementOf(result, rule, subject.repository, nowMs);
    if (statement === undefined) continue;
    const known = latest.get(statement.person);
    if (known === undefined || known.expiresMs < statement.expiresMs) latest.set(statement.person, statement);
  }
  const standing = [...latest.values()].sort((a, b) => b.expiresMs - a.expiresMs);
  const last = standing[rule.atLeast - 1];
  if (last === undefined) return undefined;
  return {
    persons: standing.map(({ person }) => person).sort(),
    reasons: [...new Set(standing.map(({ reason }) => reason))],
    untilMs: last.expiresMs,
  };
}

/** A verified statement for this repository that holds now and for no longer than the rule allows. */
function statementOf(
  { verdict, statement, signerId }: AttestationResult,
  { maxMs }: BreakGlassRule,
  repository: string | undefined,
  nowMs: number,
): Statement | undefined {
  const predicate = verdict === 'verified' && statement !== undefined ? objectField(statement, 'predicate') : undefined;
  if (predicate === undefined || signerId === undefined) return undefined;
  const reason = textField(predicate, 'reason')?.trim() ?? '';
  const requestedMs = instantMs(textField(predicate, 'requested') ?? '');
  const expiresMs = instantMs(textField(predicate, 'expires') ?? '');
  if (reason === '' || requestedMs === undefined || expiresMs === undefined) return undefined;
  if (textField(predicate, 'repository') !== repository) return undefined;
  const isNow = requestedMs <= nowMs + clockSkewMs && nowMs < expiresMs;
  if (!isNow || expiresMs - requestedMs > maxMs) return undefined;
  return { person: signerId, reason: inert(reason.slice(0, 200)), expiresMs };
}
