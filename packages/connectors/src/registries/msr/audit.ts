// What happened in MSR: events of repositories and accounts, and jobs that the registry ran.
import { objectField, textField, by, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { AuditEvent, CallOptions, Known } from '../connector.ts';
import { attempt } from '../known.ts';
import { instant, listAccounts } from './access.ts';
import type { MsrApi } from './api.ts';

/** Reads events and jobs since then, oldest first. Needs a system administrator: others see only events of their repositories. */
export async function readAuditEvents(
  api: MsrApi,
  sinceMs: number,
  call: CallOptions,
): Promise<Known<readonly AuditEvent[]>> {
  return attempt('a system administrator', async () => {
    const names = new Map(
      (await listAccounts(api, call)).map(({ id, name, isOrg }) => [id, isOrg ? name : `user:${name}`]),
    );
    const after = encodeURIComponent(new Date(sinceMs).toISOString());
    const events: AuditEvent[] = [];
    for await (const entry of api.list(`/api/v0/events?publishedAfter=${after}`, 'events', call.signal)) {
      const event = eventOf(entry, names);
      if (event !== undefined && Date.parse(event.time) >= sinceMs) events.push(event);
    }
    const isOld = (entry: JsonObject): boolean => Date.parse(textField(entry, 'scheduledAt') ?? '') < sinceMs;
    for await (const entry of api.jobs(isOld, call.signal)) events.push(...jobOf(entry));
    return events.toSorted(
      by(
        ({ time }) => time,
        ({ id }) => id,
      ),
    );
  });
}

function eventOf(entry: JsonObject, names: ReadonlyMap<string, string>): AuditEvent | undefined {
  const id = textField(entry, 'id');
  const time = instant(entry, 'publishedAt');
  if (id === undefined || time === undefined) return undefined;
  const object = objectField(entry, 'object') ?? {};
  const actor = textField(entry, 'actor') ?? '';
  const texts = ['id', 'name', 'content'].flatMap((key) => textField(object, key) ?? []);
  const digest = texts
    .map((text) => parseDigest(text.slice(text.lastIndexOf('@') + 1)))
    .find((found) => found !== undefined);
  const type = textField(object, 'type') ?? '';
  const tag = type.toLowerCase() === 'tag' ? textField(object, 'name') : undefined;
  const repository = textField(entry, 'repository');
  return {
    id: `event/${id}`,
    time,
    principal: names.get(actor) ?? (actor === '' ? 'unknown' : `account:${actor}`),
    operation: [textField(entry, 'type') ?? 'UNKNOWN', type].filter((text) => text !== '').join(' '),
    outcome: 'success',
    ...(repository ? { repository } : {}),
    ...(digest === undefined ? {} : { digest }),
    ...(tag ? { tag } : {}),
  };
}

const outcomes: Readonly<Record<string, AuditEvent['outcome']>> = {
  done: 'success',
  errored: 'failure',
  canceled: 'failure',
};

function jobOf(entry: JsonObject): readonly AuditEvent[] {
  const id = textField(entry, 'id');
  const time = instant(entry, 'scheduledAt');
  const status = textField(entry, 'status') ?? '';
  if (id === undefined || time === undefined) return [];
  return [
    {
      id: `job/${id}`,
      time,
      principal: 'service:jobrunner',
      operation: `JOB ${textField(entry, 'action') ?? ''}`.trim(),
      outcome: Object.hasOwn(outcomes, status) ? (outcomes[status] ?? 'unknown') : 'unknown',
    },
  ];
}
