// Watching a registry: events by webhook and by polling, each told once, after its image was read again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@plombe/model';
import { isPlombeError, messageOf } from '@plombe/kit';
import type { RegistryClient } from '@plombe/oci';
import type { RegistryConnector, RegistryEvent } from '../registries/connector.ts';
import { confirmEvent, type ConfirmedEvent } from './confirm.ts';
import { createPoller } from './poll.ts';
import { startReceiver, type ReceiverOptions } from './receiver.ts';
import { seenEvents } from './seen.ts';

export interface WatchOptions {
  readonly sinceMs: number;
  /** Pause between two looks; absent: no polling. */
  readonly intervalMs?: number;
  /** Ends after one look. */
  readonly once?: boolean;
  /** Where webhooks are received; absent: they are not. */
  readonly listen?: Omit<ReceiverOptions, 'onEvents'>;
  /** Tells one event; what comes meanwhile waits. */
  readonly onEvent: (event: ConfirmedEvent) => void;
  readonly onListening?: (url: string) => void;
}

/** Events that wait to be read again; further ones are dropped and logged: polling finds them later. */
const maxWaiting = 10_000;

/** Watches until the signal ends it. Throws where the first look fails; later failures are logged and tried again. */
export async function watchRegistry(
  connector: RegistryConnector,
  client: RegistryClient,
  options: WatchOptions,
  ctx: Context,
): Promise<void> {
  const { signal } = ctx;
  const seen = seenEvents();
  let turn: Promise<void> = Promise.resolve();
  let waiting = 0;

  function enqueue(events: readonly RegistryEvent[], via: ConfirmedEvent['via']): void {
    for (const event of events) {
      if (!seen.isNew(event.id)) continue;
      if (waiting >= maxWaiting) {
        ctx.log.warn('registry.watch.dropped', { registry: connector.registry, id: event.id });
        continue;
      }
      waiting += 1;
      turn = turn
        .then(async () => {
          if (!signal.aborted) options.onEvent(await confirmEvent(client, connector.registry, event, via, { signal }));
        })
        .catch((thrown: unknown) => {
          if (!signal.aborted) ctx.log.warn('registry.watch.failed', { cause: messageOf(thrown) });
        })
        .finally(() => (waiting -= 1));
    }
  }

  const receiver =
    options.listen === undefined
      ? undefined
      : await startReceiver(connector, { ...options.listen, onEvents: (events) => enqueue(events, 'webhook') });
  try {
    if (receiver !== undefined) options.onListening?.(receiver.url);
    if (options.intervalMs === undefined) await ended(signal);
    else
      await poll(connector, { ...options, intervalMs: options.intervalMs }, ctx, (events) => enqueue(events, 'poll'));
    await turn;
  } finally {
    await receiver?.close();
  }
}

async function poll(
  connector: RegistryConnector,
  { sinceMs, intervalMs, once }: WatchOptions & { readonly intervalMs: number },
  { signal, log }: Context,
  tell: (events: readonly RegistryEvent[]) => void,
): Promise<void> {
  const poller = createPoller(connector, sinceMs);
  let isFirst = true;
  while (!signal.aborted) {
    try {
      tell(await poller.look({ signal }));
      if (isFirst && poller.reason !== undefined) log.warn('registry.watch.no-log', { cause: poller.reason });
    } catch (thrown) {
      if (signal.aborted) return;
      if (isFirst || !isPlombeError(thrown)) throw thrown;
      log.warn('registry.watch.failed', { code: thrown.code, cause: thrown.message });
    }
    if (once === true) return;
    isFirst = false;
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
