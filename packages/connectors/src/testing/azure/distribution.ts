// The distribution API of the double: manifests under locks, blobs by mount and upload, referrers; a push is told to the webhooks.
import { acrError, send, violation, type Exchange } from './exchange.ts';
import { admitted } from './registry-tokens.ts';
import { repositoryOf, sha256, take, type Json, type StoredRepository } from './world.ts';

const ociIndex = 'application/vnd.oci.image.index.v1+json';

export function distribution(exchange: Exchange): void {
  const { world, method, url } = exchange;
  if (!take(world.data))
    return acrError(exchange, 429, 'TOOMANYREQUESTS', 'too many requests', {
      'retry-after': world.data?.retryAfter ?? '1',
    });
  if (url.pathname === '/v2/') return admitted(exchange, 'registry', '', '') ? send(exchange, 200, {}) : undefined;
  if (url.pathname === '/v2/_catalog' && method === 'GET') {
    if (!admitted(exchange, 'registry', 'catalog', '*')) return undefined;
    return send(exchange, 200, { repositories: [...world.repositories.keys()].sort() });
  }
  const match = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|referrers|tags)\/([^/]*)$/.exec(url.pathname);
  const [, encoded = '', kind, reference = ''] = match ?? [];
  const name = decodeURIComponent(encoded);
  if (match === null) return violation(exchange, 'unknown route of the registry');
  const reading = method === 'GET' || method === 'HEAD';
  if (!admitted(exchange, 'repository', name, reading ? 'pull' : method === 'DELETE' ? 'delete' : 'push'))
    return undefined;
  if (kind === 'manifests') return manifests(exchange, name, decodeURIComponent(reference));
  if (kind === 'referrers' && method === 'GET') return referrers(exchange, name, decodeURIComponent(reference));
  if (kind === 'tags' && reference === 'list' && method === 'GET') {
    return send(exchange, 200, { name, tags: [...(world.repositories.get(name)?.tags.keys() ?? [])].sort() });
  }
  if (kind === 'blobs' && reading) return blob(exchange, name, decodeURIComponent(reference));
  if (kind === 'blobs/uploads' && ['POST', 'PATCH', 'PUT'].includes(method)) return upload(exchange, name, reference);
  return violation(exchange, 'unknown route of the registry');
}

function manifests(exchange: Exchange, name: string, reference: string): void {
  const { world, method, headers, body } = exchange;
  const present = world.repositories.get(name);
  const tag = reference.includes(':') ? undefined : present?.tags.get(reference);
  const digest = reference.includes(':') ? reference : tag?.digest;
  const stored = present?.manifests.get(digest ?? '');
  const disallowed = (): void =>
    acrError(
      exchange,
      405,
      'UNSUPPORTED',
      'The operation is disallowed on this registry, repository or image. View troubleshooting steps at https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation',
    );
  if (method === 'GET' || method === 'HEAD') {
    if (stored === undefined)
      return acrError(exchange, 404, 'MANIFEST_UNKNOWN', `manifest "${reference}" is not found`);
    if (stored.attributes['readEnabled'] === false || tag?.attributes['readEnabled'] === false) return disallowed();
    return send(exchange, 200, stored.bytes, {
      'content-type': stored.mediaType,
      'docker-content-digest': sha256(stored.bytes),
    });
  }
  if (method !== 'PUT') return violation(exchange, 'unknown method');
  if (tag?.attributes['writeEnabled'] === false || stored?.attributes['writeEnabled'] === false) return disallowed();
  const own = sha256(body);
  if (reference.includes(':') && reference !== own)
    return acrError(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  const document = JSON.parse(body.toString()) as {
    config?: { digest: string };
    layers?: { digest: string }[];
    manifests?: { digest: string }[];
    subject?: { digest: string };
  };
  const repository = repositoryOf(world, name);
  for (const part of [...(document.config ? [document.config] : []), ...(document.layers ?? [])]) {
    if (!repository.blobs.has(part.digest))
      return acrError(exchange, 404, 'BLOB_UNKNOWN', `blob ${part.digest} is unknown to the registry`);
  }
  for (const part of document.manifests ?? []) {
    if (!repository.manifests.has(part.digest))
      return acrError(exchange, 404, 'MANIFEST_BLOB_UNKNOWN', 'manifest of the index is unknown');
  }
  const now = new Date(world.nowMs).toISOString();
  const open = (): Json => ({ deleteEnabled: true, writeEnabled: true, listEnabled: true, readEnabled: true });
  const mediaType = headers['content-type'] ?? '';
  if (!repository.manifests.has(own))
    repository.manifests.set(own, { bytes: body, mediaType, createdTime: now, attributes: open() });
  if (!reference.includes(':')) repository.tags.set(reference, { digest: own, attributes: tag?.attributes ?? open() });
  repository.lastUpdateTime = now;
  told(exchange, name, {
    mediaType,
    size: body.length,
    digest: own,
    length: body.length,
    repository: name,
    ...(reference.includes(':') ? {} : { tag: reference }),
  });
  const subject: Record<string, string> =
    document.subject === undefined ? {} : { 'oci-subject': document.subject.digest };
  return send(exchange, 201, undefined, {
    location: `/v2/${name}/manifests/${own}`,
    'docker-content-digest': own,
    ...subject,
  });
}

/** One delivery to each webhook that is on; the secret header is in it, as in Azure. */
function told(exchange: Exchange, name: string, target: Json): void {
  const { world } = exchange;
  const id = `push-${[...world.deliveries.values()].flat().length + 1}`;
  for (const [webhook, document] of world.children.get('webhooks') ?? []) {
    const properties = document['properties'] as Json;
    if (properties['status'] !== 'enabled') continue;
    const content = {
      id,
      timestamp: `${new Date(world.nowMs).toISOString().slice(0, -1)}9512Z`,
      action: 'push',
      target,
      request: { id: `request-${id}`, host: world.loginServer, method: 'PUT', useragent: 'plombe' },
    };
    const message = {
      content,
      headers: { Authorization: 'Bearer webhook-secret' },
      method: 'POST',
      requestUri: properties['serviceUri'],
      version: '1.1',
    };
    world.deliveries.set(webhook, [
      ...(world.deliveries.get(webhook) ?? []),
      { id: `${webhook}-${id}`, eventRequestMessage: message },
    ]);
  }
}

function referrers(exchange: Exchange, name: string, digest: string): void {
  const manifests = [...(exchange.world.repositories.get(name)?.manifests ?? [])].flatMap(
    ([own, { bytes, mediaType }]) => {
      const { subject, artifactType, annotations } = JSON.parse(bytes.toString()) as Json & {
        subject?: { digest: string };
      };
      return subject?.digest === digest
        ? [{ mediaType, digest: own, size: bytes.length, artifactType, annotations }]
        : [];
    },
  );
  send(exchange, 200, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests })), {
    'content-type': ociIndex,
  });
}

