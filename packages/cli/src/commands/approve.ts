// `plombe approve request|grant|revoke`: request → automatic checks → approvals by others, and taking them back.
import { judgeFoundApprovals, renderDecision, requestToGrant, type StoredApproval } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import { formatReference } from '@plombe/oci';
import { formatScope, type ApprovalScope } from '@plombe/trust';
import { atDesk, policyApprovals, scopeOf, textOf, type Flags } from '../compose/approval.ts';
import { openSession } from '../compose/context.ts';
import { durationMs } from '../compose/duration.ts';
import { textOrJson } from '../compose/output.ts';
import { decideSubject, exitCodeOfDecision, openPolicies, type SubjectDecision } from '../compose/policy.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Ends where `--expires-in` is not given: a release is deployed within days, and what ends must be asked for again. */
const defaultDuration = '30d';

/** Returns 0 once the request is stored; 1 or 3, and stores nothing, where an automatic check does not hold. */
export async function requestCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx, progress } = openSession(loaded.values);
  const scope = scopeOf(flags) ?? {};
  const reason = textOf(flags, 'reason');
  const expiresInMs = durationMs(typeof flags['expiresIn'] === 'string' ? flags['expiresIn'] : defaultDuration);
  const session = openPolicies(loaded.values, { ...flags, ...scope }, ctx);
  // Approvals are what is asked for: they cannot be there yet.
  const policies = session.policies.map((policy) => ({
    ...policy,
    checks: policy.checks.filter(({ id }) => id !== 'approvals'),
  }));
  return atDesk(subject, { values: loaded.values, flags, ctx, records: true }, async (desk) => {
    const signer = await desk.signer();
    const found = await desk.find();
    const { reference, digest } = found.subject;
    const decision = await decideSubject(subject, { ...session, policies });
    progress.clear();
    if (decision.subject.digest !== undefined && decision.subject.digest !== digest) {
      throw new PlombeError('registry/conflict', `${formatReference(reference)} was moved while it was judged.`);
    }
    const code = exitCodeOfDecision(decision.decision);
    if (code !== exitCodes.fine) {
      output({
        json: decision,
        text: (options) => renderDecision(decision, decision.subject.reference, { ...options, explain: false }),
      });
      return code;
    }
    const timeMs = ctx.clock.nowMs();
    const expiresMs = timeMs + expiresInMs;
    const predicate = { key: signer.publicKey, timeMs, scope, reason, expiresMs, ...checked(decision) };
    const stored = await desk.store(found, signer, { type: 'request', predicate });
    const requester = signer.publicKey.id;
    output({
      json: {
        ...about(reference, digest, stored),
        requester,
        scope,
        expires: iso(expiresMs),
        decision: decision.decision,
      },
      text: () =>
        `Requested approval of ${digest}\n  request ${stored.id}\n  by ${requester}, for ${formatScope(scope)} until ${iso(expiresMs)}\n`,
    });
    return exitCodes.fine;
  });
}

function checked({ decision, policies, reasons, databaseDigest }: SubjectDecision): {
  decision: SubjectDecision['decision'];
  policies: { name: string; digest: string; decision: string }[];
  reasons: { check: string; outcome: string; message: string }[];
  databaseDigest?: string;
} {
  return {
    decision,
    policies: policies.map(({ name, digest, decision: word }) => ({ name, digest, decision: word })),
    reasons: reasons
      .filter(({ outcome }) => outcome !== 'pass')
      .map(({ check, outcome, message }) => ({ check, outcome, message })),
    ...(databaseDigest === undefined ? {} : { databaseDigest }),
  };
}

