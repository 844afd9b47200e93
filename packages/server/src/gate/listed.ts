// What an index lists, through the indexes it lists: each image once, and what is left out with the reason.
import type { Context, Digest, Platform } from '@plombe/model';
import type { ListedImage } from '@plombe/engine';
import { imageEntries, type IndexDocument, type RegistryClient } from '@plombe/oci';
import type { RegistryStore } from '@plombe/store';

/** What finding them reads. */
export interface ListedSources {
  readonly store: Pick<RegistryStore, 'manifest'>;
  readonly client: Pick<RegistryClient, 'fetchManifest'>;
  /** Whether a stored manifest was found to be a statement about an image. */
  readonly isStatement: (repository: string, digest: Digest) => boolean;
}

/** The parts of an index. */
export interface Listed {
  /** In the order of the index; each digest once, however often it is listed. */
  readonly images: readonly ListedImage[];
  readonly statements: readonly Digest[];
  /** Never pushed, rejected, or taken away. */
  readonly missing: readonly Digest[];
  /** Indexes that are not followed. */
  readonly tooDeep: readonly Digest[];
}

/** Index in index in index: what clients read at most. */
const maxDepth = 3;

/**
 * Finds them. An index that is listed more than once is read once, where it is nearest: an index of indexes of indexes costs what it has of distinct
 * entries. Throws `registry/…` where the store fails.
 */
export async function listedBy(
  repository: string,
  index: IndexDocument,
  { store, client, isStatement }: ListedSources,
  ctx: Context,
): Promise<Listed> {
  const images = new Map<Digest, Platform[]>();
  const seen = new Set<Digest>();
  const statements = new Set<Digest>();
  const missing = new Set<Digest>();
  const tooDeep = new Set<Digest>();
  let level: readonly IndexDocument[] = [index];
  for (let depth = 1; level.length > 0; depth++) {
    const next: IndexDocument[] = [];
    for (const document of level) {
      const claimsImage = new Set(imageEntries(document).map(({ digest }) => digest));
      for (const { digest, platform } of document.manifests) {
        const known = images.get(digest);
        if (known !== undefined && platform !== undefined) known.push(platform);
        const isNew = !seen.has(digest);
        seen.add(digest);
        // Another entry may call an image what the first called a statement.
        if (!isNew && !(statements.has(digest) && claimsImage.has(digest))) continue;
        if (store.manifest(repository, digest, 'all') === undefined) {
          missing.add(digest);
          continue;
        }
        const { document: child } = await client.fetchManifest({ registry: '', repository, digest }, ctx);
        if (child.kind === 'index') {
          if (depth < maxDepth) next.push(child);
          else tooDeep.add(digest);
        } else if (claimsImage.has(digest) || !isStatement(repository, digest)) {
          // What an entry calls itself hides nothing: it was judged by its content when it came, and only a statement is left out.
          statements.delete(digest);
          images.set(digest, platform === undefined ? [] : [platform]);
        } else statements.add(digest);
      }
    }
    level = next;
  }
  return {
    images: [...images].map(([digest, platforms]) => ({ digest, platforms })),
    statements: [...statements],
    missing: [...missing],
    tooDeep: [...tooDeep],
  };
}
