// Builds the requests that put a signature into a Rekor log, v1 and v2. Pure: the caller sends them.
import { createHash } from 'node:crypto';
import type { JsonObject } from '@plombe/kit';
import { signatureAlgorithms, writePem, type AlgorithmFacts, type SignatureAlgorithm } from '@plombe/pki';
import type { Envelope } from '../dsse/envelope.ts';
import { envelopeFile } from '../legacy/layers.ts';
import { keyDetailsOf } from '../keys/algorithms.ts';
import { publicKeyPem, type PublicKey } from '../keys/public-key.ts';
import { encodeBase64 } from '../parse/base64.ts';

/** Who signed: a key, or a certificate (DER) for that key. */
export interface LogSigner {
  readonly publicKey: PublicKey;
  readonly algorithm: SignatureAlgorithm;
  readonly certificate?: Uint8Array;
}

/** A request: what to POST as JSON, and to which path below the log's address; or why the log has no form for it. */
export type LogRequest =
  | { readonly kind: 'request'; readonly path: string; readonly body: JsonObject }
  | { readonly kind: 'unsupported'; readonly message: string };

/**
 * Rekor v1, `hashedrekord` 0.0.1: the SHA-256 of the signed bytes, the signature, the key. The log itself verifies over the digest, so
 * only algorithms over SHA-256 are taken.
 */
export function hashedRekordRequest(data: Uint8Array, signature: Uint8Array, signer: LogSigner): LogRequest {
  const facts: AlgorithmFacts = signatureAlgorithms[signer.algorithm];
  if (facts.hash !== 'sha256') return unsupported(signer, 'Rekor v1 takes signatures over SHA-256 only');
  return v1Request('hashedrekord', {
    data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(data).digest('hex') } },
    signature: { content: encodeBase64(signature), publicKey: { content: verifierPem(signer) } },
  });
}

/** Rekor v1, `dsse` 0.0.1: the envelope, of which the log keeps hashes only. */
export function dsseRequest(envelope: Envelope, signer: LogSigner): LogRequest {
  return v1Request('dsse', {
    proposedContent: { envelope: Buffer.from(envelopeFile(envelope)).toString(), verifiers: [verifierPem(signer)] },
  });
}

/**
 * Rekor v2, `hashedrekord` 0.0.2: the digest of the signed bytes by the algorithm's own hash; for an envelope that is its
 * pre-authentication encoding (rekor-v2-spec, 6.1.4). Ed25519 has no hash of its own and is unsupported.
 */
export function hashedRekordV2Request(data: Uint8Array, signature: Uint8Array, signer: LogSigner): LogRequest {
  const facts: AlgorithmFacts = signatureAlgorithms[signer.algorithm];
  const keyDetails = keyDetailsOf(signer.algorithm, signer.publicKey.key);
  if (facts.hash === undefined || keyDetails === undefined) return unsupported(signer, 'Rekor v2 has no form for it');
  const verifier =
    signer.certificate === undefined
      ? { publicKey: { rawBytes: encodeBase64(signer.publicKey.spki) } }
      : { x509Certificate: { rawBytes: encodeBase64(signer.certificate) } };
  return {
    kind: 'request',
    path: '/api/v2/log/entries',
    body: {
      hashedRekordRequestV002: {
        digest: createHash(facts.hash).update(data).digest('base64'),
        signature: { content: encodeBase64(signature), verifier: { ...verifier, keyDetails } },
      },
    },
  };
}

function v1Request(kind: string, spec: JsonObject): LogRequest {
  return { kind: 'request', path: '/api/v1/log/entries', body: { apiVersion: '0.0.1', kind, spec } };
}

function verifierPem({ publicKey, certificate }: LogSigner): string {
  const pem =
    certificate === undefined ? publicKeyPem(publicKey) : writePem({ label: 'CERTIFICATE', bytes: certificate });
  return encodeBase64(Buffer.from(pem));
}

function unsupported({ algorithm }: LogSigner, why: string): LogRequest {
  return { kind: 'unsupported', message: `A signature by ${algorithm} cannot be logged: ${why}.` };
}
