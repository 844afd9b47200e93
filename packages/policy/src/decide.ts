// The decision on a subject: a pure function of policies, evidence and time. Several policies that select it all hold; the strictest wins.
import { inert } from '@plombe/kit';
import { Budget, decisionSteps } from './cel/budget.ts';
import type { BoundCheck, CheckContext, CheckResult } from './checks/check.ts';
import type { PolicyMode } from './document/policy-schema.ts';
import type { PolicyEvidence } from './evidence.ts';
import { applicable, covers, isWhole } from './exceptions.ts';
import type { Policy } from './policy.ts';

/** From mild to strict. */
const decisions = ['allow', 'warn', 'unknown', 'deny'] as const;

/** `unknown`: evidence is missing or undecidable, and the policy does not say what then. A gate refuses it. */
export type DecisionWord = (typeof decisions)[number];

/** What one check says. Everything in it is inert text. */
export interface Reason {
  readonly policy: string;
  readonly check: string;
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly message: string;
  /** How to get to a pass; empty where it passes. */
  readonly remedy: string;
  /** What was looked at. */
  readonly lookedAt: string;
  /** Exceptions without which it would not pass. */
  readonly exceptions?: readonly AppliedException[];
}

export interface AppliedException {
  readonly owner: string;
  readonly ticket: string;
  readonly expires: string;
}

/** How one policy answers. */
export interface PolicyAnswer {
  readonly name: string;
  readonly digest: string;
  readonly mode: PolicyMode;
  readonly decision: DecisionWord;
  /** What it would be in mode `deny`; a dry run counts these. */
  readonly strict: DecisionWord;
  /** What a gate does with what is denied. */
  readonly onViolation: 'reject' | 'quarantine';
}

export interface Decision {
  readonly decision: DecisionWord;
  /** What fails first, then what is unknown, then what passes. */
  readonly reasons: readonly Reason[];
  readonly policies: readonly PolicyAnswer[];
  /** Digest of the advisory database that the evidence came from. */
  readonly databaseDigest?: string;
}

export interface DecideOptions {
  /** Milliseconds since 1970: ages and expiries are counted from it. */
  readonly nowMs: number;
  readonly databaseDigest?: string;
}

/** Decides. Throws nothing: whatever cannot be told is `unknown`. Where no policy selects the subject, nothing forbids it. */
export function decide(policies: readonly Policy[], evidence: PolicyEvidence, options: DecideOptions): Decision {
  const ctx: CheckContext = { nowMs: options.nowMs, budget: new Budget(decisionSteps) };
  const asked = policies.flatMap((policy) => {
    const mode = evidence.running === true ? policy.modes.running : policy.modes.newDeployments;
    return mode !== 'off' && policy.select(evidence) ? [answer(policy, mode, evidence, ctx)] : [];
  });
  const reasons = asked.flatMap((one) => one.reasons);
  return {
    decision: strictest(asked.map(({ policy }) => policy.decision)),
    reasons: [
      ...reasons.filter(({ outcome }) => outcome === 'fail'),
      ...reasons.filter(({ outcome }) => outcome === 'unknown'),
      ...reasons.filter(({ outcome }) => outcome === 'pass'),
    ],
    policies: asked.map(({ policy }) => policy),
    ...(options.databaseDigest === undefined ? {} : { databaseDigest: options.databaseDigest }),
  };
}

/** Returns the strictest of several decisions; `allow` of none. */
export function strictest(words: readonly DecisionWord[]): DecisionWord {
  return decisions[Math.max(0, ...words.map((word) => decisions.indexOf(word)))] ?? 'deny';
}

function answer(
  policy: Policy,
  mode: PolicyMode,
  evidence: PolicyEvidence,
  ctx: CheckContext,
): { readonly reasons: readonly Reason[]; readonly policy: PolicyAnswer } {
  const reasons = policy.checks.map((check) => reasonOf(policy, check, evidence, ctx));
  const { onUnknown, onViolation = 'reject' } = policy.spec;
  const strict = strictest(
    reasons.map(({ outcome }) =>
      outcome === 'fail' ? 'deny' : outcome === 'unknown' ? (onUnknown ?? 'unknown') : 'allow',
    ),
  );
  return {
    reasons,
    policy: { name: policy.name, digest: policy.digest, mode, decision: softened(strict, mode), strict, onViolation },
  };
}

function softened(strict: DecisionWord, mode: PolicyMode): DecisionWord {
  if (strict === 'allow' || mode === 'deny') return strict;
  return mode === 'warn' ? 'warn' : 'allow';
}

function reasonOf(policy: Policy, check: BoundCheck, evidence: PolicyEvidence, ctx: CheckContext): Reason {
  const result = check.run(evidence, ctx);
  const head = { policy: policy.name, check: check.id, lookedAt: result.lookedAt };
  if (result.violations.length === 0 && result.unknowns.length === 0) {
    return { ...head, outcome: 'pass', message: result.passed, remedy: '' };
  }
  const { valid, expired } = applicable(policy.exceptions, check.id, evidence, ctx.nowMs);
  const used = new Set<(typeof valid)[number]>();
  const left = result.violations.filter((violation) => {
    const covering = valid.find((exception) => covers(exception, violation));
    if (covering !== undefined) used.add(covering);
    return covering === undefined;
  });
  const whole = result.unknowns.length === 0 ? undefined : valid.find(isWhole);
  if (whole !== undefined) used.add(whole);
  const exceptions = [...used].map(({ source: { owner, ticket, expires } }) => ({
    owner: inert(owner),
    ticket: inert(ticket),
    expires: inert(expires),
  }));
  const outcome = left.length > 0 ? 'fail' : result.unknowns.length > 0 && whole === undefined ? 'unknown' : 'pass';
  return {
    ...head,
    outcome,
    message: [...messagesOf(outcome, left, result, exceptions), ...ended(expired, outcome)].join(' '),
    remedy: outcome === 'pass' ? '' : result.remedy(),
    ...(exceptions.length === 0 ? {} : { exceptions }),
  };
}

/** Three examples: enough to know what it is about; the scan has the whole list. */
const shownMessages = 3;

function messagesOf(
  outcome: Reason['outcome'],
  left: CheckResult['violations'],
  { unknowns }: CheckResult,
  exceptions: readonly AppliedException[],
): readonly string[] {
  if (outcome === 'pass') {
    return exceptions.map(({ owner, ticket, expires }) => `Excepted until ${expires} by ${owner} (${ticket}).`);
  }
  const all = outcome === 'fail' ? left.map(({ message }) => message) : unknowns;
  const more = all.length - shownMessages;
  return [...all.slice(0, shownMessages), ...(more > 0 ? [`And ${more} more.`] : [])];
}

function ended(expired: ReturnType<typeof applicable>['expired'], outcome: Reason['outcome']): readonly string[] {
  if (outcome === 'pass') return [];
  return expired.map(({ source }) =>
    inert(`An exception by ${source.owner} (${source.ticket}) ended on ${source.expires}.`),
  );
}
