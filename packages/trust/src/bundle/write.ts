// Writes Sigstore bundles v0.3 as cosign reads them.
import type { JsonObject } from '@plombe/kit';
import { envelopeToJson } from '../dsse/envelope.ts';
import { logEntryToJson } from '../log/entry.ts';
import { encodeBase64 } from '../parse/base64.ts';
import type { ContentHash } from '../verify/evidence.ts';
import { bundleMediaType, type Bundle, type BundleContent } from './bundle.ts';

const digestNames: Readonly<Record<ContentHash, string>> = {
  sha256: 'SHA2_256',
  sha384: 'SHA2_384',
  sha512: 'SHA2_512',
};

/** Renders a bundle, always as v0.3: one certificate stands alone, several as a chain. The same bundle gives the same bytes. */
export function writeBundle(bundle: Omit<Bundle, 'version'>): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      mediaType: bundleMediaType,
      verificationMaterial: {
        ...materialToJson(bundle),
        ...(bundle.entries.length === 0 ? {} : { tlogEntries: bundle.entries.map(logEntryToJson) }),
        ...(bundle.timestamps.length === 0 ? {} : { timestampVerificationData: timestampsToJson(bundle.timestamps) }),
      },
      ...contentToJson(bundle.content),
    }),
  );
}

function materialToJson({ material }: Omit<Bundle, 'version'>): JsonObject {
  if (material.kind === 'key') return { publicKey: { hint: material.hint } };
  const certificates = material.certificates.map((der) => ({ rawBytes: encodeBase64(der) }));
  return certificates.length === 1 ? { certificate: certificates[0] } : { x509CertificateChain: { certificates } };
}

function timestampsToJson(tokens: readonly Uint8Array[]): JsonObject {
  return { rfc3161Timestamps: tokens.map((token) => ({ signedTimestamp: encodeBase64(token) })) };
}

function contentToJson(content: BundleContent): JsonObject {
  if (content.kind === 'envelope') return { dsseEnvelope: envelopeToJson(content.envelope) };
  const { digest, signature } = content;
  return {
    messageSignature: {
      ...(digest === undefined
        ? {}
        : { messageDigest: { algorithm: digestNames[digest.algorithm], digest: encodeBase64(digest.value) } }),
      signature: encodeBase64(signature),
    },
  };
}