function blob(exchange: Exchange, name: string, digest: string): void {
  const held = exchange.world.repositories.get(name)?.blobs.has(digest) === true;
  const bytes = held ? exchange.world.blobs.get(digest) : undefined;
  if (bytes === undefined) return acrError(exchange, 404, 'BLOB_UNKNOWN', `blob ${digest} is not found`);
  return send(exchange, 200, bytes, { 'content-type': 'application/octet-stream', 'docker-content-digest': digest });
}

function upload(exchange: Exchange, name: string, id: string): void {
  const { world, method, url, body } = exchange;
  if (method === 'POST') return begin(exchange, name);
  const pieces = world.uploads.get(id);
  if (pieces === undefined || url.searchParams.get('_state') !== 's')
    return acrError(exchange, 404, 'BLOB_UPLOAD_UNKNOWN', 'the upload is unknown');
  pieces.push(body);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (method === 'PATCH') return send(exchange, 202, undefined, uploadHeaders(name, id, size));
  const digest = url.searchParams.get('digest') ?? '';
  const bytes = Buffer.concat(pieces);
  if (sha256(bytes) !== digest)
    return acrError(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  world.uploads.delete(id);
  world.blobs.set(digest, bytes);
  repositoryOf(world, name).blobs.add(digest);
  return send(exchange, 201, undefined, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function begin(exchange: Exchange, name: string): void {
  const { world, url } = exchange;
  const mount = url.searchParams.get('mount');
  const from = url.searchParams.get('from');
  if (mount !== null && from !== null && mountable(exchange, from, mount)) {
    repositoryOf(world, name).blobs.add(mount);
    return send(exchange, 201, undefined, { location: `/v2/${name}/blobs/${mount}`, 'docker-content-digest': mount });
  }
  const id = `upload-${world.log.length}`;
  world.uploads.set(id, []);
  return send(exchange, 202, undefined, uploadHeaders(name, id, 0));
}

function uploadHeaders(name: string, id: string, size: number): Record<string, string> {
  const location = `/v2/${name}/blobs/uploads/${id}?_nouploadcache=false&_state=s`;
  return { location, range: `0-${Math.max(0, size - 1)}`, 'docker-upload-uuid': id };
}

/** A mount needs a token that may read the other repository too. */
function mountable({ world, headers }: Exchange, from: string, digest: string): boolean {
  const source: StoredRepository | undefined = world.repositories.get(from);
  const token = world.tokens.get((headers.authorization ?? '').replace(/^Bearer /, ''));
  return source?.blobs.has(digest) === true && token?.scopes.includes(`${from} pull`) === true;
}
