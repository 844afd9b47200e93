// Everything that claims to sign or attest a digest, out of a registry: each referrer and tag is opened, because lists and descriptors lie.
import type { Context, Descriptor, Digest } from '@plombe/model';
import { inert, isPlombeError, kibibyte, mebibyte, messageOf } from '@plombe/kit';
import {
  maxManifestBytes,
  referrersTag,
  type FetchedManifest,
  type ImageReference,
  type RegistryClient,
} from '@plombe/oci';
import { legacyTag } from '@plombe/trust';
import { envelopeKind, type EnvelopeKind } from './media-types.ts';
import { inTurns } from './turns.ts';

/** One envelope as it lies in the registry: bytes of verified digest, nothing else verified yet. */
export interface FoundEnvelope {
  readonly kind: EnvelopeKind;
  /** Digest of the manifest that carries it. */
  readonly manifest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Annotations of the layer, where cosign keeps signature, certificate and log entry. Unsigned. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What was passed over, and why. */
export interface IgnoredManifest {
  readonly digest?: Digest;
  readonly reason: string;
}

export interface Discovery {
  readonly envelopes: readonly FoundEnvelope[];
  readonly ignored: readonly IgnoredManifest[];
  /** Limits that were reached: there may be more, so the verdict is undecidable (T29). Empty: everything was read. */
  readonly limits: readonly string[];
}

export interface DiscoveryLimits {
  readonly manifests: number;
  /** Manifests and envelopes together. */
  readonly bytes: number;
}

/**
 * A busy image has some dozens of signatures and attestations, of a few KiB each but for those with an SBOM in them: the largest known has
 * 21 MB, and images have two or three.
 */
export const discoveryLimits: DiscoveryLimits = { manifests: 1000, bytes: 128 * mebibyte };
/** What bundles and envelopes are parsed up to. */
const maxEnvelopeBytes = 32 * mebibyte;
/** Connections of a registry client to one host. */
const parallel = 6;

interface Collected {
  readonly envelopes: FoundEnvelope[];
  readonly ignored: IgnoredManifest[];
  readonly limits: Set<string>;
  bytes: number;
  manifests: number;
}

/**
 * Finds signature envelopes of `digest`: referrers by the registry's API and by the fallback tag, and cosign's tags `.sig` and `.att`.
 * A referrer whose own `subject` is another digest is ignored with a reason (T34, T45). Throws `registry/…` where the registry fails.
 */
export async function discoverEnvelopes(
  client: Pick<RegistryClient, 'fetchManifest' | 'fetchBlob' | 'listReferrers'>,
  reference: ImageReference,
  digest: Digest,
  ctx: Pick<Context, 'signal'>,
  limits: DiscoveryLimits = discoveryLimits,
): Promise<Discovery> {
  const { signal } = ctx;
  const place: ImageReference = { registry: reference.registry, repository: reference.repository };
  const collected: Collected = { envelopes: [], ignored: [], limits: new Set(), bytes: 0, manifests: 0 };
  const open = (target: ImageReference, claimed: Descriptor | undefined): Promise<readonly FoundEnvelope[]> =>
    openManifest({ client, place, digest, limits, collected, signal }, target, claimed);

  const tags = (['sig', 'att'] as const).map((kind) => ({ ...place, tag: legacyTag(digest, kind) }));
  const descriptors = await listed(client, place, digest, limits, collected, signal);
  const batches = await inTurns(
    [
      ...descriptors.map((descriptor) => () => open({ ...place, digest: descriptor.digest }, descriptor)),
      ...tags.map((tag) => () => open(tag, undefined)),
    ],
    parallel,
  );
  return { envelopes: batches.flat(), ignored: collected.ignored, limits: [...collected.limits] };
}

async function listed(
  client: Pick<RegistryClient, 'listReferrers'>,
  place: ImageReference,
  digest: Digest,
  limits: DiscoveryLimits,
  collected: Collected,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  try {
    const { descriptors, complete, overwrittenBy } = await client.listReferrers(place, digest, {
      signal,
      maxEntries: limits.manifests,
    });
    if (!complete) collected.limits.add(`There are more than ${limits.manifests} referrers of ${digest}.`);
    if (overwrittenBy !== undefined) {
      const reason = `${overwrittenBy} under the tag ${referrersTag(digest)} is an image, not the list of referrers: what was listed there alone is not found.`;
      collected.ignored.push({ digest: overwrittenBy, reason });
    }
    return descriptors;
  } catch (error) {
    // A list that is too long or broken hides what it lists: nothing follows from it, so nothing may be decided (T29).
    if (!isPlombeError(error, 'registry/manifest-invalid') && !isPlombeError(error, 'registry/invalid-answer'))
      throw error;
    collected.limits.add(`The referrers of ${digest} cannot be listed: ${messageOf(error)}`);
    return [];
  }
}

interface Opening {
  readonly client: Pick<RegistryClient, 'fetchManifest' | 'fetchBlob'>;
  readonly place: ImageReference;
  readonly digest: Digest;
  readonly limits: DiscoveryLimits;
  readonly collected: Collected;
  readonly signal: AbortSignal;
}

/** Opens one manifest and reads the envelopes in it. `claimed` is the descriptor that led to it; absent for a tag. */
async function openManifest(
  opening: Opening,
  target: ImageReference,
  claimed: Descriptor | undefined,
): Promise<readonly FoundEnvelope[]> {
  const { client, collected, signal } = opening;
  // The list may claim any size: no manifest is read beyond its own limit.
  const claimedBytes = Math.min(claimed?.sizeBytes ?? kibibyte, maxManifestBytes);
  if (!withinBudget(opening, claimedBytes)) return [];
  let manifest: FetchedManifest;
  try {
    manifest = await client.fetchManifest(target, { signal });
  } catch (error) {
    if (claimed === undefined && isPlombeError(error, 'registry/not-found')) return [];
    if (!isLocal(error)) throw error;
    collected.ignored.push({
      ...(target.digest === undefined ? {} : { digest: target.digest }),
      reason: `${target.digest ?? `The tag ${target.tag ?? ''}`} was listed and is not readable: ${messageOf(error)}`,
    });
    return [];
  }
  collected.bytes += Math.max(0, manifest.bytes.length - claimedBytes);
  const { document } = manifest;
  const ignore = (reason: string): readonly FoundEnvelope[] => {
    collected.ignored.push({ digest: manifest.digest, reason: `${manifest.digest} ${reason}` });
    return [];
  };
  if (document.kind === 'index') return ignore('is an index, not a signature.');
  // Tags of cosign name their subject in the signed payload alone; every referrer names it itself.
  if (claimed !== undefined && document.subject === undefined)
    return ignore(`is listed as a referrer of ${opening.digest} and names no subject.`);
  if (document.subject !== undefined && document.subject.digest !== opening.digest)
    return ignore(`names another subject, ${document.subject.digest}.`);
  const layers = document.layers.flatMap((layer) => {
    const kind = envelopeKind(layer.mediaType);
    return kind === undefined ? [] : [{ layer, kind }];
  });
  const found = await inTurns(
    layers.map(
      ({ layer, kind }) =>
        () =>
          readLayer(opening, manifest.digest, layer, kind),
    ),
    parallel,
  );
  return found.filter((envelope) => envelope !== undefined);
}

/** Reads the envelope in a layer; undefined, and noted, where it is too large or not readable. */
async function readLayer(
  opening: Opening,
  manifest: Digest,
  layer: Descriptor,
  kind: EnvelopeKind,
): Promise<FoundEnvelope | undefined> {
  const { client, collected, place, signal } = opening;
  const what = `${manifest}, layer ${layer.digest}`;
  if (layer.sizeBytes > maxEnvelopeBytes) {
    collected.limits.add(`${what} is larger than ${maxEnvelopeBytes / mebibyte} MiB and was not read.`);
    return undefined;
  }
  if (!withinBudget(opening, layer.sizeBytes)) return undefined;
  try {
    const bytes = await client.fetchBlob(place, layer, maxEnvelopeBytes, { signal });
    const { mediaType, annotations = {} } = layer;
    return { kind, manifest, mediaType, bytes, annotations };
  } catch (error) {
    if (!isLocal(error)) throw error;
    collected.ignored.push({ digest: manifest, reason: `${what} is not readable: ${messageOf(error)}` });
    return undefined;
  }
}

function withinBudget({ collected, limits }: Opening, next: number): boolean {
  collected.manifests += 1;
  // Each manifest and each envelope counts one: as many of both as the limit, and the two tags of cosign.
  if (collected.manifests <= 2 * limits.manifests + 2 && collected.bytes + next <= limits.bytes) {
    collected.bytes += next;
    return true;
  }
  collected.limits.add(limitReached(limits));
  return false;
}

function limitReached(limits: DiscoveryLimits): string {
  return `The limit of ${limits.manifests} manifests and ${limits.bytes / mebibyte} MiB was reached; what is beyond was not read.`;
}

/** One missing or damaged blob (T27) does not hide the others; a registry that fails does. */
function isLocal(error: unknown): boolean {
  return (
    isPlombeError(error, 'registry/not-found') ||
    isPlombeError(error, 'archive/digest-mismatch') ||
    isPlombeError(error, 'registry/manifest-invalid') ||
    isPlombeError(error, 'registry/invalid-answer')
  );
}

/** Lines for the reasons of a report. Names of a registry are hostile text. */
export function ignoredReasons(discovery: Discovery): readonly string[] {
  return discovery.ignored.map(({ reason }) => inert(`Ignored: ${reason}`));
}
