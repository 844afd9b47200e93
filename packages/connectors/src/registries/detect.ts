// Which kind of registry answers: by its host, else by a route that only one kind has.
import type { Context } from '@plombe/model';
import { isObject, isPlombeError } from '@plombe/kit';
import { createHttpClient, isAcrHost, openTransport, type HttpClient } from '@plombe/oci';
import type { CallOptions, RegistryKind } from './connector.ts';
import type { ConnectorOptions } from './options.ts';

/** A registry that does not answer within this time is told to be any registry, and the operation that follows says why. */
const answerMs = 10_000;

/** Asks without credentials. A registry that says nothing of itself is `oci`. Throws only where the work is cancelled. */
export async function detectKind(
  { registry, network }: ConnectorOptions,
  { signal }: CallOptions,
  ctx: Context,
): Promise<RegistryKind> {
  if (isAcrHost(registry)) return 'acr';
  const transport = openTransport(network, ctx);
  const origin = transport.originOf(registry);
  transport.close();
  const client = createHttpClient({ ...network, timeouts: { connectMs: answerMs, headersMs: answerMs } }, ctx);
  try {
    const harbor = await get(client, `${origin}/api/v2.0/systeminfo`, signal);
    if (harbor.status === 200 && isObject(harbor.value) && 'auth_mode' in harbor.value) return 'harbor';
    const msr = await get(client, `${origin}/api/v0/meta/features`, signal);
    if (msr.status === 200 && isObject(msr.value) && 'scanningEnabled' in msr.value) return 'msr';
    if (msr.status === 401 && JSON.stringify(msr.value ?? '').includes('NOT_AUTHENTICATED')) return 'msr';
    return 'oci';
  } finally {
    client.close();
  }
}

async function get(
  client: HttpClient,
  url: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly value?: unknown }> {
  try {
    const response = await client.send({ method: 'GET', url: new URL(url), limit: 'loopback', signal });
    const bytes = await response.readAll(64 * 1024);
    return { status: response.status, value: JSON.parse(Buffer.from(bytes ?? []).toString()) as unknown };
  } catch (thrown) {
    if (isPlombeError(thrown, 'operation/cancelled')) throw thrown;
    return { status: 0 };
  }
}
