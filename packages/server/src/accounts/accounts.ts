// Who may use this registry: robots, people, and the paths below /auth by which they log in.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { NetworkOptions } from '@plombe/oci';
import type { Database } from '@plombe/store';
import type { Authenticator } from '../registry/ports.ts';
import { authenticate, type Realm } from './authenticate.ts';
import { openDirectory } from './directory.ts';
import { noteIssuer } from './grants.ts';
import { answerError, answerJson } from './http.ts';
import { loadSigningKey } from './signing-key.ts';
import { openThrottle } from './throttle.ts';
import { openTokenIssuer } from './token.ts';
import { answerTokenRequest } from './token-endpoint.ts';

/** Where people log in: an OpenID Connect issuer, such as Entra. */
export interface OidcOptions {
  /** As its discovery document names itself. https, or http on a loopback address. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Value of the claim `groups` whose members are administrators. */
  readonly adminGroup?: string;
}

export interface AccountsOptions {
  /** The folder of the server; keys lie in `keys/` below it. */
  readonly data: string;
  /** `state.db`, opened with `accountMigrations`. */
  readonly database: Database;
  /** `https://host[:port]` that clients use; absent: what their Host header says. */
  readonly publicUrl?: string;
  readonly anonymous: 'none' | 'pull';
  readonly oidc?: OidcOptions;
  /** How the issuer is reached. */
  readonly network?: NetworkOptions;
}

export interface Accounts extends Authenticator {
  close(): void;
}

/** Opens the accounts. Throws `store/unusable` where the signing key cannot be read or made. No request leaves before somebody logs in. */
export function openAccounts(options: AccountsOptions, ctx: Pick<Context, 'clock' | 'log' | 'signal'>): Accounts {
  const { database, oidc } = options;
  const adminGroup = oidc?.adminGroup === undefined ? undefined : { issuer: oidc.issuer, group: oidc.adminGroup };
  const realm: Realm = {
    directory: openDirectory(database, ctx.clock, adminGroup),
    throttle: openThrottle(ctx.clock),
    tokens: openTokenIssuer(loadSigningKey(options.data), ctx.clock),
    clock: ctx.clock,
    anonymous: options.anonymous,
    publicUrl: options.publicUrl,
  };

  // Loaded when the first person comes: most servers have none.
  let people: Promise<People> | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (url.pathname === '/auth/token') return answerTokenRequest(realm, request, response, url.searchParams);
    if (oidc !== undefined) {
      const { routes, state } = await (people ??= openPeople(options, oidc, realm, ctx));
      const route = `${request.method} ${url.pathname}`;
      if (Object.hasOwn(routes, route)) return routes[route]?.(state, request, response, url);
    } else if (url.pathname === '/auth/config') return answerJson(response, 200, { issuer: null });
    return answerError(response, 404, {
      code: 'UNSUPPORTED',
      error: 'invalid_request',
      message: 'There is nothing here.',
    });
  }

  if (oidc !== undefined) noteIssuer(database, oidc.issuer, { actor: 'plombe', clock: ctx.clock });
  return {
    authenticate: (request, needs) => Promise.resolve(authenticate(realm, request, needs)),
    async handle(request, response) {
      const path = request.url ?? '';
      if (!/^\/auth(?:[/?]|$)/.test(path)) return false;
      const url = URL.parse(path, 'http://registry.invalid');
      try {
        if (url === null) throw new Error('malformed address');
        await answer(request, response, url);
      } catch (thrown) {
        ctx.log.warn('accounts.failed', { path: url?.pathname, cause: messageOf(thrown) });
        if (response.headersSent) response.destroy();
        else
          answerError(response, 500, {
            code: 'UNKNOWN',
            error: 'server_error',
            message: 'This failed here; the log says why.',
          });
      }
      return true;
    },
    close: () => void people?.then(({ state }) => state.issuer.close()),
  };
}

interface People {
  readonly routes: Awaited<typeof import('./web/routes.ts')>['peopleRoutes'];
  readonly state: import('./web/routes.ts').PeopleRoutes;
}

async function openPeople(
  { database, network = {} }: AccountsOptions,
  oidc: OidcOptions,
  realm: Realm,
  ctx: Pick<Context, 'clock' | 'log' | 'signal'>,
): Promise<People> {
  const [{ peopleRoutes }, { openIssuer }, { createSeal }] = await Promise.all([
    import('./web/routes.ts'),
    import('./oidc/issuer.ts'),
    import('./web/seal.ts'),
  ]);
  const issuer = openIssuer(oidc, network, ctx);
  return { routes: peopleRoutes, state: { realm, database, clock: ctx.clock, oidc, issuer, seal: createSeal() } };
}
