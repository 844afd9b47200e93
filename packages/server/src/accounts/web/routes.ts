// The paths of people below /auth: the page, the login in a browser, and what `plombe login` asks.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, isPlombeError, numberField, textField } from '@plombe/kit';
import type { Clock } from '@plombe/model';
import type { Database } from '@plombe/store';
import type { OidcOptions } from '../accounts.ts';
import { refusedMessage, waitMessage, type Realm } from '../authenticate.ts';
import { originOf } from '../challenge.ts';
import { createCredential, maxCredentialLifeMs, revokeCredential } from '../credentials.ts';
import { answerError, answerJson, hasType, parseJsonObject, readSmallBody } from '../http.ts';
import { authorizationOf, logIn } from '../login.ts';
import { personClaims } from '../oidc/claims.ts';
import { oidcScope, type Issuer, type PendingLogin } from '../oidc/issuer.ts';
import { noteLogin } from '../people.ts';
import { hashSecret } from '../secret.ts';
import { accountPage, credentialPage, loginPage, pageHeaders } from './page.ts';
import { deleteGrant, postGrant, showGrants } from './grants-api.ts';
import type { Seal } from './seal.ts';
import * as sessions from './session.ts';
import { pageText, type PageText } from './text.ts';

export interface PeopleRoutes {
  readonly realm: Realm;
  readonly database: Database;
  readonly clock: Clock;
  readonly oidc: OidcOptions;
  readonly issuer: Issuer;
  readonly seal: Seal;
}

/** An issuer may ask for a second factor that has to be fetched from another room. */
const loginLifeMs = 10 * 60_000;
const hourMs = 3_600_000;

type Route = (
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<void> | void;

/** `METHOD path` → what answers it. */
export const peopleRoutes: Readonly<Record<string, Route>> = {
  'GET /auth': showAccount,
  'GET /auth/': showAccount,
  'GET /auth/config': showConfig,
  'GET /auth/login': beginLogin,
  'GET /auth/callback': completeLogin,
  'POST /auth/logout': logOut,
  'POST /auth/credential': makeCredential,
  'POST /auth/exchange': exchangeIdToken,
  'POST /auth/revoke': revokeOwn,
  'GET /auth/grants': showGrants,
  'POST /auth/grants': postGrant,
  'DELETE /auth/grants': deleteGrant,
};

function showConfig({ oidc }: PeopleRoutes, _: IncomingMessage, response: ServerResponse): void {
  answerJson(response, 200, { issuer: oidc.issuer, clientId: oidc.clientId, scope: oidcScope });
}

function showAccount(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): void {
  const text = textOf(request);
  const session = sessions.sessionOf({ ...routes, directory: routes.realm.directory }, request);
  answerPage(response, 200, session === undefined ? loginPage(text) : accountPage(text, session));
}

/** Takes no parameter: where the browser ends up is never the request's choice. (T65, open redirect) */
async function beginLogin(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { url, pending } = await routes.issuer.begin(`${originOf(request, routes.realm.publicUrl)}/auth/callback`);
    const sealed = routes.seal.close(pending, routes.clock.nowMs() + loginLifeMs);
    redirect(response, url, [sessions.setCookie(sessions.loginCookie, sealed, loginLifeMs / 1000)]);
  } catch (thrown) {
    if (!isPlombeError(thrown)) throw thrown;
    answerPage(response, 503, loginPage(textOf(request), textOf(request).unreachable));
  }
}

async function completeLogin(
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = textOf(request);
  const forget = sessions.setCookie(sessions.loginCookie, '', 0);
  const refuse = (message: string): void => answerPage(response, 403, loginPage(text, message), [forget]);
  // Only the browser that began a login can end it: nobody is logged in as somebody else by a link.
  const pending = routes.seal.open(sessions.cookieOf(request, sessions.loginCookie) ?? '', routes.clock.nowMs());
  if (!isObject(pending)) return refuse(text.stale);
  try {
    const claims = personClaims(
      await routes.issuer.complete(url, pending as unknown as PendingLogin),
      routes.oidc.issuer,
    );
    const author = { actor: `person:${claims.issuer}#${claims.subject}`, clock: routes.clock };
    const person = noteLogin(routes.database, claims, author);
    if (person === undefined) return refuse(text.disabled);
    sessions.endSession(routes.database, request);
    const secret = sessions.beginSession(routes.database, person, routes.clock);
    await routes.database.durable();
    return redirect(response, '/auth/', [
      forget,
      sessions.setCookie(sessions.sessionCookie, secret, sessions.sessionSeconds),
    ]);
  } catch (thrown) {
    if (!isPlombeError(thrown)) throw thrown;
    return refuse(text.refused);
  }
}

async function logOut(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await ownForm(routes, request, response);
  if (form === undefined) return;
  sessions.endSession(routes.database, request);
  redirect(response, '/auth/', [sessions.setCookie(sessions.sessionCookie, '', 0)]);
}

async function makeCredential(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await ownForm(routes, request, response);
  if (form === undefined) return;
  const { session, fields, text } = form;
  const { id } = session.account;
  const hours = Number(fields.get('hours'));
  const lifeMs = hours > 0 ? hours * hourMs : hourMs;
  try {
    const made = createCredential(routes.database, { number: session.person, id }, lifeMs, {
      actor: id,
      clock: routes.clock,
    });
    await routes.database.durable();
    const host = new URL(originOf(request, routes.realm.publicUrl)).host;
    answerPage(response, 200, credentialPage(text, host, made));
  } catch (thrown) {
    if (!isPlombeError(thrown, 'config/invalid')) throw thrown;
    answerPage(response, 409, accountPage(text, session, text.tooMany));
  }
}

