// Accounts behind a real HTTP server for tests, which answers who asked; and the whole server.
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Clock } from '@plombe/model';
import { openDatabase, type Database } from '@plombe/store';
import { onTestFinished } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import { startServer as startHandler } from '@plombe/oci/testing/server';
import { isRefusal, type Action, type Need } from '../../registry/ports.ts';
import { openAccounts, type AccountsOptions } from '../accounts.ts';
import type { Author } from '../events.ts';
import { createRobot, type Credential, type RobotRequest } from '../robots.ts';
import { startServer } from '../../serve.ts';
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

/** Starts it; it ends with the test. */
export async function startFront(options: Partial<AccountsOptions> = {}): Promise<Front> {
  const data = mkdtempSync(join(tmpdir(), 'plombe-accounts-'));
  const database = openDatabase(join(data, 'state.db'), accountMigrations);
  // It stands still, so that no test depends on how long it takes.
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs, advance: (ms: number) => void (nowMs += ms) };
  const accounts = openAccounts({ data, database, anonymous: 'none', ...options }, { ...networkContext(), clock });
  const host = await startHandler((request, response) => {
    void (async () => {
      if (await accounts.handle(request, response)) return;
      const answer = await accounts.authenticate(request, needsOf(request));
      if (isRefusal(answer)) {
        const code = answer.status === 401 ? 'UNAUTHORIZED' : answer.status === 403 ? 'DENIED' : 'TOOMANYREQUESTS';
        response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
        response.end(JSON.stringify({ errors: [{ code, message: answer.message }] }));
      } else {
        const { id, kind, isAdmin } = answer;
        const seen = ['team/app', 'other/app'].filter((repository) => answer.may('pull', repository));
        response.end(JSON.stringify({ id, kind, isAdmin, seen }));
      }
    })();
  });
  onTestFinished(() => {
    accounts.close();
    database.close();
    rmSync(data, { recursive: true });
  });
  const author = { actor: 'command:test', clock };
  return { host, data, database, clock, author, robot: (request) => makeRobot(database, author, request) };
}

function makeRobot(database: Database, author: Author, request: Partial<RobotRequest> = {}): Credential {
  return createRobot(
    database,
    { name: 'ci', repositories: ['team/**'], actions: ['pull', 'push'], lifeMs: 3_600_000, ...request },
    author,
  );
}

/** Starts the registry with its accounts on real time; it ends with the test. Accounts are changed through a connection of another process's kind. */
export async function startWhole(anonymous: 'none' | 'pull' = 'none'): Promise<Omit<Front, 'data' | 'clock'>> {
  const data = mkdtempSync(join(tmpdir(), 'plombe-accounts-'));
  const server = await startServer({ folder: data, host: '127.0.0.1', port: 0, anonymous }, networkContext());
  const database = openDatabase(join(data, 'state.db'), accountMigrations);
  onTestFinished(async () => {
    database.close();
    await server.close();
    rmSync(data, { recursive: true });
  });
  const author = { actor: 'command:test', clock: { nowMs: () => Date.now() } };
  const { host } = new URL(server.url);
  return { host, database, author, robot: (request) => makeRobot(database, author, request) };
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

/** `Authorization` of a user and password. */
export function basic(username: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
