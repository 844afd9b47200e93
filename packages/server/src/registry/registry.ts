// The registry: requests of the distribution specification, answered from the store (1.1.1, and what 1.2 is to add).
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { inert, isPlombeError, mebibyte, messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { defaultRules, type RegistryRules, type RegistryStore } from '@plombe/store';
import { deleteBlob, serveBlob } from './blobs.ts';
import { drain } from './body.ts';
import { answerEmpty, answerJson, identify, type Exchange, type Patience, type Registry } from './exchange.ts';
import { listReferrers, listRepositories, listTags } from './listings.ts';
import { pushManifest } from './manifest-push.ts';
import { deleteManifest, serveManifest } from './manifests.ts';
import type { Authenticator, Gate, Upstream } from './ports.ts';
import { answerRefused, Refused } from './refused.ts';
import { parseRoute, type Route } from './route.ts';
import { createUploadSessions, type UploadSessions } from './upload-sessions.ts';
import { appendUpload, beginUpload, cancelUpload, closeUpload, showUpload } from './uploads.ts';

export interface RegistryOptions {
  readonly store: RegistryStore;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  readonly upstream?: Upstream;
  readonly rules?: RegistryRules;
  readonly patience?: Partial<Patience>;
}

/** A minute without 64 KiB is slower than any line that an image could be pushed over; 4 MiB of manifest in a minute are 70 KB a second. */
const defaultPatience: Patience = { stallMs: 60_000, minBytes: mebibyte / 16, manifestMs: 60_000 };

/** What the server calls. */
export interface RegistryHandler {
  readonly listener: RequestListener;
  readonly uploads: UploadSessions;
  /** From now on `/readyz` answers 503. */
  drain(): void;
}

/** Creates the handler of all requests: `/v2/`, `/healthz`, `/readyz`, and what the authenticator answers. */
export function createRegistry(options: RegistryOptions, ctx: Context): RegistryHandler {
  const { store, gate } = options;
  const registry: Registry = {
    store,
    gate,
    authenticator: options.authenticator,
    rules: options.rules ?? defaultRules,
    uploads: createUploadSessions(store, gate, ctx),
    patience: { ...defaultPatience, ...options.patience },
    ctx,
    ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
  };
  let isReady = true;

  async function answer(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?', 1);
    // Which of them is meant, whoever stands in front may see otherwise (RFC 9112, 3.2).
    if ((request.headersDistinct['host']?.length ?? 0) > 1) {
      throw new Refused('UNSUPPORTED', 'A request names one host.', { status: 400 });
    }
    if (path === '/healthz') return answerText(exchange, 200, 'ok');
    if (path === '/readyz') return answerText(exchange, isReady ? 200 : 503, isReady ? 'ok' : 'ending');
    if (path.startsWith('/v2')) {
      response.setHeader('docker-distribution-api-version', 'registry/2.0');
      const route = parseRoute(path);
      if (route === undefined) throw new Refused('UNSUPPORTED', 'There is nothing here.', { status: 404 });
      return dispatch(registry, exchange, route);
    }
    if (await registry.authenticator.handle(request, response)) return;
    throw new Refused('UNSUPPORTED', 'There is nothing here.', { status: 404 });
  }

  const listener: RequestListener = (request, response) => {
    toOriginForm(request);
    const startedMs = ctx.clock.nowMs();
    const gone = new AbortController();
    let id: string | undefined;
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
      ctx.log.debug('request', {
        method: request.method,
        path: pathOf(request),
        status: response.headersSent ? response.statusCode : 0,
        complete: response.writableFinished,
        durationMs: ctx.clock.nowMs() - startedMs,
        remote: request.socket.remoteAddress,
        identity: id,
      });
    });
    const exchange: Exchange = {
      request,
      response,
      query: queryOf(request.url ?? ''),
      signal: AbortSignal.any([gone.signal, ctx.signal]),
      note: (identity) => (id = identity.id),
    };
    answer(request, response, exchange)
      .catch((error: unknown) => answerFailure(registry, exchange, error))
      .then(
        () => {
          drain(request);
          // Of an answer that was given whole, and that its client does not take. Node sets the time anew when it is sent (T35).
          if (!response.writableFinished) request.socket.setTimeout(registry.patience.stallMs);
        },
        () => request.destroy(),
      );
  };
  return { listener, uploads: registry.uploads, drain: () => void (isReady = false) };
}

