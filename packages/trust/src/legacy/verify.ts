// Verifies cosign's older forms: simple signing layers of `.sig` tags and envelope layers of `.att` tags.
import type { Digest } from '@plombe/model';
import { parseEnvelope } from '../dsse/envelope.ts';
import { preAuthEncoding } from '../dsse/pae.ts';
import { decodeBase64 } from '../parse/base64.ts';
import { attempt, malformed } from '../parse/refused.ts';
import { verifyStatement } from '../statement/verify.ts';
import { requireAnnotations } from '../verify/annotations.ts';
import { Checks } from '../verify/checks.ts';
import type { SignerFacts, Trust } from '../verify/trust.ts';
import { verifySigned } from '../verify/verify-signed.ts';
import type { SigstoreResult } from '../bundle/verify.ts';
import { annotationOf, legacyAnnotations, readLegacyProofs } from './annotations.ts';
import { parseSimpleSigning } from './simple-signing.ts';

/** One layer of a legacy signature or attestation. */
export interface LegacyRequest {
  /** The layer's blob: simple signing payload, or envelope. The caller has compared it with the layer's digest. */
  readonly layer: Uint8Array;
  /** The annotations of the layer's descriptor. */
  readonly layerAnnotations: Readonly<Record<string, string>>;
  readonly subject: Digest;
  readonly trust: Trust;
  /** Annotations that must have been signed. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** For attestations: the predicate type, by short name or URI; any attestation where absent. */
  readonly predicateType?: string;
  /** Digest of the manifest that carries the layer; only repeated in the result. */
  readonly manifestDigest?: Digest;
}

/** Verifies a simple signing layer: signature, and that type and digest in the payload are those of the subject. Throws nothing. */
export function verifyLegacySignature(request: LegacyRequest): SigstoreResult {
  const checks = new Checks();
  const read = attempt(() => {
    const text = annotationOf(request.layerAnnotations, legacyAnnotations.signature);
    return {
      signature: text === undefined ? malformed('the layer has no signature') : decodeBase64(text, 'signature'),
      ...readLegacyProofs(request.layerAnnotations),
    };
  });
  if (read.kind !== 'parsed') {
    checks.refuse('format', read);
    return resultOf(request, checks, {}, {});
  }
  checks.pass('format', "A layer of cosign's simple signing.");
  const facts = verifySigned(
    { ...read.value, content: { kind: 'bytes', bytes: request.layer } },
    request.trust,
    checks,
  );
  const payload = parseSimpleSigning(request.layer);
  if (payload.kind !== 'parsed') {
    checks.refuse('format', payload);
    return resultOf(request, checks, facts, {});
  }
  const { digest, annotations } = payload.value;
  if (digest === request.subject) checks.pass('subject', `It signs ${request.subject}.`);
  else checks.fail('subject', `It signs ${digest}, not ${request.subject}.`);
  requireAnnotations(request.annotations ?? {}, annotations, checks);
  return resultOf(request, checks, facts, annotations);
}

/** Verifies an envelope layer as an attestation about the subject. Throws nothing. */
export function verifyLegacyAttestation(request: LegacyRequest): SigstoreResult {
  const checks = new Checks();
  const envelope = parseEnvelope(request.layer);
  if (envelope.kind !== 'parsed') {
    checks.refuse('format', envelope);
    return resultOf(request, checks, {}, {});
  }
  const { payloadType, payload, signatures } = envelope.value;
  const proofs = attempt(() => {
    if (signatures.length !== 1) malformed('the envelope has not exactly one signature');
    return readLegacyProofs(request.layerAnnotations);
  });
  if (proofs.kind !== 'parsed') {
    checks.refuse('format', proofs);
    return resultOf(request, checks, {}, {});
  }
  checks.pass('format', 'A layer with a DSSE envelope.');
  const signed = {
    ...proofs.value,
    content: { kind: 'bytes' as const, bytes: preAuthEncoding(payloadType, payload) },
    signature: signatures[0]?.signature ?? new Uint8Array(),
    envelope: envelope.value,
    envelopeBytes: request.layer,
    // Cosign stamps the whole envelope here, and only here.
    stamped: request.layer,
  };
  const facts = verifySigned(signed, request.trust, checks);
  const { predicateType } = request;
  const expect = { kind: 'attestation' as const, ...(predicateType === undefined ? {} : { predicateType }) };
  const statement = verifyStatement(envelope.value, request.subject, expect, checks);
  requireAnnotations(request.annotations ?? {}, statement.annotations ?? {}, checks);
  return {
    ...resultOf(request, checks, facts, statement.annotations ?? {}),
    ...(statement.predicateType === undefined ? {} : { predicateType: statement.predicateType }),
    ...(statement.json === undefined ? {} : { statement: statement.json }),
  };
}

function resultOf(
  request: LegacyRequest,
  checks: Checks,
  facts: SignerFacts,
  annotations: Readonly<Record<string, string>>,
): SigstoreResult {
  return {
    format: 'tag',
    ...(request.manifestDigest === undefined ? {} : { digest: request.manifestDigest }),
    verdict: checks.verdict,
    ...facts,
    annotations,
    checks: checks.list,
  };
}
