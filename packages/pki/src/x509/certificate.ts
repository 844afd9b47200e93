// A certificate's bytes as a value (RFC 5280, 4.1); nothing is verified here.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { PlombeError, kibibyte } from '@plombe/kit';
import { malformed, parseDer, type DerNode } from '../der/reader.ts';
import { Fields, inner } from '../der/fields.ts';
import { constructedTag, contextTag, tag } from '../der/tags.ts';
import { readBitBytes, readIntegerHex, readOctets, readOid, readSmallInteger, readTime } from '../der/values.ts';
import { parsePem } from '../pem/pem.ts';
import { readGeneralNames, type GeneralName } from './general-name.ts';
import { readName, type DistinguishedName } from './name.ts';
import { oid } from './oids.ts';
import {
  knownExtensions,
  readAccessUris,
  readAuthorityKeyId,
  readBasicConstraints,
  readCrlPoints,
  readExtensions,
  readKeyUsage,
  readNameConstraints,
  readPurposes,
  type BasicConstraints,
  type CrlPoint,
  type Extension,
  type KeyUsage,
  type NameConstraints,
} from './extensions.ts';

/** A parsed certificate. Texts are as written in it, not inert. */
export interface Certificate {
  /** The whole encoding. */
  readonly bytes: Uint8Array;
  /** TBSCertificate: what is signed. */
  readonly tbs: Uint8Array;
  /** Lower-case hexadecimal without leading zero bytes; `-` before the bytes of a negative one. */
  readonly serial: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** First and last moment of validity, both included, in milliseconds since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Read on first use. Throws `pki/unsupported` where the key is of no known kind. */
  readonly publicKey: KeyObject;
  /** AlgorithmIdentifier of the issuer's signature, the same inside and outside. */
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** Absent where the certificate does not say. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers; absent where the certificate does not say. */
  readonly extendedKeyUsage?: readonly string[];
  readonly basicConstraints?: BasicConstraints;
  readonly nameConstraints?: NameConstraints;
  readonly subjectAltNames: readonly GeneralName[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly crlPoints: readonly CrlPoint[];
  readonly ocspUris: readonly string[];
  readonly issuerUris: readonly string[];
  /** By object identifier, in the order of the certificate. */
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Critical extensions that chain verification does not honour; a chain with any is rejected. */
  readonly unknownCritical: readonly string[];
}

/** 64 KiB: a certificate with a thousand names has 25 KiB. */
export const maxCertificateBytes = 64 * kibibyte;

/**
 * Parses one DER certificate. Throws `pki/malformed`, and `pki/limit` beyond 64 KiB. An extension that cannot be read, appears
 * twice, or an algorithm that differs inside and outside the signed part is malformed.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateBytes) {
    throw new PlombeError('pki/limit', `A certificate has ${der.length} bytes, more than ${maxCertificateBytes}.`);
  }
  return readCertificate(parseDer(der));
}

/**
 * Parses the `CERTIFICATE` blocks of a PEM text in order; other blocks are skipped. No such block is an empty list.
 * Throws `pki/malformed` and `pki/limit`.
 */
export function parseCertificates(pem: string): readonly Certificate[] {
  return parsePem(pem)
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
    .map(({ bytes }) => parseCertificate(bytes));
}

/** Reads a certificate out of a larger structure. */
export function readCertificate(node: DerNode): Certificate {
  const outer = new Fields(node, 'a certificate');
  const tbs = outer.take(tag.sequence);
  const outerAlgorithm = outer.take(tag.sequence).bytes;
  const signature = readBitBytes(outer.take(tag.bitString));
  outer.end();

  const fields = new Fields(tbs, 'a certificate');
  const versionNode = fields.optional(constructedTag(0));
  const version = versionNode === undefined ? 0 : readSmallInteger(inner(versionNode, 'a version'));
  if (version > 2) throw malformed(`a certificate has version ${version + 1}`);
  const serial = readIntegerHex(fields.take(tag.integer));
  const signatureAlgorithm = fields.take(tag.sequence).bytes;
  if (Buffer.compare(signatureAlgorithm, outerAlgorithm) !== 0) {
    throw malformed('a certificate names two different signature algorithms');
  }
  const issuer = readName(fields.take(tag.sequence));
  const validity = new Fields(fields.take(tag.sequence), 'a validity');
  const notBeforeMs = readTime(validity.any());
  const notAfterMs = readTime(validity.any());
  validity.end();
  const subject = readName(fields.take(tag.sequence));
  const spki = fields.take(tag.sequence).bytes;
  fields.optional(contextTag(1));
  fields.optional(contextTag(2));
  const list = fields.optional(constructedTag(3));
  fields.end();
  if (list !== undefined && version !== 2) throw malformed('a certificate before version 3 has extensions');
  const extensions = list === undefined ? new Map<string, Extension>() : readExtensions(inner(list, 'extensions'));

  let key: KeyObject | undefined;
  return {
    bytes: node.bytes,
    tbs: tbs.bytes,
    serial,
    subject,
    issuer,
    notBeforeMs,
    notAfterMs,
    spki,
    get publicKey() {
      return (key ??= readPublicKey(spki));
    },
    signatureAlgorithm,
    signature,
    ...readKnown(extensions),
    extensions,
    unknownCritical: [...extensions.values()].flatMap((x) =>
      x.critical && !knownExtensions.has(x.oid) ? [x.oid] : [],
    ),
  };
}

function readKnown(extensions: ReadonlyMap<string, Extension>): KnownFields {
  const read = <T>(id: string, parse: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(id);
    return extension === undefined ? undefined : parse(extension.value);
  };
  const keyUsage = read(oid.keyUsage, readKeyUsage);
  const extendedKeyUsage = read(oid.extendedKeyUsage, readPurposes);
  const basicConstraints = read(oid.basicConstraints, readBasicConstraints);
  const nameConstraints = read(oid.nameConstraints, readNameConstraints);
  const subjectKeyId = read(oid.subjectKeyId, (value) => readOctets(parseDer(value)));
  const authorityKeyId = read(oid.authorityKeyId, readAuthorityKeyId);
  return {
    ...(keyUsage === undefined ? {} : { keyUsage }),
    ...(extendedKeyUsage === undefined ? {} : { extendedKeyUsage }),
    ...(basicConstraints === undefined ? {} : { basicConstraints }),
    ...(nameConstraints === undefined ? {} : { nameConstraints }),
    ...(subjectKeyId === undefined ? {} : { subjectKeyId }),
    ...(authorityKeyId === undefined ? {} : { authorityKeyId }),
    subjectAltNames: read(oid.subjectAltName, (value) => readGeneralNames(parseDer(value))) ?? [],
    crlPoints: read(oid.crlDistributionPoints, readCrlPoints) ?? [],
    ocspUris: read(oid.authorityInfoAccess, (value) => readAccessUris(value, oid.ocspAccess)) ?? [],
    issuerUris: read(oid.authorityInfoAccess, (value) => readAccessUris(value, oid.issuersAccess)) ?? [],
  };
}

type KnownFields = Pick<
  Certificate,
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'basicConstraints'
  | 'nameConstraints'
  | 'subjectKeyId'
  | 'authorityKeyId'
  | 'subjectAltNames'
  | 'crlPoints'
  | 'ocspUris'
  | 'issuerUris'
>;

function readPublicKey(spki: Uint8Array): KeyObject {
  if (hasExplicitCurve(spki))
    throw new PlombeError('pki/unsupported', 'A certificate describes its curve instead of naming it.');
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new PlombeError('pki/unsupported', 'The public key of a certificate cannot be read.', { cause });
  }
}

/** RFC 5480, 2.1.1: a curve must be named. One that is described can look like a named one and have another generator. */
function hasExplicitCurve(spki: Uint8Array): boolean {
  const [algorithm, parameters] = parseDer(spki).children[0]?.children ?? [];
  return algorithm?.tag === tag.oid && readOid(algorithm) === ecPublicKey && parameters?.tag !== tag.oid;
}

const ecPublicKey = '1.2.840.10045.2.1';
