// Step one: the envelope can be read, its signature holds under the leaf's key, and it is about the subject at hand.
import { isPlombeError, messageOf } from '@plombe/kit';
import { parseCertificate, verifySignature, type Certificate } from '@plombe/pki';
import { nameOf } from '../certificates/requirements.ts';
import { algorithmOfKey } from '../envelope/algorithm.ts';
import type { Envelope, EnvelopeFormat } from '../envelope/envelope.ts';
import { parseEnvelope } from '../envelope/parse.ts';
import { parsePayload, type TargetArtifact } from '../envelope/payload.ts';
import type { VerifiedSubject } from './input.ts';
import { fail, pass, type StepResult } from './checks.ts';

/** An envelope whose signature holds; nothing says yet whose it is. */
export interface IntactSignature {
  readonly envelope: Envelope;
  readonly chain: readonly Certificate[];
  readonly target: TargetArtifact;
}

/** What the step answers: the parts, or why not. */
export type IntegrityResult =
  | { readonly kind: 'intact'; readonly signature: IntactSignature; readonly step: StepResult }
  | { readonly kind: 'broken'; readonly step: StepResult };

/** Reads the envelope and verifies its signature (trust-store-trust-policy, "Validate Integrity"). Throws nothing for bad input. */
export function checkIntegrity(format: EnvelopeFormat, bytes: Uint8Array): IntegrityResult {
  const parsed = parseEnvelope(format, bytes);
  if (parsed.kind !== 'parsed') {
    const message = `the ${format} envelope cannot be read: ${parsed.message}`;
    return { kind: 'broken', step: { kind: parsed.kind === 'limit' ? 'unknown' : 'fail', message } };
  }
  const { envelope } = parsed;
  const chain = certificatesOf(envelope.chain);
  if (typeof chain === 'string') return broken(chain);
  const [leaf] = chain;
  if (leaf === undefined) return broken('the envelope holds no certificate');
  const problem = signatureProblem(envelope, leaf);
  if (problem !== undefined) return broken(problem);
  const payload = parsePayload(envelope.payload);
  if (payload.kind === 'malformed') return broken(payload.message);
  const step = pass(`the ${envelope.algorithm.name} signature holds under the key of ${nameOf(leaf)}`);
  return { kind: 'intact', signature: { envelope, chain, target: payload.target }, step };
}

function broken(message: string): IntegrityResult {
  return { kind: 'broken', step: fail(message) };
}

function certificatesOf(chain: readonly Uint8Array[]): readonly Certificate[] | string {
  try {
    const certificates = chain.map(parseCertificate);
    // Reading the keys here keeps everything behind this free of exceptions.
    for (const one of certificates) void one.publicKey;
    return certificates;
  } catch (thrown) {
    if (isPlombeError(thrown)) return `a certificate of the envelope cannot be read: ${messageOf(thrown)}`;
    throw thrown;
  }
}

function signatureProblem({ algorithm, signedBytes, signature }: Envelope, leaf: Certificate): string | undefined {
  const wanted = algorithmOfKey(leaf.publicKey);
  if (wanted === undefined) return `the key of ${nameOf(leaf)} is of no kind or size the specification allows`;
  if (wanted.keySpec !== algorithm.keySpec)
    return `the envelope says ${algorithm.name}, the key of ${nameOf(leaf)} is ${wanted.keySpec} and wants ${wanted.name}`;
  const verdict = verifySignature({
    algorithm: algorithm.signature,
    key: leaf.publicKey,
    data: signedBytes,
    signature,
    encoding: 'p1363',
  });
  return verdict.kind === 'verified' ? undefined : `the signature does not hold: ${verdict.reason}`;
}

/** Compares the signed descriptor with the artifact at hand; a valid signature for another artifact fails here (T45). */
export function checkSubject(target: TargetArtifact, subject: VerifiedSubject): StepResult {
  const differing = [
    ['digest', target.digest, subject.digest],
    ['media type', target.mediaType, subject.mediaType ?? target.mediaType],
    ['size', target.sizeBytes, subject.sizeBytes ?? target.sizeBytes],
  ].find(([, signed, actual]) => signed !== actual);
  if (differing === undefined) return pass(`signed for ${subject.digest}`);
  const [what, signed, actual] = differing;
  return fail(`signed for ${String(what)} ${String(signed)}, the artifact has ${String(actual)}`);
}
