// Accounts behind a real HTTP server for tests: answers who asked, or hands what is allowed on to a registry without logins.
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Clock } from '@plombe/model';
import { openDatabase, type Database } from '@plombe/store';
import { onTestFinished } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import { startServer } from '@plombe/oci/testing/server';
import { isRefusal, type Action, type Need } from '../../registry/ports.ts';
import { openAccounts, type AccountsOptions } from '../accounts.ts';
import type { Author } from '../events.ts';
import { createRobot, type Credential, type RobotRequest } from '../robots.ts';
import { accountMigrations } from '../tables.ts';

/** Time that a test moves on. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

export interface Front {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly data: string;
  readonly database: Database;
  readonly clock: MovableClock;
  /** Of a command that changes accounts. */
  readonly author: Author;
  robot(request?: Partial<RobotRequest>): Credential;
}

/** Starts it; it ends with the test. With `upstream`, what is allowed is answered from there. */
export async function startFront(
  options: Partial<AccountsOptions> & { readonly upstream?: string } = {},
): Promise<Front> {
  const data = mkdtempSync(join(tmpdir(), 'plombe-accounts-'));
  const database = openDatabase(join(data, 'state.db'), accountMigrations);
  // It stands still, so that no test depends on how long it takes.
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs, advance: (ms: number) => void (nowMs += ms) };
  const accounts = openAccounts({ data, database, anonymous: 'none', ...options }, { ...networkContext(), clock });
  const host = await startServer((request, response) => {
    void (async () => {
      if (await accounts.handle(request, response)) return;
      const answer = await accounts.authenticate(request, needsOf(request));
      if (isRefusal(answer)) {
        const code = answer.status === 401 ? 'UNAUTHORIZED' : answer.status === 403 ? 'DENIED' : 'TOOMANYREQUESTS';
        response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
        response.end(JSON.stringify({ errors: [{ code, message: answer.message }] }));
      } else if (options.upstream === undefined) {
        const { id, kind, isAdmin } = answer;
        const seen = ['team/app', 'other/app'].filter((repository) => answer.may('pull', repository));
        response.end(JSON.stringify({ id, kind, isAdmin, seen }));
      } else pass(request, response, options.upstream);
    })();
  });
  onTestFinished(() => {
    accounts.close();
    database.close();
    rmSync(data, { recursive: true });
  });
  const author = { actor: 'command:test', clock };
  const robot = (request: Partial<RobotRequest> = {}): Credential =>
    createRobot(
      database,
      { name: 'ci', repositories: ['team/**'], actions: ['pull', 'push'], lifeMs: 3_600_000, ...request },
      author,
    );
  return { host, data, database, clock, author, robot };
}

/** What a registry would need for the request. */
function needsOf(request: IncomingMessage): readonly Need[] {
  const url = new URL(request.url ?? '', 'http://front.invalid');
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname)?.[1];
  if (repository === undefined) return [];
  const actions: Readonly<Record<string, Action>> = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' };
  const from = url.searchParams.get('from');
  const mount: readonly Need[] = from === null ? [] : [{ action: 'pull', repository: from }];
  return [{ action: actions[request.method ?? ''] ?? 'push', repository }, ...mount];
}

function pass(request: IncomingMessage, response: ServerResponse, upstream: string): void {
  const { authorization: _, ...headers } = request.headers;
  const out = httpRequest(`http://${upstream}${request.url}`, { method: request.method ?? 'GET', headers });
  out.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  out.on('error', () => response.destroy());
  request.pipe(out);
}

/** `Authorization` of a user and password. */
export function basic(username: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
