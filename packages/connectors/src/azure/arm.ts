// Azure Resource Manager: one resource or a list, with the API version written at each call, and nothing that lists a secret.
import type { Context } from '@plombe/model';
import { PlombeError, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { HttpClient, RetryOptions } from '@plombe/oci';
import { azureHttp, azureRetry, pages, type AzureRequest } from './http.ts';

/** One call: path below the origin, exact API version, and the action that the caller's role needs. */
export interface ArmCall {
  /** Starts with `/`; segments from outside are checked by whoever builds it. */
  readonly path: string;
  readonly apiVersion: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly permission: string;
}

export interface ArmClient {
  get(call: ArmCall, options: { readonly signal: AbortSignal }): Promise<JsonObject>;
  /** Yields the entries of `value`, page after page by `nextLink`. POST for lists that Azure calls actions. */
  list(
    call: ArmCall,
    options: { readonly signal: AbortSignal; readonly method?: 'GET' | 'POST' },
  ): AsyncGenerator<JsonObject, void>;
}

/** Gives tokens for one audience; `entraTokens` of the OCI package is one. */
export interface TokenSource {
  token(signal: AbortSignal): Promise<{ readonly value: string } | undefined>;
}

/** Actions that hand out a secret. A role that reads needs none of them, and no code path may reach one. */
const secretActions =
  /\/(?:list\w*Credentials?|list(?:Secrets|Keys)|generateCredentials|regenerateCredential|getCallbackConfig)$/i;

/** Creates a client for the control plane at `origin`. Errors are those of `AzureHttp.call`; without any identity `registry/credentials`. */
export function armClient(
  origin: string,
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'random' | 'log'>,
  tokens: TokenSource,
  retry: Partial<RetryOptions> = {},
): ArmClient {
  const authorize = async ({ signal }: AzureRequest, refused: boolean): Promise<string | undefined> => {
    if (refused) return undefined;
    const token = await tokens.token(signal);
    if (token !== undefined) return token.value;
    throw new PlombeError(
      'registry/credentials',
      `No Entra identity gave a token to ask ${new URL(origin).host} with.`,
      {
        remedy:
          'Set AZURE_TENANT_ID and AZURE_CLIENT_ID with a secret, certificate or federated token, or run az login.',
      },
    );
  };
  const http = azureHttp(client, ctx, { ...azureRetry, ...retry }, authorize);

  function requestOf(call: ArmCall, method: 'GET' | 'POST', signal: AbortSignal): AzureRequest {
    if (secretActions.test(call.path)) throw new PlombeError('internal/bug', 'A call would hand out a secret.');
    const url = new URL(call.path, origin);
    url.searchParams.set('api-version', call.apiVersion);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
    return { method, url, permission: call.permission, signal };
  }

  return {
    get: async (call, { signal }) => (await http.call(requestOf(call, 'GET', signal))).document,
    async *list(call, { signal, method = 'GET' }) {
      const first = requestOf(call, method, signal);
      for await (const page of pages(http, first, ({ document }) => textField(document, 'nextLink'))) {
        yield* objectsField(page, 'value');
      }
    },
  };
}
