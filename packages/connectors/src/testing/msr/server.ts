// The double of an MSR 2.9: HTTPS, stateful, paged as each of its two APIs pages, throttled on request; an unknown route fails the test.
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createAuthority, readCertificate } from '@plombe/oci/testing/certificates';
import { startServer } from '@plombe/oci/testing/server';
import { dockerReply } from './registry.ts';
import { routes, type Reply } from './routes.ts';
import { freshState, type DoubleAccount, type MsrState } from './state.ts';

/** An answer that comes instead of the real one, as often as `times` says. */
export interface Fault {
  /** Compared with `METHOD /path`. */
  readonly on: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  times: number;
}

export interface MsrDouble {
  readonly host: string;
  /** Certificate authority to trust. */
  readonly caFile: string;
  readonly state: MsrState;
  /** `METHOD path?query` of every request in order. */
  readonly asked: string[];
  readonly faults: Fault[];
  /** Routes that nobody described; the test fails where there is one at its end. */
  readonly unknown: string[];
}

/** Entries on a page whatever is asked for: so small that every list of a test has several. */
const mostPerPage = 2;

/** Starts a fresh MSR on the loopback that ends with the test. */
export async function startMsr(): Promise<MsrDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-msr-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const authority = createAuthority(folder);
  const tls = readCertificate(authority.issue('msr', 'IP:127.0.0.1'));
  const [state, asked, faults, unknown] = [freshState(), [] as string[], [] as Fault[], [] as string[]];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    const { method = '', url = '' } = request;
    const [path = '', search = ''] = url.split('?', 2);
    asked.push(`${method} ${url}`);
    const send = (status: number, headers: Readonly<Record<string, string>> = {}, body?: Buffer | string): void => {
      response.writeHead(status, headers);
      response.end(method === 'HEAD' ? undefined : body);
    };
    const fault = faults.find(({ on, times }) => times > 0 && on.test(`${method} ${path}`));
    if (fault !== undefined) {
      fault.times -= 1;
      return send(fault.status, fault.headers, fault.body);
    }
    const caller = callerOf(state, request);
    const query = new URLSearchParams(search);
    const docker = dockerReply({ state, caller, method, path, query, headers: request.headers, bytes });
    if (docker !== undefined) return send(docker.status, docker.headers, docker.body);
    // What a client may ask any registry, to know what it is, and this one does not have.
    if (path === '/v1/_ping' || path === '/api/v2.0/systeminfo') return send(404);
    const route = routes.find((one) => one.method === method && one.path.test(path));
    if (route === undefined) {
      unknown.push(`${method} ${path}`);
      return send(501);
    }
    const fail = (status: number, code: string): void =>
      send(status, { 'content-type': 'application/json' }, JSON.stringify({ errors: [{ code, message: code }] }));
    if (caller === undefined) return fail(401, 'NOT_AUTHENTICATED');
    if (route.admin === true && !caller.isAdmin) return fail(403, 'NOT_AUTHORIZED');
    const parts = (route.path.exec(path) ?? []).slice(1).map(decodeURIComponent);
    const body: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
    const { status, headers, value } = pageOf(route.reply({ state, caller, query, body, parts }), query);
    return send(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
  }

  const host = await startServer((request, response) => void handle(request, response), tls);
  onTestFinished(() => expect(unknown).toEqual([]));
  return { host, caFile: authority.caFile, state, asked, faults, unknown };
}

/** Basic with a password; an account that is not active is none. */
function callerOf(state: MsrState, { headers: { authorization = '' } }: IncomingMessage): DoubleAccount | undefined {
  const [, pair = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  const [name, password] = Buffer.from(pair, 'base64').toString().split(':');
  return state.accounts.find((one) => one.name === name && one.password === password && one.isActive);
}

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
}

function pageOf(reply: Reply, query: URLSearchParams): Page {
  if ('status' in reply) return { status: reply.status, headers: {}, value: reply.body };
  const { list, member, paging, key = () => '' } = reply;
  const whole = (entries: readonly object[], more: object = {}): unknown =>
    member === undefined ? entries : { [member]: entries, ...more };
  if (paging === 'none') return { status: 200, headers: {}, value: whole(list) };
  if (paging === 'offset') {
    const start = Number(query.get('start') ?? 0);
    return { status: 200, headers: {}, value: whole(list.slice(start, start + Number(query.get('limit') ?? 10))) };
  }
  const [startName, sizeName] = paging === 'pages' ? ['pageStart', 'pageSize'] : ['start', 'limit'];
  const start = query.get(startName) ?? '';
  const from = start === '' ? 0 : list.findIndex((entry) => key(entry) === start);
  const size = Math.min(mostPerPage, Number(query.get(sizeName) ?? 10));
  const page = list.slice(Math.max(0, from), Math.max(0, from) + size);
  const next = list[Math.max(0, from) + size];
  const nextStart = next === undefined ? '' : key(next);
  return paging === 'pages'
    ? { status: 200, headers: nextStart === '' ? {} : { 'x-next-page-start': nextStart }, value: whole(page) }
    : { status: 200, headers: {}, value: whole(page, { nextPageStart: nextStart, resourceCount: list.length }) };
}
