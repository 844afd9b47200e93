// Transparency log entries as Sigstore bundles carry them (sigstore_rekor.proto, TransparencyLogEntry).
import type { JsonObject } from '@plombe/kit';
import { decodeBase64, encodeBase64 } from '../parse/base64.ts';
import {
  countField,
  listOf,
  onlyFields,
  optionalObject,
  requiredBytes,
  requiredObject,
  requiredText,
} from '../parse/fields.ts';
import { malformed } from '../parse/refused.ts';

/** Where an entry lies in its tree. */
export interface InclusionProof {
  readonly logIndex: number;
  readonly treeSize: number;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The signed note; old entries may have none and are then known only by the log's promise. */
  readonly checkpoint?: string;
}

/** An entry with everything that proves it. */
export interface LogEntry {
  /** Index over all shards of a Rekor v1; equal to the proof's in Rekor v2. */
  readonly logIndex: number;
  readonly logId: Uint8Array;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970 when Rekor v1 took it in, proved only by the promise; 0 in Rekor v2. */
  readonly integratedTimeS: number;
  /** Rekor v1's signed entry timestamp: its promise to include the entry. */
  readonly promise?: Uint8Array;
  readonly proof?: InclusionProof;
  /** What the leaf holds. */
  readonly body: Uint8Array;
}

/** 64 hashes: a tree with 2^64 leaves. */
const maxHashes = 64;

const fields = [
  'logIndex',
  'logId',
  'kindVersion',
  'integratedTime',
  'inclusionPromise',
  'inclusionProof',
  'canonicalizedBody',
];

/** Reads an entry out of parsed JSON; throws Refused. */
export function readLogEntry(object: JsonObject): LogEntry {
  const what = 'log entry';
  onlyFields(object, fields, what);
  const kindVersion = requiredObject(object, 'kindVersion', what);
  onlyFields(kindVersion, ['kind', 'version'], what);
  const logId = requiredObject(object, 'logId', what);
  onlyFields(logId, ['keyId'], what);
  const promise = optionalObject(object, 'inclusionPromise', what);
  if (promise !== undefined) onlyFields(promise, ['signedEntryTimestamp'], what);
  const proof = optionalObject(object, 'inclusionProof', what);
  return {
    logIndex: countField(object, 'logIndex', what),
    logId: requiredBytes(logId, 'keyId', what),
    kind: requiredText(kindVersion, 'kind', what),
    version: requiredText(kindVersion, 'version', what),
    integratedTimeS: countField(object, 'integratedTime', what),
    ...(promise === undefined ? {} : { promise: requiredBytes(promise, 'signedEntryTimestamp', what) }),
    ...(proof === undefined ? {} : { proof: readProof(proof) }),
    body: requiredBytes(object, 'canonicalizedBody', what),
  };
}

function readProof(object: JsonObject): InclusionProof {
  const what = 'inclusion proof';
  onlyFields(object, ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint'], what);
  const hashes = listOf(object, 'hashes', maxHashes, what).map((value) => {
    const hash = typeof value === 'string' ? decodeBase64(value, 'hash of the inclusion proof') : undefined;
    return hash?.length === 32 ? hash : malformed('a hash of the inclusion proof has not 32 bytes');
  });
  const checkpoint = optionalObject(object, 'checkpoint', what);
  if (checkpoint !== undefined) onlyFields(checkpoint, ['envelope'], what);
  const treeSize = countField(object, 'treeSize', what);
  if (treeSize === 0) malformed('the inclusion proof is for an empty tree');
  return {
    logIndex: countField(object, 'logIndex', what),
    treeSize,
    rootHash: requiredBytes(object, 'rootHash', what),
    hashes,
    ...(checkpoint === undefined ? {} : { checkpoint: requiredText(checkpoint, 'envelope', what) }),
  };
}

/** Renders an entry as a bundle carries it: 64-bit integers as text, nothing that is absent. */
export function logEntryToJson(entry: LogEntry): JsonObject {
  const { proof } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: encodeBase64(entry.logId) },
    kindVersion: { kind: entry.kind, version: entry.version },
    ...(entry.integratedTimeS === 0 ? {} : { integratedTime: String(entry.integratedTimeS) }),
    ...(entry.promise === undefined ? {} : { inclusionPromise: { signedEntryTimestamp: encodeBase64(entry.promise) } }),
    ...(proof === undefined
      ? {}
      : {
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: encodeBase64(proof.rootHash),
            treeSize: String(proof.treeSize),
            hashes: proof.hashes.map(encodeBase64),
            ...(proof.checkpoint === undefined ? {} : { checkpoint: { envelope: proof.checkpoint } }),
          },
        }),
    canonicalizedBody: encodeBase64(entry.body),
  };
}
