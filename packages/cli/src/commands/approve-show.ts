// `plombe approve list|verify`: what there is about an image, and whether enough approvals count.
import { judgeFoundApprovals } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Verdict } from '@plombe/model';
import { formatReference } from '@plombe/oci';
import { formatScope, type ApprovalReport } from '@plombe/trust';
import {
  approvalPolicy,
  atDesk,
  policyApprovals,
  recordedRevocations,
  scopeOf,
  type ApprovalDesk,
  type Flags,
} from '../compose/approval.ts';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { openPolicies, type PolicySession } from '../compose/policy.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { exitCodeOfVerdict } from './verify.ts';

type Output = ReturnType<typeof textOrJson>;

/** With a policy: as `verify`. Without: everything that is there with who signed it, which decides nothing, and 0; 3 where a limit hides some. */
export async function listCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const task = { values: loaded.values, flags, ctx };
  return atDesk(subject, task, async (desk) => {
    if (flags['policy'] !== undefined) return byPolicy(desk, openPolicies(loaded.values, flags, ctx), output);
    const found = await desk.find();
    const nowMs = ctx.clock.nowMs();
    const scope = scopeOf(flags);
    const report = judgeFoundApprovals(found, {
      approvers: undefined,
      requesters: undefined,
      scope,
      threshold: 1,
      nowMs,
    });
    const { reference, digest } = found.subject;
    const { limits } = found.discovery;
    const described = { reference: formatReference(reference), digest };
    const note = 'Anyone who may push can add statements; approve verify says which count.';
    output({
      json: { subject: described, ...statementsOf(report), reasons: [...limits, ...report.unreadable] },
      text: () => textOf(`${described.reference} (${digest})`, report, [...limits, ...report.unreadable, note]),
    });
    return report.verdict === 'undecidable' ? exitCodes.notAssessed : exitCodes.fine;
  });
}

/** Returns 0 where enough distinct approvers count, 1 where not, 3 where a limit hides statements. Throws `config/invalid`. */
export async function verifyApprovalsCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  if ((flags['key'] === undefined) === (flags['policy'] === undefined)) {
    throw new PlombeError('config/invalid', 'Whose approvals count is not said, or said twice.', {
      remedy: 'Give --key PUB for each approver, or --policy FILE.',
    });
  }
  if (flags['policy'] !== undefined && (flags['threshold'] ?? flags['requester'] ?? flags['ledger']) !== undefined) {
    throw new PlombeError('config/invalid', '--threshold, --requester and --ledger go with --key, not with --policy.');
  }
  return atDesk(subject, { values: loaded.values, flags, ctx }, async (desk) => {
    if (flags['policy'] !== undefined) return byPolicy(desk, openPolicies(loaded.values, flags, ctx), output);
    const [approvers, requesters] = [await desk.publicKeys('key'), await desk.publicKeys('requester')];
    const threshold = typeof flags['threshold'] === 'number' ? flags['threshold'] : 1;
    const scope = scopeOf(flags);
    const found = await desk.find();
    const recorded = await recordedRevocations(flags, found.subject.digest);
    const nowMs = ctx.clock.nowMs();
    const report = judgeFoundApprovals(found, { approvers, requesters, scope, threshold, nowMs, recorded });
    const { reference, digest } = found.subject;
    const reasons = [
      ...found.discovery.limits,
      `${report.approvers.length} of ${threshold} approver${threshold === 1 ? '' : 's'} required.`,
      ...(report.requests.length === 0 ? ['There is no request about this digest.'] : []),
      ...(scope === undefined ? ['Scopes were not compared; give --scope to have them count.'] : []),
      ...report.unreadable,
    ];
    const described = { reference: formatReference(reference), digest };
    output({
      json: {
        verdict: report.verdict,
        subject: described,
        threshold,
        approvers: report.approvers,
        ...statementsOf(report),
        reasons,
      },
      text: () => textOf(`${words[report.verdict]}  ${described.reference} (${digest})`, report, reasons),
    });
    return exitCodeOfVerdict(report.verdict);
  });
}

