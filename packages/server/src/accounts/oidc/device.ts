// `plombe login`: a device login at the issuer that a registry names, whose ID token the registry takes for a credential.
import { inert, isPlombeError, messageOf, PlombeError, textField, type JsonObject } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { createHttpClient, type HttpClient, type NetworkOptions } from '@plombe/oci';
import { parseJsonObject } from '../http.ts';
import type { Credential } from '../robots.ts';
import { isSafeIssuerUrl, openIssuerNetwork, rootCause } from './network.ts';

/** What the person has to do; shown to him. */
export interface DevicePrompt {
  readonly issuer: string;
  readonly url: string;
  readonly code: string;
}

export interface DeviceLogin {
  /** `https://host[:port]`, or http where that was asked for. */
  readonly origin: string;
  /** Wanted life of the credential; the server shortens it to 12 h. */
  readonly lifeMs?: number;
  readonly network: NetworkOptions;
  readonly prompt: (prompt: DevicePrompt) => void;
}

/** What logging in gave. */
export interface LoggedIn extends Credential {
  /** Of the person, as the issuer says. */
  readonly name: string;
  readonly warning: string | undefined;
}

const maxAnswerBytes = 65_536;

/**
 * Logs in by device code (RFC 8628). Credentials go to the issuer alone, the ID token to the registry alone, and where the issuer may lie is bounded
 * by where the registry lies. Throws `accounts/login`, `accounts/issuer`, and what requests throw.
 */
export async function loginByDevice(login: DeviceLogin, ctx: Pick<Context, 'clock' | 'signal'>): Promise<LoggedIn> {
  const client = createHttpClient(login.network, ctx);
  try {
    const { document, scope } = await askRegistry(client, login.origin, ctx, 'GET', '/auth/config');
    const [issuer, clientId] = [textField(document, 'issuer'), textField(document, 'clientId')];
    if (issuer === undefined || clientId === undefined) {
      throw new PlombeError('accounts/login', `${login.origin} has no login for people.`, {
        remedy: 'Use a robot with docker login (plombe robots create), or start the server with --oidc-issuer.',
      });
    }
    const idToken = await idTokenByDevice(
      { ...login, issuer, clientId, scope: textField(document, 'scope') ?? 'openid' },
      scope,
      ctx,
    );
    const body = {
      id_token: idToken,
      ...(login.lifeMs === undefined ? {} : { expires_in: Math.floor(login.lifeMs / 1000) }),
    };
    const given = (await askRegistry(client, login.origin, ctx, 'POST', '/auth/exchange', body)).document;
    const [username, password] = [textField(given, 'username'), textField(given, 'password')];
    const expiresAtMs = Date.parse(textField(given, 'expiresAt') ?? '');
    if (username === undefined || password === undefined || Number.isNaN(expiresAtMs)) throw noCredential(login.origin);
    return {
      username,
      password,
      expiresAtMs,
      name: textField(given, 'name') ?? username,
      warning: textField(given, 'warning'),
    };
  } finally {
    client.close();
  }
}

/** Ends the credential at the registry that made it. Resolves false where the registry does not know it. */
export async function endCredential(
  { origin, network }: Pick<DeviceLogin, 'origin' | 'network'>,
  { username, password }: Pick<Credential, 'username' | 'password'>,
  ctx: Pick<Context, 'clock' | 'signal'>,
): Promise<boolean> {
  const client = createHttpClient(network, ctx);
  try {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const url = new URL('/auth/revoke', origin);
    const response = await client.send({
      method: 'POST',
      url,
      headers: { authorization },
      limit: 'loopback',
      signal: ctx.signal,
    });
    await response.discard();
    return response.status === 200;
  } finally {
    client.close();
  }
}

async function idTokenByDevice(
  {
    issuer,
    clientId,
    scope,
    network,
    prompt,
  }: DeviceLogin & { readonly issuer: string; readonly clientId: string; readonly scope: string },
  limit: Parameters<typeof openIssuerNetwork>[2],
  ctx: Pick<Context, 'clock' | 'signal'>,
): Promise<string> {
  const url = URL.parse(issuer);
  if (url === null || !isSafeIssuerUrl(url)) {
    throw new PlombeError(
      'accounts/issuer',
      `The registry names ${inert(issuer.slice(0, 300))} as its issuer, which is no https address.`,
    );
  }
  const connection = openIssuerNetwork(network, ctx, limit);
  try {
    const oidc = await import('openid-client');
    const insecure = url.protocol === 'http:' ? { execute: [oidc.allowInsecureRequests] } : {};
    const config = await oidc
      .discovery(url, clientId, {}, oidc.None(), { [oidc.customFetch]: connection.fetch, ...insecure })
      .catch((cause: unknown) => {
        const root = rootCause(cause);
        if (isPlombeError(root)) throw root;
        throw new PlombeError('accounts/issuer', `The issuer ${inert(issuer)} cannot be used: ${messageOf(root)}`, {
          cause,
        });
      });
    const device = await oidc.initiateDeviceAuthorization(config, { scope });
    const at = URL.parse(device.verification_uri_complete ?? device.verification_uri);
    if (at === null || !isSafeIssuerUrl(at)) throw new Error('the issuer names no page to log in at');
    prompt({ issuer, url: at.href, code: device.user_code });
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, device, undefined, { signal: ctx.signal });
    if (tokens.id_token === undefined) throw new Error('the issuer gave no ID token');
    return tokens.id_token;
  } catch (cause) {
    ctx.signal.throwIfAborted();
    const root = rootCause(cause);
    if (isPlombeError(root)) throw root;
    throw new PlombeError('accounts/login', `The login at ${inert(issuer)} did not succeed: ${messageOf(root)}.`, {
      cause,
    });
  } finally {
    connection.close();
  }
}

async function askRegistry(
  client: HttpClient,
  origin: string,
  ctx: Pick<Context, 'signal'>,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<{ readonly document: JsonObject; readonly scope: Awaited<ReturnType<HttpClient['send']>>['scope'] }> {
  const response = await client.send({
    method,
    url: new URL(path, origin),
    limit: 'loopback',
    signal: ctx.signal,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = Buffer.from((await response.readAll(maxAnswerBytes)) ?? []).toString('utf8');
  const document = parseJsonObject(text);
  if (response.status === 200 && document !== undefined) return { document, scope: response.scope };
  const said =
    document === undefined ? '' : `: ${inert((textField(document, 'error_description') ?? '').slice(0, 300))}`;
  throw new PlombeError('accounts/login', `${origin}${path} answered ${response.status}${said}.`);
}

function noCredential(origin: string): PlombeError {
  return new PlombeError('accounts/login', `${origin} answered without a credential.`);
}
