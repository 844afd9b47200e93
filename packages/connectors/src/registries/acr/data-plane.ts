// The registry's own API besides the distribution's: catalogue, manifests with their attributes, locks (data plane 2021-07-01).
import type { Context, Digest } from '@plombe/model';
import { PlombeError, isPlombeError, objectField, objectsField, textsField, type JsonObject } from '@plombe/kit';
import {
  fetchToken,
  parseReference,
  type Credential,
  type HttpClient,
  type RetryOptions,
  type Token,
} from '@plombe/oci';
import { azureHttp, azureRetry, pages, type AzureAnswer, type AzureRequest } from '../../azure/http.ts';

const apiVersion = '2021-07-01';
/** The registry's own default and limit of entries in a page. */
const pageSize = 100;
/** One token for each repository, of some 4 KiB. */
const maxKeptTokens = 1000;

/** What a manifest may be used for; all true where nobody locked it. */
export interface Attributes {
  readonly readEnabled?: boolean;
  readonly writeEnabled?: boolean;
  readonly deleteEnabled?: boolean;
  readonly listEnabled?: boolean;
}

export interface DataPlane {
  /** Yields the names of all repositories. */
  catalog(signal: AbortSignal): AsyncGenerator<string, void>;
  /** Returns the attributes of a repository (`lastUpdateTime`, `manifestCount`, `tagCount` …). */
  repository(name: string, signal: AbortSignal): Promise<JsonObject>;
  /** Yields the manifests of a repository as the registry describes them. */
  manifests(name: string, signal: AbortSignal): AsyncGenerator<JsonObject, void>;
  /** Yields the tags of a repository with their attributes. */
  tags(name: string, signal: AbortSignal): AsyncGenerator<JsonObject, void>;
  manifest(name: string, digest: Digest, signal: AbortSignal): Promise<JsonObject>;
  /** Changes attributes of a manifest and returns them as they are then. */
  change(name: string, digest: Digest, attributes: Attributes, signal: AbortSignal): Promise<JsonObject>;
}

/** Legacy registries ask for the first, ABAC registries for the second: whoever reads the message has either. */
const permissions = {
  catalog:
    'Microsoft.ContainerRegistry/registries/catalog/read (ABAC mode: Container Registry Repository Catalog Lister; legacy mode: AcrPull)',
  read: 'Microsoft.ContainerRegistry/registries/repositories/metadata/read (ABAC mode: Container Registry Repository Reader; legacy mode: AcrPull)',
  write:
    'Microsoft.ContainerRegistry/registries/repositories/metadata/write (ABAC mode: Container Registry Repository Writer; legacy mode: AcrPush)',
} as const;

/** Opens the data plane of one registry; `login` gives what is exchanged for its tokens, which go to its own origin alone. */
export function dataPlane(
  registry: string,
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'random' | 'log'>,
  login: (signal: AbortSignal) => Promise<Credential | undefined>,
  retry: Partial<RetryOptions> = {},
): DataPlane {
  const origin = `https://${registry}`;
  const kept = new Map<string, Token>();

  /** The scopes are ours, never those of a challenge: a registry cannot ask for more in the caller's name. */
  async function tokenFor(
    scope: string,
    { permission, signal }: AzureRequest,
    refused: boolean,
  ): Promise<string | undefined> {
    const present = kept.get(scope);
    if (present !== undefined && !refused && present.expiresAtMs > ctx.clock.nowMs()) return present.value;
    const credential = await login(signal);
    if (credential?.kind === 'bearer') return refused ? undefined : credential.token;
    const token = await fetchToken(client, ctx, {
      realm: new URL('/oauth2/token', origin),
      service: registry,
      scopes: [scope],
      limit: 'private',
      signal,
      ...(credential === undefined ? {} : { credential }),
    }).catch((error: unknown) => {
      if (!isPlombeError(error, 'registry/unauthorized')) throw error;
      // The token service says only that it refuses; what was asked for is known here.
      throw new PlombeError('registry/unauthorized', `${error.message} It was asked for ${permission}.`, {
        cause: error,
      });
    });
    if (refused && token.value === present?.value) return undefined;
    if (kept.size >= maxKeptTokens) kept.clear();
    kept.set(scope, token);
    return token.value;
  }

  const httpFor = (scope: string): ReturnType<typeof azureHttp> =>
    azureHttp(client, ctx, { ...azureRetry, ...retry }, (request, refused) => tokenFor(scope, request, refused));

  function request(path: string, permission: string, signal: AbortSignal, body?: object): AzureRequest {
    const url = new URL(path, origin);
    url.searchParams.set('api-version', apiVersion);
    return {
      method: body === undefined ? 'GET' : 'PATCH',
      url,
      permission,
      signal,
      ...(body === undefined ? {} : { body }),
    };
  }

  /** A name stands in a path: only what is a repository by the grammar of references gets there. */
  const named = (name: string): string => parseReference(`${registry}/${name}`).repository;

  async function* list(
    path: string,
    scope: string,
    permission: string,
    signal: AbortSignal,
  ): AsyncGenerator<JsonObject, void> {
    const first = request(path, permission, signal);
    first.url.searchParams.set('n', String(pageSize));
    yield* pages(httpFor(scope), first, nextPage);
  }

  async function attributesOf(name: string, path: string, signal: AbortSignal, body?: object): Promise<JsonObject> {
    const write = body !== undefined;
    const scope = `repository:${named(name)}:${write ? 'metadata_read,metadata_write' : 'metadata_read'}`;
    const permission = write ? permissions.write : permissions.read;
    return (await httpFor(scope).call(request(path, permission, signal, body))).document;
  }

  const manifestPath = (name: string, digest: Digest): string => `/acr/v1/${named(name)}/_manifests/${digest}`;
  const manifestOf = (document: JsonObject): JsonObject => objectField(document, 'manifest') ?? document;

  return {
    async *catalog(signal) {
      for await (const page of list('/acr/v1/_catalog', 'registry:catalog:*', permissions.catalog, signal)) {
        yield* textsField(page, 'repositories');
      }
    },
    repository: (name, signal) => attributesOf(name, `/acr/v1/${named(name)}`, signal),
    async *manifests(name, signal) {
      const scope = `repository:${named(name)}:metadata_read`;
      for await (const page of list(`/acr/v1/${named(name)}/_manifests`, scope, permissions.read, signal)) {
        yield* objectsField(page, 'manifests');
      }
    },
    async *tags(name, signal) {
      const scope = `repository:${named(name)}:metadata_read`;
      for await (const page of list(`/acr/v1/${named(name)}/_tags`, scope, permissions.read, signal)) {
        yield* objectsField(page, 'tags');
      }
    },
    manifest: async (name, digest, signal) => manifestOf(await attributesOf(name, manifestPath(name, digest), signal)),
    change: async (name, digest, attributes, signal) =>
      manifestOf(await attributesOf(name, manifestPath(name, digest), signal, attributes)),
  };
}

/** `Link: </acr/v1/_catalog?last=x&n=100&orderby=>; rel="next"`, relative to the origin. The API version is written again. */
function nextPage({ headers }: AzureAnswer, from: URL): string | undefined {
  const { link } = headers;
  const text = Array.isArray(link) ? link.join(', ') : (link ?? '');
  const target = text.length > 8192 ? undefined : /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(text)?.[1];
  if (target === undefined || !URL.canParse(target, from.href)) return target;
  const url = new URL(target, from);
  url.searchParams.set('api-version', apiVersion);
  return url.href;
}
