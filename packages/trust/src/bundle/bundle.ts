// Sigstore bundles v0.1 to v0.3: JSON in, a value out, strictly (sigstore_bundle.proto).
import type { JsonObject } from '@plombe/kit';
import { readEnvelope, type Envelope } from '../dsse/envelope.ts';
import { readLogEntry, type LogEntry } from '../log/entry.ts';
import {
  objectsOf,
  onlyFields,
  optionalObject,
  optionalText,
  parseJsonObject,
  requiredBytes,
  requiredObject,
  requiredText,
} from '../parse/fields.ts';
import { attempt, malformed, overLimit, type Attempt } from '../parse/refused.ts';
import type { ContentHash, Material } from '../verify/evidence.ts';

/** What the bundle signs: an artifact by its digest, or an envelope that it carries. */
export type BundleContent =
  | {
      readonly kind: 'message';
      readonly signature: Uint8Array;
      /** An unsigned hint, which must nevertheless be right. */
      readonly digest?: { readonly algorithm: ContentHash; readonly value: Uint8Array };
    }
  | { readonly kind: 'envelope'; readonly envelope: Envelope };

/** A parsed bundle. */
export interface Bundle {
  readonly version: '0.1' | '0.2' | '0.3';
  readonly material: Material;
  readonly entries: readonly LogEntry[];
  /** RFC 3161 tokens over the signature. */
  readonly timestamps: readonly Uint8Array[];
  readonly content: BundleContent;
}

/** The media type that is written; also the type of the layer and of the artifact in a registry (cosign BUNDLE_SPEC). */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

const versions: ReadonlyMap<string, Bundle['version']> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  [bundleMediaType, '0.3'],
]);

/**
 * 32 MiB: an SBOM attestation may have 21 MB (T48). 32 log entries and 32 time stamps, 10 certificates of together 640 KiB, 64 KiB of
 * a token: several times what any known signer writes.
 */
export const bundleLimits = {
  bytes: 32 * 1024 * 1024,
  entries: 32,
  timestamps: 32,
  certificates: 10,
  timestampBytes: 64 * 1024,
} as const;

/** Parses a bundle file. Closed: unknown fields, several materials or contents, and more than one DSSE signature are malformed. */
export function parseBundle(input: Uint8Array | string): Attempt<Bundle> {
  return attempt(() => readBundle(parseJsonObject(input, bundleLimits.bytes, 'bundle')));
}

function readBundle(json: JsonObject): Bundle {
  onlyFields(json, ['mediaType', 'verificationMaterial', 'messageSignature', 'dsseEnvelope'], 'bundle');
  const mediaType = requiredText(json, 'mediaType', 'bundle');
  const version = versions.get(mediaType) ?? malformed(`bundle has the media type "${mediaType.slice(0, 80)}"`);
  const material = requiredObject(json, 'verificationMaterial', 'bundle');
  onlyFields(
    material,
    ['publicKey', 'certificate', 'x509CertificateChain', 'tlogEntries', 'timestampVerificationData'],
    'verification material',
  );
  const entries = objectsOf(material, 'tlogEntries', bundleLimits.entries, 'verification material').map(readLogEntry);
  for (const entry of entries) {
    if (version === '0.1' && entry.promise === undefined) malformed('a log entry of a v0.1 bundle has no promise');
    if (version !== '0.1' && entry.proof?.checkpoint === undefined) {
      malformed(`a log entry of a v${version} bundle has no inclusion proof with a checkpoint`);
    }
  }
  return {
    version,
    material: readMaterial(material),
    entries,
    timestamps: readTimestamps(optionalObject(material, 'timestampVerificationData', 'verification material')),
    content: readContent(json),
  };
}

function readMaterial(object: JsonObject): Material {
  const what = 'verification material';
  const key = optionalObject(object, 'publicKey', what);
  const certificate = optionalObject(object, 'certificate', what);
  const chain = optionalObject(object, 'x509CertificateChain', what);
  if ([key, certificate, chain].filter((one) => one !== undefined).length !== 1) {
    malformed('bundle has not exactly one of key, certificate and chain');
  }
  if (key !== undefined) {
    onlyFields(key, ['hint'], 'public key');
    return { kind: 'key', hint: optionalText(key, 'hint', 'public key') ?? '' };
  }
  if (certificate !== undefined) return { kind: 'certificates', certificates: [readCertificateBytes(certificate)] };
  onlyFields(chain as JsonObject, ['certificates'], 'chain');
  const certificates = objectsOf(chain as JsonObject, 'certificates', bundleLimits.certificates, 'chain');
  if (certificates.length === 0) malformed('the chain of the bundle is empty');
  return { kind: 'certificates', certificates: certificates.map(readCertificateBytes) };
}

function readCertificateBytes(object: JsonObject): Uint8Array {
  onlyFields(object, ['rawBytes'], 'certificate');
  return requiredBytes(object, 'rawBytes', 'certificate');
}

function readTimestamps(object: JsonObject | undefined): readonly Uint8Array[] {
  if (object === undefined) return [];
  const what = 'time stamps of the bundle';
  onlyFields(object, ['rfc3161Timestamps'], what);
  return objectsOf(object, 'rfc3161Timestamps', bundleLimits.timestamps, what).map((one) => {
    onlyFields(one, ['signedTimestamp'], what);
    const token = requiredBytes(one, 'signedTimestamp', what);
    return token.length > bundleLimits.timestampBytes ? overLimit('a time stamp of the bundle is too large') : token;
  });
}

const digestNames: ReadonlyMap<string, ContentHash> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);

function readContent(json: JsonObject): BundleContent {
  const message = optionalObject(json, 'messageSignature', 'bundle');
  const dsse = optionalObject(json, 'dsseEnvelope', 'bundle');
  if ((message === undefined) === (dsse === undefined)) malformed('bundle has not exactly one of message and envelope');
  if (dsse !== undefined) {
    const envelope = readEnvelope(dsse);
    return envelope.signatures.length === 1
      ? { kind: 'envelope', envelope }
      : malformed('the envelope of the bundle has not exactly one signature');
  }
  const what = 'message signature';
  onlyFields(message as JsonObject, ['messageDigest', 'signature'], what);
  const signature = requiredBytes(message as JsonObject, 'signature', what);
  const hint = optionalObject(message as JsonObject, 'messageDigest', what);
  // Cosign writes an empty hint for Ed25519, which hashes by itself.
  if (hint === undefined || Object.keys(hint).length === 0) return { kind: 'message', signature };
  onlyFields(hint, ['algorithm', 'digest'], what);
  const algorithm = digestNames.get(requiredText(hint, 'algorithm', what));
  if (algorithm === undefined) malformed('the digest of the bundle has an unknown algorithm');
  return { kind: 'message', signature, digest: { algorithm, value: requiredBytes(hint, 'digest', what) } };
}
