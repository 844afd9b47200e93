// A tag is resolved once; everything after is bound to the digest (T34).
import type { Context } from '@plombe/model';
import type { ImageReference, RegistryClient } from '@plombe/oci';
import type { ResolvedSubject } from './store.ts';

/** Asks the registry for the manifest or index of a reference, verified by its digest. Throws `registry/…`. */
export async function resolveSubjectDigest(
  client: Pick<RegistryClient, 'fetchManifest'>,
  reference: ImageReference,
  ctx: Pick<Context, 'signal'>,
): Promise<ResolvedSubject> {
  const { document, digest, bytes } = await client.fetchManifest(reference, { signal: ctx.signal });
  return { reference, digest, mediaType: document.mediaType, sizeBytes: bytes.length };
}