/** Returns 0 once the approval is stored, 1 where there is no request that this key may approve, 3 where a limit hides statements. */
export async function grantCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const wanted = typeof flags['request'] === 'string' ? flags['request'] : undefined;
  const narrower = scopeOf(flags) ?? {};
  const comment = flags['comment'] === undefined ? {} : { comment: textOf(flags, 'comment') };
  const nowMs = ctx.clock.nowMs();
  const endMs = endOf(flags, nowMs);
  const session = flags['policy'] === undefined ? undefined : openPolicies(loaded.values, flags, ctx);
  const refuse = (message: string, code: number = exitCodes.findings): number => {
    output({ json: { granted: false, message }, text: () => `${message}\n` });
    return code;
  };
  return atDesk(subject, { values: loaded.values, flags, ctx, records: true }, async (desk) => {
    const signer = await desk.signer();
    const found = await desk.find();
    const approver = signer.publicKey;
    const terms = { approvers: [approver], requesters: undefined, scope: undefined, threshold: 1, nowMs };
    const report = judgeFoundApprovals(found, terms);
    if (report.verdict === 'undecidable')
      return refuse('Not all statements about this image could be read.', exitCodes.notAssessed);
    const known = session === undefined ? undefined : (await policyApprovals(found, session)).state.requests;
    const requests = report.requests.filter(({ id }) => known?.some((one) => one.id === id) ?? true);
    if (known !== undefined && requests.length === 0)
      return refuse('There is no request by a requester that the policy names.');
    const choice = requestToGrant(requests, wanted, approver.id);
    if (choice.kind === 'refused') return refuse(choice.message);
    const { id: request, predicate: asked } = choice.request;
    const widened = Object.entries(narrower).some(
      ([name, value]) => (asked.scope[name as keyof ApprovalScope] ?? value) !== value,
    );
    if (widened) return refuse('The approval would hold where the request does not ask for it.');
    const scope = { ...asked.scope, ...narrower };
    const expiresMs = Math.min(endMs ?? asked.expiresMs, asked.expiresMs);
    const predicate = { key: approver, timeMs: nowMs, request, scope, expiresMs, ...comment };
    const stored = await desk.store(found, signer, { type: 'approval', predicate });
    const { reference, digest } = found.subject;
    output({
      json: {
        granted: true,
        ...about(reference, digest, stored),
        request,
        approver: approver.id,
        scope,
        expires: iso(expiresMs),
      },
      text: () =>
        `Approved ${digest}\n  approval ${stored.id} of request ${request}\n  by ${approver.id}, for ${formatScope(scope)} until ${iso(expiresMs)}\n`,
    });
    return exitCodes.fine;
  });
}

/**
 * Returns 0 once the revocation is stored; without `--id` every open request about the image is taken back, with all its approvals, and 1 says
 * that there is none. It counts for whoever trusts its key as an approver, and for the key's own statements.
 */
export async function revokeCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const reason = textOf(flags, 'reason');
  const given = typeof flags['id'] === 'string' ? parseDigest(flags['id']) : undefined;
  if (flags['id'] !== undefined && given === undefined) {
    throw new PlombeError('config/invalid', '--id is no digest of a request or approval.', {
      remedy: 'plombe approve list shows them.',
    });
  }
  return atDesk(subject, { values: loaded.values, flags, ctx, records: true }, async (desk) => {
    const signer = await desk.signer();
    const found = await desk.find();
    const { reference, digest } = found.subject;
    const nowMs = ctx.clock.nowMs();
    const terms = { approvers: [signer.publicKey], requesters: undefined, scope: undefined, threshold: 1, nowMs };
    const open = judgeFoundApprovals(found, terms).requests.filter(({ state }) => state === 'open');
    const targets = given === undefined ? open.map(({ id }) => id) : [given];
    if (targets.length === 0) {
      const message = 'There is no open request about this image.';
      output({ json: { revoked: false, message }, text: () => `${message}\n` });
      return exitCodes.findings;
    }
    const stored: (StoredApproval & { readonly revokes: string })[] = [];
    for (const revokes of targets) {
      const predicate = { key: signer.publicKey, timeMs: nowMs, revokes, reason };
      stored.push({ ...(await desk.store(found, signer, { type: 'revocation', predicate })), revokes });
    }
    const [first] = stored;
    output({
      json: {
        revoked: true,
        ...(first === undefined ? {} : { ...about(reference, digest, first), revokes: first.revokes }),
        revocations: stored.map(({ id, manifest, revokes }) => ({ id, manifest, revokes })),
        signer: signer.publicKey.id,
      },
      text: () =>
        `Took back ${targets.join(', ')}\n  of ${digest} by ${signer.publicKey.id}\n${stored.map(({ id }) => `  revocation ${id}\n`).join('')}`,
    });
    return exitCodes.fine;
  });
}

function about(
  reference: Parameters<typeof formatReference>[0],
  digest: string,
  { id, manifest }: StoredApproval,
): { subject: { reference: string; digest: string }; id: string; manifest: string } {
  return { subject: { reference: formatReference(reference), digest }, id, manifest };
}

/** When an approval ends by its own flags; undefined: with its request. Throws `config/invalid`. */
function endOf(flags: Flags, nowMs: number): number | undefined {
  const { expires, expiresIn } = flags;
  if (typeof expires === 'string' && typeof expiresIn === 'string')
    throw new PlombeError('config/invalid', '--expires and --expires-in say the same; give one.');
  if (typeof expiresIn === 'string') return nowMs + durationMs(expiresIn);
  if (typeof expires !== 'string') return undefined;
  const ms = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[-+]\d\d:\d\d))?$/.test(expires) ? Date.parse(expires) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new PlombeError('config/invalid', `--expires: ${inert(expires)} is no time.`, {
      remedy: 'Write 2027-01-31 or 2027-01-31T12:00:00Z.',
    });
  }
  if (ms <= nowMs) throw new PlombeError('config/invalid', 'The approval would have ended already.');
  return ms;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
