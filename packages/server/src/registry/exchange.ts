// A request on its way through the registry, and what everything that answers one shares.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Context } from '@plombe/model';
import type { RegistryRules, RegistryStore, Sight } from '@plombe/store';
import type { Authenticator, Gate, Identity, Need, Refusal, Upstream } from './ports.ts';
import { isRefusal } from './ports.ts';
import { Refused, type RefusalCode } from './refused.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** Longest waits for a client. */
export interface Patience {
  /** A body, or an answer, must get on by `minBytes` in each such time. */
  readonly stallMs: number;
  readonly minBytes: number;
  /** A manifest must be there as a whole in this time. */
  readonly manifestMs: number;
}

export interface Registry {
  readonly store: RegistryStore;
  readonly authenticator: Authenticator;
  readonly gate: Gate;
  /** Absent: everything lies here. */
  readonly upstream?: Upstream;
  readonly rules: RegistryRules;
  readonly uploads: UploadSessions;
  readonly patience: Patience;
  readonly ctx: Context;
}

/** One request. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Aborted when the client goes away, or the server ends. */
  readonly signal: AbortSignal;
  /** For the access log. */
  note(identity: Identity): void;
}

const codes: Readonly<Record<Refusal['status'], RefusalCode>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  429: 'TOOMANYREQUESTS',
};

/** Returns who asks, or refuses. `needs` are alternatives, the usual one first: its refusal is the answer where none is met. */
export async function identify(
  { authenticator }: Registry,
  exchange: Exchange,
  ...needs: readonly (readonly Need[])[]
): Promise<Identity> {
  let first: Refused | undefined;
  for (const need of needs.length === 0 ? [[]] : needs) {
    const answer = await authenticator.authenticate(exchange.request, need);
    if (!isRefusal(answer)) {
      exchange.note(answer);
      return answer;
    }
    first ??= refusedBy(answer);
    // A wrong password is wrong for every need, and asking again would count it twice.
    const isBearer = exchange.request.headers.authorization?.slice(0, 7).toLowerCase() === 'bearer ';
    if (answer.status === 429 || (answer.status === 401 && !isBearer)) break;
  }
  throw first ?? new Refused('DENIED', 'This is not allowed.');
}

/** What accounts refuse, as the answer to the request. */
export function refusedBy({ status, headers, message }: Refusal): Refused {
  return new Refused(codes[status], message, { headers });
}

/** Returns what of the repository the identity may see. */
export function sightOf(identity: Identity, repository: string): Sight {
  return identity.may('sign', repository) ? 'all' : 'visible';
}

/** True where the identity may read each blob of the repository, also those that no visible manifest names. */
export function seesAllBlobs(identity: Identity, repository: string): boolean {
  return identity.may('push', repository) || identity.may('sign', repository);
}

/** Answers without a body. */
export function answerEmpty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}

/** Answers JSON. */
export function answerJson(
  { request, response }: Exchange,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
  type = 'application/json',
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': type, 'content-length': body.length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}
