// Reading and deleting manifests and tags.
import type { ManifestRecord, Sight } from '@plombe/store';
import { answerEmpty, identify, sightOf, type Exchange, type Registry } from './exchange.ts';
import { Refused } from './refused.ts';
import type { ManifestName } from './route.ts';

/** `GET` and `HEAD …/manifests/<tag or digest>`. */
export async function serveManifest(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  name: ManifestName,
): Promise<void> {
  const { request, response } = exchange;
  const identity = await identify(
    registry,
    exchange,
    [{ action: 'pull', repository }],
    [{ action: 'sign', repository }],
  );
  const found = (await registry.upstream?.resolve(repository, name, identity)) ?? name;
  const record = findManifest(registry, repository, found, sightOf(identity, repository));
  if (record === undefined) throw unknown(repository, name);
  const denied = record.state === 'visible' ? registry.gate.pull(repository, record.digest, identity) : undefined;
  if (denied !== undefined) {
    const { decision, reasons, message } = denied;
    throw new Refused('DENIED', `plombe: ${message}`, { detail: { decision, reasons } });
  }
  const headers = {
    'docker-content-digest': record.digest,
    etag: `"${record.digest}"`,
    ...(record.state === 'quarantined' ? { 'plombe-decision': 'quarantine' } : {}),
  };
  if (request.headers['if-none-match'] === headers.etag) return answerEmpty(response, 304, headers);
  const bytes = request.method === 'HEAD' ? undefined : await registry.store.readBytes(record.digest);
  if (bytes === undefined && request.method !== 'HEAD') throw unknown(repository, name);
  response.writeHead(200, {
    ...headers,
    'content-type': record.mediaType,
    'content-length': record.sizeBytes,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}

/** `DELETE …/manifests/<tag>` takes the tag away, `…/<digest>` the manifest with its tags. */
export async function deleteManifest(
  registry: Registry,
  exchange: Exchange,
  repository: string,
  name: ManifestName,
): Promise<void> {
  const { store, gate } = registry;
  const identity = await identify(registry, exchange, [{ action: 'delete', repository }]);
  const sight = sightOf(identity, repository);
  const isElsewhere = registry.upstream?.has(repository) === true;
  if (!isElsewhere && findManifest(registry, repository, name, sight) === undefined) throw unknown(repository, name);
  const result =
    'tag' in name ? await store.deleteTag(repository, name.tag) : await store.deleteManifest(repository, name.digest);
  if (result === 'absent') throw unknown(repository, name);
  if (result === 'immutable') throw new Refused('DENIED', `plombe: tags of ${repository} are immutable by a rule.`);
  await gate.deleted(repository, 'tag' in name ? name.tag : name.digest, identity);
  answerEmpty(exchange.response, 202);
}

function findManifest(
  { store }: Registry,
  repository: string,
  name: ManifestName,
  sight: Sight,
): ManifestRecord | undefined {
  return 'tag' in name ? store.tagged(repository, name.tag, sight) : store.manifest(repository, name.digest, sight);
}

/** The same for what is absent and for what may not be seen. */
function unknown(repository: string, name: ManifestName): Refused {
  const shown = 'tag' in name ? `:${name.tag}` : `@${name.digest}`;
  return new Refused('MANIFEST_UNKNOWN', `There is no ${repository}${shown}.`);
}
