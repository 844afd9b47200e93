// Holding images back in MSR, which has no lock: moved to a private organisation and back, verified at each end before anything is deleted.
import type { Digest } from '@plombe/model';
import { PlombeError, inert, isPlombeError, textField } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { RegistryClient } from '@plombe/oci';
import type { CallOptions } from '../connector.ts';
import { promoteImage } from '../promote.ts';
import type { RestClient } from '../rest.ts';
import { pathOf, splitRepository, type MsrApi } from './api.ts';

/** What moving needs. */
export interface Moving {
  readonly api: MsrApi;
  readonly rest: RestClient;
  readonly client: RegistryClient;
  readonly registry: string;
  /** The organisation that nobody but administrators belongs to. */
  readonly organization: string;
}

/** `namespace/name` → `ORGANISATION/namespace__name`: an account's name has no two underscores together. */
export function quarantinePlace(organization: string, repository: string): string {
  return `${organization}/${splitRepository(repository).join('__')}`;
}

/**
 * Takes a manifest out of reach with its tags and what refers to it. Done twice it is done once. Throws `connector/refused` where the organisation is missing, its
 * repository is public, or the registry keeps the manifest where it was.
 */
export async function quarantineManifest(
  moving: Moving,
  repository: string,
  digest: Digest,
  call: CallOptions,
): Promise<void> {
  const place = quarantinePlace(moving.organization, repository);
  if (repository.startsWith(`${moving.organization}/`)) throw refused(`${inert(repository)} is in quarantine already.`);
  if (!(await has(moving, repository, digest, call)) && (await has(moving, place, digest, call))) return;
  await ensureRepository(moving.rest, place, call);
  const described = await moving.api.object(placePath(place), call.signal);
  if (textField(described, 'visibility') !== 'private') throw refused(`${inert(place)} is not private.`);
  const tags = await tagsOf(moving.api, repository, digest, call);
  await move(moving, { from: repository, to: place, digest, tags }, call);
}

/** Puts it back; tags that were given to another image meanwhile stay there. Done twice it is done once. */
export async function releaseManifest(
  moving: Moving,
  repository: string,
  digest: Digest,
  call: CallOptions,
): Promise<void> {
  const place = quarantinePlace(moving.organization, repository);
  if (!(await has(moving, place, digest, call)) && (await has(moving, repository, digest, call))) return;
  const taken = new Set(await tagsOf(moving.api, repository, undefined, call));
  const own = new Set(await tagsOf(moving.api, repository, digest, call));
  const tags = (await tagsOf(moving.api, place, digest, call)).filter((tag) => !taken.has(tag) || own.has(tag));
  await move(moving, { from: place, to: repository, digest, tags }, call);
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}

async function move(moving: Moving, { from, to, digest, tags }: Move, call: CallOptions): Promise<void> {
  const { client, registry, rest, api } = moving;
  await promoteImage(client, registry, { from: { repository: from, digest }, to: { repository: to, tags } }, call);
  if (!(await has(moving, to, digest, call))) throw refused(`${inert(to)} does not have ${digest} after the copy.`);
  const place = placePath(from);
  for (const tag of await tagsOf(api, from, digest, call)) {
    await rest.call({ method: 'DELETE', path: `${place}/tags${pathOf(tag)}`, signal: call.signal, expect: [404] });
  }
  await rest.call({
    method: 'DELETE',
    path: `${place}/manifests${pathOf(digest)}`,
    signal: call.signal,
    expect: [404],
  });
  if (await has(moving, from, digest, call)) throw refused(`${inert(from)} still has ${digest} after deleting it.`);
}

/** Makes a private repository that scans what is pushed, where there is none. Throws `connector/refused` where its organisation is missing. */
export async function ensureRepository(rest: RestClient, repository: string, { signal }: CallOptions): Promise<void> {
  const [namespace, name] = splitRepository(repository);
  if ((await rest.call({ path: placePath(repository), signal, expect: [404] })).status !== 404) return;
  const form = {
    name,
    visibility: 'private',
    shortDescription: '',
    longDescription: '',
    scanOnPush: true,
    immutableTags: false,
    enableManifestLists: true,
    tagLimit: 0,
  };
  const path = `/api/v0/repositories${pathOf(namespace)}`;
  const { status } = await rest.call({ method: 'POST', path, body: form, signal, expect: [404] });
  if (status !== 404) return;
  throw refused(`There is no organisation ${inert(namespace)}.`, 'Make it, without members, or name another.');
}

function placePath(repository: string): string {
  return `/api/v0/repositories${pathOf(...splitRepository(repository))}`;
}

/** The tags of a digest, or all; none where there is no such repository. */
async function tagsOf(
  api: MsrApi,
  repository: string,
  digest: Digest | undefined,
  { signal }: CallOptions,
): Promise<readonly string[]> {
  const tags: string[] = [];
  for await (const entry of api.list(`${placePath(repository)}/tags`, undefined, signal)) {
    const name = textField(entry, 'name');
    const own = parseDigest(textField(entry, 'digest') ?? '');
    if (name !== undefined && (digest === undefined || own === digest)) tags.push(name);
  }
  return tags;
}

async function has(
  { client, registry }: Moving,
  repository: string,
  digest: Digest,
  call: CallOptions,
): Promise<boolean> {
  try {
    await client.fetchManifest({ registry, repository, digest }, call);
    return true;
  } catch (thrown) {
    if (isPlombeError(thrown, 'registry/not-found')) return false;
    throw thrown;
  }
}

function refused(message: string, remedy?: string): PlombeError {
  return new PlombeError('connector/refused', message, remedy === undefined ? {} : { remedy });
}
