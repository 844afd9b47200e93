// Sigstore's trusted root: which logs, authorities and time stamp authorities are believed, and when (sigstore_trustroot.proto).
import { createPublicKey, type KeyObject } from 'node:crypto';
import { isPlombeError, type JsonObject } from '@plombe/kit';
import { logIdOf, parseCertificate, type Certificate } from '@plombe/pki';
import {
  objectsOf,
  optionalObject,
  optionalText,
  parseJsonObject,
  requiredBytes,
  requiredObject,
  requiredText,
} from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';

/** A closed interval in milliseconds since 1970; an absent end is open. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs?: number;
}

/** A log whose entries or certificate timestamps are believed. */
export interface TrustedLog {
  /** Host and path it was set up under; for messages. */
  readonly url: string;
  readonly key: KeyObject;
  /** What entries call it: SHA-256 of the key (Rekor v1, CT), or the checkpoint key's id (Rekor v2). */
  readonly id: Uint8Array;
  /** The id whose first four bytes stand before its signatures of checkpoints. */
  readonly checkpointId: Uint8Array;
  readonly window: Window;
}

/** A certificate authority or time stamp authority: its root, and what lies between it and the leaves. */
export interface TrustedAuthority {
  readonly url: string;
  readonly root: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly window: Window;
}

/** A parsed trusted root. Parse it once and keep it: keys are read and self-made caches hang on it. */
export interface TrustedRoot {
  readonly logs: readonly TrustedLog[];
  readonly certificateAuthorities: readonly TrustedAuthority[];
  readonly certificateLogs: readonly TrustedLog[];
  readonly timestampAuthorities: readonly TrustedAuthority[];
}

/** 4 MiB and 100 of each: the public root has eight entries in 10 KB. */
const maxBytes = 4 * 1024 * 1024;
const maxInstances = 100;
const maxChain = 10;

const mediaTypes = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

/**
 * Parses `trusted_root.json`. It comes from whoever verifies, so unknown fields are let pass; a validity without its start, a chain
 * without certificates and a key that cannot be read are malformed.
 */
export function parseTrustedRoot(input: Uint8Array | string): Attempt<TrustedRoot> {
  return attempt(() => {
    const json = parseJsonObject(input, maxBytes, 'trusted root');
    const mediaType = requiredText(json, 'mediaType', 'trusted root');
    if (!mediaTypes.includes(mediaType)) malformed(`trusted root has the media type "${mediaType.slice(0, 80)}"`);
    const list = <T>(name: string, read: (object: JsonObject) => T): readonly T[] =>
      objectsOf(json, name, maxInstances, 'trusted root').map(read);
    return {
      logs: list('tlogs', readLog),
      certificateAuthorities: list('certificateAuthorities', readAuthority),
      certificateLogs: list('ctlogs', readLog),
      timestampAuthorities: list('timestampAuthorities', readAuthority),
    };
  });
}

function readLog(object: JsonObject): TrustedLog {
  const what = 'log of the trusted root';
  const hash = optionalText(object, 'hashAlgorithm', what) ?? 'SHA2_256';
  if (hash !== 'SHA2_256') malformed(`a log of the trusted root hashes with "${hash.slice(0, 40)}"`);
  const publicKey = requiredObject(object, 'publicKey', what);
  const key = keyOf(requiredBytes(publicKey, 'rawBytes', what), what);
  const id = optionalId(object, 'logId', what) ?? Buffer.from(logIdOf(key), 'hex');
  return {
    url: optionalText(object, 'baseUrl', what) ?? '',
    key,
    id,
    checkpointId: optionalId(object, 'checkpointKeyId', what) ?? id,
    window: readWindow(requiredObject(publicKey, 'validFor', what), what),
  };
}

function optionalId(object: JsonObject, name: string, what: string): Uint8Array | undefined {
  const id = optionalObject(object, name, what);
  return id === undefined ? undefined : requiredBytes(id, 'keyId', what);
}

/** SubjectPublicKeyInfo, or PKCS#1 as old RSA logs have it. */
function keyOf(der: Uint8Array, what: string): KeyObject {
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      return createPublicKey({ key: Buffer.from(der), format: 'der', type });
    } catch {
      // The next form, or none.
    }
  }
  return malformed(`the key of a ${what} cannot be read`);
}

function readAuthority(object: JsonObject): TrustedAuthority {
  const what = 'authority of the trusted root';
  const chain = objectsOf(requiredObject(object, 'certChain', what), 'certificates', maxChain, what).map((one) =>
    readTrustedCertificate(requiredBytes(one, 'rawBytes', what)),
  );
  const root = chain.at(-1);
  if (root === undefined) malformed('an authority of the trusted root has no certificate');
  return {
    url: optionalText(object, 'uri', what) ?? '',
    root,
    intermediates: chain.slice(0, -1),
    window: readWindow(requiredObject(object, 'validFor', what), what),
  };
}

function readTrustedCertificate(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return malformed(`a certificate of the trusted root cannot be read: ${error.message}`);
  }
}

/** Reads `{start, end}` in RFC 3339; throws Refused where the start is missing. */
export function readWindow(object: JsonObject, what: string): Window {
  const fromMs = timeOf(requiredText(object, 'start', what), what);
  const end = optionalText(object, 'end', what);
  return end === undefined ? { fromMs } : { fromMs, untilMs: timeOf(end, what) };
}

function timeOf(text: string, what: string): number {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? malformed(`a validity of the ${what} is no time`) : atMs;
}

/** True where a moment lies in a window, both ends included. */
export function isWithin({ fromMs, untilMs }: Window, atMs: number): boolean {
  return atMs >= fromMs && (untilMs === undefined || atMs <= untilMs);
}

/**
 * Returns a root that trusts only given certificate authorities: what a PEM file of roots and intermediates, and a PEM file for
 * time stamps, stand for. The first list ends with each root; self-signed ones are roots.
 */
export function rootOfCertificates(parts: {
  readonly authorities?: readonly Certificate[];
  readonly timestampAuthorities?: readonly Certificate[];
}): TrustedRoot {
  return {
    logs: [],
    certificateAuthorities: authoritiesOf(parts.authorities ?? []),
    certificateLogs: [],
    timestampAuthorities: authoritiesOf(parts.timestampAuthorities ?? []),
  };
}

function authoritiesOf(certificates: readonly Certificate[]): readonly TrustedAuthority[] {
  const selfIssued = (one: Certificate): boolean => Buffer.compare(one.subject.der, one.issuer.der) === 0;
  const intermediates = certificates.filter((one) => !selfIssued(one));
  return certificates
    .filter(selfIssued)
    .map((root) => ({ url: '', root, intermediates, window: { fromMs: root.notBeforeMs } }));
}
