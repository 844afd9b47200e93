// Verifies a Sigstore bundle about one subject: an image's or a file's digest.
import { createHash } from 'node:crypto';
import { toHex } from '@plombe/kit';
import { digestAlgorithm, type AttestationResult, type Digest, type SignatureResult } from '@plombe/model';
import type { Envelope } from '../dsse/envelope.ts';
import { preAuthEncoding } from '../dsse/pae.ts';
import { cosignSignPredicateType } from '../statement/predicate-types.ts';
import { verifyStatement, type Expectation, type StatementFacts } from '../statement/verify.ts';
import { requireAnnotations } from '../verify/annotations.ts';
import { Checks } from '../verify/checks.ts';
import type { Content, Signed } from '../verify/evidence.ts';
import { digestsOf } from '../verify/signature.ts';
import type { SignerFacts, Trust } from '../verify/trust.ts';
import { verifySigned } from '../verify/verify-signed.ts';
import { parseBundle, type Bundle } from './bundle.ts';

/** What must have been signed. */
export interface Subject {
  readonly digest: Digest;
  /** Its bytes, where they are at hand: Ed25519, ML-DSA and P-521 signatures over a file need them. */
  readonly bytes?: Uint8Array;
}

/** One bundle to verify. */
export interface BundleRequest {
  readonly bundle: Uint8Array | string;
  readonly subject: Subject;
  readonly expect: Expectation;
  readonly trust: Trust;
  /** Annotations that must have been signed. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Digest of the manifest that carries the bundle; only repeated in the result. */
  readonly manifestDigest?: Digest;
}

/** A verified, rejected or undecidable signature; with `predicateType` where it is an attestation. */
export type SigstoreResult = SignatureResult & Partial<Omit<AttestationResult, keyof SignatureResult>>;

/** True for a result that is about an attestation. */
export function isAttestationResult(result: SigstoreResult): result is AttestationResult {
  return result.predicateType !== undefined;
}

/** Verifies a bundle. Throws nothing: bad input is `rejected` with the check that failed, a reached limit is `undecidable`. */
export function verifyBundle(request: BundleRequest): SigstoreResult {
  const checks = new Checks();
  const read = parseBundle(request.bundle);
  if (read.kind !== 'parsed') {
    checks.refuse('format', read);
    return resultOf(request, checks, {}, {});
  }
  const { value: bundle } = read;
  checks.pass('format', `A Sigstore bundle of version ${bundle.version}.`);
  const { content } = bundle;
  const signed =
    content.kind === 'envelope' ? envelopeSigned(content.envelope, bundle) : messageSigned(request, bundle, checks);
  if (signed === undefined) return resultOf(request, checks, {}, {});
  const facts = verifySigned(signed, request.trust, checks);
  const statement =
    content.kind === 'envelope'
      ? verifyStatement(content.envelope, request.subject.digest, request.expect, checks)
      : messageFacts(request, checks);
  requireAnnotations(request.annotations ?? {}, statement.annotations ?? {}, checks);
  return resultOf(request, checks, facts, statement);
}

function envelopeSigned(envelope: Envelope, { material, entries, timestamps }: Bundle): Signed {
  const bytes = preAuthEncoding(envelope.payloadType, envelope.payload);
  const signature = envelope.signatures[0]?.signature ?? new Uint8Array();
  return { content: { kind: 'bytes', bytes }, signature, material, entries, timestamps, envelope };
}

/** The signature is over the subject itself; the digest in the bundle is only a hint, and a wrong one is still a rejection. */
function messageSigned(request: BundleRequest, bundle: Bundle, checks: Checks): Signed | undefined {
  const { subject } = request;
  const algorithm = digestAlgorithm(subject.digest);
  const hex = subject.digest.slice(algorithm.length + 1);
  const { content: message, material, entries, timestamps } = bundle;
  if (message.kind !== 'message') return undefined;
  if (subject.bytes !== undefined && toHex(createHash(algorithm).update(subject.bytes).digest()) !== hex) {
    checks.fail('subject', `The bytes given are not those of ${subject.digest}.`);
    return undefined;
  }
  const content: Content =
    subject.bytes === undefined
      ? { kind: 'digest', algorithm, value: Buffer.from(hex, 'hex') }
      : { kind: 'bytes', bytes: subject.bytes };
  const hint = message.digest;
  const actual = hint === undefined ? undefined : digestsOf(content)(hint.algorithm);
  if (hint !== undefined && actual === undefined) {
    checks.undecided(
      'subject',
      `The bundle is about a ${hint.algorithm} digest; give the file itself in place of ${subject.digest}.`,
    );
    return undefined;
  }
  if (hint !== undefined && actual !== undefined && Buffer.compare(actual, hint.value) !== 0) {
    checks.fail('subject', `The bundle is about another digest than ${subject.digest}.`);
    return undefined;
  }
  return { content, signature: message.signature, material, entries, timestamps };
}

function messageFacts({ expect, subject }: BundleRequest, checks: Checks): StatementFacts {
  if (expect.kind === 'attestation') {
    checks.fail('predicate-type', 'It is a signature of a file, not an attestation.');
  } else {
    checks.pass('subject', `It signs ${subject.digest} itself.`);
  }
  return {};
}

function resultOf(
  request: BundleRequest,
  checks: Checks,
  facts: SignerFacts,
  statement: StatementFacts,
): SigstoreResult {
  const { predicateType, json } = statement;
  const isAttestation = predicateType !== undefined && predicateType !== cosignSignPredicateType;
  return {
    format: 'bundle',
    ...(request.manifestDigest === undefined ? {} : { digest: request.manifestDigest }),
    verdict: checks.verdict,
    ...facts,
    annotations: statement.annotations ?? {},
    checks: checks.list,
    ...(isAttestation ? { predicateType, ...(json === undefined ? {} : { statement: json }) } : {}),
  };
}
