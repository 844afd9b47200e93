// The issuer where people log in: discovery, the code flow with PKCE, and ID tokens verified strictly.
import { field, inert, isObject, messageOf, PlombeError, type JsonObject } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { NetworkOptions } from '@plombe/oci';
import type { Configuration } from 'openid-client';
import type { OidcOptions } from '../accounts.ts';
import { openIssuerNetwork, rootCause } from './network.ts';

/** What the browser takes to the issuer and back; kept sealed in a cookie meanwhile. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

export interface Issuer {
  /** Begins a login: where the browser is sent, and what it must come back with. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly pending: PendingLogin }>;
  /** Ends it: exchanges the code of the address the browser came back to. Returns verified claims. Throws `accounts/login`. */
  complete(callback: URL, pending: PendingLogin): Promise<JsonObject>;
  /** Verifies an ID token that a program got by device code, of the last ten minutes. Returns its claims. Throws `accounts/login`. */
  verifyPresented(idToken: string): Promise<JsonObject>;
  close(): void;
}

/** `profile` and `email` are for showing; groups come as the issuer is configured. */
export const oidcScope = 'openid profile email';
/** Signatures by a key that only the issuer has: no `none`, no HMAC. (T63) */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockToleranceSeconds = 60;
/** The program that got it presents it at once. */
const maxPresentedAge = '10m';

interface Known {
  readonly config: Configuration;
  readonly verify: (idToken: string, maxTokenAge: string | undefined) => Promise<JsonObject>;
}

/** Opens the issuer; it is asked for its discovery document when it is needed first, and again after a failure. */
export function openIssuer(
  oidc: OidcOptions,
  network: NetworkOptions,
  ctx: Pick<Context, 'clock' | 'signal' | 'log'>,
): Issuer {
  const connection = openIssuerNetwork(network, ctx, 'loopback');
  let known: Promise<Known> | undefined;
  const discover = (): Promise<Known> =>
    (known ??= discoverIssuer(oidc, connection.fetch, ctx).catch((thrown: unknown) => {
      known = undefined;
      throw thrown;
    }));

  return {
    close: () => connection.close(),
    async begin(redirectUri) {
      const { config } = await discover();
      // Issuers of programs' identities have none, and their tokens are taken all the same.
      if (!isUrl(config.serverMetadata().authorization_endpoint))
        throw new PlombeError('accounts/issuer', `The issuer ${inert(oidc.issuer)} names no place to log in.`);
      const client = await import('openid-client');
      const pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
        redirectUri,
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: oidcScope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, pending };
    },
    async complete(callback, pending) {
      const { config, verify } = await discover();
      const client = await import('openid-client');
      // The address the issuer was given; what the request's Host header says does not matter.
      const address = new URL(pending.redirectUri);
      address.search = callback.search;
      return refusing(ctx, async () => {
        const tokens = await client.authorizationCodeGrant(config, address, {
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          pkceCodeVerifier: pending.verifier,
          idTokenExpected: true,
        });
        const claims = await verify(tokens.id_token ?? '', undefined);
        if (claims['nonce'] !== pending.nonce) throw new Error('the nonce is another');
        return claims;
      });
    },
    async verifyPresented(idToken) {
      const { verify } = await discover();
      return refusing(ctx, async () => {
        const claims = await verify(idToken, maxPresentedAge);
        // A token of the login in the browser has one, and is not for programs.
        if (field(claims, 'nonce') !== undefined) throw new Error('it was made for a login in a browser');
        return claims;
      });
    },
  };
}

/** A discovery document may hold anything in each of its members. */
function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value);
}

async function discoverIssuer(
  { issuer, clientId, clientSecret }: OidcOptions,
  fetch: ReturnType<typeof openIssuerNetwork>['fetch'],
  ctx: Pick<Context, 'clock' | 'log'>,
): Promise<Known> {
  const client = await import('openid-client');
  const jose = await import('jose');
  const url = new URL(issuer);
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret);
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('accounts/issuer', `The issuer ${inert(issuer)} cannot be used: ${reason}`, {
      cause,
      retryable: true,
    });
  const config = await client
    .discovery(url, clientId, {}, authentication, {
      [client.customFetch]: fetch,
      ...(url.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
    })
    .catch((thrown: unknown) => {
      ctx.log.warn('accounts.issuer', { issuer, cause: messageOf(rootCause(thrown)) });
      throw fail(messageOf(rootCause(thrown)), thrown);
    });
  const metadata = config.serverMetadata();
  // Tokens are compared with this text to the letter, and so is the document.
  if (metadata.issuer !== issuer) throw fail(`it names itself ${inert(metadata.issuer)}`);
  if (!isUrl(metadata.jwks_uri)) throw fail('it names no keys');
  const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri), { [jose.customFetch]: fetch });

  return {
    config,
    async verify(idToken, maxTokenAge) {
      // Keys come from the discovery document's address alone: jwk, jku and x5u of the header are never looked at. (T63)
      const { payload } = await jose.jwtVerify(idToken, keys, {
        issuer,
        audience: clientId,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(ctx.clock.nowMs()),
        requiredClaims: ['sub', 'iat', 'exp'],
        ...(maxTokenAge === undefined ? {} : { maxTokenAge }),
      });
      const { azp, aud, sub } = payload;
      if (Array.isArray(aud) && aud.length > 1 && azp !== clientId) throw new Error('it is for several clients');
      if (azp !== undefined && azp !== clientId) throw new Error('it was given to another client');
      if (typeof sub !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(sub)) throw new Error('its subject is none');
      if (!isObject(payload)) throw new Error('it has no claims');
      return payload;
    },
  };
}

/** What went wrong goes into the log, and to the caller only that it did. */
async function refusing<T>(ctx: Pick<Context, 'log'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    ctx.log.warn('accounts.login-refused', { cause: messageOf(rootCause(cause)) });
    throw new PlombeError('accounts/login', 'The login was refused: the issuer did not vouch for it as it must.', {
      cause,
    });
  }
}
