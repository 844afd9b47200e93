// A registry in memory for tests: uploads, mounts, tokens, conditions and referrers, each switched on or off, with a log of what was asked.
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer } from './server.ts';

export interface MemoryOptions {
  /** Serves the referrers API and answers `OCI-Subject`. */
  readonly referrers?: boolean;
  /** Gives ETags and holds writers to `If-Match` and `If-None-Match`. */
  readonly conditions?: boolean;
  /** Wants tokens, whose scopes it checks. */
  readonly tokens?: boolean;
  /** Repositories from which a mount is answered 202. */
  readonly mounts?: boolean;
}

export interface MemoryRegistry {
  readonly host: string;
  /** `METHOD path` of every request in order; tokens as `TOKEN scope scope`. */
  readonly asked: readonly string[];
  /** `repository@digest` or `repository:tag` → bytes. */
  readonly manifests: ReadonlyMap<string, { readonly bytes: Buffer; readonly mediaType: string }>;
}

interface Manifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Starts the registry on the loopback; it ends with the test. */
export async function startMemoryRegistry(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const asked: string[] = [];
  const manifests = new Map<string, Manifest>();
  const blobs = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer[]>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const { method = '' } = request;
    const end = (status: number, headers: Record<string, string> = {}, content?: Buffer | string): void => {
      response.writeHead(status, headers);
      response.end(method === 'HEAD' ? undefined : content);
    };
    if (url.pathname === '/token') {
      const scopes = url.searchParams.getAll('scope');
      asked.push(['TOKEN', ...scopes].join(' '));
      return end(200, {}, JSON.stringify({ token: Buffer.from(scopes.join(' ')).toString('base64url') }));
    }
    asked.push(`${method} ${url.pathname}${url.search}`);
    const path = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(url.pathname);
    if (path === null) return end(404);
    const [, repository = '', kind, name = ''] = path;
    const wanted = method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
    const token = Buffer.from((request.headers.authorization ?? '').replace('Bearer ', ''), 'base64url').toString();
    const granted = token
      .split(' ')
      .some((scope) => scope.startsWith(`repository:${repository}:`) && scope.includes(wanted));
    if (options.tokens === true && !granted) {
      const scope = `repository:${repository}:*`;
      const challenge = `Bearer realm="http://${request.headers.host}/token",service="s",scope="${scope}"`;
      return end(401, { 'www-authenticate': challenge });
    }
    if (kind === 'blobs') {
      const blob = blobs.get(`${repository} ${name}`);
      return blob === undefined ? end(404) : end(200, { 'content-length': String(blob.length) }, blob);
    }
    if (kind === 'blobs/uploads') {
      if (method === 'POST') {
        const mount = url.searchParams.get('mount');
        const from = blobs.get(`${url.searchParams.get('from')} ${mount}`);
        if (options.mounts === true && mount !== null && from !== undefined) {
          blobs.set(`${repository} ${mount}`, from);
          return end(201, { location: `/v2/${repository}/blobs/${mount}` });
        }
        const id = String(uploads.size);
        uploads.set(id, []);
        return end(202, { location: `/v2/${repository}/blobs/uploads/${id}?state=a%2Bb` });
      }
      const pieces = uploads.get(name);
      if (pieces === undefined || url.searchParams.get('state') !== 'a+b') return end(404);
      const at = pieces.reduce((sum, piece) => sum + piece.length, 0);
      if (method === 'PATCH' && request.headers['content-range'] !== `${at}-${at + body.length - 1}`) return end(416);
      pieces.push(body);
      if (method === 'PATCH') return end(202, { location: `/v2/${repository}/blobs/uploads/${name}?state=a%2Bb` });
      const bytes = Buffer.concat(pieces);
      const digest = url.searchParams.get('digest') ?? '';
      if (digest !== sha256(bytes)) return end(400, {}, JSON.stringify({ errors: [{ code: 'DIGEST_INVALID' }] }));
      blobs.set(`${repository} ${digest}`, bytes);
      return end(201, { location: `/v2/${repository}/blobs/${digest}` });
    }
    if (kind === 'referrers') {
      if (options.referrers !== true) return end(404);
      const own = [...manifests].flatMap(([key, { bytes, mediaType }]) => {
        const document = JSON.parse(bytes.toString()) as Record<string, unknown> & { subject?: { digest?: string } };
        if (!key.startsWith(`${repository}@`) || document.subject?.digest !== name) return [];
        const { artifactType, annotations } = document;
        return [{ mediaType, digest: sha256(bytes), size: bytes.length, artifactType, annotations }];
      });
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      return end(200, { 'content-type': mediaType }, JSON.stringify({ schemaVersion: 2, mediaType, manifests: own }));
    }
    const key = `${repository}${name.includes(':') ? '@' : ':'}${name}`;
    const present = manifests.get(key);
    if (method !== 'PUT') {
      if (present === undefined) return end(404);
      const headers = { 'content-type': present.mediaType, 'docker-content-digest': sha256(present.bytes) };
      return end(
        200,
        { ...headers, ...(options.conditions === true ? { etag: `"${sha256(present.bytes)}"` } : {}) },
        present.bytes,
      );
    }
    if (options.conditions === true) {
      const match = request.headers['if-match'];
      if (match !== undefined && (present === undefined || match !== `"${sha256(present.bytes)}"`)) return end(412);
      if (request.headers['if-none-match'] === '*' && present !== undefined) return end(412);
    }
    const stored = { bytes: body, mediaType: request.headers['content-type'] ?? '' };
    const digest = sha256(body);
    manifests.set(key, stored);
    manifests.set(`${repository}@${digest}`, stored);
    const { subject } = JSON.parse(body.toString()) as { subject?: { digest?: string } };
    const listed: Record<string, string> =
      options.referrers === true && subject?.digest !== undefined ? { 'oci-subject': subject.digest } : {};
    return end(201, { 'docker-content-digest': digest, ...listed });
  };
  const host = await startServer((request, response) => void handle(request, response));
  return { host, asked, manifests };
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
