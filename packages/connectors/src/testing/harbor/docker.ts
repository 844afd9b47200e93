// The docker half of the double: Harbor's token service, and manifests, blobs, tags, referrers and catalog of the repositories in its state.
import { createHash, randomUUID } from 'node:crypto';
import type { Caller } from './access.ts';
import { tag } from './artifact-routes.ts';
import { put, type DoubleArtifact, type DoubleState } from './state.ts';

export interface DockerCall {
  readonly state: DoubleState;
  /** Undefined: the login is wrong. */
  readonly caller: Caller | undefined;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly nowMs: number;
}

export interface DockerReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const ociIndex = 'application/vnd.oci.image.index.v1+json';
const uploads = new Map<string, Buffer[]>();
/** Token → the `Authorization` that it was given for; empty for nobody. */
const tokens = new Map<string, string>();

/** The login behind a token of the token service; undefined where the header holds none that was given. */
export function behindToken(authorization: string | undefined): string | undefined {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  return token === undefined ? authorization : (tokens.get(token) ?? 'Basic bm9ib2R5Ong=');
}

/** Answers a request outside the API; undefined where Harbor has no such route. */
export function dockerReply(call: DockerCall): DockerReply | undefined {
  const { caller, path, headers, state } = call;
  if (path === '/v1/_ping') return { status: 404 };
  if (path === '/service/token') {
    if (caller === undefined) return error(401, 'UNAUTHORIZED');
    const token = randomUUID();
    tokens.set(token, typeof headers['authorization'] === 'string' ? headers['authorization'] : '');
    return json({ token, expires_in: 1800, issued_at: new Date(call.nowMs).toISOString() });
  }
  if (path === '/v2/') return caller === undefined || caller.name === 'anonymous' ? refused(call) : json({});
  if (path === '/v2/_catalog') {
    if (caller?.isAdmin !== true) return refused(call);
    return json({ repositories: [...state.repositories.keys()].toSorted() });
  }
  const found = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.*)$/.exec(path);
  return found === null ? undefined : inRepository(call, found[1] ?? '', found[2] ?? '', found[3] ?? '');
}

function inRepository(call: DockerCall, repository: string, kind: string, rest: string): DockerReply {
  const { state, caller, method } = call;
  const [project = ''] = repository.split('/');
  const writes = method !== 'GET' && method !== 'HEAD';
  const may = writes
    ? caller?.may('artifact', 'create', project) === true || caller?.may('repository', 'push', project) === true
    : caller?.may('repository', 'pull', project) === true;
  if (!may) return refused(call, `repository:${repository}:${writes ? 'pull,push' : 'pull'}`);
  const artifacts = state.repositories.get(repository);
  if (kind === 'tags') {
    const names = [...(artifacts?.values() ?? [])].flatMap(({ tags }) => tags);
    return artifacts === undefined ? error(404, 'NOT_FOUND') : json({ name: repository, tags: names.toSorted() });
  }
  if (kind === 'referrers') return referrers(state, artifacts?.get(rest));
  if (kind === 'manifests')
    return method === 'PUT' ? store(call, repository, rest) : manifest(state, artifacts, method, rest);
  return rest.startsWith('uploads') ? upload(call, repository, rest) : blob(state, method, rest);
}

function manifest(
  state: DoubleState,
  artifacts: ReadonlyMap<string, DoubleArtifact> | undefined,
  method: string,
  reference: string,
): DockerReply {
  const all = [...(artifacts?.values() ?? [])];
  const digest = reference.includes(':') ? reference : (all.find(({ tags }) => tags.includes(reference))?.digest ?? '');
  const isHere = all.some(
    ({ digest: own, accessories }) => own === digest || accessories.some((one) => one.digest === digest),
  );
  const stored = isHere ? state.manifests.get(digest) : undefined;
  if (stored === undefined) return error(404, 'MANIFEST_UNKNOWN');
  const headers = {
    'content-type': stored.mediaType,
    'docker-content-digest': digest,
    'content-length': String(stored.bytes.length),
  };
  return { status: 200, headers, ...(method === 'HEAD' ? {} : { body: stored.bytes }) };
}

