// Images wherever they are: references, manifests, registries and the sources that present an image.
export { apiHost, formatReference, parseReference, type ImageReference } from './reference/reference.ts';
export {
  maxManifestBytes,
  parseManifest,
  type IndexDocument,
  type ManifestDocument,
  type ParseManifestOptions,
} from './manifest/manifest.ts';
export { manifestAccept } from './manifest/media-types.ts';
export { digestOf, verifyDigest } from './manifest/verify.ts';
export { isImageConfig, layerKind } from './manifest/media-types.ts';
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
export {
  createRegistryClient,
  type BlobOptions,
  type CallOptions,
  type FetchedManifest,
  type RegistryClient,
  type RegistryOptions,
} from './registry/client.ts';
export { openTransport, type OpenTransport } from './registry/open.ts';
export type { RegistryRequest, Transport, UploadAddress } from './registry/transport.ts';
export type { BlobContent, ManifestContent, PushBlobOptions, RegistryWriter } from './registry/push.ts';
export type { Referrers, ReferrersOptions } from './registry/referrers.ts';
export { referrersTag, type ReferrerEntry } from './registry/referrers-tag.ts';
export type { TagChange, TagContent } from './registry/update.ts';
export { listPlatforms, openAllPlatforms, openRegistryImage, type OpenImageOptions } from './registry/image.ts';
export { registrySource } from './registry/source.ts';
export type { Credential } from './auth/credential.ts';
export { storeDockerLogin, takeDockerLogin } from './auth/docker-login.ts';
export { fetchToken, type Token, type TokenRequest } from './auth/token.ts';
export type { EntraIdentity, EntraOptions } from './acr/source.ts';
export { entraTokens, type EntraTokens } from './acr/tokens.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpResponse,
  type NetworkOptions,
  type NetworkTimeouts,
} from './network/client.ts';
export { isAcrHost } from './acr/host.ts';
export { inspectTls, type TlsAnswer, type TlsQuestion } from './network/inspect-tls.ts';
export { parseChallenges } from './auth/challenge.ts';
export { realmTrust } from './auth/realm.ts';
export type { ProxyOptions } from './network/proxy.ts';
export { askedWaitMs, statusError, withRetries, type RetryOptions } from './network/retry.ts';
export type { ImageSource, SourceOptions } from './sources/source.ts';
export { readTreeFile } from './sources/dir/tree-file.ts';
export { localSources, resolveSubject, type ResolveOptions } from './sources/resolve.ts';
export { writeLayout } from './sinks/layout/write.ts';
export type { LayoutConfig, LayoutImage, LayoutLayer } from './sinks/layout/image.ts';
