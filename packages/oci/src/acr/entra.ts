// Entra access tokens for Azure's registries and key vaults: four ways to an identity, each one or two plain requests.
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Context } from '@plombe/model';
import {
  PlombeError,
  decodeText,
  inert,
  isObject,
  kibibyte,
  numberField,
  textField,
  toHex,
  type JsonObject,
} from '@plombe/kit';
import { run } from '../auth/helper.ts';
import { isHeaderSafe, postForm } from '../auth/token.ts';
import type { HttpClient } from '../network/client.ts';
import type { EntraOptions } from './source.ts';

/** An Entra access token. */
export interface EntraToken {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** What all ways need. */
export interface EntraAccess {
  readonly client: HttpClient;
  readonly ctx: Pick<Context, 'clock' | 'random'>;
  readonly options: EntraOptions;
  readonly signal: AbortSignal;
  /** Whom the token is for, as an https origin: a registry's token opens no vault. */
  readonly audience: string;
}

/** The audience of Azure Container Registry; registries may refuse tokens for ARM. */
export const acrAudience = 'https://containerregistry.azure.net';
const defaultAuthority = 'https://login.microsoftonline.com';
/** A federated token or key file has a few KiB (T48). */
const maxFileBytes = 64 * kibibyte;

export function entraError(reason: string, cause?: unknown): PlombeError {
  return new PlombeError('registry/credentials', reason, { cause });
}

/** Client secret or certificate of a service principal (OAuth 2.0 client credentials). */
export async function servicePrincipalToken(access: EntraAccess): Promise<EntraToken> {
  const { clientSecret, clientCertificatePath } = access.options;
  if (clientSecret) return clientCredentials(access, { client_secret: clientSecret });
  const pem = await readSmall(clientCertificatePath ?? '', 'client certificate');
  return clientCredentials(access, assertionForm(certificateAssertion(pem, access)));
}

/** A federated token that the platform writes to a file, such as a Kubernetes service account's (workload identity). */
export async function workloadIdentityToken(access: EntraAccess): Promise<EntraToken> {
  const text = await readSmall(access.options.federatedTokenFile ?? '', 'federated token');
  const assertion = text.trim();
  if (!isHeaderSafe(assertion)) throw entraError('The federated token file holds no token.');
  return clientCredentials(access, assertionForm(assertion));
}

/** The signed-in user of the Azure CLI. */
export async function cliToken(access: EntraAccess): Promise<EntraToken> {
  const { tenantId } = access.options;
  const tenant = tenantId === undefined ? [] : ['--tenant', tenantPart(tenantId)];
  const fail = (reason: string, cause?: unknown): PlombeError => entraError(`The Azure CLI ${reason}.`, cause);
  const { code, output } = await run(
    'az',
    ['account', 'get-access-token', '--output', 'json', '--resource', access.audience, ...tenant],
    '',
    access.signal,
    fail,
  );
  if (code !== 0) throw fail(`gave no token (exit code ${code ?? 'none'}); run az login`);
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw fail('answered something that is not JSON');
  }
  if (!isObject(answer)) throw fail('answered something that is no object');
  return tokenOf(answer, textField(answer, 'accessToken'), 'The Azure CLI', access);
}

async function clientCredentials(access: EntraAccess, proof: Readonly<Record<string, string>>): Promise<EntraToken> {
  const { tenantId, clientId } = access.options;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId ?? '',
    scope: `${access.audience}/.default`,
    ...proof,
  });
  const authority = authorityOf(access.options);
  const url = new URL(`/${tenantPart(tenantId ?? '')}/oauth2/v2.0/token`, authority);
  const document = await postForm(access.client, access.ctx, url, form, { limit: 'public', signal: access.signal });
  return tokenOf(document, textField(document, 'access_token'), `Entra (${authority.host})`, access);
}

/** The authority is Microsoft's or one that the user set; it always is https, as it gets secrets. */
function authorityOf(options: EntraOptions): URL {
  const text = options.authorityHost ?? defaultAuthority;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.username === '') return url;
  throw new PlombeError('config/invalid', 'The Entra authority host is not an https address.');
}

/** A tenant is a GUID or a domain; anything else would change the path of the request. */
function tenantPart(tenantId: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,253}$/.test(tenantId)) return tenantId;
  throw new PlombeError('config/invalid', 'The Entra tenant id is neither a GUID nor a domain.');
}

function assertionForm(assertion: string): Readonly<Record<string, string>> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}

/** A JWT signed with the certificate's key (RFC 7523; PS256 and x5t#S256 as Entra's certificate credentials want). */
function certificateAssertion(pem: string, access: EntraAccess): string {
  const { clientId = '', tenantId = '' } = access.options;
  try {
    const certificate = new X509Certificate(pem);
    const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
    const nowSeconds = Math.floor(access.ctx.clock.nowMs() / 1000);
    const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint };
    const claims = {
      aud: new URL(`/${tenantPart(tenantId)}/oauth2/v2.0/token`, authorityOf(access.options)).href,
      iss: clientId,
      sub: clientId,
      jti: toHex(access.ctx.random(16)),
      nbf: nowSeconds,
      exp: nowSeconds + 600,
    };
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode(header)}.${encode(claims)}`;
    const key = { key: createPrivateKey(pem), padding: 6, saltLength: 32 };
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  } catch (cause) {
    throw cause instanceof PlombeError ? cause : entraError('The client certificate or its key cannot be used.', cause);
  }
}

async function readSmall(path: string, what: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw entraError(`The ${what} file ${inert(path)} cannot be read.`, cause);
  }
  if (bytes.length <= maxFileBytes) return decodeText(bytes);
  throw entraError(`The ${what} file ${inert(path)} is larger than ${maxFileBytes} bytes.`);
}

/** Reads token and life from any of the answers: `expires_on` (seconds since 1970) or `expires_in`, as numbers or texts. */
export function tokenOf(
  document: JsonObject,
  value: string | undefined,
  from: string,
  access: EntraAccess,
): EntraToken {
  if (value === undefined || !isHeaderSafe(value)) throw entraError(`${from} answered without a usable token.`);
  const nowMs = access.ctx.clock.nowMs();
  const on = numberField(document, 'expires_on') ?? 0;
  const inSeconds = numberField(document, 'expires_in') ?? 0;
  // Without either: an Entra token lives at least an hour.
  const expiresAtMs = on > 0 ? on * 1000 : nowMs + (inSeconds > 0 ? inSeconds : 3600) * 1000;
  return { value, expiresAtMs };
}
