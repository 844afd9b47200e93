// /auth/grants: whoever administers a project grants its roles, without access to the server's folder.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { field, isObject, isPlombeError, textField, type JsonObject } from '@plombe/kit';
import { refusedMessage, waitMessage, type Realm } from '../authenticate.ts';
import { rightsOfRole, type Account } from '../directory.ts';
import { addGrant, listGrants, removeGrant, type GrantEntry } from '../grants.ts';
import { answerError, answerJson, hasType, parseJsonObject, readSmallBody } from '../http.ts';
import { authorizationOf, logIn } from '../login.ts';
import { projectCovers } from '../project.ts';
import type { PeopleRoutes } from './routes.ts';

/** `GET /auth/grants`: the grants of projects that the caller administers. */
export function showGrants(routes: PeopleRoutes, request: IncomingMessage, response: ServerResponse): void {
  const account = accountOf(routes.realm, request, response);
  if (account === undefined) return;
  const grants = listGrants(routes.database).filter((grant) => administers(routes, account, grant));
  answerJson(response, 200, { grants: grants.map(documentOf) });
}

/** `POST /auth/grants` with `{"role","project","principal":{"kind","value"},"expiresIn"}`: 201 with the grant's number. */
export async function postGrant(
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const account = accountOf(routes.realm, request, response);
  if (account === undefined) return;
  const body = hasType(request, 'application/json') ? parseJsonObject((await readSmallBody(request)) ?? '') : undefined;
  const asked = grantOf(body, routes.oidc.issuer);
  if (asked === undefined) return malformed(response, 'Send {"role","project","principal":{"kind","value"}} as JSON.');
  // Also where the project or the role is not there at all. (T61)
  if (!administers(routes, account, asked)) return forbidden(response);
  try {
    const id = addGrant(routes.database, asked, { actor: account.id, clock: routes.clock });
    await routes.database.durable();
    return answerJson(response, 201, { id });
  } catch (thrown) {
    if (!isPlombeError(thrown, 'config/invalid')) throw thrown;
    return malformed(response, `${thrown.message} ${thrown.remedy}`);
  }
}

/** `DELETE /auth/grants?id=N`. A grant that is not there is answered as one of somebody else's project. */
export async function deleteGrant(
  routes: PeopleRoutes,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const account = accountOf(routes.realm, request, response);
  if (account === undefined) return;
  const grant = listGrants(routes.database).find(({ id }) => String(id) === url.searchParams.get('id'));
  if (grant === undefined || !administers(routes, account, grant)) return forbidden(response);
  removeGrant(routes.database, grant.id, { actor: account.id, clock: routes.clock });
  await routes.database.durable();
  return answerJson(response, 200, { revoked: true });
}

/** By a person's credential alone: a cookie would be sent along by other sites too, and robots grant nothing. */
function accountOf(realm: Realm, request: IncomingMessage, response: ServerResponse): Account | undefined {
  const authorization = authorizationOf(request);
  const login = authorization.kind === 'basic' ? logIn(realm, request, authorization) : undefined;
  if (login?.kind === 'in' && login.account.kind === 'person') return login.account;
  if (login?.kind === 'wait') {
    const said = { code: 'TOOMANYREQUESTS', error: 'slow_down', message: waitMessage };
    answerError(response, 429, said, { 'Retry-After': login.seconds });
  } else {
    const said = { code: 'UNAUTHORIZED', error: 'invalid_client', message: refusedMessage };
    answerError(response, 401, said, { 'WWW-Authenticate': 'Basic realm="plombe"' });
  }
  return undefined;
}

/** True where one grant of the account covers the whole project, with the right to grant and with every right of the role: nobody gives what he has not. */
function administers(
  { database, clock }: PeopleRoutes,
  account: Account,
  { role, project }: Pick<GrantEntry, 'role' | 'project'>,
): boolean {
  const wanted = rightsOfRole(database, role);
  return account.grants.some(
    (own) =>
      own.rights.has('grant') &&
      (own.expiresAtMs ?? Infinity) > clock.nowMs() &&
      projectCovers(own.project, project) &&
      wanted.every((right) => own.rights.has(right)),
  );
}

function grantOf(body: JsonObject | undefined, issuer: string): Parameters<typeof addGrant>[1] | undefined {
  const principal = field(body ?? {}, 'principal');
  const [role, project] = [textField(body ?? {}, 'role'), textField(body ?? {}, 'project')];
  if (role === undefined || project === undefined || !isObject(principal)) return undefined;
  const kind = (['person', 'email', 'group'] as const).find((one) => one === field(principal, 'kind'));
  const value = textField(principal, 'value');
  const seconds = field(body ?? {}, 'expiresIn');
  if (kind === undefined || value === undefined) return undefined;
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds > 0 && seconds < 1e10)) return undefined;
  return {
    role,
    project,
    principal: { kind, issuer, value },
    ...(seconds === undefined ? {} : { lifeMs: seconds * 1000 }),
  };
}

function documentOf({ id, role, project, principal, expiresAtMs }: GrantEntry): object {
  return {
    id,
    role,
    project,
    principal,
    ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
  };
}

function forbidden(response: ServerResponse): void {
  const message = 'This grant is not yours to give or take: it is not of a project that you administer.';
  answerError(response, 403, { code: 'DENIED', error: 'access_denied', message });
}

function malformed(response: ServerResponse, message: string): void {
  answerError(response, 400, { code: 'UNSUPPORTED', error: 'invalid_request', message });
}
