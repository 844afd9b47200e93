// Which approvals of a digest count: by known approvers, to a request by somebody else that was not denied, in scope, in force, not revoked.
import { by, inert } from '@plombe/kit';
import type { Digest, Verdict } from '@plombe/model';
import { parseBundle } from '../bundle/bundle.ts';
import { verifyBundle } from '../bundle/verify.ts';
import { inTotoPayloadType } from '../dsse/envelope.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { parseStatement } from '../statement/statement.ts';
import { covers, formatScope, type ApprovalScope } from './scope.ts';
import {
  approvalId,
  approvalTypes,
  readApproval,
  type ApprovalPredicate,
  type ApprovalStatement,
  type RequestPredicate,
  type RevocationPredicate,
} from './statements.ts';

/** A bundle as it lies in the registry. */
export interface ApprovalEnvelope {
  readonly manifest: Digest;
  readonly bytes: Uint8Array;
}

/** Under which terms approvals count. */
export interface ApprovalTerms {
  readonly digest: Digest;
  /** Keys whose approvals count. Undefined: every key, which tells who said what and decides nothing. */
  readonly approvers: readonly PublicKey[] | undefined;
  /** Keys whose requests count. Undefined: every key; then nobody keeps an approver from asking with a second key of his own. */
  readonly requesters: readonly PublicKey[] | undefined;
  /** Where it is to be deployed. Undefined: scopes are not compared. */
  readonly scope: ApprovalScope | undefined;
  /** Distinct approvers, from 1. */
  readonly threshold: number;
  readonly nowMs: number;
  /** Revocations that a ledger holds: they count by the same rules, whether or not the registry still shows them (T45). */
  readonly recorded?: readonly RecordedRevocation[];
}

/** A revocation as a custody record names it. */
export interface RecordedRevocation {
  readonly revokes: string;
  readonly signerId: string;
  readonly reason: string;
}

/** Why something does not count; `open` and `counts` are those that do. */
export type RequestState = 'open' | 'untrusted' | 'revoked' | 'expired' | 'future' | 'denied';
export type GrantState =
  | 'counts'
  | 'untrusted'
  | 'no-request'
  | 'denied'
  | 'own-request'
  | 'revoked'
  | 'expired'
  | 'future'
  | 'wider'
  | 'other-scope';

interface Judged<P> {
  readonly id: Digest;
  readonly manifest: Digest;
  readonly predicate: P;
  /** `key:sha256:…`; absent where no key fits. */
  readonly signerId?: string;
  /** Why, in a sentence. Inert. */
  readonly message: string;
}

export interface JudgedRequest extends Judged<RequestPredicate> {
  readonly state: RequestState;
}

export interface JudgedGrant extends Judged<ApprovalPredicate> {
  readonly state: GrantState;
}

export interface JudgedRevocation extends Judged<RevocationPredicate> {
  readonly state: 'counts' | 'untrusted';
}

/** All there is about a digest, oldest first, and the verdict. */
export interface ApprovalReport {
  readonly verdict: Verdict;
  readonly requests: readonly JudgedRequest[];
  readonly grants: readonly JudgedGrant[];
  readonly revocations: readonly JudgedRevocation[];
  /** Ids of the distinct approvers whose approval counts, sorted. */
  readonly approvers: readonly string[];
  /** Statements of these types that are malformed or could not be read whole, and why. */
  readonly unreadable: readonly string[];
}

/** A signer's clock may be this far ahead. */
const clockSkewMs = 5 * 60_000;

interface Found<P> extends Judged<P> {
  readonly trusted: boolean;
}

