// What is in Harbor: repositories and artifacts, as the neutral model has them.
import { objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest, type Digest } from '@plombe/model';
import type { CallOptions, ConnectedArtifact, ConnectedRepository } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { projectPath, repositoryPath } from './names.ts';

/** Yields every repository that the account sees, by name. */
export async function* readRepositories(
  api: HarborApi,
  { signal }: CallOptions,
): AsyncGenerator<ConnectedRepository, void> {
  for await (const entry of api.list({ path: '/repositories', query: { sort: 'name' }, signal })) {
    const name = textField(entry, 'name');
    if (name === undefined) continue;
    const updatedAt = instant(entry, 'update_time');
    const artifactCount = count(entry, 'artifact_count');
    yield {
      name,
      ...(updatedAt === undefined ? {} : { updatedAt }),
      ...(artifactCount === undefined ? {} : { artifactCount }),
    };
  }
}

const artifactQuery = {
  with_tag: 'true',
  with_label: 'true',
  with_accessory: 'true',
  with_immutable_status: 'true',
  with_scan_overview: 'true',
};

/**
 * Yields the artifacts of a repository with tags, labels, accessories and what Harbor's scanner said; and those that were taken out of it into
 * quarantine. Throws `registry/not-found` where there is neither.
 */
export async function* readArtifacts(
  api: HarborApi,
  repository: string,
  quarantineProject: string,
  { signal }: CallOptions,
): AsyncGenerator<ConnectedArtifact, void> {
  const isQuarantine = repository.startsWith(`${quarantineProject}/`);
  const path = `${repositoryPath(repository)}/artifacts`;
  const moved = isQuarantine ? [] : await quarantinedOf(api, repository, quarantineProject, signal);
  // A repository of which everything is in quarantine may be gone.
  const first = moved.length === 0 ? undefined : await api.call({ path, signal, expect: [404] });
  if (first?.status !== 404) {
    for await (const entry of api.list({ path, query: artifactQuery, signal })) {
      const artifact = artifactOf(repository, entry);
      if (artifact !== undefined) yield isQuarantine ? { ...artifact, state: 'quarantined' } : artifact;
    }
  }
  for (const place of moved) {
    for await (const entry of api.list({ path: `${repositoryPath(place)}/artifacts`, query: artifactQuery, signal })) {
      const artifact = artifactOf(repository, entry);
      // Beside an index lie its images; the repository is named after what was taken.
      if (artifact !== undefined && place.endsWith(`/${artifact.digest.replace(':', '-')}`)) {
        yield { ...artifact, state: 'quarantined' };
      }
    }
  }
}

/** The repositories of the quarantine project that hold what was taken out of this one; none where it is missing or may not be seen. */
async function quarantinedOf(
  api: HarborApi,
  repository: string,
  project: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const prefix = `${project}/${repository}/`;
  const query = { q: `name=~${prefix}`, sort: 'name' };
  const names: string[] = [];
  for await (const entry of api.list({
    path: `${projectPath(project)}/repositories`,
    query,
    signal,
    expect: [401, 403, 404],
  })) {
    const name = textField(entry, 'name') ?? '';
    if (name.startsWith(prefix) && /^sha(?:256|512)-[0-9a-f]+$/.test(name.slice(prefix.length))) names.push(name);
  }
  return names;
}

/** The artifact that an entry describes; undefined where it names no digest. */
function artifactOf(repository: string, entry: JsonObject): ConnectedArtifact | undefined {
  const digest = digestOf(entry);
  if (digest === undefined) return undefined;
  const isLocked = objectsField(entry, 'tags').some((tag) => tag['immutable'] === true);
  const artifactType = textField(entry, 'artifact_type');
  const sizeBytes = count(entry, 'size');
  const pushedAt = instant(entry, 'push_time');
  const pulledAt = instant(entry, 'pull_time');
  const scan = scanOf(entry);
  const labels = namesOf(entry, 'labels');
  const referrers = accessoriesOf(entry);
  return {
    repository,
    digest,
    mediaType: textField(entry, 'manifest_media_type') ?? textField(entry, 'media_type') ?? '',
    tags: tagsOf(entry),
    state: isLocked ? 'locked' : 'free',
    ...(artifactType === undefined || artifactType === '' ? {} : { artifactType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(pushedAt === undefined ? {} : { pushedAt }),
    ...(pulledAt === undefined ? {} : { pulledAt }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(referrers.length === 0 ? {} : { referrers }),
    ...(scan === undefined ? {} : { scan }),
  };
}

/** The digest that an entry names. */
export function digestOf(entry: JsonObject): Digest | undefined {
  return parseDigest(textField(entry, 'digest') ?? '');
}

/** The names of an artifact's tags. */
export function tagsOf(entry: JsonObject): readonly string[] {
  return namesOf(entry, 'tags');
}

/** What hangs on an artifact: signatures, SBOMs and attestations, by digest and Harbor's word for them (`signature.cosign` …). */
export function accessoriesOf(entry: JsonObject): readonly { readonly digest: Digest; readonly type: string }[] {
  return objectsField(entry, 'accessories').flatMap((accessory) => {
    const digest = digestOf(accessory);
    return digest === undefined ? [] : [{ digest, type: textField(accessory, 'type') ?? '' }];
  });
}

/** The newest summary of Harbor's own scan, of whichever format the scanner gave. */
function scanOf(entry: JsonObject): ConnectedArtifact['scan'] {
  const overview = objectField(entry, 'scan_overview');
  if (overview === undefined) return undefined;
  for (const type of Object.keys(overview)) {
    const summary = objectField(overview, type);
    const status = summary === undefined ? undefined : textField(summary, 'scan_status');
    if (summary === undefined || status === undefined) continue;
    const severity = textField(summary, 'severity');
    const scanner = textField(objectField(summary, 'scanner') ?? {}, 'name');
    const scannedAt = instant(summary, 'end_time');
    return {
      status,
      ...(severity === undefined || severity === '' ? {} : { severity }),
      ...(scanner === undefined ? {} : { scanner }),
      ...(scannedAt === undefined ? {} : { scannedAt }),
    };
  }
  return undefined;
}

function namesOf(entry: JsonObject, key: string): readonly string[] {
  return objectsField(entry, key).flatMap((named) => textField(named, 'name') ?? []);
}

/** A time, undefined for Go's zero, which Harbor writes for "never". */
export function instant(entry: JsonObject, key: string): string | undefined {
  const text = textField(entry, key);
  if (text === undefined || text.startsWith('0001-01-01')) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** A number from 0; undefined where it is missing or none. */
export function count(entry: JsonObject, key: string): number | undefined {
  const value = entry[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
