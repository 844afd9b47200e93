// The media types under which signatures and attestations lie in a registry, and which envelope each layer type holds.

/** Sigstore bundle specification: artifact and layer type of a bundle. */
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** cosign's signature specification: the payload of a signature under a tag. */
export const simpleSigningType = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** cosign's attestation specification: a DSSE envelope under a tag. */
export const dsseType = 'application/vnd.dsse.envelope.v1+json';
/** Notary Project signature specification, "Storage": the artifact type, as config media type or `artifactType`. */
export const notaryType = 'application/vnd.cncf.notary.signature';

const jwsType = 'application/jose+json';
const coseType = 'application/cose';

/** What a layer of a signature artifact holds. */
export type EnvelopeKind = 'bundle' | 'simple-signing' | 'dsse' | 'jws' | 'cose';

/** Tells by a layer's own media type, as the manifest of verified digest names it; undefined for a layer that is no signature. */
export function envelopeKind(mediaType: string): EnvelopeKind | undefined {
  const plain = mediaType.toLowerCase();
  // Before v0.3 the version was a parameter: application/vnd.dev.sigstore.bundle+json;version=0.1
  if (/^application\/vnd\.dev\.sigstore\.bundle(?:\.v[0-9.]+)?\+json(?:;|$)/.test(plain)) return 'bundle';
  if (plain === simpleSigningType) return 'simple-signing';
  if (plain === dsseType) return 'dsse';
  if (plain === jwsType) return 'jws';
  return plain === coseType ? 'cose' : undefined;
}
