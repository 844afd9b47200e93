// Harbor's webhooks: default and CloudEvents payload, taken only with the authorization header that the policy was given.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { mebibyte, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { parseDigest } from '@plombe/model';
import type { RegistryEvent } from '../connector.ts';
import { eventId, readEventBody } from '../secret.ts';

/** A push of an index with all its children names a resource each; the largest seen has some KiB. */
const maxEventBytes = mebibyte;
const maxResources = 1000;

/** Harbor's word → kind, in both formats. */
const kinds: Readonly<Record<string, RegistryEvent['kind']>> = {
  PUSH_ARTIFACT: 'push',
  DELETE_ARTIFACT: 'delete',
  SCANNING_COMPLETED: 'scan',
  SCANNING_FAILED: 'scan',
  SCANNING_STOPPED: 'scan',
  'harbor.artifact.pushed': 'push',
  'harbor.artifact.deleted': 'delete',
  'harbor.scan.completed': 'scan',
  'harbor.scan.failed': 'scan',
  'harbor.scan.stopped': 'scan',
};

/**
 * Reads what a webhook brought. `secret`: the policy's "Auth Header", whole, as Harbor sends it in `Authorization`. Harbor signs nothing, so
 * the header is all there is; undefined where it is another, where no secret is set, or where the body is no event (T67). The same body gives the
 * same ids: what is sent again is known again.
 */
export function readHarborEvent(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secret: string,
): readonly RegistryEvent[] | undefined {
  const document = readEventBody(body, headers.authorization ?? '', secret, maxEventBytes);
  if (document === undefined) return undefined;
  const isCloudEvent = textField(document, 'specversion') === '1.0';
  const data = objectField(document, isCloudEvent ? 'data' : 'event_data');
  const type = textField(document, 'type');
  if (data === undefined || type === undefined) return undefined;
  const own = isCloudEvent ? textField(document, 'id') : undefined;
  // The default format has no id; two events of the same content are the same.
  const id = own === undefined ? createHash('sha256').update(body).digest('hex') : eventId(own);
  const time = isCloudEvent ? isoTime(textField(document, 'time')) : unixTime(document['occur_at']);
  return eventsOf(Object.hasOwn(kinds, type) ? (kinds[type] ?? 'other') : 'other', id, time, data);
}

function eventsOf(
  kind: RegistryEvent['kind'],
  id: string,
  time: string | undefined,
  data: JsonObject,
): readonly RegistryEvent[] | undefined {
  const repository = textField(objectField(data, 'repository') ?? {}, 'repo_full_name') ?? '';
  const resources = objectsField(data, 'resources').slice(0, maxResources);
  if (repository === '' && kind !== 'other') return undefined;
  const at = time === undefined ? {} : { time };
  if (resources.length === 0) return kind === 'other' ? [{ id, kind, repository, ...at }] : undefined;
  return resources.map((resource, index): RegistryEvent => {
    const digest = parseDigest(textField(resource, 'digest') ?? '');
    const tag = textField(resource, 'tag');
    return {
      id: `${id}/${index}`,
      kind,
      repository,
      ...at,
      ...(digest === undefined ? {} : { digest }),
      // Pulled or pushed by digest: Harbor writes that in place of the tag.
      ...(tag === undefined || tag === '' || parseDigest(tag) !== undefined ? {} : { tag }),
    };
  });
}

function unixTime(value: unknown): string | undefined {
  return typeof value === 'number' && value >= 0 && value < 1e11 ? new Date(value * 1000).toISOString() : undefined;
}

function isoTime(text: string | undefined): string | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