interface OwnForm {
  readonly session: sessions.Session;
  readonly fields: URLSearchParams;
  readonly text: PageText;
}

/** Reads a form that a page of the request's session sent; answers anything else itself. */
async function ownForm(
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<OwnForm | undefined> {
  const text = textOf(request);
  const body = hasType(request, 'application/x-www-form-urlencoded') ? await readSmallBody(request) : undefined;
  const fields = new URLSearchParams(body ?? '');
  const session = sessions.sessionOf({ ...routes, directory: routes.realm.directory }, request);
  const origin = originOf(request, routes.realm.publicUrl);
  if (session !== undefined && sessions.isOwnForm(request, origin, session, fields.get('csrf')))
    return { session, fields, text };
  answerPage(response, 403, loginPage(text, text.stale));
  return undefined;
}

/** `plombe login`: the ID token of a device login against a registry credential. Each token opens once. */
async function exchangeIdToken(
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { database, clock, realm } = routes;
  const attempt = { account: '', address: request.socket.remoteAddress ?? '' };
  const wait = realm.throttle.waitSeconds(attempt);
  if (wait !== undefined) {
    return answerError(
      response,
      429,
      { code: 'TOOMANYREQUESTS', error: 'slow_down', message: waitMessage },
      { 'Retry-After': wait },
    );
  }
  const given = hasType(request, 'application/json')
    ? parseJsonObject((await readSmallBody(request)) ?? '')
    : undefined;
  const idToken = textField(given ?? {}, 'id_token');
  if (idToken === undefined) {
    return answerError(response, 400, {
      code: 'UNSUPPORTED',
      error: 'invalid_request',
      message: 'Send {"id_token", "expires_in"} as JSON.',
    });
  }
  const refuse = (message: string): void =>
    answerError(response, 401, { code: 'UNAUTHORIZED', error: 'invalid_grant', message });
  try {
    const verified = await routes.issuer.verifyPresented(idToken);
    const claims = personClaims(verified, routes.oidc.issuer);
    const id = `person:${claims.issuer}#${claims.subject}`;
    const author = { actor: id, clock };
    const seconds = numberField(given ?? {}, 'expires_in') ?? Number.POSITIVE_INFINITY;
    const lifeMs = seconds > 0 ? Math.min(seconds * 1000, maxCredentialLifeMs) : maxCredentialLifeMs;
    if (!spend(database, idToken, Number(verified['exp']) * 1000, clock))
      return refuse('The ID token was used already.');
    const number = noteLogin(database, claims, author);
    if (number === undefined) return refuse('The account is disabled.');
    const { username, password, expiresAtMs } = createCredential(database, { number, id }, lifeMs, author);
    await database.durable();
    const note = claims.groupsLeftOut ? { warning: 'The issuer named no groups, because there are too many.' } : {};
    return answerJson(response, 200, {
      username,
      password,
      expiresAt: new Date(expiresAtMs).toISOString(),
      name: claims.name,
      ...note,
    });
  } catch (thrown) {
    if (isPlombeError(thrown, 'accounts/login')) {
      realm.throttle.failed(attempt);
      return refuse('The ID token was refused.');
    }
    if (!isPlombeError(thrown)) throw thrown;
    const status = thrown.code === 'config/invalid' ? 409 : 503;
    return answerError(response, status, { code: 'DENIED', error: 'temporarily_unavailable', message: thrown.message });
  }
}

/** `plombe logout`: ends the credential that the request carries. */
async function revokeOwn(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const authorization = authorizationOf(request);
  const login = authorization.kind === 'basic' ? logIn(routes.realm, request, authorization) : undefined;
  if (login?.kind !== 'in' || login.account.kind !== 'person') {
    return answerError(response, 401, { code: 'UNAUTHORIZED', error: 'invalid_client', message: refusedMessage });
  }
  const { id, username } = login.account;
  revokeCredential(routes.database, username, { actor: id, clock: routes.clock });
  await routes.database.durable();
  return answerJson(response, 200, { revoked: true });
}

/** Notes that a token was used; false where it was before. */
function spend(database: Database, idToken: string, expiresAtMs: number, clock: Clock): boolean {
  const hourAgoMs = clock.nowMs() - hourMs;
  database.run('DELETE FROM spent_tokens WHERE expires_at_ms < ?', hourAgoMs);
  return (
    database.run(
      'INSERT OR IGNORE INTO spent_tokens (token_hash, expires_at_ms) VALUES (?, ?)',
      hashSecret(signedPart(idToken)),
      expiresAtMs,
    ) === 1
  );
}

/** Without the signature, whose last character has more than one spelling. */
function signedPart(idToken: string): string {
  return idToken.slice(0, idToken.lastIndexOf('.'));
}

function textOf(request: IncomingMessage): PageText {
  return pageText(request.headers['accept-language']);
}

function answerPage(response: ServerResponse, status: number, html: string, cookies: readonly string[] = []): void {
  response.writeHead(status, { ...pageHeaders, ...(cookies.length === 0 ? {} : { 'Set-Cookie': [...cookies] }) });
  response.end(html);
}

function redirect(response: ServerResponse, location: string, cookies: readonly string[]): void {
  response.writeHead(303, { Location: location, 'Set-Cookie': [...cookies], 'Cache-Control': 'no-store' });
  response.end();
}
