// Pushes an image of a layout into a test registry, blob by blob.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDigest, type Digest } from '@plombe/model';
import { parseReference, type RegistryClient } from '@plombe/oci';

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const { signal } = new AbortController();

/** Pushes every manifest of the layout that has this name, and all it needs; returns their digests. */
export async function pushLayout(
  { writer }: RegistryClient,
  layout: string,
  name: string,
  reference: string,
): Promise<readonly Digest[]> {
  const blob = (digest: string): Buffer => readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Described[] };
  const target = parseReference(reference);
  const push = async (digest: string): Promise<void> => {
    const bytes = blob(digest);
    const content = { digest: parseDigest(digest) as Digest, sizeBytes: bytes.length, open: () => [bytes] };
    await writer.pushBlob(target, content, { signal });
  };
  const pushed: Digest[] = [];
  for (const entry of index.manifests) {
    if (entry.annotations?.['org.opencontainers.image.ref.name'] !== name) continue;
    const bytes = blob(entry.digest);
    const manifest = JSON.parse(bytes.toString()) as { config?: Described; layers?: Described[] };
    for (const { digest } of [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])])
      await push(digest);
    pushed.push(await writer.pushManifest(target, { bytes, mediaType: entry.mediaType }, { signal }));
  }
  return pushed;
}
