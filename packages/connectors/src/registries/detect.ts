// Which kind of registry answers: by its host, else by a route that only one kind has.
import type { Context } from '@plombe/model';
import { isObject, isPlombeError } from '@plombe/kit';
import {
  createHttpClient,
  isAcrHost,
  openTransport,
  statusError,
  type HttpClient,
  type HttpResponse,
} from '@plombe/oci';
import type { CallOptions, RegistryKind } from './connector.ts';
import type { ConnectorOptions } from './options.ts';

/** A registry that does not answer within this time is told to be any registry, and the operation that follows says why. */
const answerMs = 10_000;
/** Statuses of a registry or proxy that answers later: it may be any kind then. */
const busy: readonly number[] = [429, 502, 503, 504];

/**
 * Asks without credentials. A registry that says nothing of itself is `oci`, and so is one that is not there. Throws `registry/rate-limited`,
 * `registry/unreachable` and `registry/tls` where one is there and could be any kind: throttled, failing, or with a certificate that nobody
 * vouches for. To take it for any registry would leave checks of its kind out without a word.
 */
export async function detectKind(
  { registry, network }: ConnectorOptions,
  { signal }: CallOptions,
  ctx: Context,
): Promise<RegistryKind> {
  if (isAcrHost(registry)) return 'acr';
  const transport = openTransport(network, ctx);
  const client = createHttpClient({ ...network, timeouts: { connectMs: answerMs, headersMs: answerMs } }, ctx);
  const ask = (path: string): Promise<Asked> =>
    transport.retry(signal, () => get(client, transport.originOf(registry) + path, signal, ctx));
  try {
    const harbor = await ask('/api/v2.0/systeminfo');
    if (harbor.status === 200 && isObject(harbor.value) && 'auth_mode' in harbor.value) return 'harbor';
    const msr = await ask('/api/v0/meta/features');
    if (msr.status === 200 && isObject(msr.value) && 'scanningEnabled' in msr.value) return 'msr';
    if (msr.status === 401 && JSON.stringify(msr.value ?? '').includes('NOT_AUTHENTICATED')) return 'msr';
    return 'oci';
  } finally {
    client.close();
    transport.close();
  }
}

interface Asked {
  readonly status: number;
  readonly value?: unknown;
}

async function get(
  client: HttpClient,
  url: string,
  signal: AbortSignal,
  { clock }: Pick<Context, 'clock'>,
): Promise<Asked> {
  const response = await send(client, new URL(url), signal);
  if (response === undefined) return { status: 0 };
  const { status, headers } = response;
  if (busy.includes(status)) {
    await response.discard();
    throw statusError(new URL(url).host, status, headers['retry-after'], clock.nowMs());
  }
  try {
    const bytes = await response.readAll(64 * 1024);
    return { status, value: JSON.parse(Buffer.from(bytes ?? []).toString()) as unknown };
  } catch (thrown) {
    if (isPlombeError(thrown, 'operation/cancelled')) throw thrown;
    return { status: 0 };
  }
}

async function send(client: HttpClient, url: URL, signal: AbortSignal): Promise<HttpResponse | undefined> {
  try {
    return await client.send({ method: 'GET', url, limit: 'loopback', signal });
  } catch (thrown) {
    if (isPlombeError(thrown, 'operation/cancelled') || isPlombeError(thrown, 'registry/tls')) throw thrown;
    return undefined;
  }
}
