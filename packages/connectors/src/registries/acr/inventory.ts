// Repositories and artifacts as the data plane lists them, with their locks.
import { parseDigest, type Digest } from '@plombe/model';
import { PlombeError, field, isPlombeError, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { CallOptions, ConnectedArtifact, ConnectedRepository } from '../connector.ts';
import type { DataPlane } from './data-plane.ts';

/** Repositories whose attributes are read at a time: as many as the client has connections to a host. */
const atOnce = 6;

/** Yields the repositories of the catalogue; when one was changed and how much it holds is left out where it may not be read. */
export async function* readRepositories(
  plane: DataPlane,
  { signal }: CallOptions,
): AsyncGenerator<ConnectedRepository, void> {
  let names: string[] = [];
  for await (const name of plane.catalog(signal)) {
    names.push(name);
    if (names.length < atOnce) continue;
    yield* await Promise.all(names.map((one) => repositoryOf(plane, one, signal)));
    names = [];
  }
  yield* await Promise.all(names.map((one) => repositoryOf(plane, one, signal)));
}

async function repositoryOf(plane: DataPlane, name: string, signal: AbortSignal): Promise<ConnectedRepository> {
  const attributes = await attributesOf(plane, name, signal);
  const updatedAt = textField(attributes, 'lastUpdateTime');
  const count = field(attributes, 'manifestCount');
  return {
    name,
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(typeof count === 'number' ? { artifactCount: count } : {}),
  };
}

async function attributesOf(plane: DataPlane, name: string, signal: AbortSignal): Promise<JsonObject> {
  try {
    return await plane.repository(name, signal);
  } catch (error) {
    // A caller may list names without reading each (Catalog Lister), and a repository may go in between.
    const expected = (
      ['registry/forbidden', 'registry/unauthorized', 'registry/not-found', 'reference/invalid'] as const
    ).some((code) => isPlombeError(error, code));
    if (!expected) throw error;
    return {};
  }
}

/**
 * Yields the manifests of a repository. Those with `listEnabled` false are not in the registry's own list. A lock may stand at the manifest, at one of
 * its tags, or at the whole repository.
 */
export async function* readArtifacts(
  plane: DataPlane,
  repository: string,
  { signal }: CallOptions,
): AsyncGenerator<ConnectedArtifact, void> {
  const isLockedWhole = isLocked(await attributesOf(plane, repository, signal));
  const lockedTags = new Set<string>();
  for await (const tag of plane.tags(repository, signal))
    if (isLocked(tag)) lockedTags.add(textField(tag, 'name') ?? '');
  for await (const manifest of plane.manifests(repository, signal)) {
    const digest = parseDigest(textField(manifest, 'digest') ?? '');
    if (digest === undefined) continue;
    const tags = textsField(manifest, 'tags');
    const own = stateOf(manifest);
    const isHeld = isLockedWhole || tags.some((tag) => lockedTags.has(tag));
    const size = field(manifest, 'imageSize');
    const pushedAt = textField(manifest, 'createdTime');
    const artifactType = textField(manifest, 'artifactType');
    yield {
      repository,
      digest,
      mediaType: textField(manifest, 'mediaType') ?? '',
      tags,
      state: own === 'free' && isHeld ? 'locked' : own,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(typeof size === 'number' ? { sizeBytes: size } : {}),
      ...(pushedAt === undefined ? {} : { pushedAt }),
    };
  }
}

/** `readEnabled` false is how Plombe quarantines; `quarantineState` is the registry's own preview of it. */
function stateOf(manifest: JsonObject): ConnectedArtifact['state'] {
  const attributes = objectField(manifest, 'changeableAttributes') ?? {};
  const state = textField(attributes, 'quarantineState');
  if (field(attributes, 'readEnabled') === false || (state !== undefined && state !== 'Passed')) return 'quarantined';
  return isLocked(manifest) ? 'locked' : 'free';
}

/** What may not be overwritten or not be deleted: manifest, tag or repository, as each describes itself. */
function isLocked(described: JsonObject): boolean {
  const attributes = objectField(described, 'changeableAttributes') ?? {};
  return field(attributes, 'writeEnabled') === false || field(attributes, 'deleteEnabled') === false;
}

/** Locks or unlocks reading of a manifest, and reads what holds then. Throws `registry/invalid-answer` where the registry did not do it. */
export async function setReadable(
  plane: DataPlane,
  repository: string,
  digest: Digest,
  readEnabled: boolean,
  { signal }: CallOptions,
): Promise<void> {
  await plane.change(repository, digest, { readEnabled }, signal);
  const attributes = objectField(await plane.manifest(repository, digest, signal), 'changeableAttributes') ?? {};
  if (field(attributes, 'readEnabled') === readEnabled) return;
  const wanted = readEnabled ? 'readable again' : 'locked against reading';
  throw new PlombeError(
    'registry/invalid-answer',
    `${repository}@${digest} is not ${wanted}, though the registry said so.`,
  );
}
