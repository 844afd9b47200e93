// `plombe approve`: request → automatic checks → approvals by others → a gate that counts them.
import { renderDecision } from '@plombe/engine';
import { inert, PlombeError, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import { approvalTypes, isNarrower } from '@plombe/policy';
import type { Signer } from '@plombe/trust';
import { approvalPolicy, attestApproval, readApprovals, withSigner } from '../compose/approval.ts';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import {
  circumstances,
  decideSubject,
  exitCodeOfDecision,
  openPolicies,
  type PolicySession,
} from '../compose/policy.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;

const text = (flags: Flags, name: string): string => (typeof flags[name] === 'string' ? flags[name] : '');

function opened(loaded: LoadedSettings, flags: Flags): PolicySession {
  const { ctx } = openSession(loaded.values);
  return openPolicies(loaded.values, flags, ctx);
}

/** Returns 0 once the request is stored; 1 or 3, and stores nothing, where an automatic check does not hold. */
export async function requestCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const session = opened(loaded, flags);
  approvalPolicy(session);
  const automatic = session.policies.map((policy) => ({
    ...policy,
    checks: policy.checks.filter(({ id }) => id !== 'approvals'),
  }));
  const decision = await decideSubject(subject, { ...session, policies: automatic });
  const code = exitCodeOfDecision(decision.decision);
  if (code !== exitCodes.fine) {
    output({
      json: decision,
      text: (options) => renderDecision(decision, decision.subject.reference, { ...options, explain: false }),
    });
    return code;
  }
  const { digest, reference } = decision.subject;
  // The request is about the digest that was judged, whatever the tag names by now. (T34)
  const bound = digest === undefined ? subject : `${reference.replace(/@.*$/, '')}@${digest}`;
  const now = new Date(session.ctx.clock.nowMs()).toISOString();
  const predicateFor = (signer: Signer): JsonObject => ({
    scope: circumstances(flags).place ?? {},
    reason: text(flags, 'reason'),
    decision: decision.decision,
    policies: decision.policies.map((policy) => ({ name: policy.name, digest: policy.digest })),
    ...(decision.databaseDigest === undefined ? {} : { databaseDigest: decision.databaseDigest }),
    // Time and signer make the statement, and with it its id, this one's own.
    requested: now,
    signer: { id: signer.publicKey.id },
  });
  const stored = await withSigner(flags, loaded.values, session.ctx, async (signer) => ({
    ...(await attestApproval(bound, session, signer, {
      predicateType: approvalTypes.request,
      predicate: predicateFor(signer),
    })),
    requester: signer.publicKey.id,
  }));
  output({
    json: stored,
    text: () => `Requested approval of ${stored.subject.digest}\n  request ${stored.id} by ${stored.requester}\n`,
  });
  return exitCodes.fine;
}

/** Returns 0 once the approval is stored, 1 where there is no request that this key may approve. */
export async function grantCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const session = opened(loaded, flags);
  const expiresAtMs = instantOf(text(flags, 'expires'));
  if (expiresAtMs <= session.ctx.clock.nowMs())
    throw new PlombeError('config/invalid', 'The approval would have ended already.');
  const { name, state } = await readApprovals(subject, session);
  return withSigner(flags, loaded.values, session.ctx, async (signer) => {
    const approver = signer.publicKey.id;
    const scope = circumstances(flags).place ?? {};
    const wanted = text(flags, 'request');
    const open = state.requests.filter(({ id }) => !state.revoked.has(id) && (wanted === '' || id === wanted));
    const others = open.filter(({ requesters }) => !requesters.includes(approver));
    const [request, more] = others;
    const refuse = (message: string): number => {
      output({ json: { granted: false, message }, text: () => `${message}\n` });
      return exitCodes.findings;
    };
    if (request === undefined) {
      return refuse(
        open.length > 0
          ? 'Nobody approves his own request.'
          : 'There is no request by a requester that the policy names.',
      );
    }
    if (more !== undefined)
      return refuse(
        `There are ${others.length} requests; name one with --request: ${others.map(({ id }) => id).join(', ')}.`,
      );
    const narrowed = { ...request.scope, ...scope };
    if (!isNarrower(narrowed, request.scope))
      return refuse('The approval would hold where the request does not ask for it.');
    const predicate = {
      request: request.id,
      scope: narrowed,
      expires: text(flags, 'expires'),
      comment: text(flags, 'comment'),
      approved: new Date(session.ctx.clock.nowMs()).toISOString(),
      signer: { id: approver },
    };
    const stored = await attestApproval(name, session, signer, { predicateType: approvalTypes.approval, predicate });
    output({
      json: { granted: true, ...stored, request: request.id, approver },
      text: () =>
        `Approved ${stored.subject.digest} until ${inert(text(flags, 'expires'))}\n  approval ${stored.id} by ${approver}\n`,
    });
    return exitCodes.fine;
  });
}

/** Returns 0 where enough approvals count, else 1; 3 where a limit hides some. */
export async function listCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const session = opened(loaded, flags);
  const atLeast = approvalPolicy(session).spec.approvals?.atLeast ?? 1;
  const { name, state } = await readApprovals(subject, session);
  const { requests, approvals, approvers, revoked, doubts } = state;
  const json = {
    subject: name,
    requests,
    approvals,
    revoked: [...revoked],
    approvers: [...approvers],
    required: atLeast,
    doubts,
  };
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
  output({ json, text: () => `${lines.map(inert).join('\n')}\n` });
  if (doubts.length > 0) return exitCodes.notAssessed;
  return approvers.size >= atLeast ? exitCodes.fine : exitCodes.findings;
}

/** Returns 0 once the revocation is stored. It counts for policies that name its signer. */
export async function revokeCommand(subject: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx } = openSession(values);
  const id = parseDigest(text(flags, 'id'));
  if (id === undefined)
    throw new PlombeError(
      'config/invalid',
      '--id is no digest of a request or approval; plombe approve list shows them.',
    );
  const revoked = new Date(ctx.clock.nowMs()).toISOString();
  const predicate = { revokes: id, reason: text(flags, 'reason'), revoked };
  const stored = await withSigner(flags, values, ctx, (signer) =>
    attestApproval(subject, { values, flags, ctx }, signer, { predicateType: approvalTypes.revocation, predicate }),
  );
  output({ json: { ...stored, revokes: id }, text: () => `Took back ${id}\n  by ${stored.id}\n` });
  return exitCodes.fine;
}

function instantOf(given: string): number {
  const ms = /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[-+]\d\d:\d\d))?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new PlombeError('config/invalid', `--expires: ${inert(given)} is no time.`, {
    remedy: 'Write 2027-01-31 or 2027-01-31T12:00:00Z.',
  });
}
