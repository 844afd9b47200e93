// Makes RFC 3161 tokens for tests: a real authority in a few lines, any field wrong on request.
import { createHash, createPublicKey } from 'node:crypto';
import {
  derGeneralizedTime,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTagged,
  derTime,
  derValue,
} from '../der/writer.ts';
import { tag } from '../der/tags.ts';
import { defaultAlgorithm, signatureAlgorithms, type AlgorithmFacts, type HashName } from '../signature/algorithms.ts';
import { hashOids } from '../signature/identifier.ts';
import { sign } from '../signature/signature.ts';
import type { Certificate } from '../x509/certificate.ts';
import { algorithmIdentifier, issue, testNowMs, type Issued, type TestCertificate } from './authority.ts';

export interface TestToken {
  readonly authority: Issued;
  readonly message: Uint8Array;
  readonly hash?: HashName;
  readonly timeMs?: number;
  readonly nonce?: Uint8Array;
  /** Certificates in the token; the authority's own unless given. */
  readonly certificates?: readonly Certificate[];
  /** Which certificate the signed attribute names; none, or with SHA-1 as version 1, on request. */
  readonly names?: Certificate | 'nothing';
  readonly version1?: boolean;
  /** Signs this digest in place of the content's. */
  readonly digest?: Uint8Array;
  readonly contentType?: string;
}

const tstInfo = '1.2.840.113549.1.9.16.1.4';

/** Issues a certificate that may stamp. */
export function issueTimestamper(options: TestCertificate = {}): Issued {
  return issue({ subject: ['CN=stamp'], purposes: ['1.3.6.1.5.5.7.3.8'], purposesCritical: true, ...options });
}

/** A TimeStampToken. */
export function makeToken(options: TestToken): Uint8Array {
  const { authority, message, hash = 'sha256', timeMs = testNowMs, nonce } = options;
  const info = derSequence(
    derInteger(1),
    derOid('1.2.3.4'),
    derSequence(derSequence(derOid(hashOids[hash]), derNull()), derOctets(createHash(hash).update(message).digest())),
    derInteger(77),
    derGeneralizedTime(timeMs),
    derSequence(derInteger(1)),
    ...(nonce === undefined ? [] : [derInteger(nonce)]),
  );
  const algorithm = defaultAlgorithm(createPublicKey(authority.key));
  const facts: AlgorithmFacts = signatureAlgorithms[algorithm];
  const digestHash = facts.hash ?? 'sha512';
  const attributes = signedAttributes(options, info, digestHash);
  const { certificate } = authority;
  const signer = derSequence(
    derInteger(1),
    derSequence(certificate.issuer.der, derInteger(Buffer.from(certificate.serial, 'hex'))),
    derSequence(derOid(hashOids[digestHash])),
    derValue(0xa0, attributes.subarray(2 + (attributes.length > 257 ? 2 : attributes.length > 129 ? 1 : 0))),
    algorithmIdentifier(algorithm),
    derOctets(sign({ algorithm, key: authority.key, data: attributes })),
  );
  const certificates = options.certificates ?? [certificate];
  return derSequence(
    derOid('1.2.840.113549.1.7.2'),
    derTagged(
      0,
      derSequence(
        derInteger(3),
        derSet(derSequence(derOid(hashOids[digestHash]))),
        derSequence(derOid(options.contentType ?? tstInfo), derTagged(0, derOctets(info))),
        ...(certificates.length === 0 ? [] : [derTagged(0, ...certificates.map(({ bytes }) => bytes))]),
        derSet(signer),
      ),
    ),
  );
}

function signedAttributes(options: TestToken, info: Uint8Array, hash: HashName): Uint8Array {
  const named = options.names ?? options.authority.certificate;
  const attribute = (id: string, value: Uint8Array): Uint8Array => derSequence(derOid(id), derSet(value));
  return derSet(
    attribute('1.2.840.113549.1.9.3', derOid(tstInfo)),
    attribute('1.2.840.113549.1.9.4', derOctets(options.digest ?? createHash(hash).update(info).digest())),
    attribute('1.2.840.113549.1.9.5', derTime(testNowMs)),
    ...(named === 'nothing' ? [] : [signingCertificate(named, options.version1 === true)]),
  );
}

function signingCertificate(certificate: Certificate, version1: boolean): Uint8Array {
  const id = version1 ? '1.2.840.113549.1.9.16.2.12' : '1.2.840.113549.1.9.16.2.47';
  const digest = createHash(version1 ? 'sha1' : 'sha256')
    .update(certificate.bytes)
    .digest();
  const serial = derInteger(Buffer.from(certificate.serial, 'hex'));
  const issuer = derSequence(derSequence(derTagged(4, certificate.issuer.der)), serial);
  return derSequence(derOid(id), derSet(derSequence(derSequence(derSequence(derOctets(digest), issuer)))));
}

/** A TimeStampResp that grants a token, or refuses. */
export function makeResponse(token: Uint8Array | undefined): Uint8Array {
  if (token !== undefined) return derSequence(derSequence(derInteger(0)), token);
  const text = derSequence(derValue(tag.utf8, Buffer.from('no\u001b[31m')));
  return derSequence(derSequence(derInteger(2), text, derValue(tag.bitString, Uint8Array.of(5, 0x20))));
}