/** Judges every bundle. Throws nothing. `limits`: something was not read and may be a revocation, so nothing is decided (T29). */
export function judgeApprovals(
  envelopes: readonly ApprovalEnvelope[],
  terms: ApprovalTerms,
  limits: readonly string[] = [],
): ApprovalReport {
  const unreadable: string[] = [];
  const read = envelopes.flatMap((envelope) => readEnvelope(envelope, unreadable) ?? []);
  const { approvers, requesters } = terms;
  const requests = found('request', read, (own) => requesters ?? [own, ...(approvers ?? [])], terms, unreadable);
  const grants = found('approval', read, (own) => approvers ?? [own], terms, unreadable);
  // A requester or an approver may take back; a request by anybody is taken back with the key it was made with.
  const byAnybody = requesters === undefined ? requests.map(({ predicate }) => predicate.key) : requesters;
  const revocations = found(
    'revocation',
    read,
    (own) => (approvers === undefined ? [own] : [...approvers, ...byAnybody]),
    terms,
    unreadable,
  );
  const revoked = revokedBy(revocations, requests, grants, terms);
  const judgedRequests = requests.map((request) => ({
    ...publicPart(request),
    ...requestState(request, revoked, terms),
  }));
  const judgedGrants = grants.map((grant) => ({
    ...publicPart(grant),
    ...grantState(grant, requests, revoked, terms),
  }));
  const counting = judgedGrants.flatMap(({ state, signerId }) =>
    state === 'counts' && signerId !== undefined ? [signerId] : [],
  );
  const distinct = [...new Set(counting)].sort();
  const undecided = limits.length > 0 || unreadable.some((text) => text.startsWith('limit'));
  return {
    verdict: undecided ? 'undecidable' : distinct.length >= terms.threshold ? 'verified' : 'rejected',
    requests: judgedRequests,
    grants: judgedGrants,
    revocations: revocations.map((one) => ({
      ...publicPart(one),
      state: one.trusted ? ('counts' as const) : ('untrusted' as const),
    })),
    approvers: distinct,
    unreadable: unreadable.map(inert),
  };
}

interface Predicates {
  readonly request: RequestPredicate;
  readonly approval: ApprovalPredicate;
  readonly revocation: RevocationPredicate;
}

interface ReadEnvelope {
  readonly envelope: ApprovalEnvelope;
  readonly statement: ApprovalStatement;
  readonly id: Digest;
}

/** The statement in a bundle, where it is one of the three; nothing is verified yet. */
function readEnvelope(envelope: ApprovalEnvelope, unreadable: string[]): readonly ReadEnvelope[] | undefined {
  const bundle = parseBundle(envelope.bytes);
  if (bundle.kind === 'limit') unreadable.push(`limit: ${envelope.manifest}: ${bundle.message}`);
  if (bundle.kind !== 'parsed' || bundle.value.content.kind !== 'envelope') return undefined;
  const { payloadType, payload } = bundle.value.content.envelope;
  const parsed = payloadType === inTotoPayloadType ? parseStatement(payload) : undefined;
  if (parsed?.kind !== 'parsed') return undefined;
  const { predicateType, json } = parsed.value;
  const statement = readApproval(predicateType, json);
  if (statement === undefined) return undefined;
  if (statement.kind !== 'parsed') {
    unreadable.push(`${statement.kind}: ${envelope.manifest}: ${statement.message}`);
    return undefined;
  }
  return [{ envelope, statement: statement.value, id: approvalId(json) }];
}

/** Verifies those of one type; the same statement in several manifests is one, and the first that is trusted stands for it. */
function found<T extends ApprovalStatement['type']>(
  type: T,
  read: readonly ReadEnvelope[],
  keysFor: (own: PublicKey) => readonly PublicKey[],
  { digest }: ApprovalTerms,
  unreadable: string[],
): readonly Found<Predicates[T]>[] {
  type P = Predicates[T];
  const byId = new Map<Digest, Found<P>>();
  for (const { envelope, statement, id } of read) {
    if (statement.type !== type || byId.get(id)?.trusted === true) continue;
    const { key } = statement.predicate;
    const result = verifyBundle({
      bundle: envelope.bytes,
      subject: { digest },
      expect: { kind: 'attestation', predicateType: approvalTypes[type] },
      trust: { anchor: { kind: 'keys', keys: keysFor(key) } },
      manifestDigest: envelope.manifest,
    });
    if (result.verdict === 'undecidable') unreadable.push(`limit: ${envelope.manifest} cannot be decided.`);
    const failed = result.checks.find(({ outcome }) => outcome === 'fail');
    // Who says that he is another has not signed what he says.
    const isOwn = result.signerId === key.id;
    const trusted = result.verdict === 'verified' && isOwn;
    byId.set(id, {
      id,
      manifest: envelope.manifest,
      predicate: statement.predicate as unknown as P,
      trusted,
      ...(result.verdict === 'verified' && result.signerId !== undefined ? { signerId: result.signerId } : {}),
      message: trusted ? '' : inert(failed?.message ?? 'It names another key than the one that signed it.'),
    });
  }
  return [...byId.values()].sort(
    by(
      ({ predicate }) => predicate.timeMs,
      ({ id }) => id,
    ),
  );
}

