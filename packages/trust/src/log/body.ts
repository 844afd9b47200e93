// What a log entry says was signed, compared with what is being verified: digest, signature and key must all be the same (T40).
import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '@plombe/kit';
import { parsePem } from '@plombe/pki';
import { decodeBase64, encodeBase64 } from '../parse/base64.ts';
import { decodeUtf8, objectsOf, parseJsonObject, requiredObject, requiredText } from '../parse/fields.ts';
import { malformed } from '../parse/refused.ts';
import type { Evidence } from '../verify/evidence.ts';
import type { LogEntry } from './entry.ts';

/** 32 MiB: a body of kind intoto 0.0.2 holds the envelope; every other kind only hashes. */
const maxBodyBytes = 32 * 1024 * 1024;

/** Compares the body of an entry with the evidence. Returns what differs, as a clause; undefined where all is equal. Throws Refused. */
export function bodyMismatch(entry: LogEntry, evidence: Evidence): string | undefined {
  const body = parseJsonObject(entry.body, maxBodyBytes, 'body of the log entry');
  if (body['kind'] !== entry.kind || body['apiVersion'] !== entry.version) {
    return 'its body is of another kind or version than it says';
  }
  const spec = requiredObject(body, 'spec', 'body of the log entry');
  const compare = comparisons[`${entry.kind} ${entry.version}`];
  if (compare === undefined)
    return `entries of this kind cannot be compared with ${evidence.envelope ? 'an envelope' : 'a signature'}`;
  return compare(spec, evidence);
}

type Comparison = (spec: JsonObject, evidence: Evidence) => string | undefined;

const comparisons: Readonly<Record<string, Comparison>> = Object.assign(Object.create(null) as object, {
  'hashedrekord 0.0.1': (spec, evidence) => {
    if (evidence.envelope !== undefined) return 'it logs an artifact, not an envelope';
    const hash = requiredObject(requiredObject(spec, 'data', 'entry'), 'hash', 'entry');
    const signature = requiredObject(spec, 'signature', 'entry');
    const verifier = requiredObject(signature, 'publicKey', 'entry');
    return (
      hashMismatch(hash, (algorithm) => evidence.contentDigest(algorithm)) ??
      signatureMismatch(requiredText(signature, 'content', 'entry'), evidence) ??
      pemMismatch(requiredText(verifier, 'content', 'entry'), evidence)
    );
  },
  'hashedrekord 0.0.2': (spec, evidence) => {
    const record = requiredObject(spec, 'hashedRekordV002', 'entry');
    const data = requiredObject(record, 'data', 'entry');
    const signature = requiredObject(record, 'signature', 'entry');
    return (
      protoHashMismatch(data, (algorithm) => evidence.contentDigest(algorithm)) ??
      signatureMismatch(requiredText(signature, 'content', 'entry'), evidence) ??
      verifierMismatch(requiredObject(signature, 'verifier', 'entry'), evidence)
    );
  },
  'dsse 0.0.1': (spec, evidence) => {
    const { envelope } = evidence;
    if (envelope === undefined) return 'it logs an envelope, not an artifact';
    const logged = only(objectsOf(spec, 'signatures', 100, 'entry'));
    return (
      hashMismatch(requiredObject(spec, 'payloadHash', 'entry'), digestOf(envelope.payload)) ??
      signatureMismatch(requiredText(logged, 'signature', 'entry'), evidence) ??
      pemMismatch(requiredText(logged, 'verifier', 'entry'), evidence)
    );
  },
  'dsse 0.0.2': (spec, evidence) => {
    const { envelope } = evidence;
    if (envelope === undefined) return 'it logs an envelope, not an artifact';
    const record = requiredObject(spec, 'dsseV002', 'entry');
    const logged = only(objectsOf(record, 'signatures', 100, 'entry'));
    return (
      protoHashMismatch(requiredObject(record, 'payloadHash', 'entry'), digestOf(envelope.payload)) ??
      signatureMismatch(requiredText(logged, 'content', 'entry'), evidence) ??
      verifierMismatch(requiredObject(logged, 'verifier', 'entry'), evidence)
    );
  },
  'intoto 0.0.2': (spec, evidence) => {
    if (evidence.envelope === undefined) return 'it logs an envelope, not an artifact';
    const content = requiredObject(spec, 'content', 'entry');
    const logged = only(objectsOf(requiredObject(content, 'envelope', 'entry'), 'signatures', 100, 'entry'));
    return (
      hashMismatch(requiredObject(content, 'payloadHash', 'entry'), digestOf(evidence.envelope.payload)) ??
      // Here, and only here, the log encodes the signature's base64 text once more.
      (same(
        decodeBase64(requiredText(logged, 'sig', 'entry'), 'signature of the entry'),
        Buffer.from(encodeBase64(evidence.signature)),
      )
        ? undefined
        : 'it logs another signature') ??
      pemMismatch(requiredText(logged, 'publicKey', 'entry'), evidence)
    );
  },
  'intoto 0.0.1': (spec, evidence) => {
    if (evidence.envelopeBytes === undefined)
      return 'it names only the hash of an envelope file, and there is no such file';
    const content = requiredObject(spec, 'content', 'entry');
    return (
      hashMismatch(requiredObject(content, 'hash', 'entry'), digestOf(evidence.envelopeBytes)) ??
      pemMismatch(requiredText(spec, 'publicKey', 'entry'), evidence)
    );
  },
} satisfies Record<string, Comparison>);

