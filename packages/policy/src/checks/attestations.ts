// An attestation of the type is there, signed by whom the policy names, young enough, and says what it must. (T45)
import { inert, objectField, textField } from '@plombe/kit';
import type { AttestationResult } from '@plombe/model';
import { signerAnchor, type CosignAnchor } from '../anchors.ts';
import { attestationVariables, attestationVariableNames } from '../variables.ts';
import type { PolicyEvidence } from '../evidence.ts';
import { beforePush } from './before-push.ts';
import { claimedAtMs } from './claimed-time.ts';
import { compileConditions, judgeCondition, type CompiledCondition } from './condition.ts';
import { count, defineCheck, unknown, type CheckContext, type CheckResult, type Violation } from './check.ts';

interface Parameters {
  readonly type: string;
  readonly anchor: CosignAnchor;
  readonly maxAgeDays: number | undefined;
  readonly conditions: readonly CompiledCondition[];
}

const dayMs = 86_400_000;
/** Five minutes: what clocks of two well-kept machines differ by at most. */
const clockSkewMs = 5 * 60_000;

export const attestations = defineCheck<Parameters>({
  id: 'attestations',
  needs: ['attestations'],
  parameters: ({ attestations: asked = [] }, { folder }) =>
    asked.map((rule, index) => ({
      name: rule.type,
      value: {
        type: rule.type,
        anchor: signerAnchor(rule, folder),
        maxAgeDays: rule.maxAgeDays,
        conditions: compileConditions(rule.conditions, attestationVariableNames, ['attestations', index, 'conditions']),
      },
    })),
  check(subject, evidence, parameters, ctx) {
    const { type, anchor } = parameters;
    const label = inert(anchor.label);
    const remedy = () =>
      subject.isRejected === true
        ? beforePush('attested', `with the key of ${label}`, 'attestation')
        : `Attest it anew: plombe attest ${inert(subject.reference)} --type ${inert(type)} --predicate FILE --key KEY, with the key of ${label}.`;
    const found = evidence.attestations?.find((entry) => entry.anchor === anchor.id && entry.type === type);
    if (found === undefined) {
      return unknown(`Attestations of type ${inert(type)} were not verified against ${label}.`, 'nothing', remedy);
    }
    const lookedAt = `${count(found.results.length, 'attestation')} of type ${inert(type)}`;
    const limits = (found.limits ?? []).map(inert);
    const verified = found.results.filter(({ verdict }) => verdict === 'verified');
    if (verified.length === 0) {
      const doubtful = found.results.some(({ verdict }) => verdict === 'undecidable');
      const message = `There is no attestation of type ${inert(type)} signed by ${label}.`;
      const isUnknown = doubtful || limits.length > 0;
      return {
        violations: isUnknown ? [] : [{ message }],
        unknowns: isUnknown ? [message, ...limits] : [],
        passed: '',
        lookedAt,
        remedy,
      };
    }
    return judge(decisive(verified), evidence, parameters, ctx, { lookedAt, remedy, limits });
  },
});

/**
 * Summaries, by URI and as cases of a policy test name them: one that says anything but PASSED is refused, whatever the conditions are
 * (SLSA 1.2, verification_summary.md, "How to verify", step 6).
 */
const summaryTypes = ['https://slsa.dev/verification_summary/v1', 'vsa'];
const notPassed = 'The verification summary does not say PASSED.';

function isPassed({ statement = {} }: AttestationResult): boolean {
  return textField(objectField(statement, 'predicate') ?? {}, 'verificationResult') === 'PASSED';
}

/**
 * The newest one by its proved time, so that an older one that says better things cannot be played again. Those without a proved time may
 * be newer than any other: they all count beside it.
 */
function decisive(verified: readonly AttestationResult[]): readonly AttestationResult[] {
  const newest = Math.max(...verified.map(({ signedAtMs }) => signedAtMs ?? -Infinity));
  return verified.filter(({ signedAtMs }) => signedAtMs === undefined || signedAtMs === newest);
}

/** What an index holds taken together may be in no single image of it: a condition must hold for each, too. */
function wholeAndParts(result: AttestationResult): readonly AttestationResult[] {
  return [result, ...(result.parts ?? []).map((statement) => ({ ...result, statement }))];
}

function judge(
  results: readonly AttestationResult[],
  evidence: PolicyEvidence,
  { type, anchor, maxAgeDays, conditions }: Parameters,
  ctx: CheckContext,
  { lookedAt, remedy, limits }: { lookedAt: string; remedy: () => string; limits: readonly string[] },
): CheckResult {
  const violations: Violation[] = [];
  const unknowns: string[] = [];
  if (maxAgeDays !== undefined) {
    // A limit reached may hide newer ones, which would only be better here; a younger one that is proved decides.
    const proved = results.flatMap(({ signedAtMs }) => signedAtMs ?? []);
    const dated = proved.length > 0 ? proved : results.flatMap((result) => claimedAtMs(result) ?? []);
    const newest = Math.max(...dated);
    const ageDays = (ctx.nowMs - newest) / dayMs;
    if (dated.length === 0)
      unknowns.push(`When the attestation of type ${inert(type)} was signed is neither proved nor said in it.`);
    else if (newest > ctx.nowMs + clockSkewMs)
      violations.push({ message: `The attestation of type ${inert(type)} was signed in the future.` });
    else if (ageDays > maxAgeDays) {
      violations.push({
        message: `The attestation of type ${inert(type)} is ${Math.floor(ageDays)} days old; ${maxAgeDays} are allowed.`,
      });
    }
  }
  const summaries = results.filter(({ predicateType }) => summaryTypes.includes(predicateType));
  violations.push(...summaries.filter((result) => !isPassed(result)).map(() => ({ message: notPassed })));
  for (const result of conditions.length === 0 ? [] : results.flatMap(wholeAndParts)) {
    const variables = attestationVariables(result, evidence, ctx.nowMs);
    for (const condition of conditions) judgeCondition(condition, variables, ctx.budget, violations, unknowns);
  }
  // Among what was not read may be a newer one that says otherwise.
  if (conditions.length + summaries.length > 0) unknowns.push(...limits);
  return {
    // An index and its images mostly say the same.
    violations: [...new Map(violations.map((one) => [one.message, one])).values()],
    unknowns: [...new Set(unknowns)],
    passed: `Attested (${inert(type)}) by ${inert(anchor.label)}.`,
    lookedAt,
    remedy,
  };
}
