// From evidence to what the gate does: the decision of every platform, the strictest of them, the one line for the client, and how long it holds.
import { by, inert } from '@plombe/kit';
import { formatPlatform } from '@plombe/model';
import {
  decide,
  judgeBreakGlass,
  strictest,
  type BrokenGlass,
  type Decision,
  type DecisionWord,
  type Policy,
  type PolicyAnswer,
  type PolicyEvidence,
  type Reason,
} from '@plombe/policy';
import type { VerdictReasons } from '../registry/ports.ts';
import type { ManifestEvidence, PlatformEvidence } from './evidence.ts';
import { oneLine } from './message.ts';

/** What the gate does with a manifest. */
export interface Judgement {
  readonly decision: DecisionWord;
  readonly verdict: 'accept' | 'quarantine' | 'deny';
  readonly policies: readonly PolicyAnswer[];
  readonly databaseDigest?: string;
  readonly reasons: VerdictReasons;
  /** From then on it may be another. */
  readonly validUntilMs?: number;
  /** Exceptions that two people made. */
  readonly brokenGlass: readonly BrokenGlass[];
}

/** How the question is put. */
export interface Question {
  /** Tags it is pushed by; empty: by digest. */
  readonly tags: readonly string[];
  readonly running: boolean;
  readonly nowMs: number;
  /** What is rejected is stored nowhere; else it is there, and things can be attached to it. */
  readonly isNew?: boolean;
}

/** Decides; pure. Where no policy selects the repository, nothing forbids it. */
export function judgeManifest(policies: readonly Policy[], found: ManifestEvidence, question: Question): Judgement {
  const judged = judgeAs('stored', policies, found, question);
  const isLost = question.isNew === true && judged.verdict === 'deny';
  return isLost ? judgeAs('rejected', policies, found, question) : judged;
}

/** The same decision; the remedies are others where there will be nothing to attach anything to. */
function judgeAs(
  fate: 'stored' | 'rejected',
  policies: readonly Policy[],
  found: ManifestEvidence,
  question: Question,
): Judgement {
  const { nowMs, tags } = question;
  const decided = found.platforms.flatMap((platform) =>
    (tags.length === 0 ? [undefined] : tags).map((tag) => decidePlatform(policies, platform, tag, question, fate)),
  );
  const first = decided[0]?.decision;
  const selected = first === undefined ? [] : first.policies;
  const absent = selected.length === 0 ? [] : missingReasons(found, selected);
  const answers = mergedAnswers(
    decided.flatMap(({ decision }) => decision.policies),
    absent.length > 0,
  );
  const decision = strictest(answers.map((answer) => answer.decision));
  const reasons = distinct([...absent, ...decided.flatMap(({ reasons: own }) => own)]);
  const refusing = answers.filter((answer) => answer.decision === 'deny' || answer.decision === 'unknown');
  const rejects = refusing.some(({ onViolation }) => onViolation === 'reject');
  const databaseDigest = decided.find((one) => one.decision.databaseDigest !== undefined)?.decision.databaseDigest;
  const ends = decided.flatMap((one) => one.ends).filter((endMs) => endMs > nowMs);
  return {
    decision,
    verdict: refusing.length === 0 ? 'accept' : rejects ? 'deny' : 'quarantine',
    policies: answers,
    brokenGlass: decided.flatMap(({ broken }) => broken),
    reasons: { decision, message: oneLine(refusing.length === 0 ? [] : blocking(reasons, refusing)), reasons },
    ...(databaseDigest === undefined ? {} : { databaseDigest }),
    ...(ends.length === 0 ? {} : { validUntilMs: Math.min(...ends) }),
  };
}

interface DecidedPlatform {
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
  readonly broken: readonly BrokenGlass[];
  /** Instants at which it may change. */
  readonly ends: readonly number[];
}

function decidePlatform(
  policies: readonly Policy[],
  { evidence, scan, unscanned }: PlatformEvidence,
  tag: string | undefined,
  { running, nowMs }: Question,
  fate: 'stored' | 'rejected',
): DecidedPlatform {
  const { subject } = evidence;
  // What is judged is a digest, whatever name it comes by.
  const asked = {
    ...evidence,
    running,
    subject: {
      ...subject,
      byDigest: true,
      isHeldBack: true,
      isRejected: fate === 'rejected',
      ...(tag === undefined ? {} : { tag }),
    },
  };
  const plain = decide(policies, asked, {
    nowMs,
    ...(scan === undefined ? {} : { databaseDigest: scan.database.digest }),
  });
  const { decision, broken, reasons: made } = withBrokenGlass(plain, policies, asked, nowMs);
  const platform = scan?.inventory.subject.platform;
  const named = platform === undefined ? '' : inert(formatPlatform(platform));
  const told = [...made, ...decision.reasons].map((reason) => placed(reason, named, unscanned));
  return {
    decision,
    reasons: told,
    broken,
    ends: [
      ...broken.map(({ untilMs }) => untilMs),
      ...decision.reasons.flatMap(({ exceptions = [] }) => exceptions.map(({ expires }) => Date.parse(expires))),
      ...approvalEnds(asked),
    ],
  };
}

