// One HTTP request, one answer: deadlines, address checks, proxy and trust; no redirect, no retry, no credential of its own.
import { request as httpRequest, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SecureContext } from 'node:tls';
import type { Context } from '@plombe/model';
import { PlombeError, readAll } from '@plombe/kit';
import { addressScope, type AddressLimit, type AddressScope } from './address.ts';
import { readBody } from './body.ts';
import { checkLiteral, createAgent, proxyAuthorization } from './connect.ts';
import { connectionError, deadlineError } from './failure.ts';
import { proxyFor, type ProxyOptions } from './proxy.ts';
import { loadTrust } from './trust.ts';

export interface NetworkOptions {
  readonly proxy?: ProxyOptions;
  /** PEM files of certificate authorities to trust besides the known ones. */
  readonly caFiles?: readonly string[];
  /** Connections to one host at a time; 6 is what browsers use and registries expect. */
  readonly connectionsPerHost?: number;
  readonly timeouts?: Partial<NetworkTimeouts>;
}

/** Deadlines of one request. All in milliseconds. */
export interface NetworkTimeouts {
  /** Until the connection stands, TLS included. */
  readonly connectMs: number;
  /** From the connection to the head of the answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
}

/** 15 s: a lost SYN is sent again after 1, 3 and 7 s. 60 s: registries in front of cold storage need up to half of it. */
const defaultTimeouts: NetworkTimeouts = { connectMs: 15_000, headersMs: 60_000, idleMs: 30_000 };

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** How far inside the address may lie. */
  readonly limit: AddressLimit;
  /** Blobs have connections of their own, so that a token never waits for a download. */
  readonly pool?: 'documents' | 'blobs';
  readonly signal: AbortSignal;
  /** Overrides the connect deadline, for addresses that may not be there at all. */
  readonly connectMs?: number;
  /** True for addresses that a proxy cannot reach (a cloud's own token endpoint). */
  readonly direct?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from; `public` through a proxy, which hides it. */
  readonly scope: AddressScope;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads the rest of a short body, at most `maxBytes`; undefined where it is longer. */
  readAll(maxBytes: number): Promise<Uint8Array | undefined>;
  /** Drops the body. The connection is used again where little is left of it. */
  discard(): Promise<void>;
}

export interface HttpClient {
  /** Sends one request. Throws `registry/unreachable`, `registry/tls`, `registry/blocked-address` or `operation/cancelled`. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** A body that is not wanted is read on to this size, else the connection is closed: 64 KiB arrive faster than a handshake. */
const discardBytes = 65_536;
const discardMs = 1000;
/** Node's default is 16 KiB; storage services redirect with signed URLs and policies of several KiB. */
const maxHeaderBytes = 65_536;

/** Creates a client. It uses sockets of its own, not `ctx.fetch`: that one cannot check the resolved address of a connection. */
export function createHttpClient(options: NetworkOptions, ctx: Pick<Context, 'clock'>): HttpClient {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agents = new Map<string, Agent>();
  let trust: Promise<SecureContext> | undefined;

  async function agentFor(request: HttpRequest, proxy: URL | undefined, connectMs: number): Promise<Agent> {
    const secure = request.url.protocol === 'https:';
    const key = `${request.url.protocol} ${request.limit} ${request.pool ?? 'documents'} ${proxy?.href ?? ''} ${connectMs}`;
    if (secure) trust ??= loadTrust(options.caFiles ?? []);
    const secureContext = secure ? await trust : undefined;
    let agent = agents.get(key);
    if (agent === undefined) {
      agent = createAgent({
        secure,
        maxConnections: options.connectionsPerHost ?? 6,
        connectTimeoutMs: connectMs,
        limit: request.limit,
        ...(proxy === undefined ? {} : { proxy }),
        ...(secureContext === undefined ? {} : { secureContext }),
      });
      agents.set(key, agent);
    }
    return agent;
  }

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const { url, signal } = request;
    signal.throwIfAborted();
    checkLiteral(url.hostname, request.limit);
    const proxy = request.direct === true ? undefined : proxyFor(url, options.proxy ?? {});
    const connectMs = request.connectMs ?? timeouts.connectMs;
    const agent = await agentFor(request, proxy, connectMs);
    const response = await receive(request, agent, proxy, { ...timeouts, connectMs });
    const address = proxy === undefined ? response.socket?.remoteAddress : undefined;
    const body = readBody(response, { host: url.host, clock: ctx.clock, signal, idleMs: timeouts.idleMs });
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      scope: address === undefined ? 'public' : addressScope(address),
      body,
      readAll: (maxBytes) => readAll(body, maxBytes),
      discard: () => discard(response, body),
    };
  }

  return {
    send,
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function receive(
  request: HttpRequest,
  agent: Agent,
  proxy: URL | undefined,
  timeouts: NetworkTimeouts,
): Promise<IncomingMessage> {
  const { url, signal } = request;
  const secure = url.protocol === 'https:';
  const target =
    proxy !== undefined && !secure
      ? { hostname: bare(proxy.hostname), port: proxy.port || '80', path: url.href.replace(/#.*$/, '') }
      : {
          hostname: bare(url.hostname),
          port: url.port || (secure ? '443' : '80'),
          path: `${url.pathname}${url.search}`,
        };
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const fail = (thrown: unknown): void => {
      clearTimeout(timer);
      reject(connectionError(url.host, thrown, signal));
    };
    const out = (secure ? httpsRequest : httpRequest)({
      ...target,
      agent,
      method: request.method,
      maxHeaderSize: maxHeaderBytes,
      signal,
      headers: {
        'user-agent': 'plombe',
        'accept-encoding': 'identity',
        ...request.headers,
        host: url.host,
        ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
        ...(proxy !== undefined && !secure ? proxyAuthorization(proxy) : {}),
      },
    });
    const deadline = (what: string, ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => out.destroy(deadlineError(url.host, what, ms)), ms);
    };
    // Deadlines start with the socket: a request may wait long for its turn when all connections are in use.
    out.once('socket', (socket) => {
      if (!socket.connecting) return deadline('answer', timeouts.headersMs);
      deadline('connection', timeouts.connectMs);
      return socket.once(secure ? 'secureConnect' : 'connect', () => deadline('answer', timeouts.headersMs));
    });
    out.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    out.once('error', fail);
    out.end(request.body);
  });
}

/** Reads on to the end where that is near, so that the connection can be used again; else closes it. */
async function discard(response: IncomingMessage, body: AsyncIterable<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => response.destroy(), discardMs);
  try {
    if (Number(response.headers['content-length'] ?? 0) <= discardBytes) await readAll(body, discardBytes);
  } catch {
    // The answer was not wanted; how it ends does not matter.
  } finally {
    clearTimeout(timer);
    if (!response.readableEnded) response.destroy();
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Reads a JSON or text answer whole. Throws `registry/invalid-answer` where it is larger than `maxBytes`. */
export async function readDocument(response: HttpResponse, host: string, maxBytes: number): Promise<Uint8Array> {
  const bytes = await response.readAll(maxBytes);
  if (bytes !== undefined) return bytes;
  throw new PlombeError('registry/invalid-answer', `${host} answered with more than ${maxBytes} bytes.`);
}
