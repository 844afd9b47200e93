// Moving artifacts within Harbor by its own copying: into a private quarantine project and back, and up to a production project.
import { PlombeError, inert, textField, objectField } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import type { CallOptions, Promotion } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { accessoriesOf, digestOf, tagsOf } from './contents.ts';
import { artifactPath, projectPath, repositoryPath } from './names.ts';

/** An artifact as far as moving it needs to know. */
interface Movable {
  readonly tags: readonly string[];
  readonly accessories: readonly Digest[];
}

/**
 * Where a quarantined artifact is: `quarantine/PROJECT/REPOSITORY/sha256-HEX`. Each digest has a repository of its own, so that the tags
 * of one never push aside those of another, and releasing knows which it had.
 */
export function quarantinePlace(quarantineProject: string, repository: string, digest: Digest): string {
  return `${quarantineProject}/${repository}/${digest.replace(':', '-')}`;
}

/**
 * Takes an artifact out of reach: copied with its tags and accessories into the private project, verified there, and only then deleted from
 * its repository. Harbor has no lock. Done twice it is done once. Throws `connector/refused` where a tag is immutable or an index still names it: then
 * the artifact is where it was.
 */
export async function quarantineArtifact(
  api: HarborApi,
  quarantineProject: string,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<void> {
  if (repository.startsWith(`${quarantineProject}/`)) throw alreadyThere(repository);
  const place = quarantinePlace(quarantineProject, repository, digest);
  const source = await findArtifact(api, repository, digest, options);
  if (source === undefined) {
    if ((await findArtifact(api, place, digest, options)) !== undefined) return;
    throw notFound(api, repository, digest);
  }
  await requirePrivateProject(api, quarantineProject, options);
  await copy(api, repository, digest, place, options);
  await requireCopied(api, place, digest, source, source.tags, options);
  await remove(api, repository, digest, options);
}

/**
 * Puts an artifact back with its tags, except those that were given to another image in the meantime: they stay where they are. Done twice it is
 * done once.
 */
export async function releaseArtifact(
  api: HarborApi,
  quarantineProject: string,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<void> {
  const place = quarantinePlace(quarantineProject, repository, digest);
  const kept = await findArtifact(api, place, digest, options);
  if (kept === undefined) {
    if ((await findArtifact(api, repository, digest, options)) !== undefined) return;
    throw notFound(api, place, digest);
  }
  const tags: string[] = [];
  for (const tag of kept.tags) {
    const holder = await holderOf(api, repository, tag, options);
    if (holder === undefined || holder === digest) tags.push(tag);
    else await removeTag(api, place, digest, tag, options);
  }
  await copy(api, place, digest, repository, options);
  await requireCopied(api, repository, digest, kept, tags, options);
  await removeRepository(api, place, options);
}

/**
 * Copies an artifact with its accessories, and gives it exactly the tags that are wanted. Harbor copies all tags of the source along, which could
 * push `latest` aside in production: where the source's tags are not those wanted, it goes through a private repository, where they are set first.
 * No byte of a layer moves. Throws `connector/refused` where Harbor leaves out an accessory: it adds none to an artifact that is already there.
 */
export async function promoteArtifact(
  api: HarborApi,
  quarantineProject: string,
  { from, to }: Promotion,
  options: CallOptions,
): Promise<void> {
  const source = await findArtifact(api, from.repository, from.digest, options);
  if (source === undefined) throw notFound(api, from.repository, from.digest);
  const wanted = [...new Set(to.tags)];
  if (source.tags.every((tag) => wanted.includes(tag)) && wanted.length === source.tags.length) {
    await copy(api, from.repository, from.digest, to.repository, options);
  } else {
    await requirePrivateProject(api, quarantineProject, options);
    const stage = quarantinePlace(quarantineProject, `plombe-promotion/${from.repository}`, from.digest);
    // What an interrupted promotion left would bring its tags along.
    await removeRepository(api, stage, options);
    await copy(api, from.repository, from.digest, stage, options);
    for (const tag of source.tags) if (!wanted.includes(tag)) await removeTag(api, stage, from.digest, tag, options);
    for (const tag of wanted) if (!source.tags.includes(tag)) await addTag(api, stage, from.digest, tag, options);
    await requireCopied(api, stage, from.digest, source, wanted, options);
    await copy(api, stage, from.digest, to.repository, options);
    await removeRepository(api, stage, options);
  }
  await requireCopied(api, to.repository, from.digest, source, wanted, options);
}

async function findArtifact(
  api: HarborApi,
  repository: string,
  digest: Digest,
  { signal }: CallOptions,
): Promise<Movable | undefined> {
  const { status, value } = await api.call({
    path: artifactPath(repository, digest),
    query: { with_tag: 'true', with_accessory: 'true' },
    signal,
    expect: [404],
  });
  if (status === 404) return undefined;
  const entry = objectField({ value }, 'value') ?? {};
  if (digestOf(entry) !== digest) {
    throw new PlombeError(
      'registry/invalid-answer',
      `${api.registry} answers another artifact for ${repository}@${digest}.`,
    );
  }
  return { tags: tagsOf(entry), accessories: accessoriesOf(entry).map((accessory) => accessory.digest) };
}

/** The digest that a tag stands for in a repository; undefined where there is no such tag. */
async function holderOf(
  api: HarborApi,
  repository: string,
  tag: string,
  { signal }: CallOptions,
): Promise<Digest | undefined> {
  const { status, value } = await api.call({ path: artifactPath(repository, tag), signal, expect: [404] });
  return status === 404 ? undefined : digestOf(objectField({ value }, 'value') ?? {});
}

async function copy(api: HarborApi, from: string, digest: Digest, to: string, { signal }: CallOptions): Promise<void> {
  const path = `${repositoryPath(to)}/artifacts`;
  await api.call({ method: 'POST', path, query: { from: `${from}@${digest}` }, signal });
}

/** Nothing is taken for copied because Harbor said so. */
async function requireCopied(
  api: HarborApi,
  repository: string,
  digest: Digest,
  source: Movable,
  tags: readonly string[],
  options: CallOptions,
): Promise<void> {
  const copied = await findArtifact(api, repository, digest, options);
  const lost = [
    ...(copied === undefined ? [digest] : []),
    ...tags.filter((tag) => copied?.tags.includes(tag) !== true),
    ...source.accessories.filter((accessory) => copied?.accessories.includes(accessory) !== true),
  ];
  if (lost.length === 0) return;
  throw new PlombeError(
    'connector/refused',
    `${api.registry} copied ${digest} to ${inert(repository)} without ${lost.map(inert).join(', ')}.`,
    {
      remedy:
        'Harbor adds no signature or SBOM to an artifact that is already there: delete it there, or push what is missing, and try again.',
    },
  );
}

async function remove(api: HarborApi, repository: string, digest: Digest, options: CallOptions): Promise<void> {
  const path = artifactPath(repository, digest);
  await api.call({ method: 'DELETE', path, signal: options.signal, expect: [404] });
  if ((await findArtifact(api, repository, digest, options)) === undefined) return;
  throw new PlombeError('connector/refused', `${api.registry} still has ${repository}@${digest} after deleting it.`);
}

async function removeTag(
  api: HarborApi,
  repository: string,
  digest: Digest,
  tag: string,
  { signal }: CallOptions,
): Promise<void> {
  const path = `${artifactPath(repository, digest)}/tags/${encodeURIComponent(tag)}`;
  await api.call({ method: 'DELETE', path, signal, expect: [404] });
}

async function addTag(
  api: HarborApi,
  repository: string,
  digest: Digest,
  tag: string,
  { signal }: CallOptions,
): Promise<void> {
  await api.call({ method: 'POST', path: `${artifactPath(repository, digest)}/tags`, body: { name: tag }, signal });
}

async function removeRepository(api: HarborApi, repository: string, { signal }: CallOptions): Promise<void> {
  await api.call({ method: 'DELETE', path: repositoryPath(repository), signal, expect: [404] });
}

/** Makes the project where it is missing; refuses one that everybody may read, or that caches another registry. */
async function requirePrivateProject(api: HarborApi, project: string, { signal }: CallOptions): Promise<void> {
  const { status, value } = await api.call({ path: projectPath(project), signal, expect: [404] });
  if (status === 404) {
    const body = { project_name: project, metadata: { public: 'false' } };
    await api.call({ method: 'POST', path: '/projects', body, signal });
    return;
  }
  const found = objectField({ value }, 'value') ?? {};
  const isPublic = textField(objectField(found, 'metadata') ?? {}, 'public') !== 'false';
  const isCache = typeof found['registry_id'] === 'number' && found['registry_id'] > 0;
  if (!isPublic && !isCache) return;
  const why = isPublic ? 'can be read by everybody' : 'is a proxy cache';
  throw new PlombeError('connector/refused', `The quarantine project ${inert(project)} of ${api.registry} ${why}.`, {
    remedy: 'Make it private, or name another project for quarantine.',
  });
}

function notFound(api: HarborApi, repository: string, digest: Digest): PlombeError {
  return new PlombeError('registry/not-found', `${api.registry} has no ${inert(repository)}@${digest}.`);
}

function alreadyThere(repository: string): PlombeError {
  return new PlombeError('connector/refused', `${inert(repository)} is in quarantine already.`, {
    remedy: 'Name the repository that the artifact was taken from.',
  });
}
