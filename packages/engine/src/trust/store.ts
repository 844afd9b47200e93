// Where signatures are kept in a registry: as referrers, or under cosign's tags `sha256-<hex>.sig` and `.att`.
import type { Descriptor, Digest } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import { digestOf, type ImageReference, type RegistryClient, type TagContent } from '@plombe/oci';
import { legacyTag, type LegacyLayer } from '@plombe/trust';
import { bundleType } from './media-types.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
/** Image specification 1.1, "Guidance for an Empty Descriptor". */
const emptyType = 'application/vnd.oci.empty.v1+json';
const emptyBytes = Buffer.from('{}');

/** The subject that a reference led to, once: everything after is bound to this digest (T34). */
export interface ResolvedSubject {
  /** As the caller wrote it, in canonical form. */
  readonly reference: ImageReference;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** Where a signature was put. */
export interface StoredSignature {
  /** Digest of the manifest that carries it. */
  readonly manifest: Digest;
  /** By the registry's list of referrers, by the tag that stands in for it, or by a tag of cosign's own. */
  readonly listedBy: 'registry' | 'tag' | 'cosign-tag';
}

/** A registry to write to, the subject, and what ends the work. */
export interface StoreTarget {
  readonly client: Pick<RegistryClient, 'writer'>;
  readonly subject: ResolvedSubject;
  readonly signal: AbortSignal;
}

/** An artifact about the subject with one layer. */
export interface ReferrerArtifact {
  readonly artifactType: string;
  /** `application/vnd.oci.empty.v1+json`, or what the artifact's own specification says. */
  readonly configType: string;
  readonly layerType: string;
  readonly bytes: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Stores an artifact as a referrer of the subject. Throws `registry/…`. */
export async function storeReferrer(target: StoreTarget, artifact: ReferrerArtifact): Promise<StoredSignature> {
  const { client, subject, signal } = target;
  const config = { mediaType: artifact.configType, ...(await pushBytes(target, emptyBytes)) };
  const layer = { mediaType: artifact.layerType, ...(await pushBytes(target, artifact.bytes)) };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    // A config type of its own is the artifact's type (image specification 1.1, manifest.md).
    ...(artifact.configType === artifact.artifactType ? {} : { artifactType: artifact.artifactType }),
    config,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.sizeBytes },
    annotations: artifact.annotations,
  };
  const { digest, listedBy } = await client.writer.pushReferrer(
    subject.reference,
    { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: manifestType },
    { subject: subject.digest, artifactType: artifact.artifactType, annotations: artifact.annotations },
    { signal },
  );
  return { manifest: digest, listedBy };
}

/**
 * Stores a Sigstore bundle as a referrer (cosign's BUNDLE_SPEC.md): an empty config, the bundle as the only layer, what it holds in the
 * annotations. `createdMs` is the time of storing.
 */
export function storeBundle(
  target: StoreTarget,
  bundle: { readonly bytes: Uint8Array; readonly predicateType: string; readonly createdMs: number },
): Promise<StoredSignature> {
  return storeReferrer(target, {
    artifactType: bundleType,
    configType: emptyType,
    layerType: bundleType,
    bytes: bundle.bytes,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': bundle.predicateType,
      'org.opencontainers.image.created': secondsOf(bundle.createdMs),
    },
  });
}

/** Adds a layer to the image under `sha256-<hex>.sig` or `.att`, keeping those that are there. Throws `registry/…`. */
export async function storeUnderTag(
  target: StoreTarget,
  suffix: 'sig' | 'att',
  layer: LegacyLayer,
): Promise<StoredSignature> {
  const { client, subject, signal } = target;
  const { registry, repository } = subject.reference;
  const tag = legacyTag(subject.digest, suffix);
  const stored = {
    mediaType: layer.mediaType,
    ...(await pushBytes(target, layer.blob)),
    annotations: layer.annotations,
  };
  const signature = JSON.stringify(layer.annotations);
  let manifest: Digest | undefined;
  await client.writer.updateTag(
    { registry, repository, tag },
    async (current) => {
      const layers = layersOf(current, `${registry}/${repository}:${tag}`);
      const held = layers.some(
        ({ digest, annotations }) => digest === stored.digest && JSON.stringify(annotations ?? {}) === signature,
      );
      if (held && current !== undefined) {
        manifest = digestOf(current.bytes);
        return undefined;
      }
      const all = [...layers.map(toJson), stored];
      const config = await pushBytes(target, configFor(all.map(({ digest }) => digest)));
      const document = {
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: configType, ...config },
        layers: all,
      };
      return { bytes: Buffer.from(JSON.stringify(document)), mediaType: manifestType };
    },
    { signal },
  );
  if (manifest === undefined) throw new PlombeError('internal/bug', `Nothing was stored under ${tag}.`);
  return { manifest, listedBy: 'cosign-tag' };
}

function layersOf(current: TagContent | undefined, name: string): readonly Descriptor[] {
  if (current === undefined) return [];
  if (current.document.kind === 'manifest') return current.document.layers;
  throw new PlombeError('registry/manifest-invalid', `${name} is an index, so no signature can be added to it.`);
}

function toJson({ mediaType, digest, sizeBytes, annotations }: Descriptor): {
  mediaType: string;
  digest: Digest;
  size: number;
  annotations: Readonly<Record<string, string>>;
} {
  return { mediaType, digest, size: sizeBytes, annotations: { ...annotations } };
}

/** cosign's images of signatures have the config of an image without a platform, whose diffIDs are the layers themselves. */
function configFor(diffIDs: readonly Digest[]): Buffer {
  const config = {
    architecture: '',
    created: '0001-01-01T00:00:00Z',
    history: diffIDs.map(() => ({ created: '0001-01-01T00:00:00Z' })),
    os: '',
    rootfs: { type: 'layers', diff_ids: diffIDs },
    config: {},
  };
  return Buffer.from(JSON.stringify(config));
}

async function pushBytes(
  { client, subject, signal }: StoreTarget,
  bytes: Uint8Array,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const content = { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] };
  await client.writer.pushBlob(subject.reference, content, { signal });
  return { digest: content.digest, size: bytes.length };
}

/** RFC 3339 in whole seconds, as other tools write it. */
function secondsOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
