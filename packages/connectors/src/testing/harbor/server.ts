// The double of a Harbor: HTTPS, stateful, throttled on request, and held to Harbor's own API description in every answer.
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { startServer } from '@plombe/oci/testing/server';
import { callerOf } from './access.ts';
import { dockerReply } from './docker.ts';
import { readDescription, type Description } from './description.ts';
import { refuse, type Answer } from './route.ts';
import { routes } from './routes.ts';
import { freshState, type DoubleState } from './state.ts';

/** An answer that comes instead of the real one, as often as `times` says. */
export interface Fault {
  /** Compared with `METHOD /path`. */
  readonly on: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  times: number;
}

export interface HarborDouble {
  readonly host: string;
  /** Certificate authority to trust. */
  readonly caFile: string;
  readonly state: DoubleState;
  /** `METHOD path?query` of every request in order. */
  readonly asked: string[];
  readonly faults: Fault[];
  /** What went against the description; the test fails where there is one at its end. */
  readonly problems: string[];
}

/** Harbor's description; undefined where the folder `shared` is absent: then there are no routes, and tests skip. */
export const description: Description | undefined = readDescription();

/** Starts a fresh Harbor on the loopback that ends with the test. `nowMs`: its clock. */
export async function startHarbor(nowMs: () => number = Date.now): Promise<HarborDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-harbor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const authority = createAuthority(folder);
  const tls = readCertificate(authority.issue('harbor', 'IP:127.0.0.1'));
  const [state, asked, faults, problems] = [freshState(), [] as string[], [] as Fault[], [] as string[]];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    const { method = '', url = '' } = request;
    const [rawPath = '', search = ''] = url.split('?', 2);
    const send = (status: number, headers: Record<string, string>, body?: string): void => {
      response.writeHead(status, { 'x-request-id': String(asked.length), ...headers });
      response.end(body);
    };
    asked.push(`${method} ${url.replace(/^\/api\/v2\.0/, '')}`);
    const fault = faults.find(({ on, times }) => times > 0 && on.test(`${method} ${rawPath}`));
    if (fault !== undefined) {
      fault.times -= 1;
      return send(fault.status, { ...fault.headers }, fault.body);
    }
    const caller = callerOf(state, request, nowMs());
    const query = new URLSearchParams(search);
    const docker = dockerReply({
      state,
      caller,
      host,
      method,
      path: rawPath,
      query,
      bytes,
      headers: request.headers,
      nowMs: nowMs(),
    });
    if (docker !== undefined) {
      response.writeHead(docker.status, docker.headers);
      return void response.end(docker.body);
    }
    const path = rawPath.replace(/^\/api\/v2\.0/, '');
    const operation = rawPath === path ? undefined : description?.find(method, path);
    const route = operation === undefined ? undefined : routes[operation.id];
    if (description === undefined || operation === undefined || route === undefined) {
      problems.push(`no route for ${method} ${rawPath}${operation === undefined ? '' : ` (${operation.id})`}`);
      return send(501, {});
    }
    const body: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
    problems.push(...description.checkRequest(operation, query, body));
    // A Harbor before 2.13 does not know the path at all.
    if (operation.id === 'listAuditLogExts' && !state.extendedAudit) return send(404, {});
    const answer: Answer =
      caller === undefined
        ? refuse(401, 'UNAUTHORIZED', 'unauthorized')
        : route({ state, query, body, values: operation.values, caller });
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    const whole = 'list' in answer ? pageOf(answer.list, path, query, headers) : answer;
    problems.push(...description.checkAnswer(operation, whole.status, whole.body));
    return send(whole.status, headers, whole.body === undefined ? undefined : JSON.stringify(whole.body));
  };
  const host: string = await startServer((request, response) => void handle(request, response), tls);
  onTestFinished(() => expect(problems).toEqual([]));
  return { host, caFile: authority.caFile, state, asked, faults, problems };
}

/** One page with the headers that Harbor gives. */
function pageOf(
  list: readonly unknown[],
  path: string,
  query: URLSearchParams,
  headers: Record<string, string>,
): { readonly status: number; readonly body: unknown } {
  const size = Number(query.get('page_size') ?? 10);
  const page = Number(query.get('page') ?? 1);
  headers['x-total-count'] = String(list.length);
  const to = (number: number, relation: string): string => {
    const next = new URLSearchParams(query);
    next.set('page', String(number));
    return `</api/v2.0${path}?${next.toString()}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [to(page - 1, 'prev')] : []),
    ...(page * size < list.length ? [to(page + 1, 'next')] : []),
  ];
  if (links.length > 0) headers['link'] = links.join(' , ');
  return { status: 200, body: list.slice((page - 1) * size, page * size) };
}
