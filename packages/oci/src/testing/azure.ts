// A stand-in for Azure that keeps state: Entra's token endpoint, a managed identity's, and a container registry's, as documented.
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, type Handler } from './server.ts';

export interface AzureWorld {
  readonly tenant: string;
  /** Tenant that the registry belongs to. */
  registryTenant: string;
  /** Whom tokens are given for. */
  audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly federatedToken: string;
  /** PEM of the certificate that the application knows. */
  certificate?: string;
  readonly registry: string;
  readonly repository: string;
  readonly manifest: object;
  /** Path of every request in order, without its query. */
  readonly log: string[];
  /** Tokens given out so far; emptied to make Azure forget them. */
  readonly tokens: Map<string, { readonly kind: 'entra' | 'refresh' | 'access'; readonly expiresAtMs: number }>;
  nowMs: number;
  /** Answers the next requests with this status. */
  failures: number[];
  /** The same for Entra alone. */
  entraFailures: number[];
}

/** Returns a world with one tenant, application and registry. */
export function azureWorld(registry: string, manifest: object): AzureWorld {
  const tenant = '72f988bf-0000-0000-0000-000000000001';
  return {
    tenant,
    registryTenant: tenant,
    audience: 'https://containerregistry.azure.net',
    clientId: '11111111-0000-0000-0000-000000000002',
    clientSecret: 'client-secret',
    federatedToken: 'header.federated.signature',
    registry,
    repository: 'team/app',
    manifest,
    log: [],
    tokens: new Map(),
    nowMs: 1_700_000_000_000,
    failures: [],
    entraFailures: [],
  };
}

/** Serves Entra and the registry; which of them is told by the Host header. Sources: Azure/acr docs/AAD-OAuth.md, OAuth 2.0. */
export function azureHandler(world: AzureWorld): Handler {
  return (request, response) => {
    const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
    world.log.push(`${request.headers.host}${url.pathname}`);
    const failure = world.failures.shift();
    if (failure !== undefined) return answer(response, failure, { error: 'server_error' }, { 'retry-after': '0' });
    return void readForm(request).then((form) => route(world, url, request, form, response));
  };
}

function route(
  world: AzureWorld,
  url: URL,
  request: IncomingMessage,
  form: URLSearchParams,
  response: ServerResponse,
): void {
  if (request.headers.host === 'login.microsoftonline.com') return entra(world, url, form, response);
  if (request.headers.host !== world.registry) return answer(response, 421, {});
  if (url.pathname === '/oauth2/exchange') return exchange(world, form, response);
  if (url.pathname === '/oauth2/token') return accessToken(world, form, response);
  const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  if (!lives(world, bearer, 'access')) {
    const realm = `https://${world.registry}/oauth2/token`;
    const scope = `repository:${world.repository}:pull`;
    const challenge = `Bearer realm="${realm}",service="${world.registry}",scope="${scope}"`;
    return answer(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] }, { 'www-authenticate': challenge });
  }
  return answer(response, 200, world.manifest);
}

function entra(world: AzureWorld, url: URL, form: URLSearchParams, response: ServerResponse): void {
  const refuse = (error: string, number: number): void =>
    answer(response, 401, { error, error_description: `AADSTS${number}: … client-secret`, error_codes: [number] });
  const failure = world.entraFailures.shift();
  if (failure !== undefined) return answer(response, failure, {}, { 'retry-after': '0' });
  if (url.pathname !== `/${world.tenant}/oauth2/v2.0/token`) return refuse('invalid_request', 90002);
  if (form.get('scope') !== `${world.audience}/.default`) return refuse('invalid_scope', 70011);
  if (form.get('client_id') !== world.clientId) return refuse('unauthorized_client', 700016);
  const secret = form.get('client_secret') === world.clientSecret;
  const typed = form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const assertion = form.get('client_assertion') ?? '';
  const proved = typed && (assertion === world.federatedToken || validAssertion(world, assertion, url.href));
  if (form.get('grant_type') !== 'client_credentials' || (!secret && !proved)) return refuse('invalid_client', 7000215);
  return answer(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: issue(world, 'entra', 3599) });
}

function validAssertion(world: AzureWorld, assertion: string, audience: string): boolean {
  if (world.certificate === undefined) return false;
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  const parse = (part: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  const thumbprint = createHash('sha256').update(new X509Certificate(world.certificate).raw).digest('base64url');
  if (parse(header)['x5t#S256'] !== thumbprint || parse(claims)['aud'] !== audience) return false;
  const key = { key: createPublicKey(world.certificate), padding: 6, saltLength: 32 };
  return verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
}

function exchange(world: AzureWorld, form: URLSearchParams, response: ServerResponse): void {
  const right =
    form.get('grant_type') === 'access_token' &&
    form.get('service') === world.registry &&
    form.get('tenant') === world.registryTenant &&
    lives(world, form.get('access_token') ?? '', 'entra');
  if (!right) return answer(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] });
  return answer(response, 200, { refresh_token: issue(world, 'refresh', 10_800) });
}

function accessToken(world: AzureWorld, form: URLSearchParams, response: ServerResponse): void {
  const right =
    form.get('grant_type') === 'refresh_token' &&
    form.get('service') === world.registry &&
    form.get('scope') === `repository:${world.repository}:pull` &&
    lives(world, form.get('refresh_token') ?? '', 'refresh');
  if (!right) return answer(response, 401, { errors: [{ code: 'UNAUTHORIZED' }] });
  return answer(response, 200, { access_token: issue(world, 'access', 4500) });
}

/** Serves the identity endpoints of App Service, of a virtual machine and of an Arc server. */
export function identityHandler(
  world: AzureWorld,
  identityHeader: string,
  arcKey?: { path: string; secret: string },
): Handler {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://identity');
    world.log.push(`identity${url.pathname}`);
    const failure = world.failures.shift();
    if (failure !== undefined) return answer(response, failure, {});
    const query = `${url.searchParams.get('api-version')} ${url.searchParams.get('resource')}`;
    const { audience } = world;
    const token = (): void =>
      answer(response, 200, {
        access_token: issue(world, 'entra', 86_400),
        expires_on: String(world.nowMs / 1000 + 86_400),
        resource: audience,
        token_type: 'Bearer',
      });
    if (query === `2019-08-01 ${audience}` && request.headers['x-identity-header'] === identityHeader) return token();
    if (request.headers['metadata'] !== 'true') return answer(response, 400, { error: 'bad_request_102' });
    if (query === `2018-02-01 ${audience}` && url.pathname === '/metadata/identity/oauth2/token') {
      const known = [null, world.clientId].includes(url.searchParams.get('client_id'));
      return known
        ? token()
        : answer(response, 400, { error: 'invalid_request', error_description: 'Identity not found' });
    }
    if (query !== `2020-06-01 ${audience}` || arcKey === undefined)
      return answer(response, 400, { error: 'invalid_request' });
    if (request.headers.authorization === `Basic ${arcKey.secret}`) return token();
    return answer(response, 401, {}, { 'www-authenticate': `Basic realm=${arcKey.path}` });
  };
}

function issue(world: AzureWorld, kind: 'entra' | 'refresh' | 'access', seconds: number): string {
  const claims = { exp: world.nowMs / 1000 + seconds, tid: world.tenant, n: world.tokens.size };
  const token = `${kind}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  world.tokens.set(token, { kind, expiresAtMs: world.nowMs + seconds * 1000 });
  return token;
}

function lives(world: AzureWorld, token: string, kind: string): boolean {
  const known = world.tokens.get(token);
  return known?.kind === kind && known.expiresAtMs > world.nowMs;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
