// A transport over the options of a client: for callers that ask a registry more than the distribution specification has words for.
import type { Context } from '@plombe/model';
import { acrSource } from '../acr/source.ts';
import { createAuthorizer, type CredentialSource } from '../auth/authorizer.ts';
import type { Credential } from '../auth/credential.ts';
import { dockerConfigSource } from '../auth/docker-config.ts';
import { createHttpClient, type HttpClient } from '../network/client.ts';
import { defaultRetry } from '../network/retry.ts';
import type { RegistryOptions } from './client.ts';
import { createTransport, type Transport } from './transport.ts';

export interface OpenTransport extends Transport {
  /** The login for a registry, from the same sources and in the same order. Throws `registry/credentials` where a source should know and fails. */
  credential(registry: string, signal: AbortSignal): Promise<Credential | undefined>;
  /** Gives back the connections. */
  close(): void;
}

/** Opens a transport with connections of its own: authorization by challenge, redirects, retries as a registry client has them. */
export function openTransport(options: RegistryOptions, ctx: Context): OpenTransport {
  const client = createHttpClient(options, ctx);
  const sources = credentialSources(options, client, ctx);
  const transport = createTransport(
    {
      client,
      authorizer: createAuthorizer(client, ctx, sources, options.realmAllow ?? {}),
      retry: { ...defaultRetry, ...options.retry },
      plainHttp: options.plainHttp ?? false,
    },
    ctx,
  );
  return {
    ...transport,
    credential: async (registry, signal) => {
      for (const source of sources) {
        const found = await source.find(registry, undefined, signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    close: () => client.close(),
  };
}

/** The ways to log in, in the order they are asked: what was given, the files, Entra. */
function credentialSources(options: RegistryOptions, client: HttpClient, ctx: Context): readonly CredentialSource[] {
  const sources: CredentialSource[] = [givenSource(options.credentials ?? {})];
  for (const path of options.authFiles ?? []) sources.push(dockerConfigSource(path));
  if (options.entra !== undefined) sources.push(acrSource(options.entra, client, ctx));
  return sources;
}

function givenSource(credentials: Readonly<Record<string, Credential>>): CredentialSource {
  return {
    id: 'configuration',
    find: async (registry) => (Object.hasOwn(credentials, registry) ? credentials[registry] : undefined),
  };
}
