// Whether the registries that there are logins for and the publishers of advisory data can be reached, and whether this machine's clock agrees with theirs.
import { enrichments, feeds } from '@plombe/advisories';
import { messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Examined } from './examination.ts';

/** Certificates and time stamps are judged by the clock; it may be off by this much. */
const maxSkewMs = 5 * 60_000;

/** A registry that is asked whether it is there, without a login. */
export interface Registry {
  readonly host: string;
  readonly plainHttp: boolean;
}

/** Asks each registry, and each host of the feeds once, for the head of a document. Throws nothing but `operation/cancelled`. */
export async function examineNetwork(
  fetch: typeof globalThis.fetch,
  ctx: Context,
  registries: readonly Registry[] = [],
): Promise<readonly Examined[]> {
  const addresses = [
    ...feeds.flatMap((feed) => feed.requests(undefined).flatMap(({ documents }) => documents)),
    ...enrichments.flatMap((enrichment) => enrichment.requests()),
  ].map(({ url }) => url);
  const byHost = new Map(addresses.map((url) => [new URL(url).host, url]));
  const registryUrls = registries.map(
    ({ host, plainHttp }) => [host, `${plainHttp ? 'http' : 'https'}://${host}/v2/`] as const,
  );
  const answers = await Promise.all([
    ...registryUrls.map(([host, url]) =>
      ask(
        host,
        url,
        fetch,
        ctx,
        'Check the name in the file of logins, network, proxy (HTTPS_PROXY, NO_PROXY) and authorities (--ca-file).',
      ),
    ),
    ...[...byHost].map(([host, url]) => ask(host, url, fetch, ctx)),
  ]);
  ctx.signal.throwIfAborted();
  return answers.flat();
}

async function ask(
  host: string,
  url: string,
  fetch: typeof globalThis.fetch,
  ctx: Context,
  fix = 'Check network, proxy (HTTPS_PROXY, NO_PROXY) and authorities (--ca-file); without a network build the database from files.',
): Promise<readonly Examined[]> {
  const subject = 'network';
  try {
    const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(20_000)]);
    const response = await fetch(url, { method: 'HEAD', signal });
    await response.body?.cancel();
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    const skewMs = Math.abs(ctx.clock.nowMs() - dateMs);
    const reached: Examined =
      response.status < 500
        ? { subject, state: 'ok', message: `${host} answers` }
        : { subject, state: 'problem', message: `${host} answers ${response.status}`, fix: 'Try again later.' };
    if (!(skewMs > maxSkewMs)) return [reached];
    const minutes = Math.round(skewMs / 60_000);
    return [
      reached,
      {
        subject,
        state: 'problem',
        message: `the clock differs from ${host} by ${minutes} minutes`,
        fix: "Set this machine's clock.",
      },
    ];
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${messageOf(thrown.cause)}` : '';
    return [{ subject, state: 'problem', message: `${host} cannot be reached: ${messageOf(thrown)}${cause}`, fix }];
  }
}
