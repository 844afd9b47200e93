// Requests, approvals and revocations as in-toto predicates (docs/predicates/approval.md): written, read, and named by what is signed.
import { createHash } from 'node:crypto';
import { inert, isPlombeError, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import type { PublicKey } from '../keys/public-key.ts';
import { publicKeyPem, readPublicKey } from '../keys/public-key.ts';
import { objectsOf, optionalText, requiredObject, requiredText } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';
import { readScope, type ApprovalScope } from './scope.ts';

/** Predicate types. Policies look for the same. */
export const approvalTypes = {
  request: 'https://plombe.dev/attestation/approval-request/v1',
  approval: 'https://plombe.dev/attestation/approval/v1',
  revocation: 'https://plombe.dev/attestation/approval-revocation/v1',
} as const;

/** What the automatic checks said. */
export type RequestDecision = 'allow' | 'warn' | 'deny' | 'unknown';
const decisions: readonly string[] = ['allow', 'warn', 'deny', 'unknown'] satisfies readonly RequestDecision[];

/** A policy by name and the SHA-256 of its text, and what it said. */
export interface RequestPolicy {
  readonly name: string;
  readonly digest: string;
  readonly decision: string;
}

/** One check that did not pass. */
export interface RequestReason {
  readonly check: string;
  readonly outcome: string;
  readonly message: string;
}

/** What all three say. `key` is the signer's own, so that a reader can tell that one key made it; it proves nothing about whose it is. */
interface Common {
  readonly timeMs: number;
  readonly key: PublicKey;
}

/** "May this digest be deployed there until then", with what the automatic checks said. */
export interface RequestPredicate extends Common {
  readonly scope: ApprovalScope;
  readonly reason: string;
  readonly expiresMs: number;
  readonly decision: RequestDecision;
  readonly policies: readonly RequestPolicy[];
  readonly reasons: readonly RequestReason[];
  /** Digest of the advisory database that was asked; absent where none was. */
  readonly databaseDigest?: string;
}

/** "Yes": to one request, within its scope and time. */
export interface ApprovalPredicate extends Common {
  /** Id of the request. */
  readonly request: Digest;
  readonly scope: ApprovalScope;
  readonly expiresMs: number;
  readonly comment?: string;
}

/** "Not any more": of a request with all its approvals, or of one approval. */
export interface RevocationPredicate extends Common {
  readonly revokes: Digest;
  readonly reason: string;
}

/** The predicates by type. */
export type ApprovalStatement =
  | { readonly type: 'request'; readonly predicate: RequestPredicate }
  | { readonly type: 'approval'; readonly predicate: ApprovalPredicate }
  | { readonly type: 'revocation'; readonly predicate: RevocationPredicate };

/**
 * The id of a request, approval or revocation: the SHA-256 of its statement as compact JSON in the order it was signed, which for what Plombe
 * writes are the payload's bytes. Not the digest of a manifest: whoever wraps the same envelope anew must not get another id for it, else what
 * was revoked could be brought back (T45).
 */
export function approvalId(statement: JsonObject): Digest {
  return `sha256:${createHash('sha256').update(JSON.stringify(statement)).digest('hex')}` as Digest;
}

/** Messages that a request keeps; the whole scan belongs into an attestation of its own. */
const maxReasons = 100;
const maxPolicies = 100;
/** 2,000 characters: a reason is a sentence, not a document. */
export const maxReasonLength = 2000;

/** Builds the predicate to sign. Times are in whole seconds. */
export function approvalPredicate({ type, predicate }: ApprovalStatement): JsonObject {
  const signer = { id: predicate.key.id, publicKey: publicKeyPem(predicate.key) };
  const time = isoSeconds(predicate.timeMs);
  switch (type) {
    case 'request': {
      const { scope, reason, expiresMs, decision, policies, reasons, databaseDigest } = predicate;
      const shown = reasons.slice(0, maxReasons).map(({ check, outcome, message }) => ({ check, outcome, message }));
      return {
        scope,
        reason,
        requested: time,
        expires: isoSeconds(expiresMs),
        decision,
        policies: policies
          .slice(0, maxPolicies)
          .map(({ name, digest, decision: word }) => ({ name, digest, decision: word })),
        reasons: shown,
        ...(databaseDigest === undefined ? {} : { databaseDigest }),
        signer,
      };
    }
    case 'approval': {
      const { request, scope, expiresMs, comment } = predicate;
      const said = comment === undefined ? {} : { comment };
      return { request, scope, approved: time, expires: isoSeconds(expiresMs), ...said, signer };
    }
    case 'revocation':
      return { revokes: predicate.revokes, reason: predicate.reason, revoked: time, signer };
  }
}

/** Reads the predicate of a statement of one of the three types; undefined for another type. Texts are inert. */
export function readApproval(predicateType: string, statement: JsonObject): Attempt<ApprovalStatement> | undefined {
  const type = (Object.keys(approvalTypes) as ApprovalStatement['type'][]).find(
    (name) => approvalTypes[name] === predicateType,
  );
  return type === undefined ? undefined : attempt(() => read(type, requiredObject(statement, 'predicate', type)));
}

function read(type: ApprovalStatement['type'], json: JsonObject): ApprovalStatement {
  const key = readKey(json, type);
  switch (type) {
    case 'request': {
      const decision = requiredText(json, 'decision', type);
      if (!decisions.includes(decision)) malformed('the decision of the request is none');
      const databaseDigest = optionalText(json, 'databaseDigest', type);
      const predicate = {
        key,
        timeMs: timeOf(json, 'requested', type),
        scope: scopeOf(json, type),
        reason: short(requiredText(json, 'reason', type)),
        expiresMs: timeOf(json, 'expires', type),
        decision: decision as RequestDecision,
        policies: objectsOf(json, 'policies', maxPolicies, type).map((policy) => ({
          name: short(requiredText(policy, 'name', 'policy')),
          digest: short(requiredText(policy, 'digest', 'policy')),
          decision: short(requiredText(policy, 'decision', 'policy')),
        })),
        reasons: objectsOf(json, 'reasons', maxReasons, type).map((reason) => ({
          check: short(requiredText(reason, 'check', 'reason')),
          outcome: short(requiredText(reason, 'outcome', 'reason')),
          message: short(requiredText(reason, 'message', 'reason')),
        })),
        ...(databaseDigest === undefined ? {} : { databaseDigest: short(databaseDigest) }),
      };
      return { type, predicate };
    }
    case 'approval': {
      const comment = optionalText(json, 'comment', type);
      const predicate = {
        key,
        timeMs: timeOf(json, 'approved', type),
        request: digestOf(json, 'request', type),
        scope: scopeOf(json, type),
        expiresMs: timeOf(json, 'expires', type),
        ...(comment === undefined ? {} : { comment: short(comment) }),
      };
      return { type, predicate };
    }
    case 'revocation': {
      const revokes = digestOf(json, 'revokes', type);
      const reason = short(requiredText(json, 'reason', type));
      return { type, predicate: { key, timeMs: timeOf(json, 'revoked', type), revokes, reason } };
    }
  }
}

function readKey(json: JsonObject, type: string): PublicKey {
  const pem = requiredText(requiredObject(json, 'signer', type), 'publicKey', 'signer');
  // An RSA key of 16,384 bits has 3 KiB.
  if (pem.length > 8192) malformed(`the key of the ${type} is too long`);
  try {
    return readPublicKey(pem);
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return malformed(`the key of the ${type} cannot be read`);
  }
}

function scopeOf(json: JsonObject, type: string): ApprovalScope {
  return readScope(json['scope']) ?? malformed(`the scope of the ${type} has a field that is not known`);
}

function digestOf(json: JsonObject, name: string, type: string): Digest {
  return parseDigest(requiredText(json, name, type)) ?? malformed(`"${name}" of the ${type} is no digest`);
}

function timeOf(json: JsonObject, name: string, type: string): number {
  const text = requiredText(json, name, type);
  // A date is its first instant in UTC, as `Date.parse` has it.
  const atMs = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)?$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? malformed(`"${name}" of the ${type} is no time`) : atMs;
}

function short(text: string): string {
  const shown = inert(text);
  return shown.length > maxReasonLength ? `${shown.slice(0, maxReasonLength)}…` : shown;
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
