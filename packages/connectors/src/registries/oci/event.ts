// Notifications of docker's distribution and its kin: an envelope of events, taken only with the header that the endpoint was given.
import type { IncomingHttpHeaders } from 'node:http';
import { mebibyte, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { RegistryEvent } from '../connector.ts';
import { eventId, readEventBody } from '../secret.ts';

/** Registries send some hundred events at once at most. */
const maxEventBytes = mebibyte;
const maxEvents = 1000;

const kinds: Readonly<Record<string, RegistryEvent['kind']>> = { push: 'push', mount: 'push', delete: 'delete' };

/**
 * Reads an envelope (`application/vnd.docker.distribution.events.v1+json` and v2). `secret`: the value of `Authorization`, whole or behind
 * `Bearer `, as `notifications.endpoints[].headers` sets it; distribution signs nothing. Undefined where it is another, where none is set, or where
 * the body is no envelope (T67). Pulls are left out.
 */
export function readDistributionEvents(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secret: string,
): readonly RegistryEvent[] | undefined {
  const sent = (headers.authorization ?? '').replace(/^Bearer /, '');
  const document = readEventBody(body, sent, secret.replace(/^Bearer /, ''), maxEventBytes);
  if (document === undefined || !Array.isArray(document['events'])) return undefined;
  return objectsField(document, 'events')
    .slice(0, maxEvents)
    .flatMap((entry) => eventOf(entry) ?? []);
}

function eventOf(entry: JsonObject): RegistryEvent | undefined {
  const id = textField(entry, 'id');
  const action = textField(entry, 'action') ?? '';
  const target = objectField(entry, 'target') ?? {};
  const repository = textField(target, 'repository');
  if (id === undefined || repository === undefined || action === 'pull') return undefined;
  // A push of a blob names a blob's digest; only a manifest is an event of an image.
  if (action === 'push' && /octet-stream|\.layer\.|\.rootfs\./.test(textField(target, 'mediaType') ?? ''))
    return undefined;
  const digest = parseDigest(textField(target, 'digest') ?? '');
  const tag = textField(target, 'tag');
  const time = textField(entry, 'timestamp');
  return {
    id: eventId(id),
    kind: Object.hasOwn(kinds, action) ? (kinds[action] ?? 'other') : 'other',
    repository,
    ...(digest === undefined ? {} : { digest }),
    ...(tag === undefined || tag === '' ? {} : { tag }),
    ...(time === undefined || Number.isNaN(Date.parse(time)) ? {} : { time: new Date(time).toISOString() }),
  };
}
