// The server's own tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), of which exactly one header is ever accepted.
import { randomBytes, sign, verify } from 'node:crypto';
import { field, isObject, textField } from '@plombe/kit';
import type { Clock } from '@plombe/model';
import type { Access } from './scope.ts';
import type { SigningKey } from './signing-key.ts';

/** What a token says. `anonymous` has no account. */
export interface TokenClaims {
  readonly use: 'access' | 'refresh';
  readonly id: string;
  /** Serial of the account; `anonymous` for nobody. */
  readonly serial: string;
  readonly access: readonly Access[];
  readonly expiresAtMs: number;
}

export interface TokenIssuer {
  issue(claims: TokenClaims): string;
  /** Returns the claims of a token of this server that has not ended; undefined for anything else. */
  verify(token: string, use: TokenClaims['use']): TokenClaims | undefined;
}

/** The audience, and `service` of the challenge. The key is this server's alone, so the name need not be. */
export const tokenService = 'plombe';
/** A token with a hundred scopes has some 20 KB. */
const maxTokenLength = 32_768;
/** Tokens that were verified are remembered, since a push sends the same one with each request. */
const maxRemembered = 4096;

/** Opens the issuer. Clocks of other machines do not matter: only this server reads its tokens. */
export function openTokenIssuer(key: SigningKey, clock: Clock): TokenIssuer {
  // Compared as text: a header with another alg, kid, jwk, jku or x5u is another text. (T63)
  const header = encode({ alg: 'EdDSA', typ: 'JWT', kid: key.kid });
  const verified = new Map<string, TokenClaims>();

  return {
    issue(claims) {
      const body = encode({
        iss: tokenService,
        aud: tokenService,
        sub: claims.id,
        iat: Math.floor(clock.nowMs() / 1000),
        exp: Math.floor(claims.expiresAtMs / 1000),
        jti: randomBytes(9).toString('base64url'),
        use: claims.use,
        account: claims.serial,
        access: claims.access,
      });
      const signature = sign(null, Buffer.from(`${header}.${body}`), key.privateKey);
      return `${header}.${body}.${signature.toString('base64url')}`;
    },
    verify(token, use) {
      const claims = verified.get(token) ?? check(token);
      if (claims === undefined || claims.use !== use || claims.expiresAtMs <= clock.nowMs()) return undefined;
      if (verified.size >= maxRemembered) verified.clear();
      verified.set(token, claims);
      return claims;
    },
  };

  function check(token: string): TokenClaims | undefined {
    if (token.length > maxTokenLength) return undefined;
    const [head, body = '', signature = '', ...more] = token.split('.');
    if (head !== header || more.length > 0 || !/^[\w-]+$/.test(body) || !/^[\w-]{86}$/.test(signature))
      return undefined;
    if (!verify(null, Buffer.from(`${head}.${body}`), key.publicKey, Buffer.from(signature, 'base64url')))
      return undefined;
    return claimsOf(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  }
}

/** What this server signed is well-formed, unless another version of it did. */
function claimsOf(body: unknown): TokenClaims | undefined {
  if (!isObject(body) || textField(body, 'aud') !== tokenService || textField(body, 'iss') !== tokenService)
    return undefined;
  const use = textField(body, 'use');
  const expires = field(body, 'exp');
  const access = field(body, 'access');
  if ((use !== 'access' && use !== 'refresh') || typeof expires !== 'number' || !Array.isArray(access))
    return undefined;
  return {
    use,
    id: textField(body, 'sub') ?? '',
    serial: textField(body, 'account') ?? '',
    access: access as readonly Access[],
    expiresAtMs: expires * 1000,
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
