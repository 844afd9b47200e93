// Decides for each request of the registry who asks, and whether he may.
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@plombe/model';
import type { Identity, Need, Refusal } from '../registry/ports.ts';
import { bearerChallenge, originOf } from './challenge.ts';
import type { Directory } from './directory.ts';
import { accountIdentity, anonymousIdentity } from './identity.ts';
import { authorizationOf, logIn } from './login.ts';
import { scopeOf } from './scope.ts';
import type { Throttle } from './throttle.ts';
import type { TokenIssuer } from './token.ts';

/** What all of this server's logins share. */
export interface Realm {
  readonly directory: Directory;
  readonly throttle: Throttle;
  readonly tokens: TokenIssuer;
  readonly clock: Clock;
  readonly anonymous: 'none' | 'pull';
  readonly publicUrl: string | undefined;
}

/** Said for each failed login, whatever was wrong with it. (T65) */
export const refusedMessage = 'The user name or password is wrong, or has expired or was revoked.';
/** Said to whoever has not tried to. */
export const logInMessage = 'Log in to do this.';
export const waitMessage = 'Too many failed logins; try again later.';

/** Answers `Authenticator.authenticate`. */
export function authenticate(realm: Realm, request: IncomingMessage, needs: readonly Need[]): Identity | Refusal {
  const listing = /^\/v2\/_catalog(?:\?|$)/.test(request.url ?? '');
  const scope = listing ? 'registry:catalog:*' : scopeOf(needs);
  const challenge = (message: string, error?: 'insufficient_scope' | 'invalid_token'): Refusal => ({
    status: 401,
    headers: { 'WWW-Authenticate': bearerChallenge(originOf(request, realm.publicUrl), scope, error) },
    message,
  });
  const authorization = authorizationOf(request);
  switch (authorization.kind) {
    case 'malformed':
      return challenge(refusedMessage);
    case 'none': {
      const identity = anonymousIdentity(realm.anonymous === 'pull');
      return needs.length > 0 && isAllowed(identity, needs) ? identity : challenge(logInMessage);
    }
    case 'basic': {
      const login = logIn(realm, request, authorization);
      if (login.kind === 'wait') return tooMany(login.seconds);
      if (login.kind === 'refused') return challenge(refusedMessage);
      const identity = accountIdentity(login.account, realm);
      return isAllowed(identity, needs) ? identity : forbidden(identity, needs);
    }
    case 'bearer': {
      const claims = realm.tokens.verify(authorization.token, 'access');
      const account = claims === undefined ? undefined : realm.directory.bySerial(claims.serial);
      if (claims === undefined || (account === undefined && claims.serial !== 'anonymous')) {
        return challenge('The token has expired, was revoked, or is none of this registry.', 'invalid_token');
      }
      if (account === undefined) {
        const identity = anonymousIdentity(realm.anonymous === 'pull');
        return !listing && isAllowed(identity, needs) ? identity : challenge(logInMessage, 'insufficient_scope');
      }
      const whole = accountIdentity(account, realm);
      if (listing) {
        const mayList = claims.access.some(({ type }) => type === 'registry');
        // A list of all that may be pulled is what this token is for.
        return mayList
          ? { ...whole, isAdmin: false }
          : challenge('The token is not for the catalog.', 'insufficient_scope');
      }
      const identity = accountIdentity(account, realm, claims.access);
      if (isAllowed(identity, needs)) return identity;
      return isAllowed(whole, needs)
        ? challenge('The token is not for this.', 'insufficient_scope')
        : forbidden(whole, needs);
    }
  }
}

function isAllowed(identity: Identity, needs: readonly Need[]): boolean {
  return needs.every(({ action, repository }) => identity.may(action, repository));
}

/** The same for a repository that is there and for one that is not. (T61) */
function forbidden(identity: Identity, needs: readonly Need[]): Refusal {
  const { action, repository } = needs.find((need) => !identity.may(need.action, need.repository)) ??
    needs[0] ?? { action: 'pull', repository: '' };
  return {
    status: 403,
    headers: {},
    message: `${identity.id} has no right to ${action} here: ${JSON.stringify(repository)}`,
  };
}

function tooMany(seconds: number): Refusal {
  return { status: 429, headers: { 'Retry-After': String(seconds) }, message: waitMessage };
}