/** The policy's own judgement: its approvers, its requesters, its number. */
async function byPolicy(desk: ApprovalDesk, session: PolicySession, output: Output): Promise<number> {
  const atLeast = approvalPolicy(session).spec.approvals?.atLeast ?? 1;
  const found = await desk.find();
  const { name, state } = await policyApprovals(found, session);
  const { requests, approvals, approvers, revoked, doubts } = state;
  const verdict: Verdict = doubts.length > 0 ? 'undecidable' : approvers.size >= atLeast ? 'verified' : 'rejected';
  const lines = [
    `${approvers.size} of ${atLeast} approvers  ${name}`,
    ...requests.map(
      ({ id, requesters, reason }) =>
        `  request  ${id} by ${requesters.join(', ')}: ${reason}${revoked.has(id) ? ' (taken back)' : ''}`,
    ),
    ...approvals.map(
      ({ id, approver, expires, state: word }) => `  approval ${id} by ${approver} until ${expires}: ${word}`,
    ),
    ...doubts.map((doubt) => `  ${doubt}`),
  ];
  output({
    json: {
      verdict,
      subject: name,
      requests,
      approvals,
      revoked: [...revoked],
      approvers: [...approvers],
      required: atLeast,
      doubts,
    },
    text: () => `${lines.map(inert).join('\n')}\n`,
  });
  return exitCodeOfVerdict(verdict);
}

const words: Readonly<Record<Verdict, string>> = {
  verified: 'APPROVED',
  rejected: 'NOT APPROVED',
  undecidable: 'UNDECIDABLE',
};

/** The statements as JSON shows them. */
function statementsOf({ requests, grants, revocations }: ApprovalReport): Record<string, unknown> {
  return {
    requests: requests.map(({ id, manifest, signerId, state, message, predicate }) => ({
      id,
      manifest,
      requester: signerId,
      state,
      message,
      scope: predicate.scope,
      reason: predicate.reason,
      requested: iso(predicate.timeMs),
      expires: iso(predicate.expiresMs),
      decision: predicate.decision,
      policies: predicate.policies,
      reasons: predicate.reasons,
      databaseDigest: predicate.databaseDigest,
    })),
    approvals: grants.map(({ id, manifest, signerId, state, message, predicate }) => ({
      id,
      manifest,
      approver: signerId,
      state,
      message,
      request: predicate.request,
      scope: predicate.scope,
      approved: iso(predicate.timeMs),
      expires: iso(predicate.expiresMs),
      comment: predicate.comment,
    })),
    revocations: revocations.map(({ id, manifest, signerId, state, predicate }) => ({
      id,
      manifest,
      signer: signerId,
      state,
      revokes: predicate.revokes,
      reason: predicate.reason,
      revoked: iso(predicate.timeMs),
    })),
  };
}

function textOf(title: string, { requests, grants, revocations }: ApprovalReport, notes: readonly string[]): string {
  const lines = [
    title,
    ...requests.flatMap(({ id, signerId = 'an unknown key', state, message, predicate }) => [
      `  request ${id}: ${state}`,
      `    by ${signerId}, for ${formatScope(predicate.scope)} until ${iso(predicate.expiresMs)}: ${predicate.reason}`,
      ...(message === '' ? [] : [`    ${message}`]),
    ]),
    ...grants.flatMap(({ id, signerId = 'an unknown key', state, message, predicate }) => [
      `  approval ${id}: ${state}`,
      `    by ${signerId}, for ${formatScope(predicate.scope)} until ${iso(predicate.expiresMs)}`,
      ...(predicate.comment === undefined ? [] : [`    ${predicate.comment}`]),
      ...(message === '' ? [] : [`    ${message}`]),
    ]),
    ...revocations.flatMap(({ id, signerId = 'an unknown key', state, predicate }) => [
      `  revocation ${id}: ${state}`,
      `    of ${predicate.revokes} by ${signerId}: ${predicate.reason}`,
    ]),
    ...notes.map((note) => `  ${note}`),
  ];
  return `${lines.map(inert).join('\n')}\n`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