function dispatch(registry: Registry, exchange: Exchange, route: Route): Promise<void> {
  const { method } = exchange.request;
  const isRead = method === 'GET' || method === 'HEAD';
  switch (route.kind) {
    case 'base':
      if (isRead) return answerBase(registry, exchange);
      break;
    case 'catalog':
      if (isRead) return listRepositories(registry, exchange);
      break;
    case 'tags':
      if (isRead) return listTags(registry, exchange, route.repository);
      break;
    case 'referrers':
      if (isRead) return listReferrers(registry, exchange, route.repository, route.digest);
      break;
    case 'manifest':
      if (isRead) return serveManifest(registry, exchange, route.repository, route.name);
      if (method === 'PUT') return pushManifest(registry, exchange, route.repository, route.name);
      if (method === 'DELETE') return deleteManifest(registry, exchange, route.repository, route.name);
      break;
    case 'blob':
      if (isRead) return serveBlob(registry, exchange, route.repository, route.digest);
      if (method === 'DELETE') return deleteBlob(registry, exchange, route.repository, route.digest);
      break;
    case 'uploads':
      if (method === 'POST') return beginUpload(registry, exchange, route.repository);
      break;
    case 'upload':
      if (method === 'PATCH') return appendUpload(registry, exchange, route.repository, route.id);
      if (method === 'PUT') return closeUpload(registry, exchange, route.repository, route.id);
      if (method === 'DELETE') return cancelUpload(registry, exchange, route.repository, route.id);
      if (isRead) return showUpload(registry, exchange, route.repository, route.id);
  }
  return Promise.reject(new Refused('UNSUPPORTED', 'This method is not offered here.'));
}

async function answerBase(registry: Registry, exchange: Exchange): Promise<void> {
  await identify(registry, exchange);
  answerJson(exchange, {});
}

function answerText({ request, response }: Exchange, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': text.length });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function answerFailure({ ctx }: Registry, { request, response }: Exchange, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const withBody = request.method !== 'HEAD';
  // A request that broke off gets no answer that anyone would read, but its connection must end.
  if (request.destroyed && !request.complete) return answerEmpty(response, 400, { connection: 'close' });
  drain(request);
  if (error instanceof Refused) return answerRefused(response, error, withBody);
  if (isPlombeError(error, 'store/full')) {
    ctx.log.warn('store.full', { path: pathOf(request) });
    return answerRefused(response, new Refused('UNKNOWN', `plombe: ${error.message}`, { status: 507 }), withBody);
  }
  ctx.log.warn('request.failed', { path: pathOf(request), cause: messageOf(error) });
  answerRefused(response, new Refused('UNKNOWN', 'plombe: this failed here; the log says why.'), withBody);
}

/** Proxies may send a whole address in place of a path; its host is the one that counts then (RFC 9112, 3.2.2). */
function toOriginForm(request: IncomingMessage): void {
  const url = /^https?:\/\//i.test(request.url ?? '') ? URL.parse(request.url ?? '') : null;
  if (url === null) return;
  // As it was written: the parser would resolve dots and take `\\` for `/`.
  request.url = (request.url ?? '').replace(/^https?:\/\/[^/?#]*/i, '') || '/';
  request.headers.host = url.host;
}

/** For the log: without the query, which may hold what is secret (T66). */
function pathOf({ url = '' }: IncomingMessage): string {
  return inert(url.split('?', 1)[0]?.slice(0, 500) ?? '');
}

function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}
