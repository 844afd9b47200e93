// Harbor's audit log: the extended one of 2.13 and later, else the older log of images alone.
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { AuditEvent, CallOptions, Known } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { count, instant } from './contents.ts';
import { attempt } from '../known.ts';

/** Reads the events since then, oldest first. */
export function readAuditEvents(
  api: HarborApi,
  sinceMs: number,
  { signal }: CallOptions,
): Promise<Known<readonly AuditEvent[]>> {
  return attempt('a system administrator; others get from Harbor the events of their projects alone', async () => {
    // Harbor's own form of a time in a query: UTC without a zone, whole seconds.
    const since = new Date(Math.max(0, sinceMs)).toISOString().slice(0, 19);
    const query = { q: `op_time=[${since}~]`, sort: 'op_time' };
    const prefix = await robotPrefix(api, signal);
    // Harbor before 2.13 has no such list.
    const { status } = await api.call({ path: '/auditlog-exts', query: { page_size: '1' }, signal, expect: [404] });
    const log = status === 404 ? 'audit-logs' : 'auditlog-exts';
    const events: AuditEvent[] = [];
    for await (const entry of api.list({ path: `/${log}`, query, signal })) {
      const event = eventOf(log, entry, prefix);
      if (event !== undefined && Date.parse(event.time) >= sinceMs) events.push(event);
    }
    return events;
  });
}

/** Tells robots from people; only administrators may read it, and few change it. */
async function robotPrefix(api: HarborApi, signal: AbortSignal): Promise<string> {
  const { value } = await api.call({ path: '/configurations', signal, expect: [401, 403] });
  const item = isObject(value) ? objectField(value, 'robot_name_prefix') : undefined;
  const prefix = item === undefined ? '' : (textField(item, 'value') ?? '');
  return prefix === '' ? 'robot$' : prefix;
}

function eventOf(log: string, entry: JsonObject, prefix: string): AuditEvent | undefined {
  const id = count(entry, 'id');
  const time = instant(entry, 'op_time');
  if (id === undefined || time === undefined) return undefined;
  const username = textField(entry, 'username') ?? '';
  const type = textField(entry, 'resource_type') ?? '';
  const operation = textField(entry, 'operation') ?? '';
  const result = entry['operation_result'];
  return {
    id: `harbor:${log}:${id}`,
    time,
    principal: username === '' || username === 'anonymous' ? 'anonymous' : principalOf(username, prefix),
    operation: `${operation} ${type}`.trim(),
    // The older log holds only what succeeded.
    outcome: log === 'audit-logs' ? 'success' : result === true ? 'success' : result === false ? 'failure' : 'unknown',
    ...(type === 'artifact' || type === 'tag' || type === 'repository'
      ? resourceOf(textField(entry, 'resource') ?? '')
      : {}),
  };
}

function principalOf(username: string, prefix: string): string {
  return username.startsWith(prefix) ? `robot:${username}` : `user:${username}`;
}

/** `project/repository`, with `@digest` or `:tag` behind it. */
function resourceOf(resource: string): Pick<AuditEvent, 'repository' | 'digest' | 'tag'> {
  const [path = '', digestText] = resource.split('@', 2);
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  const [repository = '', tag] = path.split(':', 2);
  if (!repository.includes('/')) return {};
  return {
    repository,
    ...(digest === undefined ? {} : { digest }),
    ...(tag === undefined || tag === '' ? {} : { tag }),
  };
}
