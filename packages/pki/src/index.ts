// Certificates, ASN.1, signature algorithms, time stamps and revocation: bytes → structs → verdicts.
export { DerNode, defaultDerLimits, malformed, parseDer, type DerLimits } from './der/reader.ts';
export { Fields, inner } from './der/fields.ts';
export { constructedTag, contextTag, tag } from './der/tags.ts';
export {
  readBitBytes,
  readBoolean,
  readIntegerBytes,
  readIntegerHex,
  readOctets,
  readOid,
  readSmallInteger,
  readTime,
} from './der/values.ts';
export { isText, readText } from './der/text.ts';
export {
  derBits,
  derBoolean,
  derGeneralizedTime,
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
  derValue,
} from './der/writer.ts';
export { parsePem, pemLimits, writePem, type PemBlock } from './pem/pem.ts';
export {
  maxCertificateBytes,
  parseCertificate,
  parseCertificates,
  readCertificate,
  type Certificate,
} from './x509/certificate.ts';
export type { BasicConstraints, CrlPoint, Extension, KeyUsage, NameConstraints } from './x509/extensions.ts';
export type { GeneralName } from './x509/general-name.ts';
export type { DistinguishedName, NameAttribute } from './x509/name.ts';
export { oid, purpose } from './x509/oids.ts';
export {
  defaultAlgorithm,
  keyProblem,
  rsaBits,
  signatureAlgorithms,
  type AlgorithmFacts,
  type HashName,
  type SignatureAlgorithm,
  type SignatureFamily,
} from './signature/algorithms.ts';
export {
  sign,
  verifySignature,
  type EcdsaEncoding,
  type SignatureInput,
  type SignatureVerdict,
  type SigningInput,
} from './signature/signature.ts';
export { hashOids, readHash, readSignatureAlgorithm, type IdentifiedAlgorithm } from './signature/identifier.ts';
export { verifyWith } from './signature/signature.ts';
export {
  chainLimits,
  label as certificateLabel,
  verifyChain,
  type ChainInput,
  type ChainVerdict,
} from './x509/chain.ts';
export { isSelfIssued, isSelfSigned, sameBytes, verifySigned, type SignedBytes } from './x509/issued.ts';
export {
  logIdOf,
  parseSctList,
  verifyEmbeddedScts,
  type CtLog,
  type SctVerdict,
  type SignedCertificateTimestamp,
} from './x509/sct.ts';
export {
  buildTimestampRequest,
  maxTimestampBytes,
  parseTimestampResponse,
  type Imprint,
  type TimestampResponse,
} from './timestamp/request.ts';
export { parseTimestampToken, type TimestampToken } from './timestamp/token.ts';
export { verifyTimestamp, type TimestampInput, type TimestampVerdict } from './timestamp/verify.ts';
export { clockSkewMs, revocationReasons, type RevocationAnswer, type RevocationReason } from './revocation/answer.ts';
export { checkCrl, type CrlInput } from './revocation/check-crl.ts';
export { checkOcsp, type OcspInput } from './revocation/check-ocsp.ts';
export { crlOid, maxCrlBytes, parseCrl, type Crl, type CrlEntry, type IssuingPoint } from './revocation/crl.ts';
export { buildOcspRequest, ocspOid, type CertIdHash } from './revocation/ocsp-request.ts';
export { maxOcspBytes, parseOcspResponse, type OcspResponse } from './revocation/ocsp-response.ts';
