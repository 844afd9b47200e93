// Which approvals count: those of known approvers for a known request by someone else, in scope, not ended, not taken back.
import type { AttestationResult } from '@plombe/model';
import { signerAnchor, type AttestationNeed, type CosignAnchor } from '../anchors.ts';
import type { PolicySpec } from '../document/policy-schema.ts';
import type { PolicyEvidence } from '../evidence.ts';
import {
  approvalOf,
  approvalTypes,
  isNarrower,
  isWithin,
  requestOf,
  revokedId,
  type Approval,
  type ApprovalRequest,
} from './statements.ts';

type ApprovalRule = NonNullable<PolicySpec['approvals']>;

/** Anchors of the two roles. */
export interface ApprovalAnchors {
  readonly approvers: readonly CosignAnchor[];
  readonly requesters: readonly CosignAnchor[];
}

/** The anchors of a policy's rule. */
export function approvalAnchors(rule: ApprovalRule, folder: string | undefined): ApprovalAnchors {
  return {
    approvers: rule.approvers.map((fields) => signerAnchor(fields, folder)),
    requesters: rule.requesters.map((fields) => signerAnchor(fields, folder)),
  };
}

/** What must be gathered for the rule. */
export function approvalNeeds({ approvers, requesters }: ApprovalAnchors): readonly AttestationNeed[] {
  return [
    ...requesters.map((anchor) => ({ type: approvalTypes.request, anchor })),
    ...approvers.map((anchor) => ({ type: approvalTypes.approval, anchor })),
    ...[...approvers, ...requesters].map((anchor) => ({ type: approvalTypes.revocation, anchor })),
  ];
}

/** An approval and what became of it: `counts`, or why it does not. */
export interface JudgedApproval extends Approval {
  readonly state: 'counts' | 'expired' | 'revoked' | 'own-request' | 'no-request' | 'other-scope';
}

export interface ApprovalState {
  readonly requests: readonly ApprovalRequest[];
  readonly approvals: readonly JudgedApproval[];
  /** Ids of requests and approvals that were taken back. */
  readonly revoked: ReadonlySet<string>;
  /** Distinct approvers whose approval counts. */
  readonly approvers: ReadonlySet<string>;
  /** Why there may be more, or less, than is known. */
  readonly doubts: readonly string[];
  /** True where nobody looked for approvals. */
  readonly isMissing: boolean;
}

/** Judges all approvals of the evidence for its place at this time. */
export function judgeApprovals(anchors: ApprovalAnchors, evidence: PolicyEvidence, nowMs: number): ApprovalState {
  const needs = approvalNeeds(anchors);
  const found = needs.map(({ type, anchor }) => ({
    type,
    entry: evidence.attestations?.find((one) => one.type === type && one.anchor === anchor.id),
  }));
  const results = (type: string): readonly AttestationResult[] =>
    found.flatMap((one) => (one.type === type ? (one.entry?.results ?? []) : []));
  const revoked = new Set(results(approvalTypes.revocation).flatMap((result) => revokedId(result) ?? []));
  const requests = merged(results(approvalTypes.request).flatMap((result) => requestOf(result) ?? []));
  const approvals = distinct(results(approvalTypes.approval).flatMap((result) => approvalOf(result) ?? [])).map(
    (approval): JudgedApproval => ({ ...approval, state: stateOf(approval, requests, revoked, evidence, nowMs) }),
  );
  const undecidable = found
    .flatMap(({ entry }) => entry?.results ?? [])
    .filter(({ verdict }) => verdict === 'undecidable');
  return {
    requests,
    approvals,
    revoked,
    approvers: new Set(approvals.filter(({ state }) => state === 'counts').map(({ approver }) => approver)),
    doubts: [
      ...new Set(found.flatMap(({ entry }) => entry?.limits ?? [])),
      ...(undecidable.length > 0 ? ['Statements about approvals could not be decided.'] : []),
    ],
    isMissing: found.some(({ entry }) => entry === undefined),
  };
}

function stateOf(
  approval: Approval,
  requests: readonly ApprovalRequest[],
  revoked: ReadonlySet<string>,
  { place }: PolicyEvidence,
  nowMs: number,
): JudgedApproval['state'] {
  const request = requests.find(({ id }) => id === approval.request);
  if (request === undefined) return 'no-request';
  // Whoever signs the same request as well makes it his own.
  if (request.requesters.includes(approval.approver)) return 'own-request';
  if (revoked.has(approval.id) || revoked.has(request.id)) return 'revoked';
  if (nowMs >= Math.min(approval.expiresAtMs, request.expiresAtMs ?? Infinity)) return 'expired';
  return isNarrower(approval.scope, request.scope) && isWithin(approval.scope, place) ? 'counts' : 'other-scope';
}

/** One statement of one signer that several anchors verified is one. */
function distinct(approvals: readonly Approval[]): readonly Approval[] {
  return [...new Map(approvals.map((entry) => [`${entry.id} ${entry.approver}`, entry])).values()];
}

/** One request that several signed is one with all of them. */
function merged(requests: readonly ApprovalRequest[]): readonly ApprovalRequest[] {
  return [...Map.groupBy(requests, ({ id }) => id).values()].map((same) => ({
    ...(same[0] as ApprovalRequest),
    requesters: [...new Set(same.flatMap(({ requesters }) => requesters))],
  }));
}
