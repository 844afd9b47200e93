// Authorization for a registry: answers its challenge once, keeps the result, and gives it to no other host.
import type { Context } from '@plombe/model';
import { PlombeError, isPlombeError } from '@plombe/kit';
import type { AddressScope } from '../network/address.ts';
import type { HttpClient } from '../network/client.ts';
import { parseChallenges, scopesFor, type Access, type Challenge } from './challenge.ts';
import { basicAuthorization, type Credential } from './credential.ts';
import { realmTrust } from './realm.ts';
import { fetchToken, isHeaderSafe } from './token.ts';

/** A way to log in. Answers undefined where it knows nothing of the registry. */
export interface CredentialSource {
  /** Names the source in messages: `docker config`, `Entra` … */
  readonly id: string;
  /** Throws `registry/credentials` where it should know and fails. */
  find(registry: string, repository: string | undefined, signal: AbortSignal): Promise<Credential | undefined>;
}

/** What a request is about: authorization is kept per registry, repository and access. */
export interface AuthorizationTarget {
  readonly registry: string;
  /** `https://host[:port]` of the registry's API. */
  readonly origin: string;
  readonly repository?: string;
  /** Absent: reading. */
  readonly access?: Access;
}

export interface Refusal {
  readonly target: AuthorizationTarget;
  /** WWW-Authenticate of the 401. */
  readonly challenge: string | undefined;
  /** The header that was refused, if one was sent. */
  readonly used: string | undefined;
  /** Scope of the address the registry answered from. */
  readonly scope: AddressScope;
  readonly signal: AbortSignal;
}

export interface Authorizer {
  /** Returns the Authorization header that is known for the target and still lives. */
  current(target: AuthorizationTarget): string | undefined;
  /** Answers a 401: returns a new header, or throws `registry/unauthorized` or `registry/credentials`. */
  answer(refusal: Refusal): Promise<string>;
  /** Returns why credentials of this registry could not be read, where it was then asked without. */
  failure(target: AuthorizationTarget): PlombeError | undefined;
}

interface Kept {
  readonly header: string;
  readonly expiresAtMs: number;
}

/** Creates an authorizer over the sources, asked in order; `realmAllow` maps a registry to further realm hosts. */
export function createAuthorizer(
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'log'>,
  sources: readonly CredentialSource[],
  realmAllow: Readonly<Record<string, readonly string[]>>,
): Authorizer {
  const kept = new Map<string, Kept>();
  const pending = new Map<string, Promise<Kept>>();
  const failures = new Map<string, PlombeError>();
  const keyOf = ({ origin, repository = '', access }: AuthorizationTarget): string =>
    `${origin} ${repository} ${access?.action ?? 'pull'} ${access?.from ?? ''}`;

  function current(target: AuthorizationTarget): string | undefined {
    const entry = kept.get(keyOf(target));
    return entry !== undefined && entry.expiresAtMs > ctx.clock.nowMs() ? entry.header : undefined;
  }

  async function answer(refusal: Refusal): Promise<string> {
    const key = keyOf(refusal.target);
    const known = current(refusal.target);
    // Another request got a new one while this one was under way.
    if (known !== undefined && known !== refusal.used) return known;
    let work = pending.get(key);
    if (work === undefined) {
      work = obtain(refusal).finally(() => pending.delete(key));
      pending.set(key, work);
    }
    const entry = await work;
    kept.set(key, entry);
    if (entry.header === refusal.used) throw refusedError(refusal.target, true);
    return entry.header;
  }

  /** A source that fails for good does not end the search: a public image needs no login. The failure is told where access is refused. */
  async function find(target: AuthorizationTarget, signal: AbortSignal): Promise<Credential | undefined> {
    for (const source of sources) {
      try {
        const credential = await source.find(target.registry, target.repository, signal);
        if (credential === undefined) continue;
        ctx.log.debug('registry.credential', { registry: target.registry, source: source.id, kind: credential.kind });
        failures.delete(target.registry);
        return credential;
      } catch (error) {
        if (!isPlombeError(error, 'registry/credentials') || error.retryable || signal.aborted) throw error;
        ctx.log.warn('registry.credential-failed', {
          registry: target.registry,
          source: source.id,
          cause: error.message,
        });
        if (!failures.has(target.registry)) failures.set(target.registry, error);
      }
    }
    return undefined;
  }

  async function obtain(refusal: Refusal): Promise<Kept> {
    const { target, signal } = refusal;
    const challenges = parseChallenges(refusal.challenge);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) return obtainToken(refusal, bearer);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      throw new PlombeError(
        'registry/unauthorized',
        `${target.registry} refuses access and names no way to log in that Plombe knows (Bearer, Basic).`,
      );
    }
    const credential = await find(target, signal);
    if (credential?.kind === 'bearer') return bearerOf(credential.token, target);
    if (credential?.kind !== 'password') throw failures.get(target.registry) ?? refusedError(target, false);
    const header = basicAuthorization(credential.username, credential.password);
    return { header, expiresAtMs: Number.POSITIVE_INFINITY };
  }

  async function obtainToken(refusal: Refusal, challenge: Challenge): Promise<Kept> {
    const { target, signal } = refusal;
    const realm = challenge.parameters['realm'] ?? '';
    const verdict = realmTrust(realm, { ...target, allowed: realmAllow[target.registry] ?? [] });
    if (verdict === 'refused') {
      throw new PlombeError(
        'registry/unauthorized',
        `${target.registry} names a token service that is not an https address.`,
      );
    }
    const credential = await find(target, signal);
    if (credential?.kind === 'bearer') return bearerOf(credential.token, target);
    const withheld = credential !== undefined && verdict.trust !== 'credentials';
    const service = challenge.parameters['service'];
    try {
      const token = await fetchToken(client, ctx, {
        realm: verdict.url,
        scopes: scopesFor(challenge, target.repository, target.access),
        ...(service === undefined ? {} : { service }),
        ...(credential === undefined || withheld ? {} : { credential }),
        // A token service on the registry's own host is named by the user; another may lie no further inside than it.
        limit: verdict.url.host === new URL(target.origin).host ? 'loopback' : refusal.scope,
        signal,
      });
      return { header: `Bearer ${token.value}`, expiresAtMs: token.expiresAtMs };
    } catch (cause) {
      const failed = failures.get(target.registry);
      if (!withheld) throw (isPlombeError(cause, 'registry/unauthorized') ? failed : undefined) ?? cause;
      throw new PlombeError(
        'registry/unauthorized',
        `${target.registry} sends to the token service ${verdict.url.host}, which did not get its credentials: it is another host.`,
        {
          cause,
          remedy: `If it belongs to the registry, allow it: --realm-allow ${target.registry}=${verdict.url.host}, or realmAllow in plombe.yaml.`,
        },
      );
    }
  }

  return { current, answer, failure: (target) => failures.get(target.registry) };
}

function bearerOf(token: string, target: AuthorizationTarget): Kept {
  if (isHeaderSafe(token)) return { header: `Bearer ${token}`, expiresAtMs: Number.POSITIVE_INFINITY };
  throw new PlombeError('registry/credentials', `The token kept for ${target.registry} cannot be sent in a header.`);
}

function refusedError(target: AuthorizationTarget, sent: boolean): PlombeError {
  const place = target.repository === undefined ? target.registry : `${target.registry}/${target.repository}`;
  return new PlombeError(
    'registry/unauthorized',
    sent
      ? `${place} refuses the credentials it got, or does not exist.`
      : `${place} wants a user and password, and none are known for ${target.registry}.`,
  );
}
