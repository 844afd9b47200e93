// Requests, approvals and revocations: what their predicates say (docs/predicates/approval.md).
import { createHash } from 'node:crypto';
import { instantMs } from '../schema/format.ts';
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { AttestationResult, Digest } from '@plombe/model';
import type { Place } from '../evidence.ts';

/** Predicate types of the three statements. */
export const approvalTypes = {
  request: 'https://plombe.dev/attestation/approval-request/v1',
  approval: 'https://plombe.dev/attestation/approval/v1',
  revocation: 'https://plombe.dev/attestation/approval-revocation/v1',
} as const;

/** Where an approval holds: every field given must be that of the deployment. Empty: everywhere. */
export type ApprovalScope = Place;

const scopeFields = ['environment', 'cluster', 'namespace', 'subscription'] as const;

/** An approval that was verified, with who gave it. */
export interface Approval {
  readonly id: Digest;
  readonly approver: string;
  /** Id of the request it answers. */
  readonly request: string;
  readonly scope: ApprovalScope;
  readonly expiresAtMs: number;
  readonly expires: string;
  readonly comment: string;
}

/** A request that was verified, with everyone who signed it. */
export interface ApprovalRequest {
  readonly id: Digest;
  readonly requesters: readonly string[];
  readonly scope: ApprovalScope;
  readonly reason: string;
  /** Absent: it does not end by itself. */
  readonly expiresAtMs?: number;
}

/**
 * The id of a statement: the SHA-256 of its compact JSON. Not the digest of a manifest, since whoever wraps the same envelope anew must not get
 * another id for it: what was taken back could be brought back. (T45)
 */
export function approvalId(statement: JsonObject): Digest {
  return `sha256:${createHash('sha256').update(JSON.stringify(statement)).digest('hex')}` as Digest;
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

/** Returns the request in a verified attestation, or undefined where the checks did not allow it, it is not whole, or its signer is not known. */
export function requestOf(result: AttestationResult): ApprovalRequest | undefined {
  const predicate = predicateOf(result);
  const scope = scopeOf(predicate?.['scope']);
  const { statement, signerId } = result;
  if (predicate === undefined || scope === undefined || statement === undefined || signerId === undefined)
    return undefined;
  if (!['allow', 'warn'].includes(textField(predicate, 'decision') ?? '')) return undefined;
  const expires = textField(predicate, 'expires');
  const expiresAtMs = expires === undefined ? undefined : (instantMs(expires) ?? 0);
  const reason = textField(predicate, 'reason') ?? '';
  const whole = { id: approvalId(statement), requesters: [signerId], scope, reason };
  return expiresAtMs === undefined ? whole : { ...whole, expiresAtMs };
}

/** Returns the approval in a verified attestation, or undefined where a part is missing. */
export function approvalOf(result: AttestationResult): Approval | undefined {
  const predicate = predicateOf(result);
  const scope = scopeOf(predicate?.['scope']);
  const { statement, signerId } = result;
  if (predicate === undefined || scope === undefined || statement === undefined || signerId === undefined)
    return undefined;
  const request = textField(predicate, 'request');
  const expires = textField(predicate, 'expires') ?? '';
  const expiresAtMs = instantMs(expires);
  if (request === undefined || expiresAtMs === undefined) return undefined;
  const comment = textField(predicate, 'comment') ?? '';
  return { id: approvalId(statement), approver: signerId, request, scope, expiresAtMs, expires, comment };
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
