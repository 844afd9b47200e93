// What is known of a manifest in the registry: who signed and attested it, and what is in each platform's image.
import type { Context, DatabaseSummary, Digest, Inventory, InventorySubject, ScanResult } from '@plombe/model';
import {
  attestedPart,
  gatherEvidence,
  policySubject,
  scanEvidence,
  scanInventory,
  verifyNeeds,
  type Evidence,
} from '@plombe/engine';
import { inert, isPlombeError, messageOf } from '@plombe/kit';
import type { AdvisoryDatabase } from '@plombe/advisories';
import type { ImageReference, RegistryClient } from '@plombe/oci';
import { anchorsOf, selecting, type EvidenceNeeds, type PolicyEvidence } from '@plombe/policy';
import type { RegistryStore } from '@plombe/store';
import { listedBy } from './listed.ts';
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
  /** `REGISTRY/REPOSITORY` that a repository is a copy of, where nothing can be attached to it here. */
  readonly copyOf?: (repository: string) => string | undefined;
  /** Whether a stored manifest was found to be a statement about an image. */
  readonly isStatement: (repository: string, digest: Digest) => boolean;
}

/** A reference by digest. */
export type Place = ImageReference & { readonly digest: Digest };

/** One image, as one decision sees it. */
export interface PlatformEvidence {
  readonly digest: Digest;
  readonly evidence: PolicyEvidence;
  /** What it was compared with. Its findings and packages are in the evidence; an index of many images must not keep more of each. */
  readonly scan?: ScanFacts;
  /** Why there is no scan though one was wanted. Inert. */
  readonly unscanned?: string;
}

/** What a decision says of the scan that it was drawn from. */
interface ScanFacts {
  readonly database: Pick<DatabaseSummary, 'digest'>;
  readonly inventory: { readonly subject: Pick<InventorySubject, 'platform'> };
}

/** Everything about a manifest that decisions are drawn from. */
export interface ManifestEvidence {
  readonly kind: 'image' | 'index';
  readonly platforms: readonly PlatformEvidence[];
  /** Of an image: its scan, to be attached. */
  readonly scan?: ScanResult;
  /** Children of an index that are not there: never pushed, or rejected. */
  readonly missing: readonly Digest[];
}

type Signed = Required<Pick<PolicyEvidence, 'signatures' | 'attestations'>>;

/** Gathers what the policies that select the repository need. Throws `registry/…` and what scanning throws where the store fails. */
export async function gatherManifest(place: Place, sources: EvidenceSources, ctx: Context): Promise<ManifestEvidence> {
  const { client, set } = sources;
  const asked = askedOf(place, sources);
  const needs = anchorsOf(selecting(set.policies, asked));
  const { document } = await client.fetchManifest(place, ctx);
  if (document.kind === 'manifest') {
    const own = await signedBy([place], needs, sources, ctx);
    const above = await signedBy(containing(place, sources), needs, sources, ctx);
    const signed = joined(own, { ...above, attestations: partsOf(above.attestations, place.digest) });
    const { scan, ...platform } = await platformOf(place, place, signed, needs, sources, ctx);
    if (scan === undefined) return { kind: 'image', platforms: [platform], missing: [] };
    return { kind: 'image', platforms: [{ ...platform, scan: factsOf(scan) }], missing: [], scan };
  }
  const own = await signedBy([place], needs, sources, ctx);
  const { images, missing, tooDeep } = await listedBy(place.repository, document, sources, ctx);
  const platforms: PlatformEvidence[] = [];
  for (const { digest } of images) {
    const child = { registry: place.registry, repository: place.repository, digest };
    // The index must be signed itself: signed children can be put together anew. What is attested of a child counts for its part of the index.
    const { attestations } = await signedBy([child], needs, sources, ctx);
    const signed = { ...own, attestations: merged(partsOf(own.attestations, digest), attestations) };
    const { scan, ...platform } = await platformOf(place, child, signed, needs, sources, ctx);
    platforms.push(scan === undefined ? platform : { ...platform, scan: factsOf(scan) });
  }
  if (platforms.length === 0) platforms.push({ digest: place.digest, evidence: { ...asked, ...own } });
  return { kind: 'index', platforms, missing: [...missing, ...tooDeep] };
}

function factsOf({ database, inventory }: ScanResult): ScanFacts {
  const { platform } = inventory.subject;
  return { database: { digest: database.digest }, inventory: { subject: platform === undefined ? {} : { platform } } };
}

/** What attestations of an index say of one of its images: scan evidence speaks of all, and of others than this one. */
function partsOf(attestations: Signed['attestations'], digest: Digest): Signed['attestations'] {
  return attestations.map((one) => ({
    ...one,
    results: one.results.flatMap((result) => attestedPart(result, digest) ?? []),
  }));
}

/** What policies are selected with. */
export function askedOf(
  place: Place,
  { place: where, copyOf }: Pick<EvidenceSources, 'place' | 'copyOf'>,
): PolicyEvidence {
  const subject = policySubject(place);
  const original = copyOf?.(place.repository);
  // Remedies name what can be signed; policies are selected by the name that it has here.
  const named = original === undefined ? subject : { ...subject, reference: `${original}@${place.digest}` };
  return { subject: named, place: where };
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
    signed = joined(signed, results);
  }
  return signed;
}

function joined(first: Signed, second: Signed): Signed {
  return {
    signatures: merged(first.signatures, second.signatures),
    attestations: merged(first.attestations, second.attestations),
  };
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

async function platformOf(
  about: Place,
  image: Place,
  signed: Signed,
  needs: EvidenceNeeds,
  sources: EvidenceSources,
  ctx: Context,
): Promise<Omit<PlatformEvidence, 'scan'> & { readonly scan?: ScanResult }> {
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
): Promise<{ readonly scan: ScanResult } | { readonly unscanned: string; readonly code: string }> {
  let inventory: Inventory;
  try {
    inventory = await scans.inventory(image, client);
  } catch (thrown) {
    if (!isPlombeError(thrown, 'registry/manifest-invalid') && !isPlombeError(thrown, 'archive/limit')) throw thrown;
    return { unscanned: inert(messageOf(thrown)), code: thrown.code };
  }
  return { scan: scanInventory(inventory, { database, version }, ctx) };
}
