// Fetches one document of a feed into a file: conditional, size-capped, and never over a redirect to plain http.
import { createWriteStream, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { finished } from 'node:stream/promises';
import { isPlombeError, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { maxDocumentBytes } from '../build/write-shard.ts';
import type { FeedRequest } from '../feed.ts';

/** What a server said of a document when it gave it. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type Fetched =
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'fetched'; readonly path: string; readonly bytes: number } & Validators);

export type FetchContext = Pick<Context, 'fetch' | 'signal' | 'progress'>;

export interface FetchLimits {
  readonly maxBytes: number;
  readonly redirects: number;
  readonly attempts: number;
  /** Pause before the second attempt; doubled for the next. */
  readonly pauseMs: number;
}

/** Five redirects: publishers use one or two. Three attempts over 1.5 s: enough for a restart of a proxy, not to hammer a server. */
export const defaultFetchLimits: FetchLimits = { maxBytes: maxDocumentBytes, redirects: 5, attempts: 3, pauseMs: 500 };

/** Fetches a document to `path`, or answers that it has not changed. Throws `feed/unreachable`, `feed/malformed` where it is too large. */
export async function fetchDocument(
  request: FeedRequest,
  path: string,
  known: Validators,
  ctx: FetchContext,
  limits: FetchLimits = defaultFetchLimits,
): Promise<Fetched> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(request, path, known, ctx, limits);
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (attempt >= limits.attempts || (isPlombeError(error) && !error.retryable))
        throw unreachable(request.url, error);
      await wait(limits.pauseMs * 2 ** (attempt - 1), undefined, { signal: ctx.signal });
    }
  }
}

/** The largest page that only names another, a repository's repomd.xml, has under 100 KiB. */
const maxPageBytes = mebibyte;

/** Returns the request with the document's own address, where pages have to be read to know it. Throws as `fetchDocument` does. */
export async function resolveRequest(
  request: FeedRequest,
  path: string,
  ctx: FetchContext,
  limits: FetchLimits = defaultFetchLimits,
): Promise<FeedRequest> {
  let { url } = request;
  for (const step of request.follow ?? []) {
    await fetchDocument({ name: request.name, url }, path, {}, ctx, { ...limits, maxBytes: maxPageBytes });
    const next = step(readFileSync(path, 'utf8'));
    if (next === undefined) throw new PlombeError('feed/malformed', `${plainUrl(url)} does not say where the feed is.`);
    url = nextUrl(url, next);
  }
  return { name: request.name, url };
}

/** A page may name http or a relative path; it never leads from https to plain http. */
function nextUrl(url: string, next: string): string {
  const at = new URL(url);
  const to = URL.canParse(next, at.href) ? new URL(next, at) : undefined;
  if (to !== undefined && at.protocol === 'https:' && to.protocol === 'http:') to.protocol = 'https:';
  if (to === undefined || to.protocol !== at.protocol)
    throw new PlombeError('feed/malformed', `${plainUrl(url)} names no address of a feed.`);
  return to.href;
}

function unreachable(url: string, error: unknown): PlombeError {
  if (isPlombeError(error)) return error;
  return new PlombeError('feed/unreachable', `${plainUrl(url)} could not be fetched: ${reasonOf(error)}.`, {
    cause: error,
    retryable: true,
  });
}

/** What the network said: Node puts it into the cause of its `fetch failed`, or into the first of several causes. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  return messageOf(first).replace(/\.$/, '');
}

function plainUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

async function fetchOnce(
  request: FeedRequest,
  path: string,
  known: Validators,
  ctx: FetchContext,
  limits: FetchLimits,
): Promise<Fetched> {
  const response = await follow(request.url, known, ctx, limits.redirects);
  if (response.status === 304) {
    await response.body?.cancel();
    return { kind: 'unchanged' };
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const retryable = response.status >= 500 || response.status === 429;
    throw new PlombeError('feed/unreachable', `${plainUrl(request.url)} answered ${response.status}.`, { retryable });
  }
  const bytes = await save(response.body, path, { request, ctx, limits, totalBytes: lengthOf(response) });
  const etag = response.headers.get('etag');
  const lastModified = response.headers.get('last-modified');
  return {
    kind: 'fetched',
    path,
    bytes,
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
}

async function follow(url: string, known: Validators, ctx: FetchContext, redirects: number): Promise<Response> {
  const headers = {
    ...(known.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  };
  let at = new URL(url);
  for (let hop = 0; ; hop++) {
    const response = await ctx.fetch(at, { headers, redirect: 'manual', signal: ctx.signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null)
      return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.protocol !== 'https:' && next.protocol !== at.protocol) {
      throw new PlombeError(
        'feed/unreachable',
        `${plainUrl(url)} redirects from ${at.protocol}// to ${next.protocol}//.`,
      );
    }
    if (hop >= redirects)
      throw new PlombeError('feed/unreachable', `${plainUrl(url)} redirects more than ${redirects} times.`);
    at = next;
  }
}

/** The length of the body as it will be saved; unknown where the transport compresses it. */
function lengthOf(response: Response): number | undefined {
  const length = Number(response.headers.get('content-length') ?? NaN);
  return Number.isSafeInteger(length) && response.headers.get('content-encoding') === null ? length : undefined;
}

interface SaveOptions {
  readonly request: FeedRequest;
  readonly ctx: FetchContext;
  readonly limits: FetchLimits;
  readonly totalBytes: number | undefined;
}

async function save(body: NonNullable<Response['body']>, path: string, options: SaveOptions): Promise<number> {
  const { request, ctx, limits, totalBytes } = options;
  const file = createWriteStream(path);
  let bytes = 0;
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      ctx.signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > limits.maxBytes) {
        throw new PlombeError('feed/malformed', `${plainUrl(request.url)} is larger than ${limits.maxBytes} bytes.`);
      }
      if (!file.write(chunk)) await new Promise<void>((resolve) => void file.once('drain', resolve));
      ctx.progress?.({
        task: `fetch ${request.name}`,
        doneBytes: bytes,
        ...(totalBytes === undefined ? {} : { totalBytes }),
      });
    }
  } finally {
    file.end();
    await finished(file);
  }
  if (totalBytes !== undefined && bytes !== totalBytes) {
    const message = `${plainUrl(request.url)} ended after ${bytes} of ${totalBytes} bytes.`;
    throw new PlombeError('feed/unreachable', message, { retryable: true });
  }
  ctx.progress?.({ task: `fetch ${request.name}`, doneBytes: bytes, totalBytes: bytes, finished: true });
  return bytes;
}
