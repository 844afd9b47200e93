// The annotations in which cosign's older signatures keep signature, certificate, log entry and time stamp (cosign SIGNATURE_SPEC).
import { field, isPlombeError, type JsonObject } from '@plombe/kit';
import { parsePem, writePem } from '@plombe/pki';
import type { LogEntry } from '../log/entry.ts';
import { decodeBase64, encodeBase64 } from '../parse/base64.ts';
import { countField, parseJsonObject, requiredBytes, requiredObject, requiredText } from '../parse/fields.ts';
import { malformed, overLimit } from '../parse/refused.ts';
import type { Material } from '../verify/evidence.ts';

/** The keys. `signature` is base64, empty for attestations; the others hold PEM or JSON. */
export const legacyAnnotations = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

type Annotations = Readonly<Record<string, string>>;

/** What the annotations of a layer hold besides the signature. */
export interface LegacyProofs {
  readonly material: Material;
  readonly entries: readonly LogEntry[];
  readonly timestamps: readonly Uint8Array[];
}

/** 4 MiB: a manifest with all its annotations has no more (OCI distribution specification). 10 certificates as in bundles. */
const maxAnnotationBytes = 4 * 1024 * 1024;
const maxCertificates = 10;

/** Returns an annotation's text, or undefined where it is absent or empty. */
export function annotationOf(annotations: Annotations, key: string): string | undefined {
  const value = field(annotations, key);
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > maxAnnotationBytes ? overLimit(`the annotation ${key} is too large`) : value;
}

/** Reads material and proofs; throws Refused. */
export function readLegacyProofs(annotations: Annotations): LegacyProofs {
  const bundle = annotationOf(annotations, legacyAnnotations.bundle);
  const timestamp = annotationOf(annotations, legacyAnnotations.timestamp);
  return {
    material: readMaterial(annotations),
    entries: bundle === undefined ? [] : [readEntry(parseJsonObject(bundle, maxAnnotationBytes, 'log entry'))],
    timestamps: timestamp === undefined ? [] : readTimestamp(timestamp),
  };
}

function readMaterial(annotations: Annotations): Material {
  const certificate = annotationOf(annotations, legacyAnnotations.certificate);
  if (certificate === undefined) return { kind: 'key', hint: '' };
  const leaf = certificatesOf(certificate, 'certificate');
  if (leaf.length !== 1) malformed('the annotation of the certificate does not hold exactly one');
  const chain = annotationOf(annotations, legacyAnnotations.chain);
  const others = chain === undefined ? [] : certificatesOf(chain, 'chain');
  return { kind: 'certificates', certificates: [...leaf, ...others], withRoot: true };
}

function certificatesOf(pem: string, what: string): readonly Uint8Array[] {
  try {
    const blocks = parsePem(pem);
    if (blocks.some(({ label }) => label !== 'CERTIFICATE')) malformed(`the ${what} holds something else`);
    if (blocks.length > maxCertificates) overLimit(`the ${what} has more than ${maxCertificates} certificates`);
    return blocks.map(({ bytes }) => bytes);
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return error.code === 'pki/limit' ? overLimit(error.message) : malformed(`the ${what} is not PEM`);
  }
}

/** `{SignedEntryTimestamp, Payload: {body, integratedTime, logIndex, logID}}`: kind and version stand in the body. */
function readEntry(object: JsonObject): LogEntry {
  const payload = requiredObject(object, 'Payload', 'log entry');
  const body = requiredBytes(payload, 'body', 'log entry');
  const content = parseJsonObject(body, maxAnnotationBytes, 'body of the log entry');
  const logId = requiredText(payload, 'logID', 'log entry');
  if (!/^[0-9a-f]{64}$/.test(logId)) malformed('the log of the entry has no valid id');
  return {
    logIndex: countField(payload, 'logIndex', 'log entry'),
    logId: Buffer.from(logId, 'hex'),
    kind: requiredText(content, 'kind', 'log entry'),
    version: requiredText(content, 'apiVersion', 'log entry'),
    integratedTimeS: countField(payload, 'integratedTime', 'log entry'),
    promise: requiredBytes(object, 'SignedEntryTimestamp', 'log entry'),
    body,
  };
}

function readTimestamp(text: string): readonly Uint8Array[] {
  const object = parseJsonObject(text, maxAnnotationBytes, 'time stamp');
  return [decodeBase64(requiredText(object, 'SignedRFC3161Timestamp', 'time stamp'), 'time stamp')];
}

/** What a signer adds to a legacy signature. The entry must have Rekor v1's promise: older verifiers know nothing else. */
export interface LegacyExtras {
  /** Leaf in DER. */
  readonly certificate?: Uint8Array;
  /** From the leaf's issuer to the root, in DER. */
  readonly chain?: readonly Uint8Array[];
  readonly entry?: LogEntry;
  /** The authority's whole answer. */
  readonly timestamp?: Uint8Array;
}

/** Renders the annotations of a layer. */
export function writeLegacyAnnotations(signature: Uint8Array | undefined, extras: LegacyExtras): Annotations {
  const { certificate, chain, entry, timestamp } = extras;
  const pem = (ders: readonly Uint8Array[]): string =>
    writePem(...ders.map((bytes) => ({ label: 'CERTIFICATE', bytes })));
  return {
    [legacyAnnotations.signature]: signature === undefined ? '' : encodeBase64(signature),
    ...(certificate === undefined ? {} : { [legacyAnnotations.certificate]: pem([certificate]) }),
    ...(chain === undefined || chain.length === 0 ? {} : { [legacyAnnotations.chain]: pem(chain) }),
    ...(entry?.promise === undefined ? {} : { [legacyAnnotations.bundle]: entryJson(entry, entry.promise) }),
    ...(timestamp === undefined
      ? {}
      : { [legacyAnnotations.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: encodeBase64(timestamp) }) }),
  };
}

function entryJson(entry: LogEntry, promise: Uint8Array): string {
  return JSON.stringify({
    SignedEntryTimestamp: encodeBase64(promise),
    Payload: {
      body: encodeBase64(entry.body),
      integratedTime: entry.integratedTimeS,
      logIndex: entry.logIndex,
      logID: Buffer.from(entry.logId).toString('hex'),
    },
  });
}
