// What is known of a manifest in the registry: who signed and attested it, and what is in each platform's image.
import type { Context, Digest, Inventory, ScanResult } from '@plombe/model';
import { gatherEvidence, policySubject, scanEvidence, scanInventory, verifyNeeds, type Evidence } from '@plombe/engine';
import { inert, isPlombeError, messageOf } from '@plombe/kit';
import type { AdvisoryDatabase } from '@plombe/advisories';
import { imageEntries, type ImageReference, type IndexDocument, type RegistryClient } from '@plombe/oci';
import { anchorsOf, selecting, type EvidenceNeeds, type PolicyEvidence } from '@plombe/policy';
import type { RegistryStore } from '@plombe/store';
import type { PolicySet } from './policy-set.ts';
import type { Scans } from './scanner/scans.ts';

/** What evidence is gathered with. */
export interface EvidenceSources {
  readonly store: RegistryStore;
  readonly client: RegistryClient;
  readonly scans: Scans;
  readonly set: PolicySet;
  readonly database: AdvisoryDatabase;
  /** Name of this registry, as subjects and trust policies have it. */
  readonly registry: string;
  readonly version: string;
  readonly place: NonNullable<PolicyEvidence['place']>;
  /** Whether a stored manifest was found to be a statement about an image. */
  readonly isStatement: (repository: string, digest: Digest) => boolean;
}

/** A reference by digest. */
export type Place = ImageReference & { readonly digest: Digest };

/** One image, as one decision sees it. */
export interface PlatformEvidence {
  readonly digest: Digest;
  readonly evidence: PolicyEvidence;
  readonly scan?: ScanResult;
  /** Why there is no scan though one was wanted. Inert. */
  readonly unscanned?: string;
}

/** Everything about a manifest that decisions are drawn from. */
export interface ManifestEvidence {
  readonly kind: 'image' | 'index';
  readonly platforms: readonly PlatformEvidence[];
  /** Children of an index that are not there: never pushed, or rejected. */
  readonly missing: readonly Digest[];
}

type Signed = Required<Pick<PolicyEvidence, 'signatures' | 'attestations'>>;

/** Index in index in index: what clients read at most. */
const maxDepth = 3;

/** Gathers what the policies that select the repository need. Throws `registry/…` and what scanning throws where the store fails. */
export async function gatherManifest(place: Place, sources: EvidenceSources, ctx: Context): Promise<ManifestEvidence> {
  const { client, set } = sources;
  const asked = askedOf(place, sources);
  const needs = anchorsOf(selecting(set.policies, asked));
  const { document } = await client.fetchManifest(place, ctx);
  if (document.kind === 'manifest') {
    const signed = await signedBy([place, ...containing(place, sources)], needs, sources, ctx);
    return { kind: 'image', platforms: [await platformOf(place, place, signed, needs, sources, ctx)], missing: [] };
  }
  const own = await signedBy([place], needs, sources, ctx);
  const { images, missing } = await childrenOf(place, document, sources, ctx, 0);
  const platforms: PlatformEvidence[] = [];
  for (const child of images) {
    // The index must be signed itself: signed children can be put together anew. What is attested of a child counts for its part of the index.
    const { attestations } = await signedBy([child], needs, sources, ctx);
    const signed = { signatures: own.signatures, attestations: merged(own.attestations, attestations) };
    platforms.push(await platformOf(place, child, signed, needs, sources, ctx));
  }
  if (platforms.length === 0) platforms.push({ digest: place.digest, evidence: { ...asked, ...own } });
  return { kind: 'index', platforms, missing };
}

/** What policies are selected with. */
export function askedOf(place: Place, { place: where }: Pick<EvidenceSources, 'place'>): PolicyEvidence {
  return { subject: policySubject(place), place: where };
}

/** Indexes that list a manifest: whoever signs one vouches for what it lists. */
function containing({ registry, repository, digest }: Place, { store }: EvidenceSources): readonly Place[] {
  return store.parents(repository, digest, 'all').map((parent) => ({ registry, repository, digest: parent.digest }));
}

