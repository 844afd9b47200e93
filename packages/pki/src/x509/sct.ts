// Signed certificate timestamps inside a certificate (RFC 6962, 3.2 and 3.3): a log's promise to have recorded it.
import { messageOf, toHex } from '@plombe/kit';
import type { VerificationCheck } from '@plombe/model';
import { createHash, type KeyObject } from 'node:crypto';
import { malformed, parseDer } from '../der/reader.ts';
import { Fields, inner } from '../der/fields.ts';
import { constructedTag, tag } from '../der/tags.ts';
import { readOctets, readOid } from '../der/values.ts';
import { derSequence, derTagged, derValue } from '../der/writer.ts';
import { verifyWith } from '../signature/signature.ts';
import type { Certificate } from './certificate.ts';
import { oid } from './oids.ts';

export interface SignedCertificateTimestamp {
  /** SHA-256 of the log's SPKI, in hexadecimal. */
  readonly logId: string;
  readonly timestampMs: number;
  readonly extensions: Uint8Array;
  readonly hash: number;
  readonly signatureKind: number;
  readonly signature: Uint8Array;
}

export interface CtLog {
  readonly key: KeyObject;
  /** Hexadecimal; the SHA-256 of the key's SPKI unless given. */
  readonly logId?: string;
  /** When the log's key is valid; open ends where absent. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export type SctVerdict =
  | {
      readonly kind: 'verified';
      readonly scts: readonly SignedCertificateTimestamp[];
      readonly checks: readonly VerificationCheck[];
    }
  | { readonly kind: 'rejected'; readonly reasons: readonly string[]; readonly checks: readonly VerificationCheck[] };

/** 16 in one certificate: browsers want three. */
const maxScts = 16;

/** Parses the extension's value. Unknown versions are left out. Throws `pki/malformed`. */
export function parseSctList(extensionValue: Uint8Array): readonly SignedCertificateTimestamp[] {
  const list = new Opaque(readOctets(parseDer(extensionValue)));
  const items = new Opaque(list.vector(2));
  list.end();
  const scts: SignedCertificateTimestamp[] = [];
  for (let count = 0; items.more; count++) {
    if (count >= maxScts) throw malformed('a certificate holds too many timestamps of logs');
    const item = new Opaque(items.vector(2));
    if (item.number(1) !== 0) continue;
    const logId = toHex(item.bytes(32));
    const timestampMs = item.number(6 + 2);
    const extensions = item.vector(2);
    const hash = item.number(1);
    const signatureKind = item.number(1);
    const signature = item.vector(2);
    item.end();
    scts.push({ logId, timestampMs, extensions, hash, signatureKind, signature });
  }
  return scts;
}

/** TLS's presentation language: big-endian numbers and vectors with their length before them. */
class Opaque {
  readonly #source: Uint8Array;
  #at = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  get more(): boolean {
    return this.#at < this.#source.length;
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#source.length) throw malformed('a timestamp of a log is cut off');
    this.#at += length;
    return this.#source.subarray(this.#at - length, this.#at);
  }

  number(length: number): number {
    return this.bytes(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(lengthBytes: number): Uint8Array {
    return this.bytes(this.number(lengthBytes));
  }

  end(): void {
    if (this.more) throw malformed('a timestamp of a log has trailing bytes');
  }
}

/**
 * Verifies the timestamps inside a certificate against the keys of logs; `threshold` (default 1) counts distinct logs.
 * A certificate without any is rejected. Throws nothing.
 */
export function verifyEmbeddedScts(input: {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly logs: readonly CtLog[];
  readonly threshold?: number;
}): SctVerdict {
  const { certificate, issuer, logs, threshold = 1 } = input;
  const extension = certificate.extensions.get(oid.sctList);
  if (extension === undefined) return rejected(['the certificate holds no timestamp of a certificate log']);
  try {
    const keys = new Map(logs.map((log) => [log.logId ?? logIdOf(log.key), log]));
    const signed = precertificate(certificate, issuer);
    const reasons: string[] = [];
    const scts = parseSctList(extension.value).filter((sct) => {
      const problem = sctProblem(sct, keys.get(sct.logId), signed);
      if (problem !== undefined) reasons.push(`log ${sct.logId.slice(0, 16)}…: ${problem}`);
      return problem === undefined;
    });
    const distinct = new Set(scts.map(({ logId }) => logId)).size;
    if (distinct < Math.max(1, threshold)) {
      return rejected([`${distinct} certificate logs vouch for the certificate, ${threshold} are needed`, ...reasons]);
    }
    const message = `${distinct} certificate logs vouch for the certificate`;
    return { kind: 'verified', scts, checks: [{ id: 'certificate-log', outcome: 'pass', message }] };
  } catch (error) {
    return rejected([messageOf(error)]);
  }
}

/** A log's id: SHA-256 of its SPKI, in hexadecimal (RFC 6962, 3.2). Remembered: exporting a key takes 40 µs, and logs are few. */
export function logIdOf(key: KeyObject): string {
  const known = logIds.get(key);
  if (known !== undefined) return known;
  const spki = key.export({ format: 'der', type: 'spki' });
  const id = createHash('sha256').update(spki).digest('hex');
  logIds.set(key, id);
  return id;
}

const logIds = new WeakMap<KeyObject, string>();

function sctProblem(sct: SignedCertificateTimestamp, log: CtLog | undefined, signed: Uint8Array): string | undefined {
  if (log === undefined) return 'its key is not known';
  if (log.fromMs !== undefined && sct.timestampMs < log.fromMs) return 'its key was not valid yet';
  if (log.untilMs !== undefined && sct.timestampMs > log.untilMs) return 'its key was not valid any more';
  const family = sct.signatureKind === 3 ? 'ecdsa' : sct.signatureKind === 1 ? 'rsa-pkcs1' : undefined;
  if (sct.hash !== 4 || family === undefined) return 'its signature algorithm is not supported';
  const head = Buffer.alloc(12);
  head.writeBigUInt64BE(BigInt(sct.timestampMs), 2);
  head.writeUInt16BE(1, 10);
  const data = Buffer.concat([head, signed, sized(sct.extensions, 2)]);
  const verdict = verifyWith({ family, hash: 'sha256' }, { key: log.key, data, signature: sct.signature });
  return verdict.kind === 'rejected' ? verdict.reason : undefined;
}

/** PreCert (RFC 6962, 3.2): the hash of the issuer's key, and the certificate without the list of timestamps. */
function precertificate(certificate: Certificate, issuer: Certificate): Uint8Array {
  const tbs = parseDer(certificate.tbs);
  const parts = tbs.children.map((part) => {
    if (part.tag !== constructedTag(3)) return part.bytes;
    const kept = inner(part, 'extensions').children.filter(
      (one) => readOid(new Fields(one, 'an extension').take(tag.oid)) !== oid.sctList,
    );
    return derTagged(3, derSequence(...kept.map(({ bytes }) => bytes)));
  });
  const keyHash = createHash('sha256').update(issuer.spki).digest();
  return Buffer.concat([keyHash, sized(derValue(tag.sequence, ...parts), 3)]);
}

function sized(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
}

function rejected(reasons: readonly string[]): SctVerdict {
  return {
    kind: 'rejected',
    reasons,
    checks: [{ id: 'certificate-log', outcome: 'fail', message: reasons.join('; ') }],
  };
}
