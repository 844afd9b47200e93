// GET and POST /auth/token: docker's token authentication and its OAuth 2 variant.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Right } from './rights.ts';
import { logInMessage, refusedMessage, waitMessage, type Realm } from './authenticate.ts';
import { mayNow, type Account } from './directory.ts';
import { answerError, answerJson, hasType, readSmallBody } from './http.ts';
import { authorizationOf, logIn, type Login } from './login.ts';
import { grantScopes, parseScopes } from './scope.ts';

/** As long as a push of one layer may wait for its turn; a revoked account's token is refused at once anyway. */
const accessLifeMs = 5 * 60_000;

type Who = Login | { readonly kind: 'anonymous' | 'nobody' } | { readonly kind: 'malformed'; readonly message: string };

/** Answers a token request. */
export async function answerTokenRequest(
  realm: Realm,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  let parameters = query;
  if (request.method === 'POST') {
    const body = hasType(request, 'application/x-www-form-urlencoded') ? await readSmallBody(request) : undefined;
    if (body === undefined) return malformed(response, 'Send a form of at most 64 KiB.');
    parameters = new URLSearchParams(body);
  } else if (request.method !== 'GET') {
    return answerError(
      response,
      405,
      { code: 'UNSUPPORTED', error: 'invalid_request', message: 'Use GET or POST.' },
      { Allow: 'GET, POST' },
    );
  }
  const who = request.method === 'POST' ? fromForm(realm, request, parameters) : fromHeader(realm, request);
  switch (who.kind) {
    case 'malformed':
      return malformed(response, who.message);
    case 'wait':
      return answerError(
        response,
        429,
        { code: 'TOOMANYREQUESTS', error: 'slow_down', message: waitMessage },
        { 'Retry-After': who.seconds },
      );
    // Clients show this to people who have not logged in at all: they must not look for a wrong password.
    case 'nobody':
    case 'refused':
      return answerError(
        response,
        401,
        {
          code: 'UNAUTHORIZED',
          error: 'invalid_grant',
          message: who.kind === 'nobody' ? logInMessage : refusedMessage,
        },
        { 'WWW-Authenticate': 'Basic realm="plombe"' },
      );
    case 'anonymous':
      return answerJson(response, 200, tokenDocument(realm, undefined, parameters));
    case 'in': {
      const document = tokenDocument(realm, who.account, parameters);
      const offline = request.method === 'POST' && parameters.get('access_type') === 'offline';
      return answerJson(
        response,
        200,
        offline ? { ...document, refresh_token: refreshToken(realm, who.account) } : document,
      );
    }
  }
}

function fromHeader(realm: Realm, request: IncomingMessage): Who {
  const authorization = authorizationOf(request);
  if (authorization.kind === 'none') return { kind: realm.anonymous === 'pull' ? 'anonymous' : 'nobody' };
  return authorization.kind === 'basic' ? logIn(realm, request, authorization) : { kind: 'refused' };
}

function fromForm(realm: Realm, request: IncomingMessage, form: URLSearchParams): Who {
  switch (form.get('grant_type')) {
    case 'password':
      return logIn(realm, request, { username: form.get('username') ?? '', password: form.get('password') ?? '' });
    case 'refresh_token': {
      const claims = realm.tokens.verify(form.get('refresh_token') ?? '', 'refresh');
      const account = claims === undefined ? undefined : realm.directory.bySerial(claims.serial);
      return account === undefined ? { kind: 'refused' } : { kind: 'in', account };
    }
    case null:
      return fromHeader(realm, request);
    default:
      return { kind: 'malformed', message: 'grant_type is password or refresh_token.' };
  }
}

function malformed(response: ServerResponse, message: string): void {
  answerError(response, 400, { code: 'UNSUPPORTED', error: 'invalid_request', message });
}

function tokenDocument(
  realm: Realm,
  account: Account | undefined,
  parameters: URLSearchParams,
): Record<string, unknown> {
  const nowMs = realm.clock.nowMs();
  const may = (right: Right, repository: string): boolean =>
    account === undefined ? right === 'pull' : mayNow(account, right, repository, nowMs);
  const expiresAtMs = Math.min(nowMs + accessLifeMs, account?.expiresAtMs ?? Number.POSITIVE_INFINITY);
  const token = realm.tokens.issue({
    use: 'access',
    id: account?.id ?? 'anonymous',
    serial: account?.serial ?? 'anonymous',
    access: grantScopes(parseScopes(parameters.getAll('scope')), may, account !== undefined),
    expiresAtMs,
  });
  return {
    token,
    access_token: token,
    token_type: 'Bearer',
    expires_in: Math.max(1, Math.floor((expiresAtMs - nowMs) / 1000)),
    issued_at: new Date(nowMs).toISOString(),
  };
}

/** Lives as long as the account, and ends with it: docker keeps it in place of the password. */
function refreshToken(realm: Realm, { id, serial, expiresAtMs }: Account): string {
  return realm.tokens.issue({ use: 'refresh', id, serial, access: [], expiresAtMs });
}
