// The two APIs of MSR: `/api/v0` of the registry and `/enzi/v0` of its accounts, with the paging of each, within limits.
import { PlombeError, isObject, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { RestClient } from '../rest.ts';

/** Page size: the default of 10 would ask a hundred times as often. */
const pageSize = 100;
/** 200,000 entries; a list that is longer leads in a circle (T28). */
const maxPages = 2000;

export interface MsrApi {
  /** One object. Throws `registry/invalid-answer` where it is none. */
  object(path: string, signal: AbortSignal): Promise<JsonObject>;
  /** A short list that has no pages. */
  entries(path: string, signal: AbortSignal): Promise<readonly JsonObject[]>;
  /** Pages of `/api/v0`: `pageStart`, `pageSize`, and the header `X-Next-Page-Start`. `member`: where the list stands; absent: it is the answer. */
  list(path: string, member: string | undefined, signal: AbortSignal): AsyncIterable<JsonObject>;
  /** Pages of `/enzi/v0`: `start`, `limit`, and the member or header of the next start. */
  accounts(path: string, member: string, signal: AbortSignal): AsyncIterable<JsonObject>;
  /** Pages by offset, as jobs have them; newest first, until `enough` says so. */
  jobs(enough: (entry: JsonObject) => boolean, signal: AbortSignal): AsyncIterable<JsonObject>;
}

/**
 * Joins encoded parts to a path: names come out of the registry and may hold anything. Throws `registry/not-found` for a part that would lead to another
 * path (`..`).
 */
export function pathOf(...parts: readonly string[]): string {
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new PlombeError('registry/not-found', 'A name of MSR is neither empty nor made of dots.');
  }
  return parts.map((part) => `/${encodeURIComponent(part.toWellFormed())}`).join('');
}

/** Splits `namespace/name`. Throws `registry/not-found` where it is neither more nor less. */
export function splitRepository(repository: string): readonly [namespace: string, name: string] {
  const [namespace, name, ...rest] = repository.split('/');
  if (namespace && name && rest.length === 0) return [namespace, name];
  throw new PlombeError('registry/not-found', 'A repository of MSR is written NAMESPACE/NAME.');
}

/** Opens both APIs over one REST client. */
export function msrApi(rest: RestClient, registry: string): MsrApi {
  const invalid = (path: string, what: string): PlombeError =>
    new PlombeError('registry/invalid-answer', `${registry}${path.replace(/\?.*$/s, '')} ${what}.`);

  async function* pages(
    path: string,
    member: string | undefined,
    names: { readonly start: string; readonly size: string },
    signal: AbortSignal,
  ): AsyncGenerator<JsonObject, void> {
    const seen = new Set<string>();
    for (let start: string | undefined = ''; start !== undefined;) {
      if (seen.has(start)) throw invalid(path, 'leads to an earlier page');
      if (seen.size >= maxPages) throw invalid(path, `has more than ${maxPages} pages`);
      seen.add(start);
      const query = `${names.size}=${pageSize}${start === '' ? '' : `&${names.start}=${encodeURIComponent(start.toWellFormed())}`}`;
      const { value, headers } = await rest.call({ path: `${path}${path.includes('?') ? '&' : '?'}${query}`, signal });
      yield* entriesOf(value, member, path);
      const header = headers['x-next-page-start'];
      const inBody: string | undefined = isObject(value) ? textField(value, 'nextPageStart') : undefined;
      const next: string | undefined = typeof header === 'string' && header !== '' ? header : inBody;
      start = next === '' ? undefined : next;
    }
  }

  function entriesOf(value: unknown, member: string | undefined, path: string): readonly JsonObject[] {
    if (member === undefined && Array.isArray(value)) return value.filter(isObject);
    if (member !== undefined && isObject(value)) return objectsField(value, member);
    // An empty list is written as null.
    if (value === null || value === undefined) return [];
    throw invalid(path, 'answered something that is no list');
  }

  return {
    object: async (path, signal) => {
      const { value } = await rest.call({ path, signal });
      if (isObject(value)) return value;
      throw invalid(path, 'answered something that is no object');
    },
    entries: async (path, signal) => entriesOf((await rest.call({ path, signal })).value, undefined, path),
    list: (path, member, signal) => pages(path, member, { start: 'pageStart', size: 'pageSize' }, signal),
    accounts: (path, member, signal) => pages(path, member, { start: 'start', size: 'limit' }, signal),
    jobs: async function* (enough, signal) {
      const path = '/api/v0/jobs';
      for (let start = 0; start < maxPages * pageSize; start += pageSize) {
        const { value } = await rest.call({ path: `${path}?start=${start}&limit=${pageSize}`, signal });
        const found = entriesOf(value, 'jobs', path);
        for (const entry of found) {
          if (enough(entry)) return;
          yield entry;
        }
        if (found.length < pageSize) return;
      }
    },
  };
}
