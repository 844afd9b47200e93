// Harbor's audit log: the extended one of 2.13 and later, else the older log of images alone.
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { AuditEvent, CallOptions, Known } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { count, instant } from './contents.ts';
import { openGaps } from './gaps.ts';
import { mayOnSystem, notePartialView } from './projects.ts';

/** Reads the events since then, oldest first. Whoever is no administrator gets from Harbor those of his projects alone. */
export async function readAuditEvents(
  api: HarborApi,
  account: string | undefined,
  sinceMs: number,
  options: CallOptions,
): Promise<Known<readonly AuditEvent[]>> {
  const { signal } = options;
  const gaps = openGaps();
  const viewer = await notePartialView(api, account, gaps, options);
  // Without this permission Harbor answers with nothing, and 200.
  if (viewer.robot !== undefined && !mayOnSystem(viewer, 'audit-log', 'list')) {
    gaps.note('This robot may not list the audit log. Needs audit-log:list on the system.');
  }
  // Harbor's own form of a time in a query: UTC without a zone, whole seconds.
  const since = new Date(Math.max(0, sinceMs)).toISOString().slice(0, 19);
  const query = { q: `op_time=[${since}~]`, sort: 'op_time' };
  const events = await gaps.read('a system administrator', [], async () => {
    const prefix = await robotPrefix(api, signal);
    // Harbor before 2.13 has no such list.
    const { status } = await api.call({ path: '/auditlog-exts', query: { page_size: '1' }, signal, expect: [404] });
    const log = status === 404 ? 'audit-logs' : 'auditlog-exts';
    if (status === 404)
      gaps.note('This Harbor records what happened to images, and no sign-ins or settings: it is older than 2.13.');
    const entries = await Array.fromAsync(api.list({ path: `/${log}`, query, signal }));
    return entries.flatMap((entry) => eventOf(log, entry, prefix) ?? []);
  });
  return gaps.known(events.filter(({ time }) => Date.parse(time) >= sinceMs));
}

/** Why pushes may be missing: whoever does not see every project gets the events of some, and a robot without the permission none. */
export async function unloggedPushes(
  api: HarborApi,
  account: string | undefined,
  options: CallOptions,
): Promise<string | undefined> {
  const viewer = await notePartialView(api, account, openGaps(), options);
  if (viewer.isAdministrator || mayOnSystem(viewer, 'audit-log', 'list')) return undefined;
  return 'This account sees the log of some projects at most. Needs a system administrator, or a system robot with audit-log:list.';
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
