// What refers to a digest: the registry's own list, all its pages, and the tag that lists them elsewhere. Nothing in a list is believed yet.
import type { Descriptor, Digest } from '@plombe/model';
import { PlombeError, isPlombeError } from '@plombe/kit';
import { ociIndex } from '../manifest/media-types.ts';
import { parseManifest } from '../manifest/manifest.ts';
import type { ImageReference } from '../reference/reference.ts';
import type { CallOptions, FetchedManifest } from './client.ts';
import { readManifest } from './document.ts';
import { hasNext, nextPath } from './pages.ts';
import { referrersTag } from './referrers-tag.ts';
import type { Transport } from './transport.ts';

export interface ReferrersOptions extends CallOptions {
  /** Reading stops at this many entries; the answer then says that it is not complete (T29). */
  readonly maxEntries: number;
}

/** What was found, each manifest once, in the order of the lists. */
export interface Referrers {
  readonly descriptors: readonly Descriptor[];
  /** False where there are more than were asked for, or pages that were not read. */
  readonly complete: boolean;
  /** The manifest under the tag `sha256-<hex>` where that is no index: what the tag listed before is lost. */
  readonly overwrittenBy?: Digest;
}

/**
 * Lists by the referrers API and by the tag `sha256-<hex>`: entries from before a registry learned the API stay under the tag. Empty
 * where there is neither. Throws `registry/invalid-answer` for pages that lead in a circle.
 */
export async function listReferrers(
  transport: Transport,
  fetchManifest: (reference: ImageReference, options: CallOptions) => Promise<FetchedManifest>,
  { registry, repository }: ImageReference,
  digest: Digest,
  { signal, maxEntries }: ReferrersOptions,
): Promise<Referrers> {
  const found = new Map<Digest, Descriptor>();
  let complete = true;
  const take = (descriptors: readonly Descriptor[]): void => {
    for (const descriptor of descriptors) {
      if (found.size >= maxEntries && !found.has(descriptor.digest)) complete = false;
      else if (!found.has(descriptor.digest)) found.set(descriptor.digest, descriptor);
    }
  };
  const subject = `The list of referrers of ${registry}/${repository}@${digest}`;
  const origin = transport.originOf(registry);
  const seen = new Set<string>();
  for (let path: string | undefined = `/v2/${repository}/referrers/${digest}`; path !== undefined && complete;) {
    if (seen.has(path)) throw new PlombeError('registry/invalid-answer', `${subject} leads to an earlier page.`);
    seen.add(path);
    // 400, 405: registries from before the API that take the path for something else.
    const expect = [400, 404, 405];
    const response = await transport.get({ registry, repository, path, accept: ociIndex, signal, expect });
    if (response.status >= 300 || response.headers['content-type']?.startsWith(ociIndex) !== true) {
      await response.discard();
      break;
    }
    const document = parseManifest(await readManifest(response, subject), { subject });
    const before = found.size;
    take(document.kind === 'index' ? document.manifests : []);
    path = nextPath(response.headers.link, origin + path, origin);
    // A page without anything new may be followed by such pages for ever; one on another origin is not read, and missed.
    if (hasNext(response.headers.link) && (path === undefined || found.size === before)) {
      complete = false;
      break;
    }
  }
  const tagged = await taggedManifest(fetchManifest, { registry, repository, tag: referrersTag(digest) }, signal);
  const isList = tagged?.document.kind === 'index';
  take(isList ? tagged.document.manifests : []);
  const descriptors = [...found.values()];
  return { descriptors, complete, ...(tagged === undefined || isList ? {} : { overwrittenBy: tagged.digest }) };
}

async function taggedManifest(
  fetchManifest: (reference: ImageReference, options: CallOptions) => Promise<FetchedManifest>,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<FetchedManifest | undefined> {
  try {
    return await fetchManifest(reference, { signal });
  } catch (error) {
    if (isPlombeError(error, 'registry/not-found')) return undefined;
    throw error;
  }
}
