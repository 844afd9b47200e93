// index.json of the layout: the visible images, for skopeo and crane. Derived from the rows; lost or wrong, it is written anew.
import { rename, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@plombe/model';
import { coalesce } from '../blobs/coalesce.ts';
import { orUnusableFolder } from '../blobs/failure.ts';
import type { Database } from '../sqlite/database.ts';
import { indexedManifest, indexedManifests, type IndexedManifest } from './reads.ts';

/** Up to here the file is written before a push is answered; it has a megabyte then, which takes some milliseconds. */
const promptEntries = 4000;
/** Above that it may be so old. */
const lateMs = 1000;

export interface LayoutIndex {
  /** Takes over what became of some manifests. Resolves once the file has it, or it has been promised within a second. */
  refresh(changed: readonly { readonly repository: string; readonly digest: Digest }[]): Promise<void>;
  /** Reads every row again. */
  rebuild(): Promise<void>;
  /** Writes what is not yet written. */
  close(): Promise<void>;
}

/** Opens the index of the layout in `folder` and writes it. */
export async function openLayoutIndex(db: Database, folder: string): Promise<LayoutIndex> {
  try {
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  } catch (error) {
    throw orUnusableFolder(error, folder);
  }
  const path = join(folder, 'index.json');
  const texts = new Map<string, readonly string[]>();
  let keys: string[] = [];
  let entries = 0;
  let late: NodeJS.Timeout | undefined;

  const set = (key: string, manifest: IndexedManifest | undefined): void => {
    const descriptors = manifest === undefined ? [] : descriptorsOf(manifest);
    entries += descriptors.length - (texts.get(key)?.length ?? 0);
    if (descriptors.length === 0) {
      if (texts.delete(key)) keys = keys.filter((other) => other !== key);
      return;
    }
    if (!texts.has(key)) keys.push(key);
    texts.set(key, descriptors);
  };
  const write = coalesce(async () => {
    keys.sort();
    // Nearly sorted, which the sort takes in one pass.
    const text = keys.map((key) => texts.get(key)?.join(',')).join(',');
    await writeFile(
      `${path}.new`,
      `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[${text}]}`,
    );
    await rename(`${path}.new`, path);
  });
  const rebuild = (): Promise<void> => {
    texts.clear();
    keys = [];
    entries = 0;
    for (const manifest of indexedManifests(db)) set(keyOf(manifest), manifest);
    return write();
  };

  try {
    await rebuild();
  } catch (error) {
    throw orUnusableFolder(error, folder);
  }
  return {
    rebuild,
    refresh: async (changed) => {
      for (const one of changed) set(keyOf(one), indexedManifest(db, one.repository, one.digest));
      if (entries <= promptEntries) return write();
      late ??= setTimeout(() => {
        late = undefined;
        // A disk that is full now is told by the next push.
        write().catch(() => undefined);
      }, lateMs);
    },
    close: async () => {
      if (late === undefined) return;
      clearTimeout(late);
      late = undefined;
      await write();
    },
  };
}

function keyOf({ repository, digest }: { readonly repository: string; readonly digest: Digest }): string {
  return `${repository}@${digest}`;
}

/** One descriptor per tag; a referrer without tag has one without a name, so that tools that follow subjects find it. */
function descriptorsOf({
  repository,
  digest,
  mediaType,
  artifactType,
  sizeBytes,
  tags,
  isReferrer,
}: IndexedManifest): readonly string[] {
  const descriptor = {
    mediaType,
    digest,
    size: sizeBytes,
    ...(isReferrer && artifactType !== undefined ? { artifactType } : {}),
  };
  if (tags.length === 0) return isReferrer ? [JSON.stringify(descriptor)] : [];
  return tags.map((tag) =>
    JSON.stringify({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': `${repository}:${tag}` } }),
  );
}
