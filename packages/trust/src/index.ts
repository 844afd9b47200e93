// Sigstore bundles and cosign signatures, keys, in-toto statements, and the custody ledger.
export { keyDetailsOf } from './keys/algorithms.ts';
export {
  generatePrivateKey,
  keyFiles,
  keyTypes,
  readPrivateKey,
  type KeyFiles,
  type KeyType,
} from './keys/private-key.ts';
export { publicKeyOf, publicKeyOfSpki, publicKeyPem, readPublicKey, type PublicKey } from './keys/public-key.ts';
export { signerOf, type Signer } from './keys/signer.ts';
export {
  envelopeToJson,
  inTotoPayloadType,
  parseEnvelope,
  type Envelope,
  type EnvelopeSignature,
} from './dsse/envelope.ts';
export { preAuthEncoding } from './dsse/pae.ts';
export { signEnvelope } from './dsse/sign.ts';
export {
  cosignSignPredicateType,
  isPredicateType,
  predicateTypeNames,
  predicateTypeUri,
} from './statement/predicate-types.ts';
export {
  buildStatement,
  parseStatement,
  statementV1,
  subjectWithDigest,
  type Statement,
  type StatementParts,
  type StatementSubject,
} from './statement/statement.ts';
export type { Expectation } from './statement/verify.ts';
export { attestable, type Attestable, type JudgedDecision, type JudgedPolicy } from './decision/decision.ts';
export { svrPredicate, svrPredicateType } from './decision/svr.ts';
export { vsaPredicate, vsaPredicateType, type LookedAtEnvelope } from './decision/vsa.ts';
export { bundleLimits, bundleMediaType, parseBundle, type Bundle, type BundleContent } from './bundle/bundle.ts';
export { certificateMaterial, keyMaterial } from './bundle/material.ts';
export {
  isAttestationResult,
  verifyBundle,
  type BundleRequest,
  type SigstoreResult,
  type Subject,
} from './bundle/verify.ts';
export { writeBundle } from './bundle/write.ts';
export {
  compareEntries,
  type ChangedField,
  type FingerprintComparison,
  type FingerprintDifference,
} from './fingerprint/compare.ts';
export {
  fingerprintLines,
  fingerprintMediaType,
  FingerprintSum,
  layerRoot,
  lineLeaf,
  openFingerprint,
  type FingerprintCause,
  type FingerprintHeader,
  type FingerprintLayer,
  type OpenFingerprint,
} from './fingerprint/document.ts';
export { comparePaths, formatEntry, type FingerprintEntry, type FingerprintEntryType } from './fingerprint/entry.ts';
export type { Identity } from './identity/identity.ts';
export { compilePattern, type Pattern } from './identity/pattern.ts';
export type { IdentityRule, TextRule } from './identity/rule.ts';
export { legacyAnnotations, type LegacyExtras } from './legacy/annotations.ts';
export {
  attestationLayer,
  envelopeFile,
  envelopeMediaType,
  legacyTag,
  signatureLayer,
  simpleSigningMediaType,
  type LegacyLayer,
} from './legacy/layers.ts';
export { buildSimpleSigning } from './legacy/simple-signing.ts';
export { verifyLegacyAttestation, verifyLegacySignature, type LegacyRequest } from './legacy/verify.ts';
export type { InclusionProof, LogEntry } from './log/entry.ts';
export type { Attempt } from './parse/refused.ts';
export {
  parseTrustedRoot,
  rootOfCertificates,
  type TrustedAuthority,
  type TrustedLog,
  type TrustedRoot,
  type Window,
} from './root/trusted-root.ts';
export {
  parseSigningConfig,
  selectServices,
  type Selector,
  type Service,
  type SigningConfig,
} from './root/signing-config.ts';
export { parseRekorV1Answer, parseRekorV2Answer } from './rekor/answers.ts';
export {
  dsseRequest,
  hashedRekordRequest,
  hashedRekordV2Request,
  type LogRequest,
  type LogSigner,
} from './rekor/requests.ts';
export {
  parseSigningCertificate,
  signingCertificatePath,
  signingCertificateRequest,
  subjectOfToken,
} from './fulcio/signing-certificate.ts';
export {
  checkTimestampAnswer,
  timestampRequest,
  timestampRequestType,
  timestampResponseType,
  type TimestampAnswer,
} from './tsa/timestamps.ts';
export { refreshTuf, type TufFetch, type TufRefreshed, type TufRequest, type TufStore } from './tuf/refresh.ts';
export type { TufRefusal } from './tuf/refusal.ts';
export { formatScope, parseScope, type ApprovalScope } from './approval/scope.ts';
export {
  approvalId,
  approvalPredicate,
  approvalTypes,
  maxReasonLength,
  type ApprovalStatement,
  type RequestPredicate,
} from './approval/statements.ts';
export {
  judgeApprovals,
  type ApprovalReport,
  type ApprovalTerms,
  type JudgedRequest,
  type RecordedRevocation,
} from './approval/judge.ts';
export type { Material } from './verify/evidence.ts';
export type { SignerAnchor, Trust } from './verify/trust.ts';
// Sigstore bundles and cosign signatures, keys, in-toto statements, and the custody ledger.
export { parseExact } from './ledger/canonical.ts';
export { exportLines } from './ledger/export.ts';
export { folderStore } from './ledger/folder.ts';
export { auditLedger, type AuditVerdict } from './ledger/audit.ts';
export { parseCheckpoint, type Checkpoint } from './ledger/checkpoint.ts';
export { parseVerifierKey, signatureTypes, type VerifierKey } from './ledger/note.ts';
export { mapKey, mapRootOf } from './ledger/map.ts';
export { InclusionChecker } from './ledger/paths.ts';
export { loadMap, openReader, readRecords, type LedgerReader } from './ledger/reader.ts';
export { custodyKinds, type CustodyKind } from './ledger/statements.ts';
export { verifyExport, type ExportVerdict } from './ledger/verify.ts';
export { witnessCheckpoint } from './ledger/witness.ts';
export { createLedger, openWriter, readKeys, type LedgerWriter, type NewRecord } from './ledger/writer.ts';
