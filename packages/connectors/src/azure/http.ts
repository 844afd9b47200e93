// Requests to Azure's APIs: JSON with a bearer token, within limits, throttled as the service asks, and refusals that name the permission.
import type { Context } from '@plombe/model';
import {
  PlombeError,
  decodeText,
  isObject,
  mebibyte,
  objectField,
  objectsField,
  textField,
  type JsonObject,
} from '@plombe/kit';
import { statusError, withRetries, type HttpClient, type HttpResponse, type RetryOptions } from '@plombe/oci';

/** A page of ARM or of a registry's metadata: a thousand entries of some KiB (T28). */
const maxAnswerBytes = 16 * mebibyte;
/** Pages of one list: ARM's lists of one registry have a handful; a registry's catalogue of 100,000 names in hundreds has a thousand. */
const maxPages = 2000;

/** Token buckets of ARM and ACR fill again within a minute, and say so; what asks for more is not waited for (T35). */
export const azureRetry: RetryOptions = { attempts: 6, baseMs: 500, maxWaitMs: 65_000 };

export interface AzureRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly body?: unknown;
  /** What the caller needs for it, as Azure spells it; goes into the message of a refusal. */
  readonly permission: string;
  readonly signal: AbortSignal;
}

export interface AzureAnswer {
  readonly document: JsonObject;
  readonly headers: HttpResponse['headers'];
}

export interface AzureHttp {
  /** Sends until there is an answer. Throws `registry/forbidden` (naming the permission), `registry/not-found`, `registry/rate-limited` … */
  call(request: AzureRequest): Promise<AzureAnswer>;
}

/** Sends with the tokens of `authorize`, whose second parameter is true where the last one was refused; it may answer that there is no other. */
export function azureHttp(
  client: HttpClient,
  ctx: Pick<Context, 'clock' | 'random' | 'log'>,
  retry: RetryOptions,
  authorize: (request: AzureRequest, refused: boolean) => Promise<string | undefined>,
): AzureHttp {
  async function send(request: AzureRequest, token: string | undefined): Promise<HttpResponse> {
    const { method, url, body, signal } = request;
    return client.send({
      method,
      url,
      limit: 'private',
      signal,
      headers: {
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function once(request: AzureRequest): Promise<AzureAnswer> {
    const response = await send(request, await authorize(request, false));
    if (response.status !== 401) return answered(request, response, ctx);
    const other = await authorize(request, true);
    if (other === undefined) return answered(request, response, ctx);
    await response.discard();
    return answered(request, await send(request, other), ctx);
  }
  return { call: (request) => withRetries(retry, ctx, request.signal, () => once(request)) };
}

async function answered(
  request: AzureRequest,
  response: HttpResponse,
  ctx: Pick<Context, 'clock'>,
): Promise<AzureAnswer> {
  const { host } = request.url;
  const { status, headers } = response;
  if (status === 429 || status === 408 || status >= 500) {
    await response.discard();
    throw statusError(host, status, headers['retry-after'], ctx.clock.nowMs());
  }
  const bytes = await response.readAll(maxAnswerBytes);
  if (bytes === undefined) {
    throw new PlombeError('registry/invalid-answer', `${host} answered with more than ${maxAnswerBytes} bytes.`);
  }
  const document = parseObject(bytes);
  if (status >= 200 && status < 300) {
    if (document !== undefined || bytes.length === 0) return { document: document ?? {}, headers };
    throw new PlombeError('registry/invalid-answer', `${host} answered something that is no JSON object.`);
  }
  throw refusal(request, status, errorCode(document));
}

function refusal(request: AzureRequest, status: number, code: string | undefined): PlombeError {
  const { url, permission } = request;
  const place = `${url.host} (${status}${code === undefined ? '' : `, ${code}`})`;
  if (status === 401) {
    return new PlombeError('registry/unauthorized', `${place} does not take the token for ${permission}.`, {
      remedy: 'Check tenant and cloud of the identity, and whether the registry takes tokens of this audience.',
    });
  }
  if (status === 403) {
    return new PlombeError('registry/forbidden', `${place} refuses: the identity lacks ${permission}.`, {
      remedy: `Assign a role with ${permission}; docs/connectors/acr.md has the least one. A network rule of the registry can refuse too.`,
    });
  }
  if (status === 404)
    return new PlombeError('registry/not-found', `${place} has nothing there, asked with ${permission}.`);
  if (status === 409)
    return new PlombeError('registry/conflict', `${place} cannot do that now (${permission}).`, { retryable: true });
  return new PlombeError('registry/invalid-answer', `${place} did not answer as documented, asked with ${permission}.`);
}

/** ARM: `{"error":{"code"}}`; registry: `{"errors":[{"code"}]}`. Only a code is repeated: messages may hold what was sent. */
function errorCode(document: JsonObject | undefined): string | undefined {
  if (document === undefined) return undefined;
  const error = objectField(document, 'error') ?? objectsField(document, 'errors')[0] ?? document;
  return /^[A-Za-z][A-Za-z0-9_.]{1,59}$/.exec(textField(error, 'code') ?? '')?.[0];
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads page after page; `next` tells the address of the following one, which has to be on the same origin: a token goes with it (T31). */
export async function* pages(
  http: AzureHttp,
  first: AzureRequest,
  next: (answer: AzureAnswer, url: URL) => string | undefined,
): AsyncGenerator<JsonObject, void> {
  const fail = (reason: string): PlombeError =>
    new PlombeError(
      'registry/invalid-answer',
      `A list of ${first.url.host} ${reason}, asked with ${first.permission}.`,
    );
  const seen = new Set<string>();
  for (let url: URL | undefined = first.url; url !== undefined;) {
    if (seen.has(url.href)) throw fail('has a page that leads to an earlier one');
    if (seen.size >= maxPages) throw fail(`has more than ${maxPages} pages`);
    seen.add(url.href);
    // Also after a POST the following pages are got with GET: so Microsoft's clients do for Azure's convention of `nextLink`.
    const method = seen.size === 1 ? first.method : 'GET';
    const answer: AzureAnswer = await http.call({ ...first, method, url });
    yield answer.document;
    const text = next(answer, url);
    if (text === undefined || text === '') return;
    if (!URL.canParse(text, url.href)) throw fail('has a next page whose address is none');
    url = new URL(text, url);
    if (url.origin !== first.url.origin) throw fail('leads to another host');
  }
}
