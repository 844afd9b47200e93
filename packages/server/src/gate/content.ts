// What layers of signatures, attestations and SBOMs may be: text or an envelope that parses whole, and nothing that could be unpacked as a file system.
import { isUtf8 } from 'node:buffer';
import { holdsTarHeader } from '@plombe/formats';
import { decodeText, isObject, mebibyte } from '@plombe/kit';
import { parseEnvelope } from '@plombe/notation';

/** The largest envelope known has 21 MB, with an SBOM in it; what is larger is judged as an image. */
export const maxTextBytes = 32 * mebibyte;

type Kind = 'json' | 'cose' | 'text';

const types: Readonly<Record<string, Kind>> = {
  'application/vnd.dev.cosign.simplesigning.v1+json': 'json',
  'application/vnd.dsse.envelope.v1+json': 'json',
  'application/vnd.in-toto+json': 'json',
  'application/jose+json': 'json',
  'application/cose': 'cose',
  'application/spdx+json': 'json',
  'application/vnd.cyclonedx+json': 'json',
  'application/vnd.cyclonedx+xml': 'text',
  'application/vnd.syft+json': 'json',
  'application/sarif+json': 'json',
  'application/json': 'json',
  'spdx+json': 'json',
  'spdx+xml': 'text',
  'text/spdx': 'text',
  'text/spdx+json': 'json',
  'text/spdx+xml': 'text',
};

/** Sigstore bundles of any version; before 0.3 it was a parameter. */
const bundlePattern = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v[0-9.]+)?\+json(?:;|$)/;

/** Types of whole artifacts about an image that hold no file system; their layers are looked at nevertheless. */
const artifactTypes: ReadonlySet<string> = new Set([
  ...Object.keys(types).filter((type) => type !== 'application/json'),
  'application/vnd.cncf.notary.signature',
  'application/vnd.dev.cosign.artifact.sig.v1+json',
  'application/vnd.dev.cosign.artifact.att.v1+json',
  'application/vnd.dev.cosign.artifact.sbom.v1+json',
  'application/vnd.dev.cosign.attestation.v1+json',
  // cosign names its bundles by the type of the empty config where it writes their descriptor itself.
  'application/vnd.oci.empty.v1+json',
]);

function layerKindOf(mediaType: string): Kind | undefined {
  const plain = mediaType.toLowerCase();
  if (bundlePattern.test(plain)) return 'json';
  return Object.hasOwn(types, plain) ? types[plain] : undefined;
}

/** True for a type of layer that can hold text or an envelope alone; the bytes still have to be looked at. */
export function isTextLayer(mediaType: string): boolean {
  return layerKindOf(mediaType) !== undefined;
}

/**
 * True where something could be unpacked from the bytes. gzip, zstd and xz begin with bytes that no text has; bzip2 does not, and an old tar can be
 * text, even JSON, from end to end: only the checksum in its header tells.
 */
function isUnpackable(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'BZh' || holdsTarHeader(bytes);
}

/** True for the type of an artifact that says something about an image. */
export function isStatementType(artifactType: string): boolean {
  const plain = artifactType.toLowerCase();
  return artifactTypes.has(plain) || bundlePattern.test(plain);
}

/** True where the bytes are what the type says, and no archive at the same time. */
export function isText(mediaType: string, bytes: Uint8Array): boolean {
  if (isUnpackable(bytes)) return false;
  switch (layerKindOf(mediaType)) {
    case 'json':
      return isJsonObject(bytes);
    case 'cose':
      return parseEnvelope('cose', bytes).kind === 'parsed';
    case 'text':
      return isUtf8(bytes) && !bytes.includes(0);
    default:
      return false;
  }
}

/** True for the config of a statement: an object, usually an empty one, or nothing at all as ORAS once had it. */
export function isConfig(bytes: Uint8Array): boolean {
  return bytes.length === 0 || (!isUnpackable(bytes) && isJsonObject(bytes));
}

function isJsonObject(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    return isObject(JSON.parse(decodeText(bytes)));
  } catch {
    return false;
  }
}
