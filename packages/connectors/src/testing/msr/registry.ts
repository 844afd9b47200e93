// The docker half of the double: manifests, blobs, mounts, tags and the catalog of the repositories in its state.
import { createHash, randomUUID } from 'node:crypto';
import { isVisible } from './routes.ts';
import type { DoubleAccount, DoubleRepository, MsrState } from './state.ts';

export interface DockerCall {
  readonly state: MsrState;
  readonly caller: DoubleAccount | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

export interface DockerReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const challenge = { 'www-authenticate': 'Basic realm="msr"', 'docker-distribution-api-version': 'registry/2.0' };
const uploads = new Map<string, Buffer>();

/** Answers a request below `/v2/`; undefined where there is no such route. */
export function dockerReply(call: DockerCall): DockerReply | undefined {
  const { state, caller, method, path } = call;
  if (path === '/v2/') return caller === undefined ? { status: 401, headers: challenge } : json({});
  if (path === '/v2/_catalog') {
    if (caller === undefined) return { status: 401, headers: challenge };
    const visible = state.repositories.filter((repository) => isVisible(state, caller, repository));
    return json({ repositories: visible.map(({ namespace, name }) => `${namespace}/${name}`).toSorted() });
  }
  const found = /^\/v2\/([^/]+)\/([^/]+)\/(manifests|blobs|tags|referrers)(?:\/(.*))?$/.exec(path);
  if (found === null) return path.startsWith('/v2/') ? { status: 404 } : undefined;
  const [, namespace, name, kind, rest = ''] = found;
  const repository = state.repositories.find((one) => one.namespace === namespace && one.name === name);
  if (repository === undefined || !isVisible(state, caller, repository)) {
    return caller === undefined ? { status: 401, headers: challenge } : { status: 404 };
  }
  const writes = method !== 'GET' && method !== 'HEAD';
  if (writes && caller === undefined) return { status: 401, headers: challenge };
  if (kind === 'tags') return json({ name: `${namespace}/${name}`, tags: [...repository.tags.keys()] });
  if (kind === 'referrers') return { status: 404 };
  if (kind === 'manifests') return manifests(repository, call, rest);
  return rest.startsWith('uploads') ? upload(repository, call, rest) : blob(repository, method, rest);
}

function manifests(
  repository: DoubleRepository,
  { method, headers, bytes }: DockerCall,
  reference: string,
): DockerReply {
  if (method === 'PUT') {
    const digest = sha256(bytes);
    repository.manifests.set(digest, { bytes, mediaType: String(headers['content-type']) });
    if (!reference.includes(':')) {
      if (repository.immutableTags && repository.tags.has(reference)) return { status: 403 };
      repository.tags.set(reference, digest);
    }
    return { status: 201, headers: { 'docker-content-digest': digest } };
  }
  const digest = reference.includes(':') ? reference : (repository.tags.get(reference) ?? '');
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) return { status: 404 };
  return {
    status: 200,
    headers: { 'content-type': manifest.mediaType, 'docker-content-digest': digest },
    body: manifest.bytes,
  };
}

function upload(repository: DoubleRepository, { state, method, query, bytes }: DockerCall, rest: string): DockerReply {
  const place = `/v2/${repository.namespace}/${repository.name}/blobs`;
  if (method === 'POST') {
    const [namespace, name] = (query.get('from') ?? '').split('/');
    const source = state.repositories.find((one) => one.namespace === namespace && one.name === name);
    const mounted = source?.blobs.get(query.get('mount') ?? '');
    if (mounted !== undefined) {
      repository.blobs.set(query.get('mount') ?? '', mounted);
      return { status: 201, headers: { location: `${place}/${query.get('mount') ?? ''}` } };
    }
    const id = randomUUID();
    uploads.set(id, Buffer.alloc(0));
    return { status: 202, headers: { location: `${place}/uploads/${id}` } };
  }
  const id = rest.slice('uploads/'.length);
  const before = uploads.get(id);
  if (before === undefined) return { status: 404 };
  if (method === 'DELETE') {
    uploads.delete(id);
    return { status: 204 };
  }
  const whole = Buffer.concat([before, bytes]);
  uploads.set(id, whole);
  if (method === 'PATCH') return { status: 202, headers: { location: `${place}/uploads/${id}` } };
  const digest = query.get('digest') ?? '';
  if (sha256(whole) !== digest) return { status: 400 };
  repository.blobs.set(digest, whole);
  return { status: 201, headers: { location: `${place}/${digest}` } };
}

function blob(repository: DoubleRepository, method: string, digest: string): DockerReply {
  const bytes = repository.blobs.get(digest);
  if (bytes === undefined) return { status: 404 };
  const headers = { 'content-length': String(bytes.length), 'docker-content-digest': digest };
  return { status: 200, headers, ...(method === 'HEAD' ? {} : { body: bytes }) };
}

function json(value: unknown): DockerReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** `sha256:…` of bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
