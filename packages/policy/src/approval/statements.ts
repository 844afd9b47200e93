// Requests, approvals and revocations: what their predicates say (docs/predicates/approval.md).
import { instantMs } from '../schema/format.ts';
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { AttestationResult } from '@plombe/model';
import type { Place } from '../evidence.ts';

/** Predicate types of the three statements. */
export const approvalTypes = {
  request: 'https://plombe.dev/approval-request/v1',
  approval: 'https://plombe.dev/approval/v1',
  revocation: 'https://plombe.dev/approval-revocation/v1',
} as const;

/** Where an approval holds: every field given must be that of the deployment. Empty: everywhere. */
export type ApprovalScope = Place;

const scopeFields = ['environment', 'cluster', 'namespace', 'subscription'] as const;

/** An approval that was verified, with who gave it. */
export interface Approval {
  /** Digest of the manifest that carries it: its id. */
  readonly id: string;
  readonly approver: string;
  /** Id of the request it answers. */
  readonly request: string;
  readonly scope: ApprovalScope;
  readonly expiresAtMs: number;
  readonly expires: string;
  readonly comment: string;
}

/** A request that was verified. */
export interface ApprovalRequest {
  readonly id: string;
  readonly requester: string;
  readonly scope: ApprovalScope;
  readonly reason: string;
}

function predicateOf({ statement, verdict }: AttestationResult): JsonObject | undefined {
  return verdict === 'verified' && statement !== undefined ? objectField(statement, 'predicate') : undefined;
}

/** Reads a scope; undefined where it names anything that is not known, since what is not understood cannot be kept within. */
function scopeOf(value: unknown): ApprovalScope | undefined {
  if (!isObject(value)) return undefined;
  const known: readonly string[] = scopeFields;
  const isKnown = Object.entries(value).every(([name, text]) => known.includes(name) && typeof text === 'string');
  return isKnown ? (value as ApprovalScope) : undefined;
}

/** Returns the request in a verified attestation, or undefined where there is none or its signer is not known. */
export function requestOf(result: AttestationResult): ApprovalRequest | undefined {
  const predicate = predicateOf(result);
  const scope = scopeOf(predicate?.['scope']);
  const { digest, signerId } = result;
  if (predicate === undefined || scope === undefined || digest === undefined || signerId === undefined)
    return undefined;
  return { id: digest, requester: signerId, scope, reason: textField(predicate, 'reason') ?? '' };
}

/** Returns the approval in a verified attestation, or undefined where a part is missing. */
export function approvalOf(result: AttestationResult): Approval | undefined {
  const predicate = predicateOf(result);
  const scope = scopeOf(predicate?.['scope']);
  const { digest, signerId } = result;
  if (predicate === undefined || scope === undefined || digest === undefined || signerId === undefined)
    return undefined;
  const request = textField(predicate, 'request');
  const expires = textField(predicate, 'expires') ?? '';
  const expiresAtMs = instantMs(expires);
  if (request === undefined || expiresAtMs === undefined) return undefined;
  const comment = textField(predicate, 'comment') ?? '';
  return { id: digest, approver: signerId, request, scope, expiresAtMs, expires, comment };
}

/** Returns the id that a verified revocation takes back: an approval's or a request's. */
export function revokedId(result: AttestationResult): string | undefined {
  const predicate = predicateOf(result);
  return predicate === undefined ? undefined : textField(predicate, 'revokes');
}

/** True where every field of the scope is that of the place. A place that is not known is in no scope that names one. */
export function isWithin(scope: ApprovalScope, place: Place | undefined): boolean {
  return scopeFields.every((name) => scope[name] === undefined || scope[name] === place?.[name]);
}

/** True where `inner` holds nowhere that `outer` does not: an approval may narrow a request, never widen it. */
export function isNarrower(inner: ApprovalScope, outer: ApprovalScope): boolean {
  return scopeFields.every((name) => outer[name] === undefined || outer[name] === inner[name]);
}
