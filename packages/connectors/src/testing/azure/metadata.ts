// The registry's metadata API of the double (data plane 2021-07-01): catalogue, attributes and locks of repositories, manifests and tags.
import { acrError, jsonBody, send, violation, type Exchange } from './exchange.ts';
import { admitted } from './registry-tokens.ts';
import { take, type AzureWorld, type Json, type StoredRepository } from './world.ts';

const changeable = ['deleteEnabled', 'writeEnabled', 'listEnabled', 'readEnabled'];

export function metadata(exchange: Exchange): void {
  const { world, method, url } = exchange;
  const version = url.searchParams.get('api-version');
  // The Link to a next page names none.
  if (version !== '2021-07-01' && !(version === null && url.searchParams.has('last')))
    return violation(exchange, `unknown api-version "${version ?? ''}"`);
  if (!take(world.data))
    return acrError(exchange, 429, 'TOOMANYREQUESTS', 'too many requests', {
      'retry-after': world.data?.retryAfter ?? '1',
    });
  if (url.pathname === '/acr/v1/_catalog' && method === 'GET') {
    if (!admitted(exchange, 'registry', 'catalog', '*')) return undefined;
    const names = [...world.repositories.keys()].sort();
    return page(
      exchange,
      '/acr/v1/_catalog',
      names,
      (name) => name,
      (repositories) => ({ repositories: repositories.length === 0 ? null : repositories }),
    );
  }
  const match = /^\/acr\/v1\/(.+?)(?:\/_(manifests|tags)(?:\/([^/]+))?)?$/.exec(url.pathname);
  const [, encoded = '', list, entry] = match ?? [];
  const name = decodeURIComponent(encoded);
  if (match === null || !['GET', 'PATCH', 'DELETE'].includes(method))
    return violation(exchange, 'unknown route of the registry');
  const action = method === 'GET' ? 'metadata_read' : method === 'PATCH' ? 'metadata_write' : 'delete';
  if (!admitted(exchange, 'repository', name, action)) return undefined;
  const repository = world.repositories.get(name);
  if (repository === undefined) return acrError(exchange, 404, 'NAME_UNKNOWN', `repository "${name}" is not found`);
  if (list === undefined) return aboutRepository(exchange, name, repository);
  if (entry !== undefined) return aboutEntry(exchange, name, repository, list, entry);
  if (method !== 'GET') return violation(exchange, 'unknown route of the registry');
  if (list === 'tags') {
    const digest = url.searchParams.get('digest');
    const named = [...repository.tags].filter(([, tag]) => digest === null || tag.digest === digest);
    const tags = named.map(([tag]) => tag).sort();
    return page(
      exchange,
      url.pathname,
      tags,
      (tag) => tag,
      (rows) => ({
        registry: world.loginServer,
        imageName: name,
        tags: rows.map((tag) => tagAttributes(repository, tag)),
      }),
    );
  }
  const digests = [...repository.manifests.keys()]
    .sort()
    .filter((digest) => repository.manifests.get(digest)?.attributes['listEnabled'] !== false);
  return page(
    exchange,
    url.pathname,
    digests,
    (digest) => digest,
    (rows) => ({
      registry: world.loginServer,
      imageName: name,
      manifests: rows.map((digest) => manifestAttributes(world, repository, digest)),
    }),
  );
}

function aboutRepository(exchange: Exchange, name: string, repository: StoredRepository): void {
  const { world, method } = exchange;
  if (method === 'DELETE') {
    world.repositories.delete(name);
    return send(exchange, 202, {
      manifestsDeleted: [...repository.manifests.keys()],
      tagsDeleted: [...repository.tags.keys()],
    });
  }
  if (method === 'PATCH') return violation(exchange, 'locking whole repositories is not in the double');
  return send(exchange, 200, {
    registry: world.loginServer,
    imageName: name,
    createdTime: repository.createdTime,
    lastUpdateTime: repository.lastUpdateTime,
    manifestCount: repository.manifests.size,
    tagCount: repository.tags.size,
    changeableAttributes: {
      deleteEnabled: !world.lockedRepositories.has(name),
      writeEnabled: !world.lockedRepositories.has(name),
      listEnabled: true,
      readEnabled: true,
    },
  });
}

function aboutEntry(exchange: Exchange, name: string, repository: StoredRepository, list: string, entry: string): void {
  const { world, method } = exchange;
  const key = decodeURIComponent(entry);
  const present = list === 'tags' ? repository.tags.get(key) : repository.manifests.get(key);
  if (present === undefined)
    return acrError(exchange, 404, list === 'tags' ? 'TAG_UNKNOWN' : 'MANIFEST_UNKNOWN', 'not found');
  if (method === 'DELETE') {
    if (list !== 'tags') return violation(exchange, 'unknown route of the registry');
    repository.tags.delete(key);
    return send(exchange, 202);
  }
  if (method === 'PATCH') {
    const change = jsonBody(exchange);
    const odd = Object.entries(change).find(
      ([attribute, value]) => !changeable.includes(attribute) || typeof value !== 'boolean',
    );
    if (odd !== undefined) return violation(exchange, `unknown attribute ${odd[0]}`);
    present.attributes = { ...present.attributes, ...change };
  }
  const about =
    list === 'tags'
      ? { tag: tagAttributes(repository, key) }
      : { manifest: manifestAttributes(world, repository, key) };
  return send(exchange, 200, { registry: world.loginServer, imageName: name, ...about });
}

function manifestAttributes(world: AzureWorld, repository: StoredRepository, digest: string): Json {
  const stored = repository.manifests.get(digest);
  const document = JSON.parse(stored?.bytes.toString() ?? '{}') as {
    config?: { size: number; mediaType: string };
    layers?: { size: number }[];
    artifactType?: string;
  };
  const tags = [...repository.tags].filter(([, tag]) => tag.digest === digest).map(([tag]) => tag);
  return {
    digest,
    imageSize: (document.config?.size ?? 0) + (document.layers ?? []).reduce((sum, layer) => sum + layer.size, 0),
    createdTime: stored?.createdTime ?? '',
    lastUpdateTime: new Date(world.nowMs).toISOString(),
    architecture: 'amd64',
    os: 'linux',
    mediaType: stored?.mediaType ?? '',
    ...(document.config === undefined ? {} : { configMediaType: document.config.mediaType }),
    ...(tags.length === 0 ? {} : { tags }),
    changeableAttributes: stored?.attributes ?? {},
  };
}

function tagAttributes(repository: StoredRepository, name: string): Json {
  const tag = repository.tags.get(name);
  const at = repository.lastUpdateTime;
  return {
    name,
    digest: tag?.digest ?? '',
    createdTime: at,
    lastUpdateTime: at,
    signed: false,
    changeableAttributes: tag?.attributes ?? {},
  };
}

/** `n` entries after `last`, and the Link to what follows, which has the form that Azure documents. */
function page<T>(
  exchange: Exchange,
  path: string,
  rows: readonly T[],
  keyOf: (row: T) => string,
  document: (rows: readonly T[]) => Json,
): void {
  const { url, world } = exchange;
  const last = url.searchParams.get('last');
  const asked = Number(url.searchParams.get('n') ?? 100);
  const left = last === null ? rows : rows.filter((row) => keyOf(row) > last);
  const shown = left.slice(0, Math.min(asked, world.pageSize));
  const end = shown.at(-1);
  const more = shown.length < left.length && end !== undefined;
  const link = more
    ? { link: `<${path}?last=${encodeURIComponent(keyOf(end))}&n=${asked}&orderby=>; rel="next"` }
    : undefined;
  send(exchange, 200, document(shown), link);
}
