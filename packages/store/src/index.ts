// State that outlives a process: the embedded database, and blobs.
export { openDatabase, type Database, type Migration, type Row } from './sqlite/database.ts';
export type { BlobStat, BlobStore, ByteRange, CommitResult, ListedBlob, StagedBlob } from './blobs/blob-store.ts';
export { openFolderBlobs } from './blobs/folder.ts';
export { parseBlobAddress, type BlobAddress } from './blobs/address.ts';
export { openBlobsElsewhere, type ObjectAccess } from './blobs/open.ts';
export { rememberBlobs, rememberedBlobs } from './registry/blob-place.ts';
export { lockFolder, type FolderLock } from './lock.ts';
export type {
  ManifestRecord,
  ManifestState,
  Missing,
  NewManifest,
  Page,
  PutResult,
  RegistryStore,
  Sight,
} from './registry/registry-store.ts';
export { collectGarbage, removeLeftovers, type Collected, type CollectParts } from './registry/collect.ts';
export { applyRetention, type RetentionParts, type Retired } from './registry/retention.ts';
export { defaultRules, type QuotaRule, type RegistryRules, type RetentionRule } from './registry/rules.ts';
export { openRegistry, type OpenRegistry, type RegistryParts } from './registry/sqlite-registry.ts';
export { registryMigrations } from './registry/tables.ts';
