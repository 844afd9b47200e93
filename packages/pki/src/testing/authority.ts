// Makes certificates for tests: real keys, real signatures, any field wrong on request.
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  derBits,
  derBoolean,
  derImplicit,
  derInteger,
  derNamedBits,
  derNull,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTagged,
  derText,
  derTime,
} from '../der/writer.ts';
import { writePem } from '../pem/pem.ts';
import { defaultAlgorithm, type SignatureAlgorithm } from '../signature/algorithms.ts';
import { hashOids } from '../signature/identifier.ts';
import { sign } from '../signature/signature.ts';
import { parseCertificate, type Certificate } from '../x509/certificate.ts';

export type TestKeyKind =
  | 'p256'
  | 'p384'
  | 'p521'
  | 'rsa2048'
  | 'rsa3072'
  | 'rsa1024'
  | 'ed25519'
  | 'ml-dsa-44'
  | 'secp256k1';

/** A certificate with its private key. */
export interface Issued {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  /** PEM of the certificate. */
  readonly pem: string;
}

export interface TestCertificate {
  /** Attributes in order of the certificate, as `CN=x`; known keywords: CN, O, OU, C, ST, L, E. */
  readonly subject?: readonly string[];
  /** Absent: signed with its own key. */
  readonly issuer?: Issued;
  readonly key?: KeyObject;
  readonly kind?: TestKeyKind;
  /** Stands in the certificate in place of the key's own. */
  readonly spki?: Uint8Array;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Numbers of the bits; an empty list leaves the extension out. Default: digitalSignature, or keyCertSign and cRLSign. */
  readonly keyUsage?: readonly number[];
  readonly purposes?: readonly string[];
  readonly purposesCritical?: boolean;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly serial?: number;
  /** Encoded GeneralNames. */
  readonly names?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
  readonly algorithm?: SignatureAlgorithm;
  readonly authorityKeyId?: Uint8Array;
}

/** The moment that test certificates are valid around: 2026-01-01. */
export const testNowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

/** Makes a key pair's private key. */
export function testKey(kind: TestKeyKind): KeyObject {
  switch (kind) {
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'p521':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey;
    case 'secp256k1':
      return generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ml-dsa-44':
      return generateKeyPairSync('ml-dsa-44').privateKey;
    default:
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(3)) }).privateKey;
  }
}

/** Issues a certificate, valid from a day before `testNowMs` to a day after unless told otherwise. */
export function issue(options: TestCertificate = {}): Issued {
  const key = options.key ?? testKey(options.kind ?? 'p256');
  const spki = options.spki ?? createPublicKey(key).export({ format: 'der', type: 'spki' });
  const subject = testName(options.subject ?? ['CN=test']);
  const signer = options.issuer?.key ?? key;
  const algorithm = options.algorithm ?? defaultAlgorithm(createPublicKey(signer));
  const tbs = derSequence(
    derTagged(0, derInteger(2)),
    derInteger(options.serial ?? nextSerial()),
    algorithmIdentifier(algorithm),
    options.issuer === undefined ? subject : options.issuer.certificate.subject.der,
    derSequence(derTime(options.notBeforeMs ?? testNowMs - dayMs), derTime(options.notAfterMs ?? testNowMs + dayMs)),
    subject,
    spki,
    derTagged(3, derSequence(...testExtensions(options, spki))),
  );
  const bytes = signedStructure(tbs, algorithm, signer);
  return { certificate: parseCertificate(bytes), key, pem: writePem({ label: 'CERTIFICATE', bytes }) };
}

let serial = 1000;

function nextSerial(): number {
  return serial++;
}

function testExtensions(options: TestCertificate, spki: Uint8Array): Uint8Array[] {
  const { ca = false, pathLength, purposes, names, issuer } = options;
  const usage = options.keyUsage ?? (ca ? [5, 6] : [0]);
  const authority = options.authorityKeyId ?? issuer?.certificate.subjectKeyId;
  return [
    ...(ca
      ? [
          testExtension(
            '2.5.29.19',
            derSequence(derBoolean(true), ...(pathLength === undefined ? [] : [derInteger(pathLength)])),
            true,
          ),
        ]
      : []),
    ...(usage.length === 0 ? [] : [testExtension('2.5.29.15', derNamedBits(usage), true)]),
    ...(purposes === undefined
      ? []
      : [testExtension('2.5.29.37', derSequence(...purposes.map(derOid)), options.purposesCritical)]),
    ...(names === undefined ? [] : [testExtension('2.5.29.17', derSequence(...names))]),
    testExtension('2.5.29.14', derOctets(keyHash(spki))),
    ...(authority === undefined ? [] : [testExtension('2.5.29.35', derSequence(derImplicit(0, authority)))]),
    ...(options.extensions ?? []),
  ];
}

function keyHash(spki: Uint8Array): Uint8Array {
  return createHash('sha1').update(spki).digest();
}

/** One extension around its value. */
export function testExtension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctets(value));
}

/** A SIGNED structure: certificates, revocation lists, OCSP answers. */
export function signedStructure(tbs: Uint8Array, algorithm: SignatureAlgorithm, key: KeyObject): Uint8Array {
  return derSequence(tbs, algorithmIdentifier(algorithm), derBits(sign({ algorithm, key, data: tbs })));
}

const keywords: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  E: '1.2.840.113549.1.9.1',
};

/** A Name from `CN=x` texts; a `+` between two makes one relative name of both. */
export function testName(attributes: readonly string[]): Uint8Array {
  return derSequence(
    ...attributes.map((rdn) =>
      derSet(
        ...rdn.split('+').map((attribute) => {
          const [keyword = '', value = ''] = attribute.split('=');
          return derSequence(derOid(keywords[keyword] ?? keyword), derText(value));
        }),
      ),
    ),
  );
}

/** AlgorithmIdentifier of a signature algorithm. */
export function algorithmIdentifier(algorithm: SignatureAlgorithm): Uint8Array {
  const [family, , hash] = /^(ecdsa|rsa-pkcs1|rsa-pss)(-p\d+)?-(sha\d+)$/.exec(algorithm)?.slice(1) ?? [algorithm];
  const index = ['sha256', 'sha384', 'sha512'].indexOf(hash ?? '');
  switch (family) {
    case 'ecdsa':
      return derSequence(derOid(`1.2.840.10045.4.3.${index + 2}`));
    case 'rsa-pkcs1':
      return derSequence(derOid(`1.2.840.113549.1.1.${index + 11}`), derNull());
    case 'ed25519':
      return derSequence(derOid('1.3.101.112'));
    case 'ml-dsa-44':
      return derSequence(derOid('2.16.840.1.101.3.4.3.17'));
    default: {
      const hashId = derSequence(derOid(Object.values(hashOids)[index] ?? ''), derNull());
      const mask = derSequence(derOid('1.2.840.113549.1.1.8'), hashId);
      const salt = derInteger([32, 48, 64][index] ?? 0);
      return derSequence(
        derOid('1.2.840.113549.1.1.10'),
        derSequence(derTagged(0, hashId), derTagged(1, mask), derTagged(2, salt)),
      );
    }
  }
}
