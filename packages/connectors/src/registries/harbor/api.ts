// Harbor's API v2.0 over the REST half of a registry: paths, pages, and refusals that say why.
import { PlombeError, inert, isObject, type JsonObject } from '@plombe/kit';
import type { RestAnswer, RestClient } from '../rest.ts';

export interface HarborRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v2.0`, each part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Statuses besides 2xx that are an answer. */
  readonly expect?: readonly number[];
}

export interface HarborApi {
  /** `host[:port]`, for messages. */
  readonly registry: string;
  /** Sends one request. Throws what `RestClient.call` throws, and `connector/refused` where Harbor's state forbids a change. */
  call(request: HarborRequest): Promise<RestAnswer>;
  /** One object. Throws `registry/invalid-answer` where the answer is none. */
  read(request: HarborRequest): Promise<JsonObject>;
  /** Every object of a list, page by page. Throws `registry/invalid-answer` where it does not end. */
  list(request: HarborRequest): AsyncGenerator<JsonObject, void>;
}

/** The most that Harbor gives at a time. */
const pageSize = 100;
/** A million entries; a list that goes on is no list (T28). */
const maxPages = 10_000;
/** Method not allowed, conflict, precondition failed: an immutable tag, a policy, something that still refers to it. */
const refusals: readonly number[] = [405, 409, 412];

/** Creates the API over a client, which stays the caller's to close. */
export function createHarborApi(rest: RestClient, registry: string): HarborApi {
  async function call(request: HarborRequest): Promise<RestAnswer> {
    const { method = 'GET', path, query = {}, body, signal, expect = [] } = request;
    const search = new URLSearchParams(query).toString();
    const answer = await rest.call({
      method,
      path: `/api/v2.0${path}${search === '' ? '' : `?${search}`}`,
      signal,
      expect: [...refusals, ...expect],
      ...(body === undefined ? {} : { body }),
    });
    if (!refusals.includes(answer.status) || expect.includes(answer.status)) return answer;
    const said = answer.said === undefined ? '' : `, ${answer.said}`;
    throw new PlombeError(
      'connector/refused',
      `${registry} refuses ${method} ${inert(path.slice(0, 300))} as things are (${answer.status}${said}).`,
    );
  }

  async function* list(request: HarborRequest): AsyncGenerator<JsonObject, void> {
    for (let page = 1; page <= maxPages; page++) {
      const query = { ...request.query, page: String(page), page_size: String(pageSize) };
      const { value, headers } = await call({ ...request, query });
      // Harbor writes null where nothing was found.
      const entries = value ?? [];
      if (!Array.isArray(entries)) throw invalid(request.path, 'is no list');
      yield* (entries as readonly unknown[]).filter(isObject);
      const isFull = entries.length >= pageSize;
      if (entries.length === 0 || !(namesNext(headers.link) ?? isFull)) return;
    }
    throw invalid(request.path, `has more than ${maxPages} pages`);
  }

  const invalid = (path: string, reason: string): PlombeError =>
    new PlombeError('registry/invalid-answer', `What ${registry} answers for ${inert(path.slice(0, 300))} ${reason}.`);

  return {
    registry,
    call,
    list,
    read: async (request) => {
      const { value } = await call(request);
      if (isObject(value)) return value;
      throw invalid(request.path, 'is no object');
    },
  };
}

/** Encodes one part of a path. A repository's slashes are encoded twice, as Harbor's description demands. */
export function pathPart(text: string): string {
  const whole = text.toWellFormed();
  return encodeURIComponent(whole.includes('/') ? encodeURIComponent(whole) : whole);
}

/** Whether a `Link` header names a next page; undefined where there is none. Only the relation is read, never the address (T33). */
function namesNext(link: string | readonly string[] | undefined): boolean | undefined {
  if (link === undefined || link.length === 0) return undefined;
  return /;\s*rel="?next"?/i.test(typeof link === 'string' ? link : link.join(','));
}
