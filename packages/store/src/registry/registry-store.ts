// What the registry knows of repositories, manifests and tags: the view that protocol and gate share.
import type { Digest } from '@plombe/model';
import type { BlobStore } from '../blobs/blob-store.ts';

/** `quarantined`: there, and served only to those who may see it. */
export type ManifestState = 'visible' | 'quarantined';

/** A stored manifest without its bytes. */
export interface ManifestRecord {
  readonly repository: string;
  readonly digest: Digest;
  readonly state: ManifestState;
  readonly mediaType: string;
  /** `artifactType`, else the config's media type, as the referrers API lists it; absent for an index without one. */
  readonly artifactType?: string;
  /** The manifest that it refers to; it may not be there. */
  readonly subject?: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  readonly pushedAtMs: number;
  /** Id of the identity that pushed it. */
  readonly pushedBy: string;
}

/** A manifest to be stored. The caller has parsed it and computed its digest. */
export interface NewManifest extends Omit<ManifestRecord, 'sizeBytes' | 'pushedAtMs'> {
  readonly bytes: Uint8Array;
  readonly tags: readonly string[];
  /** Tags that it has waited for in quarantine and gets where it becomes visible; all of them where this is absent. */
  readonly releasedTags?: readonly string[];
  /** Blobs that must be in the repository (config, layers that registries distribute). */
  readonly blobs: readonly Digest[];
  /** Blobs that it names and that may be absent (layers that are not distributed). */
  readonly optionalBlobs: readonly Digest[];
  /** Manifests of the repository that an index lists. */
  readonly children: readonly Digest[];
}

/** What a manifest names and its repository does not have. */
export interface Missing {
  readonly blobs: readonly Digest[];
  readonly children: readonly Digest[];
}

/** What became of a put: nothing is stored unless `stored`. */
export type PutResult =
  | { readonly kind: 'stored'; readonly record: ManifestRecord }
  | ({ readonly kind: 'missing' } & Missing)
  /** A rule holds the tag where it is. */
  | { readonly kind: 'immutable'; readonly tag: string };

/** Which manifests an answer may hold: only visible ones, or also those in quarantine. */
export type Sight = 'visible' | 'all';

/** A page or a kind of referrers. */
export interface ReferrersFilter {
  readonly artifactType?: string;
  /** Those after this digest. */
  readonly last?: string;
}

export interface Page {
  /** Entries after this one in byte order. */
  readonly last?: string;
  readonly limit: number;
}

/** A tag and the manifest that it names. */
export interface NamedDigest {
  readonly tag: string;
  readonly digest: Digest;
}

/** The registry's state. Reads are synchronous and take microseconds; writes are on disk when they resolve. */
export interface RegistryStore {
  readonly blobs: BlobStore;

  /** Returns a manifest by digest in any state that `sight` allows. */
  manifest(repository: string, digest: Digest, sight: Sight): ManifestRecord | undefined;
  /** Returns what a tag names. With sight of all, a tag whose newest push is in quarantine names that one. */
  tagged(repository: string, tag: string, sight: Sight): ManifestRecord | undefined;
  /** Returns the bytes of a stored manifest of any repository. */
  readBytes(digest: Digest): Promise<Uint8Array | undefined>;
  /** Lists what names `subject`, by digest. */
  referrers(
    repository: string,
    subject: Digest,
    sight: Sight,
    limit: number,
    filter?: ReferrersFilter,
  ): readonly ManifestRecord[];
  /** Lists the indexes of the repository that name a manifest as child. */
  parents(repository: string, child: Digest, sight: Sight): readonly ManifestRecord[];
  /** Lists the tags that name a manifest. */
  tagsOf(repository: string, digest: Digest): readonly string[];
  tags(repository: string, sight: Sight, page: Page): readonly string[];
  /** As `tags` for what is visible, each with what it names. */
  visibleTags(repository: string, page: Page): readonly NamedDigest[];
  repositories(page: Page): readonly string[];
  /** True where the repository has anything that `sight` allows. */
  hasContent(repository: string, sight: Sight): boolean;
  /** Lists manifests in quarantine of all repositories, oldest first. */
  quarantined(limit: number): readonly ManifestRecord[];

  /**
   * Stores a manifest, its links, its referrer entry and its tags in one transaction; it is in the layout's index when this resolves. An existing
   * one gets the new state and tags. A quarantined push leaves a tag's visible manifest where it is until it becomes visible itself.
   */
  putManifest(manifest: NewManifest): Promise<PutResult>;
  /** Makes a manifest visible, with the tags it was pushed by, or puts it into quarantine. False where there is none. */
  setState(repository: string, digest: Digest, state: ManifestState): Promise<boolean>;
  deleteManifest(repository: string, digest: Digest): Promise<'deleted' | 'absent' | 'immutable'>;
  deleteTag(repository: string, tag: string): Promise<'deleted' | 'absent' | 'immutable'>;

  /** Lists which of these blobs and manifests the repository does not have. */
  missing(repository: string, blobs: readonly Digest[], children: readonly Digest[]): Missing;
  /** Size of a blob that is linked in the repository; undefined where it is not. */
  blobSize(repository: string, digest: Digest): number | undefined;
  /** Visible manifests of the repository that name the blob. */
  visibleWithBlob(repository: string, digest: Digest): Iterable<Digest>;
  /** Repositories that have the blob, at most `limit`. */
  repositoriesWithBlob(digest: Digest, limit: number): readonly string[];
  /** Links a blob that is in the blob store. False where it is not (any more). */
  linkBlob(repository: string, digest: Digest, sizeBytes: number): Promise<boolean>;
  /** Tells that a client found the blob and will name it soon, so that it is not collected. */
  touchBlob(repository: string, digest: Digest): void;
  unlinkBlob(repository: string, digest: Digest): Promise<'deleted' | 'absent' | 'used'>;

  /** Bytes that the blobs of these repositories take together; a blob in several counts once. */
  usedBytes(matches: (repository: string) => boolean): number;

  /** Notes an upload so that it survives the process. */
  addUpload(id: string, repository: string): void;
  uploadRepository(id: string): string | undefined;
  removeUpload(id: string): void;
}
