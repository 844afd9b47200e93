// The messages between a Notary client and a plugin, contract version 1.0 (plugin-extensibility).
import type { KeySpec } from '../envelope/algorithm.ts';

/** What a plugin may be able to do. */
export type PluginCapability =
  | 'SIGNATURE_GENERATOR.RAW'
  | 'SIGNATURE_GENERATOR.ENVELOPE'
  | 'SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB'
  | 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY'
  | 'SIGNATURE_VERIFIER.REVOCATION_CHECK';

/** The two steps of a verification that a plugin may take over. */
export type VerifierCapability = Extract<PluginCapability, `SIGNATURE_VERIFIER.${string}`>;

export const verifierCapabilities: readonly VerifierCapability[] = [
  'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
  'SIGNATURE_VERIFIER.REVOCATION_CHECK',
];

/** Answer to `get-plugin-metadata`. */
export interface PluginMetadata {
  readonly name: string;
  readonly description: string;
  /** For verification plugins SemVer. */
  readonly version: string;
  readonly url: string;
  readonly supportedContractVersions: readonly string[];
  /** Names this version does not know are kept. */
  readonly capabilities: readonly string[];
}

/** Optional settings passed to a plugin as they are. */
export type PluginConfig = Readonly<Record<string, string>>;

export interface DescribeKeyRequest {
  readonly contractVersion: '1.0';
  readonly keyId: string;
  readonly pluginConfig?: PluginConfig;
}

export interface DescribeKeyResponse {
  readonly keyId: string;
  readonly keySpec: KeySpec;
}

export interface GenerateSignatureRequest extends DescribeKeyRequest {
  readonly keySpec: KeySpec;
  readonly hashAlgorithm: 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** Base64 of the bytes to sign. */
  readonly payload: string;
}

export interface GenerateSignatureResponse {
  readonly keyId: string;
  readonly signature: Uint8Array;
  /** The `name` of one row of `notaryAlgorithms`. */
  readonly signingAlgorithm: string;
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
}

export interface GenerateEnvelopeRequest extends DescribeKeyRequest {
  readonly expiryDurationInSeconds?: number;
  /** Base64 of the Notary payload. */
  readonly payload: string;
  readonly payloadType: string;
  readonly signatureEnvelopeType: string;
}

export interface GenerateEnvelopeResponse {
  readonly signatureEnvelope: Uint8Array;
  readonly signatureEnvelopeType: string;
  /** For the signature's manifest. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface VerifySignatureRequest {
  readonly contractVersion: '1.0';
  readonly signature: {
    readonly criticalAttributes: {
      readonly contentType: string;
      readonly signingScheme: string;
      readonly expiry?: string;
      readonly authenticSigningTime?: string;
      readonly verificationPlugin?: string;
      readonly verificationPluginMinVersion?: string;
      readonly extendedAttributes: Readonly<Record<string, string | number | boolean | null>>;
    };
    readonly unprocessedAttributes: readonly string[];
    /** Base64 of DER, leaf first. */
    readonly certificateChain: readonly string[];
  };
  readonly trustPolicy: {
    readonly trustedIdentities: readonly string[];
    readonly signatureVerification: readonly VerifierCapability[];
  };
  readonly pluginConfig?: PluginConfig;
}

export interface VerifySignatureResponse {
  readonly verificationResults: ReadonlyMap<string, { readonly success: boolean; readonly reason: string }>;
  readonly processedAttributes: readonly string[];
}
