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
  /** Tells one event; what comes meanwhile waits until it is done with. */
  readonly onEvent: (event: ConfirmedEvent) => void | Promise<void>;
  readonly onListening?: (url: string) => void;
  /** Events that wait to be read again; of webhooks, further ones are dropped and counted in the log, and polling finds them later. */
  readonly maxWaiting?: number;
}

/** A webhook's event has some 300 bytes. */
const maxWaitingEvents = 10_000;
/** A flood of events is not to become one of lines (T72). */
const dropsPerLine = 1000;

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
  let dropped = 0;
  const { maxWaiting = maxWaitingEvents } = options;

  function drop(): void {
    dropped += 1;
    if (dropped % dropsPerLine === 1) ctx.log.warn('registry.watch.dropped', { registry: connector.registry, dropped });
  }

  /** Resolves when the events were told. */
  function enqueue(events: readonly RegistryEvent[], via: ConfirmedEvent['via']): Promise<void> {
    for (const event of events) {
      // What is dropped was not seen, or polling would not tell it either.
      if (via === 'webhook' && waiting >= maxWaiting) {
        drop();
        continue;
      }
      if (!seen.isNew(event.id)) continue;
      waiting += 1;
      turn = turn
        .then(async () => {
          if (signal.aborted) return;
          await options.onEvent(await confirmEvent(client, connector.registry, event, via, { signal }));
        })
        .catch((thrown: unknown) => {
          if (!signal.aborted) ctx.log.warn('registry.watch.failed', { cause: messageOf(thrown) });
        })
        .finally(() => (waiting -= 1));
    }
    return turn;
  }

  const receiver =
    options.listen === undefined
      ? undefined
      : await startReceiver(connector, { ...options.listen, onEvents: (events) => void enqueue(events, 'webhook') });
  try {
    if (receiver !== undefined) options.onListening?.(receiver.url);
    if (options.intervalMs === undefined) await ended(signal);
    else
      await poll(connector, { ...options, intervalMs: options.intervalMs }, ctx, (events) => enqueue(events, 'poll'));
    await turn;
    if (dropped > 0) ctx.log.warn('registry.watch.dropped', { registry: connector.registry, dropped });
  } finally {
    await receiver?.close();
  }
}

async function poll(
  connector: RegistryConnector,
  { sinceMs, intervalMs, once }: WatchOptions & { readonly intervalMs: number },
  { signal, log }: Context,
  tell: (events: readonly RegistryEvent[]) => Promise<void>,
): Promise<void> {
  const poller = createPoller(connector, sinceMs);
  let isFirst = true;
  while (!signal.aborted) {
    try {
      // The next look waits, so that no look's events pile up on those of another.
      const events = await poller.look({ signal });
      if (isFirst && poller.reason !== undefined) log.warn('registry.watch.no-log', { cause: poller.reason });
      if (isFirst) for (const cause of poller.incomplete) log.warn('registry.watch.incomplete', { cause });
      await tell(events);
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
