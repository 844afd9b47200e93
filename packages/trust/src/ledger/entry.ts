// What a leaf of the log is: a Rekor v2 `hashedrekord` 0.0.2 entry over the hash of a signed DSSE envelope.
import { createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import { preAuthEncoding } from '../dsse/pae.ts';
import { sha256 } from './merkle.ts';

const payloadType = 'application/vnd.in-toto+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The key that signs every entry: ECDSA P-256 with SHA-256, which is what cosign verifies by default. */
export interface RecordKey {
  readonly key: KeyObject;
  readonly spki: Buffer;
  /** The same in base64. */
  readonly spkiText: string;
  /** Base64 of the SHA-256 of the SPKI, the hint of a Sigstore bundle. */
  readonly hint: string;
}

/** Returns the record key of an SPKI; undefined where it is not P-256 in its one encoding. */
export function recordKeyOf(spki: Buffer): RecordKey | undefined {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    if (!key.export({ format: 'der', type: 'spki' }).equals(spki)) return undefined;
    return { key, spki, spkiText: spki.toString('base64'), hint: sha256(spki).toString('base64') };
  } catch {
    return undefined;
  }
}

/** A signed payload: all that is needed to make the envelope, the bundle and the leaf of it. */
export interface SignedEntry {
  readonly payload: Buffer;
  /** DER. */
  readonly signature: Buffer;
}

/** Returns the bytes that the signature of an entry covers, DSSE v1. */
export function signedBytes(payload: Uint8Array): Uint8Array {
  return preAuthEncoding(payloadType, payload);
}

/** Signs a payload with the record key. */
export function signEntry(payload: string, privateKey: KeyObject): SignedEntry {
  const bytes = Buffer.from(payload);
  return { payload: bytes, signature: sign('sha256', signedBytes(bytes), privateKey) };
}

/** Returns the canonical entry, the bytes that the log stores and hashes: rekor-v2-spec, 6.1.4. */
export function logEntry(entry: SignedEntry, key: RecordKey): Buffer {
  return Buffer.from(entryText(entry, key, signedBytes(entry.payload)), 'latin1');
}

function entryText({ signature }: SignedEntry, { spkiText }: RecordKey, covered: Uint8Array): string {
  const digest = hash('sha256', covered, 'base64');
  return (
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${digest}"},` +
    `"signature":{"content":"${signature.toString('base64')}","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",` +
    `"publicKey":{"rawBytes":"${spkiText}"}}}}}}`
  );
}

/** Returns the leaf hash of an entry, RFC 6962, 2.1: SHA-256(0x00 || entry). `covered`: its signed bytes, where they are at hand. */
export function entryLeaf(entry: SignedEntry, key: RecordKey, covered = signedBytes(entry.payload)): Buffer {
  // The entry is ASCII: as text it goes to the hash without a copy of its bytes.
  return Buffer.from(hash('sha256', `\0${entryText(entry, key, covered)}`, 'binary'), 'latin1');
}

/** Returns the canonical text of the Sigstore bundle v0.3 of an entry, as cosign reads it. */
export function formatBundle({ payload, signature }: SignedEntry, { hint }: RecordKey): string {
  return (
    `{"dsseEnvelope":{"payload":"${payload.toString('base64')}","payloadType":"${payloadType}",` +
    `"signatures":[{"sig":"${signature.toString('base64')}"}]},"mediaType":"${bundleType}",` +
    `"verificationMaterial":{"publicKey":{"hint":"${hint}"}}}`
  );
}
