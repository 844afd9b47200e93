// Entra tokens for one audience: which identities are tried, and how long a token is kept.
import type { Context } from '@plombe/model';
import { PlombeError, isPlombeError, messageOf } from '@plombe/kit';
import type { HttpClient } from '../network/client.ts';
import { cliToken, servicePrincipalToken, workloadIdentityToken, type EntraAccess, type EntraToken } from './entra.ts';
import { managedIdentityToken } from './managed-identity.ts';
import type { EntraIdentity, EntraOptions } from './source.ts';

/** A token is fetched anew five minutes before its end, as Azure's SDKs do. */
const marginMs = 300_000;

const ways: Readonly<Record<EntraIdentity, (access: EntraAccess) => Promise<EntraToken>>> = {
  'service-principal': servicePrincipalToken,
  'workload-identity': workloadIdentityToken,
  'managed-identity': managedIdentityToken,
  cli: cliToken,
};

/** Returns the identities to try, in order: what is configured, then what may simply be there. */
export function entraIdentities(options: EntraOptions): readonly EntraIdentity[] {
  if (options.identity !== 'auto') return [options.identity];
  const named = Boolean(options.tenantId && options.clientId);
  return [
    ...(named && (options.clientSecret || options.clientCertificatePath) ? (['service-principal'] as const) : []),
    ...(named && options.federatedTokenFile ? (['workload-identity'] as const) : []),
    'managed-identity',
    'cli',
  ];
}

/** With `auto` these are only tried where the environment names them. */
function isConfigured(identity: EntraIdentity): boolean {
  return identity === 'service-principal' || identity === 'workload-identity';
}

/** True until shortly before the end of a token. */
export function livesOn(token: EntraToken | undefined, { clock }: Pick<Context, 'clock'>): token is EntraToken {
  return token !== undefined && token.expiresAtMs - marginMs > clock.nowMs();
}

/** Tokens for one audience, kept while they live. */
export interface EntraTokens {
  /** Undefined where `auto` found no identity; throws `registry/credentials` where a named one fails. */
  token(signal: AbortSignal): Promise<EntraToken | undefined>;
}

/** Returns the source of tokens for an audience, such as `https://vault.azure.net`. The caller decides which hosts may see one (T31). */
export function entraTokens(
  options: EntraOptions,
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'random' | 'log'>,
  audience: string,
): EntraTokens {
  let kept: EntraToken | undefined;
  const told = new Set<EntraIdentity>();
  return {
    async token(signal) {
      if (livesOn(kept, ctx)) return kept;
      for (const identity of entraIdentities(options)) {
        try {
          kept = await ways[identity]({ client, ctx, options, signal, audience });
          ctx.log.debug('entra.token', { identity });
          return kept;
        } catch (error) {
          if (signal.aborted || !isPlombeError(error)) throw error;
          if (options.identity !== 'auto') {
            const message = `No Entra token (${identity}): ${error.message}`;
            throw new PlombeError('registry/credentials', message, { cause: error, retryable: error.retryable });
          }
          // What somebody set up and Entra refused is a mistake to be seen; what is simply not there is none.
          const level = isConfigured(identity) && !told.has(identity) ? 'warn' : 'info';
          told.add(identity);
          ctx.log[level]('entra.unavailable', { identity, cause: messageOf(error) });
        }
      }
      return undefined;
    },
  };
}
