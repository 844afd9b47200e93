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

interface ManifestJson {
  readonly manifests?: readonly Described[];
  readonly layers?: readonly Described[];
  readonly config?: Described;
}

const { signal } = new AbortController();

/** Pushes what of the layout has this name, image or index, and all it needs; returns the digests that got the tag. */
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
  const pushManifest = async ({ digest, mediaType }: Described, tagged: boolean): Promise<Digest> => {
    const bytes = blob(digest);
    const { manifests = [], layers = [], config } = JSON.parse(bytes.toString()) as ManifestJson;
    for (const platform of manifests) await pushManifest(platform, false);
    for (const needed of [...layers, ...(config === undefined ? [] : [config])]) await push(needed.digest);
    const { registry, repository } = target;
    const under = tagged ? target : { registry, repository, digest: parseDigest(digest) as Digest };
    return writer.pushManifest(under, { bytes, mediaType }, { signal });
  };
  const named = index.manifests.filter((one) => one.annotations?.['org.opencontainers.image.ref.name'] === name);
  const pushed: Digest[] = [];
  for (const entry of named) pushed.push(await pushManifest(entry, true));
  return pushed;
}
