// Notary Project signatures in TypeScript: envelopes, trust policy, trust store, signing, verification and the plugin protocol.
export {
  envelopeMediaTypes,
  maxEnvelopeBytes,
  payloadMediaType,
  type Envelope,
  type EnvelopeFormat,
  type ExtendedAttribute,
  type ParsedEnvelope,
  type SignedAttributes,
  type SigningScheme,
} from './envelope/envelope.ts';
export { envelopeFormat, parseEnvelope } from './envelope/parse.ts';
export { algorithmOfKey, notaryAlgorithms, type KeySpec, type NotaryAlgorithm } from './envelope/algorithm.ts';
export { parsePayload, type ParsedPayload, type TargetArtifact } from './envelope/payload.ts';
export { signArtifact, type MadeSignature, type SigningRequest } from './sign/sign.ts';
export { timestampRequester, type TimestampAuthority, type TimestampRequester } from './sign/timestamp.ts';
export { chainSigner, keyAtHand, type NotaryKey, type NotarySigner } from './sign/signer.ts';
export {
  chainThumbprints,
  signatureArtifactType,
  signatureManifest,
  thumbprintAnnotation,
  type ManifestBlob,
  type ManifestInput,
  type SignatureManifest,
} from './manifest/manifest.ts';
export { parseBlobTrustPolicy, parseOciTrustPolicy } from './trust-policy/parse.ts';
export {
  selectBlobStatement,
  selectOciStatement,
  type BlobStatement,
  type BlobTrustPolicy,
  type OciStatement,
  type OciTrustPolicy,
  type TrustPolicyStatement,
  type TrustStoreName,
  type TrustStoreType,
  type Validation,
  type ValidationAction,
  type VerificationLevel,
} from './trust-policy/policy.ts';
export {
  readTrustStore,
  type FolderEntry,
  type NamedStore,
  type TrustStore,
  type TrustStoreFolder,
} from './trust-store/store.ts';
export { trustStoreOnDisk } from './trust-store/disk.ts';
export { verifyEnvelope } from './verify/verify.ts';
export type { VerificationInput, VerifiedSubject } from './verify/input.ts';
export type { RevocationSource } from './verify/revocation-source.ts';
export {
  maxPluginOutputBytes,
  pluginMetadata,
  type Plugin,
  type PluginCommand,
  type PluginExec,
  type PluginOutput,
} from './plugin/run.ts';
export { pluginEnvelope, pluginSigner, type EnvelopeRequest, type PluginKey } from './plugin/signing.ts';
export { verificationPlugin, type VerificationPlugin } from './plugin/verification.ts';
export type { PluginCapability, PluginConfig, PluginMetadata } from './plugin/protocol.ts';