type DigestOf = (algorithm: 'sha256' | 'sha384' | 'sha512') => Uint8Array | undefined;

function digestOf(bytes: Uint8Array): DigestOf {
  return (algorithm) => createHash(algorithm).update(bytes).digest();
}

const hashNames = { sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' } as const;
const protoNames = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const;

function hashMismatch(hash: JsonObject, digest: DigestOf): string | undefined {
  const algorithm = requiredText(hash, 'algorithm', 'entry');
  if (!Object.hasOwn(hashNames, algorithm)) return 'it has a digest of an unknown algorithm';
  const actual = digest(algorithm as keyof typeof hashNames);
  if (actual === undefined) return `it has a ${algorithm} digest, which is not known of the artifact`;
  return Buffer.from(actual).toString('hex') === requiredText(hash, 'value', 'entry')
    ? undefined
    : 'it logs another artifact';
}

function protoHashMismatch(hash: JsonObject, digest: DigestOf): string | undefined {
  const name = requiredText(hash, 'algorithm', 'entry');
  if (!Object.hasOwn(protoNames, name)) return 'it has a digest of an unknown algorithm';
  const algorithm = protoNames[name as keyof typeof protoNames];
  const actual = digest(algorithm);
  if (actual === undefined) return `it has a ${algorithm} digest, which is not known of the artifact`;
  return same(decodeBase64(requiredText(hash, 'digest', 'entry'), 'digest'), actual)
    ? undefined
    : 'it logs another artifact';
}

function signatureMismatch(base64: string, evidence: Evidence): string | undefined {
  return same(decodeBase64(base64, 'signature of the entry'), evidence.signature)
    ? undefined
    : 'it logs another signature';
}

/** The logged key or certificate, as base64 of a PEM file. */
function pemMismatch(base64: string, evidence: Evidence): string | undefined {
  const blocks = pemBlocks(decodeUtf8(decodeBase64(base64, 'key of the entry'), 'key of the entry'));
  const block = blocks.length === 1 ? blocks[0] : undefined;
  if (block?.label === 'CERTIFICATE') return certificateMismatch(block.bytes, evidence);
  if (block?.label === 'PUBLIC KEY') return keyMismatch(block.bytes, evidence);
  return malformed('the entry has neither one certificate nor one public key');
}

function pemBlocks(text: string): ReturnType<typeof parsePem> {
  try {
    return parsePem(text);
  } catch {
    return malformed('key of the entry is not PEM');
  }
}

/** The logged key or certificate of Rekor v2 (verifier.proto). */
function verifierMismatch(verifier: JsonObject, evidence: Evidence): string | undefined {
  const certificate = verifier['x509Certificate'];
  const key = verifier['publicKey'];
  if (isObject(certificate) && key === undefined) {
    return certificateMismatch(decodeBase64(requiredText(certificate, 'rawBytes', 'entry'), 'certificate'), evidence);
  }
  if (isObject(key) && certificate === undefined) {
    return keyMismatch(decodeBase64(requiredText(key, 'rawBytes', 'entry'), 'key'), evidence);
  }
  return malformed('the entry has neither one certificate nor one public key');
}

function certificateMismatch(der: Uint8Array, evidence: Evidence): string | undefined {
  if (evidence.certificate === undefined) return 'it logs a certificate where a key signed';
  return same(der, evidence.certificate) ? undefined : 'it logs another certificate';
}

function keyMismatch(spki: Uint8Array, evidence: Evidence): string | undefined {
  return same(spki, evidence.spki) ? undefined : 'it logs another key';
}

function only(list: readonly JsonObject[]): JsonObject {
  return list.length === 1 && list[0] !== undefined ? list[0] : malformed('the entry has not exactly one signature');
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