function publicPart<P>({
  id,
  manifest,
  predicate,
  signerId,
}: Found<P>): Omit<Judged<P>, 'message'> & { message: string } {
  return { id, manifest, predicate, message: '', ...(signerId === undefined ? {} : { signerId }) };
}

/** Ids that are taken back. Where requests of anybody count, a stranger's key takes back only what it asked for itself. */
function revokedBy(
  revocations: readonly Found<RevocationPredicate>[],
  requests: readonly Found<RequestPredicate>[],
  grants: readonly Found<ApprovalPredicate>[],
  { approvers, requesters, recorded = [] }: ApprovalTerms,
): ReadonlyMap<string, string> {
  const revoked = new Map<string, string>();
  const mayAll = new Set([...(approvers ?? []), ...(requesters ?? [])].map(({ id }) => id));
  const shown = revocations
    .filter(({ trusted }) => trusted)
    .map(({ predicate: { revokes, reason }, signerId = '' }) => ({ revokes, reason, signerId }));
  for (const { revokes, reason, signerId } of [...recorded, ...shown]) {
    const grant = grants.find(({ id }) => id === revokes);
    const request = requests.find(({ id }) => id === (grant?.predicate.request ?? revokes));
    const isOwn = request?.signerId === signerId || grant?.signerId === signerId;
    if (approvers === undefined || mayAll.has(signerId) || isOwn) revoked.set(revokes, inert(reason));
  }
  return revoked;
}

function requestState(
  { id, trusted, message, predicate }: Found<RequestPredicate>,
  revoked: ReadonlyMap<string, string>,
  { nowMs }: ApprovalTerms,
): { readonly state: RequestState; readonly message: string } {
  if (!trusted) return { state: 'untrusted', message };
  if (predicate.decision === 'deny') return { state: 'denied', message: 'The automatic checks denied it.' };
  // Evidence that is missing is a refusal for a gate; whoever knows better writes an exception into the policy.
  if (predicate.decision === 'unknown')
    return { state: 'denied', message: 'The automatic checks could not decide: evidence was missing.' };
  const reason = revoked.get(id);
  if (reason !== undefined) return { state: 'revoked', message: `It was revoked: ${reason}` };
  if (predicate.timeMs > nowMs + clockSkewMs) return { state: 'future', message: 'It was made in the future.' };
  if (predicate.expiresMs <= nowMs) return { state: 'expired', message: `It ended on ${iso(predicate.expiresMs)}.` };
  return { state: 'open', message: '' };
}

function grantState(
  { id, trusted, message, predicate, signerId }: Found<ApprovalPredicate>,
  requests: readonly Found<RequestPredicate>[],
  revoked: ReadonlyMap<string, string>,
  terms: ApprovalTerms,
): { readonly state: GrantState; readonly message: string } {
  const { nowMs, scope } = terms;
  if (!trusted) return { state: 'untrusted', message };
  const request = requests.find((one) => one.id === predicate.request);
  if (request === undefined || !request.trusted) {
    const why = request === undefined ? 'there is none of that id about this digest' : request.message;
    return { state: 'no-request', message: `The request ${predicate.request} does not count: ${why}` };
  }
  if (request.signerId === signerId)
    return { state: 'own-request', message: 'Whoever asks does not approve: it is by the key that made the request.' };
  const own = revoked.get(id);
  if (own !== undefined) return { state: 'revoked', message: `It was revoked: ${own}` };
  const asked = requestState(request, revoked, terms);
  if (asked.state === 'denied') return { state: 'denied', message: `The request: ${asked.message}` };
  if (asked.state === 'revoked')
    return { state: 'revoked', message: `The request was revoked: ${revoked.get(request.id)}` };
  if (predicate.timeMs > nowMs + clockSkewMs || asked.state === 'future')
    return { state: 'future', message: 'It was made in the future.' };
  const endMs = Math.min(predicate.expiresMs, request.predicate.expiresMs);
  if (endMs <= nowMs) return { state: 'expired', message: `It ended on ${iso(endMs)}.` };
  if (!covers(request.predicate.scope, predicate.scope)) {
    const message = `Its scope ${formatScope(predicate.scope)} is wider than the request's, ${formatScope(request.predicate.scope)}.`;
    return { state: 'wider', message };
  }
  if (scope !== undefined && !covers(predicate.scope, scope)) {
    const message = `It holds for ${formatScope(predicate.scope)}, not for ${formatScope(scope)}.`;
    return { state: 'other-scope', message };
  }
  return { state: 'counts', message: '' };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
