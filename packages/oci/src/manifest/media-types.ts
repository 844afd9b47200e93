// The media types of images, OCI and docker schema 2, and what each of them is.

export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const dockerIndex = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';

/** What a client asks for: every manifest it can read, most wanted first. */
export const manifestAccept = [ociIndex, dockerIndex, ociManifest, dockerManifest].join(', ');

/** Tells what a manifest's media type stands for; undefined where it is not one that Plombe reads. */
export function manifestKind(mediaType: string): 'index' | 'manifest' | 'schema1' | undefined {
  switch (mediaType) {
    case ociIndex:
    case dockerIndex:
      return 'index';
    case ociManifest:
    case dockerManifest:
      return 'manifest';
    case 'application/vnd.docker.distribution.manifest.v1+json':
    case 'application/vnd.docker.distribution.manifest.v1+prettyjws':
      return 'schema1';
    default:
      return undefined;
  }
}

/** True for the config of a container image, as opposed to that of some other artifact. */
export function isImageConfig(mediaType: string): boolean {
  return mediaType === ociConfig || mediaType === dockerConfig;
}

const layerTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
]);

const foreignTypes = [
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
];

/** Tells whether a layer is a tar stream to read, one that its publisher does not distribute, or something else. */
export function layerKind(mediaType: string): 'tar' | 'foreign' | 'unknown' {
  if (layerTypes.has(mediaType)) return 'tar';
  return foreignTypes.some((prefix) => mediaType.startsWith(prefix)) ? 'foreign' : 'unknown';
}