/** Says which platform it is about, and why there is no scan. */
function placed(reason: Reason, platform: string, unscanned: string | undefined): Reason {
  if (reason.outcome === 'pass') return reason;
  const why =
    reason.outcome === 'unknown' && unscanned !== undefined ? `${reason.message} ${unscanned}` : reason.message;
  return { ...reason, message: platform === '' ? why : `${platform}: ${why}` };
}

/** A policy that refuses is overruled where enough of its people say so; every policy that refuses must be. */
function withBrokenGlass(
  decision: Decision,
  policies: readonly Policy[],
  evidence: PolicyEvidence,
  nowMs: number,
): { readonly decision: Decision; readonly broken: readonly BrokenGlass[]; readonly reasons: readonly Reason[] } {
  const broken: BrokenGlass[] = [];
  const reasons: Reason[] = [];
  const answers = decision.policies.map((answer): PolicyAnswer => {
    if (answer.decision !== 'deny' && answer.decision !== 'unknown') return answer;
    const rule = policies.find(({ name }) => name === answer.name)?.breakGlass;
    const glass = rule === undefined ? undefined : judgeBreakGlass(rule, evidence, nowMs);
    if (glass === undefined) return answer;
    broken.push(glass);
    const until = new Date(glass.untilMs).toISOString();
    reasons.push({
      policy: answer.name,
      check: 'break-glass',
      outcome: 'pass',
      message: inert(`Let through until ${until} by ${glass.persons.join(' and ')}: ${glass.reasons.join('; ')}`),
      remedy: '',
      lookedAt: `${glass.persons.length} statements`,
    });
    return { ...answer, decision: 'warn' };
  });
  if (broken.length === 0) return { decision, broken, reasons };
  const word = strictest(answers.map((answer) => answer.decision));
  return { decision: { ...decision, decision: word, policies: answers }, broken, reasons };
}

/** The ends of approvals and of what is known to end; an approval that does not count only makes the gate look once more. */
function approvalEnds({ attestations = [] }: PolicyEvidence): readonly number[] {
  return attestations
    .filter(({ type }) => type.startsWith('https://plombe.dev/attestation/approval'))
    .flatMap(({ results }) => results)
    .flatMap(({ statement }) => {
      const predicate = statement?.['predicate'];
      const expires =
        typeof predicate === 'object' && predicate !== null && 'expires' in predicate ? predicate.expires : '';
      const endMs = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
      return Number.isNaN(endMs) ? [] : [endMs];
    });
}

/** An index of which a part is not there is not the index that was meant. */
function missingReasons({ missing }: ManifestEvidence, selected: readonly PolicyAnswer[]): readonly Reason[] {
  const [digest] = missing;
  if (digest === undefined) return [];
  const more = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
  return [
    {
      policy: selected[0]?.name ?? '',
      check: 'platforms',
      outcome: 'fail',
      message: `The index lists ${digest}${more}, which was rejected or never pushed.`,
      remedy: 'Push every platform first; fix the one that is rejected, or leave it out of the index.',
      lookedAt: `${missing.length} missing`,
    },
  ];
}

function mergedAnswers(answers: readonly PolicyAnswer[], isIncomplete: boolean): readonly PolicyAnswer[] {
  return [...Map.groupBy(answers, ({ name }) => name).values()].map((same) => {
    const first = same[0] as PolicyAnswer;
    const decision = strictest(same.map((answer) => answer.decision));
    const strict = strictest(same.map((answer) => answer.strict));
    if (!isIncomplete) return { ...first, decision, strict };
    const soft = first.mode === 'deny' ? 'deny' : first.mode === 'warn' ? strictest(['warn', decision]) : decision;
    return { ...first, strict: 'deny', decision: soft };
  });
}

/** What stands in the way comes first: reasons of the policies that refuse, failures before what is unknown. */
function blocking(reasons: readonly Reason[], refusing: readonly PolicyAnswer[]): readonly Reason[] {
  const names = new Set(refusing.map(({ name }) => name));
  return reasons
    .filter(({ policy, outcome }) => names.has(policy) && outcome !== 'pass')
    .toSorted(by(({ outcome }) => (outcome === 'fail' ? 0 : 1)));
}

function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [
    ...new Map(
      reasons.map((reason) => [`${reason.policy}\0${reason.check}\0${reason.outcome}\0${reason.message}`, reason]),
    ).values(),
  ];
}
