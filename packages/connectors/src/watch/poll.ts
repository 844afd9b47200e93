// Asking for what happened: the registry's own log where it has one, else what is different from the last look.
import type { Digest } from '@plombe/model';
import type { CallOptions, RegistryConnector, RegistryEvent } from '../registries/connector.ts';

export interface Poller {
  /** Events since the last look, oldest first. The first look at a registry without a log has none: it is what the next is compared with. */
  look(call: CallOptions): Promise<readonly RegistryEvent[]>;
  /** Why the registry's log is not used; undefined where it is, and before the first look. */
  readonly reason: string | undefined;
  /** What the log does not have, a sentence each, as of the first look. */
  readonly incomplete: readonly string[];
}

/** Logs are written late and clocks differ: each look begins this long before the last one; ids sort out what comes twice. */
const overlapMs = 120_000;

/** Polls from a time on. */
export function createPoller(connector: RegistryConnector, sinceMs: number): Poller {
  let from = sinceMs;
  let reason: string | undefined;
  let incomplete: readonly string[] = [];
  let before: ReadonlyMap<string, Digest> | undefined;
  let looks = 0;
  return {
    get reason() {
      return reason;
    },
    get incomplete() {
      return incomplete;
    },
    look: async (call) => {
      if (reason === undefined) {
        const unlogged = looks === 0 ? await connector.unloggedPushes?.(call) : undefined;
        const log =
          unlogged === undefined
            ? await connector.auditEvents(from, call)
            : ({ kind: 'unknown', reason: unlogged } as const);
        if (log.kind === 'known') {
          if (looks === 0) incomplete = log.incomplete ?? [];
          looks += 1;
          const latest = Math.max(from + overlapMs, ...log.value.map(({ time }) => Date.parse(time) || 0));
          from = latest - overlapMs;
          return log.value.flatMap((event): readonly RegistryEvent[] => {
            const { id, time, repository, digest, tag, operation } = event;
            if (repository === undefined || event.outcome === 'failure') return [];
            const kind = /push|create|import/i.test(operation)
              ? 'push'
              : /delete|remove/i.test(operation)
                ? 'delete'
                : 'other';
            const names = { ...(digest === undefined ? {} : { digest }), ...(tag === undefined ? {} : { tag }) };
            return kind === 'other' ? [] : [{ id, kind, repository, time, ...names }];
          });
        }
        reason = log.reason;
      }
      const now = await tagsOf(connector, call);
      looks += 1;
      const events = before === undefined ? [] : differences(before, now, looks);
      before = now;
      return events;
    },
  };
}

/** `repository:tag` → digest. */
async function tagsOf(connector: RegistryConnector, call: CallOptions): Promise<ReadonlyMap<string, Digest>> {
  const found = new Map<string, Digest>();
  for await (const { name } of connector.repositories(call)) {
    for await (const { tags, digest } of connector.artifacts(name, call)) {
      for (const tag of tags) found.set(`${name}:${tag}`, digest);
    }
  }
  return found;
}

/** A tag that moves to and fro moves each time: the id says by which look. */
function differences(
  before: ReadonlyMap<string, Digest>,
  now: ReadonlyMap<string, Digest>,
  look: number,
): readonly RegistryEvent[] {
  const eventOf = (kind: 'push' | 'delete', place: string, digest: Digest): RegistryEvent => {
    const colon = place.lastIndexOf(':');
    const [repository, tag] = [place.slice(0, colon), place.slice(colon + 1)];
    return { id: `${kind} ${place}@${digest} by look ${look}`, kind, repository, tag, digest };
  };
  return [
    ...[...now]
      .filter(([place, digest]) => before.get(place) !== digest)
      .map(([place, digest]) => eventOf('push', place, digest)),
    ...[...before].filter(([place]) => !now.has(place)).map(([place, digest]) => eventOf('delete', place, digest)),
  ];
}
