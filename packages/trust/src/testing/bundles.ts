// Bundles that tests begin with: keyed and keyless, over one artifact, with a whole Sigstore behind them.
import { createHash } from 'node:crypto';
import type { Digest } from '@plombe/model';
import { testKey } from '@plombe/pki/testing';
import { signEnvelope } from '../dsse/sign.ts';
import type { Envelope } from '../dsse/envelope.ts';
import { preAuthEncoding } from '../dsse/pae.ts';
import { publicKeyOf } from '../keys/public-key.ts';
import { signerOf } from '../keys/signer.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { buildStatement } from '../statement/statement.ts';
import { hashedRekordV2Body, issueSigner, person, stamp, TestLog, testRoot } from './sigstore.ts';
import type { Trust } from '../verify/trust.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { certificateMaterial, keyMaterial } from '../bundle/material.ts';
import { verifyBundle, type BundleRequest, type SigstoreResult } from '../bundle/verify.ts';
import { writeBundle } from '../bundle/write.ts';

/** What the bundles are about. */
export const artifact = Buffer.from('artifact');
/** The artifact's digest. */
export const digest = `sha256:${createHash('sha256').update(artifact).digest('hex')}` as Digest;
/** The digest of something else. */
export const otherDigest = `sha256:${'ab'.repeat(32)}` as Digest;
/** Signs what is keyed. */
export const key = testKey('p256');
/** Its public half. */
export const publicKey = publicKeyOf(key);
/** A log that promises and proves. */
export const rekor1 = new TestLog('rekor.example', 1);
/** A log that only proves. */
export const rekor2 = new TestLog('log2.example', 2);
/** Trusts both logs and the test authorities. */
export const root = testRoot({ logs: [rekor1.json(), rekor2.json()] });
/** Trusts the key alone. */
export const keyed: Trust = { anchor: { kind: 'keys', keys: [publicKey] } };
const rule = { subject: { exact: person.subject }, issuer: { exact: person.issuer } };
/** Trusts the test person's identity. */
export const keyless: Trust = { anchor: { kind: 'identities', rules: [rule] }, trustedRoot: root };
const statement = buildStatement({ digest, predicateType: 'https://slsa.dev/provenance/v1', predicate: { a: 1 } });

/** Writes a bundle and verifies it about the artifact. */
export function verify(
  parts: Bundle | Omit<Bundle, 'version'>,
  trust: Trust,
  request: Partial<BundleRequest> = {},
): SigstoreResult {
  return verifyBundle({ bundle: writeBundle(parts), subject: { digest }, expect: { kind: 'any' }, trust, ...request });
}

/** The ids of the failed checks, in order. */
export const failed = (result: SigstoreResult): string[] =>
  result.checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);

/** A signature over the artifact itself. */
export async function keyedMessage(parts: Partial<Omit<Bundle, 'version'>> = {}): Promise<Omit<Bundle, 'version'>> {
  const signature = await signerOf(key).sign(artifact);
  return {
    material: keyMaterial(publicKey),
    entries: [],
    timestamps: [],
    content: {
      kind: 'message',
      signature,
      digest: { algorithm: 'sha256', value: createHash('sha256').update(artifact).digest() },
    },
    ...parts,
  };
}

/** A statement signed with the key. */
export async function keyedEnvelope(
  payload: Uint8Array = statement,
  payloadType?: string,
): Promise<Omit<Bundle, 'version'>> {
  const envelope = await signEnvelope(payload, signerOf(key), payloadType);
  return { material: keyMaterial(publicKey), entries: [], timestamps: [], content: { kind: 'envelope', envelope } };
}

/** A keyless attestation: logged in the given logs, stamped where none tells the time. */
export async function keylessEnvelope(
  options: {
    readonly logs?: readonly TestLog[];
    readonly stamps?: number;
    readonly leaf?: ReturnType<typeof issueSigner>;
    readonly timeS?: number;
  } = {},
): Promise<Omit<Bundle, 'version'>> {
  const leaf = options.leaf ?? issueSigner();
  const envelope = await signEnvelope(statement, signerOf(leaf.key));
  const signature = signatureOf(envelope);
  const body = hashedRekordV2Body(preAuthEncoding(envelope.payloadType, envelope.payload), signature, {
    x509Certificate: { rawBytes: encodeBase64(leaf.certificate.bytes) },
  });
  const entries = await Promise.all((options.logs ?? [rekor2]).map((log) => log.add(body, options.timeS)));
  return {
    material: certificateMaterial([leaf.certificate.bytes]),
    entries,
    timestamps: Array.from({ length: options.stamps ?? 1 }, () => stamp(signature)),
    content: { kind: 'envelope', envelope },
  };
}

/** An envelope's one signature. */
export function signatureOf(envelope: Envelope): Uint8Array {
  return envelope.signatures[0]?.signature ?? new Uint8Array();
}