/** What names a subject becomes its accessory, as Harbor keeps signatures; each push is in the log. */
function store(
  { state, caller, headers, bytes, nowMs }: DockerCall,
  repository: string,
  reference: string,
): DockerReply {
  const digest = sha256(bytes);
  const mediaType = String(headers['content-type']);
  const document = JSON.parse(bytes.toString()) as {
    subject?: { digest: string };
    manifests?: { digest: string }[];
    config?: { digest: string };
    layers?: { digest: string }[];
  };
  const needed = [document.config, ...(document.layers ?? [])].flatMap((one) => one?.digest ?? []);
  if (needed.some((one) => !state.blobs.has(one))) return error(400, 'MANIFEST_BLOB_UNKNOWN');
  state.manifests.set(digest, { bytes, mediaType });
  const subject = document.subject?.digest;
  const about = subject === undefined ? undefined : state.repositories.get(repository)?.get(subject);
  if (about !== undefined) {
    if (!about.accessories.some((one) => one.digest === digest))
      about.accessories.push({ digest, type: 'signature.cosign' });
  } else {
    const children = (document.manifests ?? []).map((child) => child.digest);
    const present = state.repositories.get(repository)?.get(digest);
    const pushTime = new Date(nowMs).toISOString();
    const artifact =
      present ?? put(state, repository, digest, { digest, mediaType, size: bytes.length, children, pushTime });
    if (!reference.includes(':')) tag(state, repository, artifact, reference);
  }
  state.audit.push({
    username: caller?.name ?? '',
    operation: 'create',
    resource: reference.includes(':') ? `${repository}@${digest}` : `${repository}:${reference}`,
    type: 'artifact',
    time: new Date(nowMs).toISOString(),
  });
  const echo: Record<string, string> = subject === undefined ? {} : { 'oci-subject': subject };
  return { status: 201, headers: { 'docker-content-digest': digest, ...echo } };
}

function referrers(state: DoubleState, artifact: DoubleArtifact | undefined): DockerReply {
  const manifests = (artifact?.accessories ?? []).flatMap(({ digest }) => {
    const stored = state.manifests.get(digest);
    if (stored === undefined) return [];
    const { artifactType } = JSON.parse(stored.bytes.toString()) as { artifactType?: string };
    return [{ mediaType: stored.mediaType, digest, size: stored.bytes.length, artifactType }];
  });
  const body = JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests });
  return { status: 200, headers: { 'content-type': ociIndex }, body };
}

function blob(state: DoubleState, method: string, digest: string): DockerReply {
  const bytes = state.blobs.get(digest);
  if (bytes === undefined) return error(404, 'BLOB_UNKNOWN');
  const headers = { 'content-length': String(bytes.length), 'docker-content-digest': digest };
  return { status: 200, headers, ...(method === 'HEAD' ? {} : { body: bytes }) };
}

function upload({ state, method, query, bytes }: DockerCall, repository: string, rest: string): DockerReply {
  const place = `/v2/${repository}/blobs`;
  if (method === 'POST') {
    const mount = query.get('mount') ?? '';
    if (state.blobs.has(mount)) return { status: 201, headers: { location: `${place}/${mount}` } };
    const id = randomUUID();
    uploads.set(id, []);
    return { status: 202, headers: { location: `${place}/uploads/${id}` } };
  }
  const id = rest.slice('uploads/'.length);
  const pieces = uploads.get(id);
  if (pieces === undefined) return error(404, 'BLOB_UPLOAD_UNKNOWN');
  if (method === 'DELETE') {
    uploads.delete(id);
    return { status: 204 };
  }
  pieces.push(bytes);
  if (method === 'PATCH') return { status: 202, headers: { location: `${place}/uploads/${id}` } };
  const digest = query.get('digest') ?? '';
  const whole = Buffer.concat(pieces);
  if (sha256(whole) !== digest) return error(400, 'DIGEST_INVALID');
  state.blobs.set(digest, whole);
  return { status: 201, headers: { location: `${place}/${digest}` } };
}

function refused({ caller, host, headers }: DockerCall, scope?: string): DockerReply {
  const isKnown = caller !== undefined && caller.name !== 'anonymous';
  if (isKnown && headers['authorization'] !== undefined && scope !== undefined) return error(403, 'DENIED');
  const realm = `Bearer realm="https://${host}/service/token",service="harbor-registry"`;
  return {
    ...error(401, 'UNAUTHORIZED'),
    headers: { 'www-authenticate': scope === undefined ? realm : `${realm},scope="${scope}"` },
  };
}

function error(status: number, code: string): DockerReply {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }) };
}

function json(value: unknown): DockerReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
