// Makes a Notary Project signature: payload and attributes, signed, time stamped, in either encoding (signing-and-verification-workflow).
import { inert } from '@plombe/kit';
import { verifySignature, type Certificate } from '@plombe/pki';
import { chainProblem, isoTime, nameOf, validityProblem } from '../certificates/requirements.ts';
import { algorithmOfKey } from '../envelope/algorithm.ts';
import {
  maxChainLength,
  maxEnvelopeBytes,
  type EnvelopeFormat,
  type SignedAttributes,
  type SigningScheme,
} from '../envelope/envelope.ts';
import { buildEnvelope } from '../envelope/parse.ts';
import { formatPayload, type TargetArtifact } from '../envelope/payload.ts';
import { fixedWidthSignature } from './ecdsa.ts';
import { refused, type NotarySigner } from './signer.ts';
import type { TimestampRequester } from './timestamp.ts';

/** What to sign, with what. */
export interface SigningRequest {
  readonly format: EnvelopeFormat;
  /** Annotations of the user go into its `annotations`. */
  readonly target: TargetArtifact;
  readonly signer: NotarySigner;
  readonly signingTimeMs: number;
  /** Absent: the signature does not expire. */
  readonly expiryMs?: number;
  /** `notary.x509` unless given; for `notary.x509.signingAuthority` the signing time is the authentic one. */
  readonly scheme?: SigningScheme;
  /** Such as `plombe/1.0.0`; unsigned. */
  readonly signingAgent?: string;
  readonly timestamp?: TimestampRequester;
}

/** The envelope's bytes, and the chain that is in it. */
export interface MadeSignature {
  readonly envelope: Uint8Array;
  readonly chain: readonly Certificate[];
}

/** Annotations that only the specification may define (signature-specification, "Payload"). */
const reservedPrefix = 'io.cncf.notary';

/**
 * Makes a signature. Throws `notation/signing` where chain, times or annotations do not fit or the signature does not hold under the leaf's
 * key, and what signer and time stamp authority throw.
 */
export async function signArtifact(request: SigningRequest): Promise<MadeSignature> {
  const { format, target, signer, timestamp, scheme = 'notary.x509', signingAgent, signingTimeMs } = request;
  if (timestamp !== undefined && scheme !== 'notary.x509')
    throw refused('a time stamp belongs to the scheme notary.x509 only');
  for (const name of Object.keys(target.annotations))
    if (name.startsWith(reservedPrefix)) throw refused(`the annotation ${inert(name)} has a reserved name`);
  const builder = buildEnvelope(format, {
    algorithm: signer.algorithm,
    attributes: attributesOf(request, scheme),
    payload: formatPayload(target),
  });
  const made = await signer.sign(builder.signedBytes);
  const { chain } = made;
  const signature = checkedSignature(signer, made, builder.signedBytes, signingTimeMs);
  const token = timestamp === undefined ? undefined : await timestamp(signature, signer.algorithm.hash);
  const envelope = builder.finish({
    signature,
    chain: chain.map(({ bytes }) => bytes),
    ...(token !== undefined && { timestamp: token }),
    ...(signingAgent !== undefined && { signingAgent }),
  });
  if (envelope.length > maxEnvelopeBytes)
    throw refused(`the signature would have ${String(envelope.length)} bytes, more than ${String(maxEnvelopeBytes)}`);
  return { envelope, chain };
}

function attributesOf({ signingTimeMs, expiryMs }: SigningRequest, scheme: SigningScheme): SignedAttributes {
  const second = (ms: number): number => Math.floor(ms / 1000) * 1000;
  if (expiryMs !== undefined && second(expiryMs) <= second(signingTimeMs))
    throw refused(`the signature would expire at ${isoTime(expiryMs)}, before it is made`);
  return {
    scheme,
    ...(scheme === 'notary.x509'
      ? { signingTimeMs: second(signingTimeMs) }
      : { authenticSigningTimeMs: second(signingTimeMs) }),
    ...(expiryMs !== undefined && { expiryMs: second(expiryMs) }),
    extended: [],
  };
}

/** A signature is believed only once it holds under the certificate's key and the chain is one that may sign at this time. */
function checkedSignature(
  { algorithm }: NotarySigner,
  { signature: given, chain }: { readonly signature: Uint8Array; readonly chain: readonly Certificate[] },
  data: Uint8Array,
  signingTimeMs: number,
): Uint8Array {
  if (chain.length > maxChainLength) throw refused(`the chain has more than ${String(maxChainLength)} certificates`);
  const problem = chainProblem(chain) ?? validityProblem(chain, signingTimeMs);
  const [leaf] = chain;
  if (problem !== undefined || leaf === undefined) throw refused(problem ?? 'there is no certificate');
  if (algorithmOfKey(leaf.publicKey)?.keySpec !== algorithm.keySpec)
    throw refused(`the key of ${nameOf(leaf)} is not ${algorithm.keySpec}`);
  for (const signature of [given, fixedWidthSignature(algorithm.keySpec, given)]) {
    if (signature === undefined) continue;
    const { kind } = verifySignature({
      algorithm: algorithm.signature,
      key: leaf.publicKey,
      data,
      signature,
      encoding: 'p1363',
    });
    if (kind === 'verified') return signature;
  }
  throw refused(
    `the signature made does not hold under the certificate ${nameOf(leaf)}; the key belongs to another one`,
  );
}
