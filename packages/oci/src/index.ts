// Images wherever they are: references, manifests, registries and the sources that present an image.
export { apiHost, formatReference, parseReference, type ImageReference } from './reference/reference.ts';
export {
  maxManifestBytes,
  parseManifest,
  type IndexDocument,
  type ManifestDocument,
  type ParseManifestOptions,
} from './manifest/manifest.ts';
export { digestOf, verifyDigest } from './manifest/verify.ts';
export { maxConfigBytes, parseImageConfig, type ConfigDocument, type HistoryEntry } from './manifest/config.ts';
export { joinLayers, layerInstructions, requireImage } from './manifest/layers.ts';
export {
  choosePlatform,
  hostPlatform,
  imageEntries,
  normalisePlatform,
  parsePlatform,
  platformRank,
} from './manifest/platform.ts';