async function signedBy(
  places: readonly Place[],
  needs: EvidenceNeeds,
  { client, set }: EvidenceSources,
  ctx: Context,
): Promise<Signed> {
  if (needs.signatures.length + needs.attestations.length === 0) return { signatures: [], attestations: [] };
  let signed: Signed = { signatures: [], attestations: [] };
  for (const place of places) {
    const found: Evidence = await gatherEvidence(client, place, ctx);
    const results = await verifyNeeds(found, needs, set.anchors, ctx);
    signed = {
      signatures: merged(signed.signatures, results.signatures),
      attestations: merged(signed.attestations, results.attestations),
    };
  }
  return signed;
}

type Answered = {
  readonly anchor: string;
  readonly type?: string;
  readonly results: readonly unknown[];
  readonly limits?: readonly string[];
};

/** Joins what was found for the same demand. */
function merged<T extends Answered>(first: readonly T[], second: readonly T[]): readonly T[] {
  const same = Map.groupBy([...first, ...second], ({ anchor, type = '' }) => `${type} ${anchor}`);
  return [...same.values()].map((entries) => ({
    ...(entries[0] as T),
    results: entries.flatMap(({ results }) => results),
    limits: entries.flatMap(({ limits = [] }) => limits),
  }));
}

async function childrenOf(
  place: Place,
  document: IndexDocument,
  sources: EvidenceSources,
  ctx: Context,
  depth: number,
): Promise<{ readonly images: readonly Place[]; readonly missing: readonly Digest[] }> {
  const { registry, repository } = place;
  const images: Place[] = [];
  const missing: Digest[] = [];
  const isImage = new Set(imageEntries(document).map(({ digest }) => digest));
  for (const { digest } of document.manifests) {
    if (sources.store.manifest(repository, digest, 'all') === undefined) {
      missing.push(digest);
      continue;
    }
    const child = { registry, repository, digest };
    const fetched = await sources.client.fetchManifest(child, ctx);
    if (fetched.document.kind === 'manifest') {
      // What an entry calls itself hides nothing: it was judged by its content when it came, and only a statement is left out.
      if (isImage.has(digest) || !sources.isStatement(repository, digest)) images.push(child);
    } else if (depth + 1 < maxDepth) {
      const below = await childrenOf(child, fetched.document, sources, ctx, depth + 1);
      images.push(...below.images);
      missing.push(...below.missing);
    } else missing.push(digest);
  }
  return { images, missing };
}

async function platformOf(
  about: Place,
  image: Place,
  signed: Signed,
  needs: EvidenceNeeds,
  sources: EvidenceSources,
  ctx: Context,
): Promise<PlatformEvidence> {
  const evidence: PolicyEvidence = { ...askedOf(about, sources), ...signed };
  const { digest } = image;
  if (!needs.scan && !needs.config) return { digest, evidence };
  const scanned = await scanOf(image, sources, ctx);
  if ('unscanned' in scanned) return { digest, evidence, unscanned: scanned.unscanned };
  return { digest, evidence: { ...evidence, ...scanEvidence(scanned.scan) }, scan: scanned.scan };
}

/** Scans an image. What is no container image, or too much of one, gives no scan but a reason; a store that fails is thrown. */
export async function scanOf(
  image: Place,
  { client, scans, database, version }: Pick<EvidenceSources, 'client' | 'scans' | 'database' | 'version'>,
  ctx: Context,
): Promise<{ readonly scan: ScanResult } | { readonly unscanned: string }> {
  let inventory: Inventory;
  try {
    inventory = await scans.inventory(image, client);
  } catch (thrown) {
    const isItsOwn = isPlombeError(thrown, 'registry/manifest-invalid') || isPlombeError(thrown, 'archive/limit');
    if (!isItsOwn) throw thrown;
    return { unscanned: inert(messageOf(thrown)) };
  }
  return { scan: scanInventory(inventory, { database, version }, ctx) };
}
