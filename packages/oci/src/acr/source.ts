// Azure Container Registry with Entra: identity → Entra token → refresh token of the registry, kept until it expires.
import type { Context } from '@plombe/model';
import { PlombeError, decodeText, isObject, isPlombeError, numberField, textField } from '@plombe/kit';
import type { CredentialSource } from '../auth/authorizer.ts';
import type { Credential } from '../auth/credential.ts';
import { isHeaderSafe, postForm } from '../auth/token.ts';
import type { HttpClient } from '../network/client.ts';
import { acrAudience, entraError, type EntraToken } from './entra.ts';
import { isAcrHost } from './host.ts';
import { entraTokens, livesOn } from './tokens.ts';

export type EntraIdentity = 'service-principal' | 'workload-identity' | 'managed-identity' | 'cli';

/** What the environment says of the identity, under the names that Azure's SDKs read (in comments). */
export interface EntraOptions {
  /** The one identity to use, or `auto`: each that is set up, in the order of Azure's default credential. */
  readonly identity: EntraIdentity | 'auto';
  /** AZURE_TENANT_ID */
  readonly tenantId?: string;
  /** AZURE_CLIENT_ID */
  readonly clientId?: string;
  /** AZURE_CLIENT_SECRET */
  readonly clientSecret?: string;
  /** AZURE_CLIENT_CERTIFICATE_PATH: PEM with certificate and unencrypted key. */
  readonly clientCertificatePath?: string;
  /** AZURE_FEDERATED_TOKEN_FILE */
  readonly federatedTokenFile?: string;
  /** AZURE_AUTHORITY_HOST, for sovereign clouds. */
  readonly authorityHost?: string;
  /** IDENTITY_ENDPOINT */
  readonly identityEndpoint?: string;
  /** IDENTITY_HEADER */
  readonly identityHeader?: string;
  /** AZURE_POD_IDENTITY_AUTHORITY_HOST: instead of http://169.254.169.254. */
  readonly metadataHost?: string;
  /** Folder of the Arc agent's keys where it is not the documented one. */
  readonly arcTokenFolder?: string;
}

/**
 * Returns the source of credentials for Azure Container Registry. It answers for real login servers only (T31). With `auto`, a
 * registry that no identity opens is tried anonymously; with a named identity the failure is `registry/credentials`.
 */
export function acrSource(
  options: EntraOptions,
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'random' | 'log'>,
): CredentialSource {
  const refreshTokens = new Map<string, EntraToken>();
  let fruitless = false;
  const entra = entraTokens(options, client, ctx, acrAudience);

  async function find(registry: string, _: string | undefined, signal: AbortSignal): Promise<Credential | undefined> {
    if (!isAcrHost(registry)) return undefined;
    const kept = refreshTokens.get(registry);
    if (livesOn(kept, ctx)) return { kind: 'identity', token: kept.value };
    if (fruitless) return undefined;
    const token = await entra.token(signal);
    if (token === undefined) {
      // Each identity was asked once in this run; asking again for every layer would only take time.
      fruitless = true;
      return undefined;
    }
    const refresh = await exchange(client, ctx, registry, token, options.tenantId, signal);
    refreshTokens.set(registry, refresh);
    return { kind: 'identity', token: refresh.value };
  }

  return { id: 'Entra', find };
}

/** Exchanges an Entra token at the registry's own address (Azure/acr, docs/AAD-OAuth.md). The registry is a real login server. */
async function exchange(
  client: HttpClient,
  ctx: Pick<Context, 'clock'>,
  registry: string,
  token: EntraToken,
  tenantId: string | undefined,
  signal: AbortSignal,
): Promise<EntraToken> {
  const form = new URLSearchParams({ grant_type: 'access_token', service: registry, access_token: token.value });
  const tenant = tenantId ?? textField(jwtClaims(token.value), 'tid');
  if (tenant !== undefined) form.set('tenant', tenant);
  try {
    const url = new URL(`https://${registry}/oauth2/exchange`);
    const document = await postForm(client, ctx, url, form, { limit: 'private', signal });
    const value = textField(document, 'refresh_token');
    if (value === undefined || !isHeaderSafe(value)) throw entraError('It answered without a refresh token.');
    const expires = numberField(jwtClaims(value), 'exp') ?? 0;
    // Without a readable end: half of the three hours that the registry documents.
    return { value, expiresAtMs: expires > 0 ? expires * 1000 : ctx.clock.nowMs() + 5_400_000 };
  } catch (cause) {
    if (!isPlombeError(cause) || cause.code === 'operation/cancelled') throw cause;
    throw new PlombeError('registry/credentials', `${registry} did not exchange the Entra token: ${cause.message}`, {
      cause,
      retryable: cause.retryable,
      remedy:
        'Check that the identity belongs to the tenant of the registry and has AcrPull or Repository Reader there.',
    });
  }
}

/** Reads the claims of a JWT without believing them: they only tell when to ask again and which tenant to name. */
function jwtClaims(token: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decodeText(Buffer.from(token.split('.')[1] ?? '', 'base64url')));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
