// The OCI image manifest that stores a signature beside its subject (signature-specification, "Signature").
import { createHash } from 'node:crypto';
import { toHex } from '@plombe/kit';
import { parseDigest, type Descriptor, type Digest } from '@plombe/model';
import type { Certificate } from '@plombe/pki';
import { envelopeMediaTypes, type EnvelopeFormat } from '../envelope/envelope.ts';

/** Media type of the config, and so the artifact type by which signatures are found. */
export const signatureArtifactType = 'application/vnd.cncf.notary.signature';

/** Lists the SHA-256 thumbprints of the chain, so that a client can choose signatures without reading them. A hint, never evidence. */
export const thumbprintAnnotation = 'io.cncf.notary.x509chain.thumbprint#S256';

/** A blob to push before the manifest. */
export interface ManifestBlob {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What to push: both blobs, then the manifest. */
export interface SignatureManifest {
  readonly config: ManifestBlob;
  readonly envelope: ManifestBlob;
  readonly manifest: ManifestBlob;
}

/** What the manifest is made of. */
export interface ManifestInput {
  readonly format: EnvelopeFormat;
  readonly envelope: Uint8Array;
  readonly chain: readonly Certificate[];
  readonly subject: Descriptor;
  /** Unsigned, beside the thumbprints: such as those an envelope plugin returns. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns config, envelope and manifest, each with its digest; the same input gives the same bytes. */
export function signatureManifest({ format, envelope, chain, subject, annotations }: ManifestInput): SignatureManifest {
  const config = blob(signatureArtifactType, Buffer.from('{}'));
  const layer = blob(envelopeMediaTypes[format], envelope);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: [descriptor(layer)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.sizeBytes },
    annotations: { ...annotations, [thumbprintAnnotation]: JSON.stringify(chainThumbprints(chain)) },
  };
  return { config, envelope: layer, manifest: blob(mediaType, Buffer.from(JSON.stringify(manifest))) };
}

/** Returns the SHA-256 of each certificate as lower-case hexadecimal, in the order of the chain, as notation writes it. */
export function chainThumbprints(chain: readonly Certificate[]): readonly string[] {
  return chain.map(({ bytes }) => toHex(createHash('sha256').update(bytes).digest()));
}

function blob(mediaType: string, bytes: Uint8Array): ManifestBlob {
  const digest = parseDigest(`sha256:${toHex(createHash('sha256').update(bytes).digest())}`) as Digest;
  return { mediaType, digest, bytes };
}

function descriptor({ mediaType, digest, bytes }: ManifestBlob): object {
  return { mediaType, digest, size: bytes.length };
}
