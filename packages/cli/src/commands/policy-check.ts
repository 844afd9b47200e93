// `plombe policy check` and `explain`: may a subject be deployed, and who would break.
import { readFleet, renderDecision, renderFleet, type FleetEntry, type FleetRow } from '@plombe/engine';
import { inert, isPlombeError, PlombeError } from '@plombe/kit';
import { strictest } from '@plombe/policy';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import {
  decideReport,
  decideSubject,
  exitCodeOfDecision,
  judgeSubject,
  openPolicies,
  type PolicySession,
  type SubjectDecision,
} from '../compose/policy.ts';
import { openDecisionAttester, requireDecisionFlags } from '../compose/decision-attesting.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Returns 0 for allow and warn, 1 for deny, 3 for unknown. Throws `config/invalid`, `policy/invalid`, and what reading the subject throws. */
export async function policyCheckCommand(
  subject: string | undefined,
  loaded: LoadedSettings,
  flags: Flags,
): Promise<number> {
  const list = flags['inventory'];
  if ((subject === undefined) === (typeof list !== 'string')) {
    throw new PlombeError('config/invalid', 'Name a subject, or a list with --inventory.', {
      remedy: 'Give one of both: plombe policy check SUBJECT, or plombe policy check --inventory FILE.',
    });
  }
  const attest = flags['attest'] === true;
  requireDecisionFlags(attest, subject, flags);
  if (subject === undefined) return checkFleet(String(list), loaded, flags);
  return attest ? attestCheck(subject, loaded, flags) : checkSubject(subject, loaded, flags, false);
}

/** The same decision with everything that was looked at and the way to allow. */
export function policyExplainCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  return checkSubject(subject, loaded, flags, true);
}

async function checkSubject(subject: string, loaded: LoadedSettings, flags: Flags, explain: boolean): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx, progress } = openSession(loaded.values);
  try {
    const decision = await decideSubject(subject, openPolicies(loaded.values, flags, ctx));
    progress.clear();
    output({
      json: decision,
      text: (options) => renderDecision(decision, titleOf(decision), { ...options, explain }),
    });
    return exitCodeOfDecision(decision.decision);
  } finally {
    progress.clear();
  }
}

function titleOf({ subject: { reference, digest } }: SubjectDecision): string {
  return digest === undefined || reference.includes(digest) ? reference : `${reference} (${digest})`;
}

/** Decides and attests. The decision is written whatever becomes of the attestations; what may not be attested is 3. */
async function attestCheck(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx, progress } = openSession(values);
  const attester = await openDecisionAttester(subject, values, flags, ctx);
  try {
    const { answer, decided } = await judgeSubject(subject, openPolicies(values, flags, ctx), true);
    progress.clear();
    const outcome = await attester.attest(decided);
    progress.clear();
    const attestations = outcome.kind === 'attested' ? { attestations: outcome.attestations } : { attestations: [] };
    output({
      json: { ...answer, ...attestations },
      text: (options) => renderDecision(answer, titleOf(answer), { ...options, explain: false }),
    });
    if (outcome.kind === 'failed') throw outcome.failure;
    const { message } = outcome;
    if (outcome.kind === 'refused' || values.quiet !== true) process.stderr.write(`plombe: ${message}\n`);
    return outcome.kind === 'refused' ? exitCodes.notAssessed : exitCodeOfDecision(answer.decision);
  } finally {
    progress.clear();
    attester.close();
  }
}

/** Judges each of the list. One that cannot be read is a row of its own and unknown, never left out. */
async function checkFleet(path: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx, progress } = openSession(loaded.values);
  const session = openPolicies(loaded.values, flags, ctx);
  const rows: (FleetRow & { readonly reasons: SubjectDecision['reasons'] })[] = [];
  try {
    for (const entry of readFleet(path)) {
      ctx.signal.throwIfAborted();
      rows.push(await rowOf(entry, session));
    }
    progress.clear();
  } finally {
    progress.clear();
  }
  const decision = strictest(rows.map((row) => row.decision));
  const counts = Object.fromEntries(
    (['allow', 'warn', 'deny', 'unknown'] as const).map((word) => [
      word,
      rows.filter(({ strict }) => strict === word).length,
    ]),
  );
  output({
    json: { decision, ifEnforced: counts, subjects: rows },
    text: (options) => renderFleet(rows, options),
  });
  return exitCodeOfDecision(decision);
}

async function rowOf(
  entry: FleetEntry,
  session: PolicySession,
): Promise<FleetRow & { readonly reasons: SubjectDecision['reasons'] }> {
  const name = entry.kind === 'report' ? entry.evidence.subject.reference : entry.reference;
  try {
    const judged =
      entry.kind === 'report'
        ? await decideReport(entry.evidence, session)
        : await decideSubject(entry.reference, session);
    const reasons = judged.reasons.filter(({ outcome }) => outcome !== 'pass');
    return {
      subject: inert(name),
      decision: judged.decision,
      strict: strictest(judged.policies.map(({ strict }) => strict)),
      checks: [...new Set(reasons.map(({ check }) => check))],
      reasons,
    };
  } catch (thrown) {
    // A mistake in policy or keys concerns every subject; what cannot be read concerns only this one.
    if (!isPlombeError(thrown) || !/^(?:registry|reference|archive|source|subject)\//.test(thrown.code)) throw thrown;
    const error = inert(thrown.message);
    return { subject: inert(name), decision: 'unknown', strict: 'unknown', checks: [], error, reasons: [] };
  }
}
