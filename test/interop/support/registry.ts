// A small OCI registry in memory with the referrers API, which the registries that can be had as programs lack; only for tests.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './ending.ts';

interface Manifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

interface Repository {
  readonly blobs: Map<string, Buffer>;
  /** By digest. */
  readonly manifests: Map<string, Manifest>;
  readonly tags: Map<string, string>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const indexType = 'application/vnd.oci.image.index.v1+json';

/** Starts it on a free port of the loopback; it ends with the test file. Returns `127.0.0.1:port`. */
export async function startReferrersRegistry(): Promise<string> {
  const repositories = new Map<string, Repository>();
  const uploads = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    answer(request, repositories, uploads).then(
      (given) => send(request, response, given),
      (thrown: unknown) => send(request, response, failure(500, 'UNKNOWN', String(thrown))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(
  request: IncomingMessage,
  repositories: Map<string, Repository>,
  uploads: Map<string, Buffer>,
): Promise<Answer> {
  const url = new URL(request.url ?? '', 'http://registry');
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  if (url.pathname === '/v2/') return { status: 200, body: '{}' };
  const path = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|referrers|tags)\/(.*)$/.exec(url.pathname);
  if (path === null) return failure(404, 'NAME_UNKNOWN');
  const [, name = '', kind, last = ''] = path;
  const repository = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
  repositories.set(name, repository);
  const method = request.method ?? '';
  switch (kind) {
    case 'tags':
      return { status: 200, body: JSON.stringify({ name, tags: [...repository.tags.keys()] }) };
    case 'blobs':
      return blobAnswer(repository.blobs.get(last), last);
    case 'blobs/uploads':
      return upload({ method, name, id: last, query: url.searchParams, body, repository, uploads });
    case 'referrers':
      return referrers(repository, last, url.searchParams.get('artifactType'));
    default:
      return manifest(method, name, last, repository, {
        bytes: body,
        mediaType: request.headers['content-type'] ?? '',
      });
  }
}

function blobAnswer(blob: Buffer | undefined, digest: string): Answer {
  if (blob === undefined) return failure(404, 'BLOB_UNKNOWN');
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
  return { status: 200, headers, body: blob };
}

/** Distribution specification 1.1, "Pushing blobs": monolithic and in pieces; mounts are answered with an upload. */
function upload(asked: {
  readonly method: string;
  readonly name: string;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly repository: Repository;
  readonly uploads: Map<string, Buffer>;
}): Answer {
  const { method, name, query, body, repository, uploads } = asked;
  const id = method === 'POST' ? String(uploads.size + 1) : asked.id;
  const before = method === 'POST' ? Buffer.alloc(0) : uploads.get(id);
  if (before === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN');
  const bytes = Buffer.concat([before, body]);
  uploads.set(id, bytes);
  const digest = query.get('digest');
  if (digest === null || method === 'PATCH') {
    const headers = { location: `/v2/${name}/blobs/uploads/${id}`, range: `0-${Math.max(bytes.length - 1, 0)}` };
    return { status: 202, headers };
  }
  if (digest !== digestOf(bytes)) return failure(400, 'DIGEST_INVALID');
  repository.blobs.set(digest, bytes);
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
}

function manifest(method: string, name: string, reference: string, repository: Repository, given: Manifest): Answer {
  if (method === 'PUT') {
    const digest = digestOf(given.bytes);
    if (reference.includes(':') && reference !== digest) return failure(400, 'DIGEST_INVALID');
    const { subject } = JSON.parse(given.bytes.toString()) as { subject?: { digest: string } };
    repository.manifests.set(digest, given);
    if (!reference.includes(':')) repository.tags.set(reference, digest);
    const listed: Record<string, string> = subject === undefined ? {} : { 'oci-subject': subject.digest };
    const headers = { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...listed };
    return { status: 201, headers };
  }
  const digest = reference.includes(':') ? reference : (repository.tags.get(reference) ?? '');
  const found = repository.manifests.get(digest);
  if (found === undefined) return failure(404, 'MANIFEST_UNKNOWN');
  if (method === 'DELETE') {
    if (reference.includes(':')) repository.manifests.delete(digest);
    else repository.tags.delete(reference);
    return { status: 202 };
  }
  const headers = { 'content-type': found.mediaType, 'docker-content-digest': digest };
  return { status: 200, headers, body: found.bytes };
}

/** Distribution specification 1.1, "Listing Referrers", with its filter. */
function referrers({ manifests }: Repository, digest: string, wanted: string | null): Answer {
  const all = [...manifests].flatMap(([own, { bytes, mediaType }]) => {
    const document = JSON.parse(bytes.toString()) as {
      readonly subject?: { readonly digest: string };
      readonly artifactType?: string;
      readonly config?: { readonly mediaType: string };
      readonly annotations?: object;
    };
    if (document.subject?.digest !== digest) return [];
    const artifactType = document.artifactType ?? document.config?.mediaType;
    return [{ mediaType, digest: own, size: bytes.length, artifactType, annotations: document.annotations }];
  });
  const kept = wanted === null ? all : all.filter(({ artifactType }) => artifactType === wanted);
  const filtered: Record<string, string> = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
  const body = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: kept });
  return { status: 200, headers: { 'content-type': indexType, ...filtered }, body };
}

function failure(status: number, code: string, message = code): Answer {
  return { status, body: JSON.stringify({ errors: [{ code, message }] }) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body = '' }: Answer): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
