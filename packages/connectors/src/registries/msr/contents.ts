// What is in MSR: repositories, and the manifests of each with tags, immutability and what the scanner said.
import { field, isPlombeError, numberField, objectField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import type { CallOptions, ConnectedArtifact, ConnectedRepository } from '../connector.ts';
import { pathOf, splitRepository, type MsrApi } from './api.ts';

/** A repository as `/api/v0/repositories` describes it. */
export interface MsrRepository {
  /** `namespace/name`. */
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  readonly isOrganization: boolean;
  readonly isPublic: boolean;
  readonly scanOnPush: boolean;
  readonly immutableTags: boolean;
}

/** Yields every repository that the account sees. */
export async function* listRepositories(api: MsrApi, { signal }: CallOptions): AsyncGenerator<MsrRepository, void> {
  for await (const entry of api.list('/api/v0/repositories', 'repositories', signal)) {
    const found = repositoryOf(entry);
    if (found !== undefined) yield found;
  }
}

function repositoryOf(entry: JsonObject): MsrRepository | undefined {
  const namespace = textField(entry, 'namespace');
  const name = textField(entry, 'name');
  if (!namespace || !name) return undefined;
  return {
    path: `${namespace}/${name}`,
    namespace,
    name,
    isOrganization: textField(entry, 'namespaceType') === 'organization',
    isPublic: textField(entry, 'visibility') === 'public',
    scanOnPush: field(entry, 'scanOnPush') === true,
    immutableTags: field(entry, 'immutableTags') === true,
  };
}

/** Yields them in the neutral model. */
export async function* readRepositories(api: MsrApi, call: CallOptions): AsyncGenerator<ConnectedRepository, void> {
  for await (const { path } of listRepositories(api, call)) yield { name: path };
}

/** Yields the manifests of a repository, and those of it that are in quarantine. */
export async function* readArtifacts(
  api: MsrApi,
  repository: string,
  quarantine: string,
  call: CallOptions,
): AsyncGenerator<ConnectedArtifact, void> {
  const seen = new Set<Digest>();
  for await (const artifact of artifactsIn(api, repository, call)) {
    seen.add(artifact.digest);
    const isHeld = repository.startsWith(`${quarantine}/`);
    yield isHeld ? { ...artifact, state: 'quarantined' } : artifact;
  }
  const place = `${quarantine}/${splitRepository(repository).join('__')}`;
  try {
    for await (const artifact of artifactsIn(api, place, call)) {
      if (!seen.has(artifact.digest)) yield { ...artifact, repository, state: 'quarantined' };
    }
  } catch (thrown) {
    // Nothing of it is held back, or not for this account to see.
    if (!isPlombeError(thrown, 'registry/not-found') && !isPlombeError(thrown, 'registry/forbidden')) throw thrown;
  }
}

/** Yields the manifests of one repository; those that no list of manifests has but a tag names come last. */
async function* artifactsIn(
  api: MsrApi,
  repository: string,
  call: CallOptions,
): AsyncGenerator<ConnectedArtifact, void> {
  const { signal } = call;
  const place = `/api/v0/repositories${pathOf(...splitRepository(repository))}`;
  const locked = field(await api.object(place, signal), 'immutableTags') === true;
  const tags = new Map<Digest, Tagged[]>();
  for await (const entry of api.list(`${place}/tags?includeManifests=true`, undefined, signal)) {
    const digest = parseDigest(textField(entry, 'digest') ?? '');
    const name = textField(entry, 'name');
    if (digest === undefined || name === undefined) continue;
    tags.set(digest, [...(tags.get(digest) ?? []), { name, entry }]);
  }
  const scans = scanReader(api, repository);
  const seen = new Set<Digest>();
  const artifact = async (digest: Digest, manifest: JsonObject): Promise<ConnectedArtifact> => {
    seen.add(digest);
    const own = tags.get(digest) ?? [];
    const scan = own.length === 0 ? undefined : await scans(digest, signal);
    return artifactOf(repository, digest, manifest, { tags: own, locked, ...(scan === undefined ? {} : { scan }) });
  };
  for await (const entry of api.list(`${place}/manifests`, undefined, signal)) {
    const digest = parseDigest(textField(entry, 'digest') ?? '');
    if (digest !== undefined && !seen.has(digest)) yield await artifact(digest, entry);
  }
  for (const [digest, [first]] of tags) {
    if (!seen.has(digest)) yield await artifact(digest, objectField(first?.entry ?? {}, 'manifest') ?? {});
  }
}

interface Tagged {
  readonly name: string;
  readonly entry: JsonObject;
}

interface Surroundings extends Pick<ConnectedArtifact, 'scan'> {
  readonly tags: readonly Tagged[];
  readonly locked: boolean;
}

function artifactOf(
  repository: string,
  digest: Digest,
  manifest: JsonObject,
  { tags, locked, scan }: Surroundings,
): ConnectedArtifact {
  const size = field(manifest, 'size');
  const pushedAt = tags
    .flatMap(({ entry }) => textField(entry, 'updatedAt') ?? [])
    .toSorted()
    .at(-1);
  const artifactType = textField(manifest, 'configMediaType');
  return {
    repository,
    digest,
    mediaType: textField(manifest, 'mediaType') ?? '',
    tags: tags.map(({ name }) => name).toSorted(),
    // Tags of such a repository can be neither moved nor overwritten; a manifest without a tag is protected by nothing.
    state: locked && tags.length > 0 ? 'locked' : 'free',
    ...(artifactType === undefined || artifactType === '' ? {} : { artifactType }),
    ...(typeof size === 'number' && size >= 0 ? { sizeBytes: size } : {}),
    ...(pushedAt === undefined ? {} : { pushedAt }),
    ...(scan === undefined ? {} : { scan }),
  };
}

type ScanReader = (digest: Digest, signal: AbortSignal) => Promise<ConnectedArtifact['scan']>;

/** Asks for one digest at a time; where scanning is off it asks once and no more. */
function scanReader(api: MsrApi, repository: string): ScanReader {
  const place = `/api/v0/imagescan/scansummary/repositories${pathOf(...splitRepository(repository))}`;
  let off = false;
  return async (digest, signal) => {
    if (off) return undefined;
    try {
      const [summary] = await api.entries(`${place}${pathOf(digest)}`, signal);
      return summary === undefined ? undefined : scanOf(summary);
    } catch (thrown) {
      if (isPlombeError(thrown, 'registry/not-found')) return undefined;
      if (!isPlombeError(thrown, 'registry/invalid-answer') && !isPlombeError(thrown, 'registry/forbidden'))
        throw thrown;
      off = true;
      return undefined;
    }
  };
}

const severities = ['critical', 'major', 'minor'] as const;

function scanOf(summary: JsonObject): ConnectedArtifact['scan'] {
  const image = objectField(summary, 'scannedImage') ?? {};
  const counts = objectField(image, 'totalVulnCount') ?? {};
  const worst = severities.find((name) => (numberField(counts, name) ?? 0) > 0);
  const stale = field(summary, 'shouldRescan') === true;

  return {
    status: stale ? 'scanned, should be scanned again' : 'scanned',
    severity: worst ?? 'none',
  };
}
