// What happened: pushes and deletions from the registry's webhooks, changes of its configuration from Azure's activity log.
import type { Context } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { by, inert, objectField, textField, textsField, type JsonObject } from '@plombe/kit';
import type { AuditEvent, CallOptions, Known } from '../connector.ts';
import { attempt, knownWithout } from './known.ts';
import { apiVersions, type ControlPlane } from './control-plane.ts';

const dayMs = 86_400_000;
/** Azure keeps the activity log this long; a filter that begins earlier is refused. */
const activityDays = 90;

/** What no list of Azure's control plane holds; the connector says so each time. */
const coverage =
  'Pulls and logins are not among these events: the registry sends them only to a Log Analytics workspace (ContainerRegistryLoginEvents, ContainerRegistryRepositoryEvents). Webhooks tell of pushes and deletions since they were made, for as long as Azure keeps them, and mostly not by whom.';

/** Reads the events since then, oldest first. Unknown where neither webhooks nor the activity log may be read. */
export async function readAudit(
  plane: ControlPlane,
  sinceMs: number,
  ctx: Pick<Context, 'clock'>,
  options: CallOptions,
): Promise<Known<readonly AuditEvent[]>> {
  const nowMs = ctx.clock.nowMs();
  const webhooks = await attempt(() => webhookEvents(plane, options));
  const activity = await attempt(() =>
    activityEvents(plane, Math.max(sinceMs, nowMs - (activityDays - 1) * dayMs), nowMs, options),
  );
  if (webhooks.kind === 'unknown' && activity.kind === 'unknown') {
    return { kind: 'unknown', reason: `${webhooks.reason} ${activity.reason}` };
  }
  const found = new Map<string, AuditEvent>();
  const lists = [webhooks, activity].flatMap((list) => (list.kind === 'known' ? list.value : []));
  for (const event of lists) if (Date.parse(event.time) >= sinceMs) found.set(event.id, event);
  const events = [...found.values()].toSorted(
    by(
      (event) => Date.parse(event.time),
      (event) => event.id,
    ),
  );
  const early = sinceMs < nowMs - (activityDays - 1) * dayMs;
  return knownWithout(events, [
    coverage,
    ...(webhooks.kind === 'unknown'
      ? [`Events of webhooks are missing: ${webhooks.reason}`]
      : (webhooks.incomplete ?? [])),
    ...(activity.kind === 'unknown' ? [`The activity log is missing: ${activity.reason}`] : []),
    ...(early ? [`Azure keeps the activity log for ${activityDays} days only.`] : []),
  ]);
}

/** Events of all webhooks; one push that several webhooks told of is one event. Headers of deliveries, which hold secrets, are not looked at. */
async function webhookEvents(plane: ControlPlane, options: CallOptions): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const delivery of await readDeliveries(plane, options)) {
    const event = eventOf(objectField(delivery.message, 'content') ?? {});
    if (event !== undefined) events.push(event);
  }
  return events;
}

/**
 * Why pushes may be missing from the events: they are only there where a webhook of the whole registry tells of pushes and of deletions.
 * Undefined where one does.
 */
export async function unloggedPushes(plane: ControlPlane, options: CallOptions): Promise<string | undefined> {
  const webhooks = await attempt(() => plane.list('webhooks', options));
  if (webhooks.kind === 'unknown') return webhooks.reason;
  const told = new Set(
    webhooks.value.flatMap((row) => {
      const about = objectField(row, 'properties') ?? {};
      const isWhole = textField(about, 'status') === 'enabled' && (textField(about, 'scope') ?? '') === '';
      return isWhole ? textsField(about, 'actions') : [];
    }),
  );
  if (!told.has('push') || !told.has('delete')) {
    return 'No webhook of the whole registry tells of pushes and deletions, and Azure has no other list of them.';
  }
  // The webhook is there; what it told may still be closed to this identity.
  const deliveries = await attempt(() => readDeliveries(plane, options));
  return deliveries.kind === 'unknown' ? deliveries.reason : undefined;
}

export interface Delivery {
  readonly webhook: string;
  /** `eventRequestMessage` of the API: content, method, requestUri. */
  readonly message: JsonObject;
}

/** Reads what Azure recently sent to each webhook of the registry (`listEvents`, which needs that action). */
export async function readDeliveries(plane: ControlPlane, options: CallOptions): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  const id = await plane.id(options);
  for (const webhook of await plane.list('webhooks', options)) {
    const name = textField(webhook, 'name') ?? '';
    if (!/^[A-Za-z0-9]{5,50}$/.test(name)) continue;
    const permission = 'Microsoft.ContainerRegistry/registries/webhooks/listEvents/action';
    const call = { path: `${id}/webhooks/${name}/listEvents`, apiVersion: apiVersions.registry, permission };
    for (const row of await plane.rows(call, { ...options, method: 'POST' })) {
      deliveries.push({ webhook: name, message: objectField(row, 'eventRequestMessage') ?? {} });
    }
  }
  return deliveries;
}

function eventOf(content: JsonObject): AuditEvent | undefined {
  const id = textField(content, 'id');
  const time = timeOf(textField(content, 'timestamp'));
  const action = textField(content, 'action');
  if (id === undefined || time === undefined || action === undefined) return undefined;
  const target = objectField(content, 'target') ?? {};
  const repository = textField(target, 'repository');
  const digest = parseDigest(textField(target, 'digest') ?? '');
  const tag = textField(target, 'tag');
  return {
    id: `webhook:${inert(id)}`,
    time,
    principal: textField(objectField(content, 'actor') ?? {}, 'name') ?? 'unknown',
    operation: action,
    outcome: 'success',
    ...(repository === undefined ? {} : { repository }),
    ...(digest === undefined ? {} : { digest }),
    ...(tag === undefined ? {} : { tag }),
  };
}

async function activityEvents(
  plane: ControlPlane,
  fromMs: number,
  toMs: number,
  options: CallOptions,
): Promise<readonly AuditEvent[]> {
  const { id, subscriptionId } = await plane.resource(options);
  const span = `eventTimestamp ge '${new Date(fromMs).toISOString()}' and eventTimestamp le '${new Date(toMs).toISOString()}'`;
  const rows = await plane.rows(
    {
      path: `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`,
      apiVersion: apiVersions.activityLog,
      query: { $filter: `${span} and resourceUri eq '${id}'` },
      permission: 'Microsoft.Insights/eventtypes/values/read',
    },
    options,
  );
  return rows.flatMap((row) => {
    const time = timeOf(textField(row, 'eventTimestamp'));
    const eventId = textField(row, 'eventDataId');
    const operation = textField(objectField(row, 'operationName') ?? {}, 'value');
    if (time === undefined || eventId === undefined || operation === undefined) return [];
    const status = textField(objectField(row, 'status') ?? {}, 'value');
    const outcome =
      status === 'Succeeded' ? ('success' as const) : status === 'Failed' ? ('failure' as const) : ('unknown' as const);
    return [
      { id: `activity:${inert(eventId)}`, time, principal: textField(row, 'caller') ?? 'unknown', operation, outcome },
    ];
  });
}

/** Azure writes up to nine digits of a second; what is no time is no event. */
function timeOf(text: string | undefined): string | undefined {
  const at = Date.parse((text ?? '').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
