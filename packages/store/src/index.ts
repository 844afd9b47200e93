// State that outlives a process: the embedded database, and blobs.
export { openDatabase, type Database, type Migration, type Row } from './sqlite/database.ts';
export type { BlobStat, BlobStore, ByteRange, CommitResult, ListedBlob, StagedBlob } from './blobs/blob-store.ts';
export type {
  ManifestRecord,
  ManifestState,
  NewManifest,
  Page,
  PutResult,
  RegistryStore,
  Sight,
  TaggedManifest,
} from './registry/registry-store.ts';
