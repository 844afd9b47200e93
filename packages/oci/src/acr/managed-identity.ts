// Managed identities: the token endpoints that Azure puts beside a machine, an app or an Arc server.
import { readFile, realpath, stat } from 'node:fs/promises';
import { decodeText, isObject, isPlombeError, kibibyte, textField, type JsonObject } from '@plombe/kit';
import { readDocument, type HttpResponse } from '../network/client.ts';
import { statusError, withRetries } from '../network/retry.ts';
import { entraError, tokenOf, type EntraAccess, type EntraToken } from './entra.ts';

const maxAnswerBytes = 256 * kibibyte;
/** Off Azure nothing listens at the metadata address; this is how long a scan is held up by that. */
const metadataConnectMs = 1000;
const imdsOrigin = 'http://169.254.169.254';

/**
 * Returns a token of the managed identity: of App Service or Container Apps where an endpoint and header are set, of an Arc server
 * where only the endpoint is, else of the virtual machine (IMDS). Throws `registry/credentials` where there is none.
 */
export async function managedIdentityToken(access: EntraAccess): Promise<EntraToken> {
  const { identityEndpoint, identityHeader, arcTokenFolder } = access.options;
  if (identityEndpoint && identityHeader) {
    return ask(access, endpoint(identityEndpoint, '2019-08-01', access), { 'x-identity-header': identityHeader });
  }
  if (identityEndpoint) return arcToken(access, identityEndpoint, arcTokenFolder ?? '/var/opt/azcmagent/tokens');
  const url = endpoint(
    `${access.options.metadataHost ?? imdsOrigin}/metadata/identity/oauth2/token`,
    '2018-02-01',
    access,
  );
  return ask(access, url, { metadata: 'true' });
}

function endpoint(text: string, version: string, access: EntraAccess): URL {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw entraError('The identity endpoint is not an http address.');
  const url = new URL(text);
  url.searchParams.set('api-version', version);
  url.searchParams.set('resource', access.audience);
  if (access.options.clientId) url.searchParams.set('client_id', access.options.clientId);
  return url;
}

async function ask(access: EntraAccess, url: URL, headers: Readonly<Record<string, string>>): Promise<EntraToken> {
  const retry = { attempts: 4, baseMs: 800, maxWaitMs: 10_000 };
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  return withRetries(retry, { random: (size) => access.ctx.random(size), log }, access.signal, async () => {
    const response = await send(access, url, headers);
    const { status } = response;
    // IMDS documents 404, 410, 429 and 5xx as worth another attempt while it starts.
    if (status === 404 || status === 410 || status === 429 || status >= 500) {
      await response.discard();
      throw statusError('The identity endpoint', status === 429 ? 429 : 503, undefined, access.ctx.clock.nowMs());
    }
    return answered(response, access);
  });
}

/** An Arc server proves that the caller may read a file of the agent: the first answer names it, its content is the password. */
async function arcToken(access: EntraAccess, identityEndpoint: string, folder: string): Promise<EntraToken> {
  const url = endpoint(identityEndpoint, '2020-06-01', access);
  const first = await send(access, url, { metadata: 'true' });
  await first.discard();
  const path = /^Basic realm="?([^"]+)"?$/i.exec(first.headers['www-authenticate'] ?? '')?.[1];
  if (first.status !== 401 || path === undefined)
    throw entraError('The Arc agent did not ask for its key as documented.');
  return answered(
    await send(access, url, { metadata: 'true', authorization: `Basic ${await readKey(path, folder)}` }),
    access,
  );
}

/** Only a small `.key` file directly in the agent's folder is read: another path would send any file to whoever answers. */
async function readKey(path: string, folder: string): Promise<string> {
  const refused = (): never => {
    throw entraError('The Arc agent names a key that is not in its own folder, which is refused.');
  };
  const name = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : '';
  if (!/^[A-Za-z0-9_-]{1,200}\.key$/.test(name)) return refused();
  try {
    if ((await realpath(path)) !== `${await realpath(folder)}/${name}`) return refused();
    if ((await stat(path)).size > 4096) return refused();
    return decodeText(await readFile(path)).trim();
  } catch (cause) {
    if (isPlombeError(cause)) throw cause;
    throw entraError('The key of the Arc agent cannot be read; the caller has to be in the group himds.', cause);
  }
}

/** The one place where a link-local address may be called: the endpoint is the cloud's own and comes from no answer. */
function send(access: EntraAccess, url: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
  return access.client.send({
    method: 'GET',
    url,
    headers,
    limit: 'metadata',
    direct: true,
    connectMs: metadataConnectMs,
    signal: access.signal,
  });
}

async function answered(response: HttpResponse, access: EntraAccess): Promise<EntraToken> {
  const bytes = await readDocument(response, 'The identity endpoint', maxAnswerBytes);
  let document: JsonObject = {};
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    if (isObject(value)) document = value;
  } catch {
    // Answered below: no token.
  }
  if (response.status !== 200) {
    const code = /^[A-Za-z0-9_.-]{1,60}$/.exec(textField(document, 'error') ?? '')?.[0];
    const detail = `${response.status}${code === undefined ? '' : `, ${code}`}`;
    throw entraError(`The identity endpoint gave no token (${detail}); assign an identity, or name its client id.`);
  }
  return tokenOf(document, textField(document, 'access_token'), 'The identity endpoint', access);
}
