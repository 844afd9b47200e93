// Events that Azure sends: the registry's own webhook and Event Grid in both schemas. They carry no signature, so a secret header has to be there.
import type { IncomingHttpHeaders } from 'node:http';
import { parseDigest } from '@plombe/model';
import { decodeText, inert, isObject, mebibyte, objectField, textField, type JsonObject } from '@plombe/kit';
import type { Handshake, RegistryEvent } from '../connector.ts';
import { sameText } from '../secret.ts';

/** Event Grid delivers at most 1 MB in one request. */
const maxBytes = mebibyte;
const maxEvents = 5000;
/** Header for the secret where `Authorization` is not wanted; a custom header of the webhook, a delivery property of Event Grid. */
const secretHeader = 'x-plombe-secret';

const kinds: Readonly<Record<string, RegistryEvent['kind']>> = {
  push: 'push',
  delete: 'delete',
  quarantine: 'quarantine',
  'Microsoft.ContainerRegistry.ImagePushed': 'push',
  'Microsoft.ContainerRegistry.ImageDeleted': 'delete',
};

/**
 * Reads one delivery; undefined where the secret is missing or wrong, or where it is no event of this registry. `id` is the same for each time that
 * Azure delivers the event again. What an event says is a hint only: the digest is to be read from the registry.
 */
export function readAcrEvent(
  registry: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  secret: string,
): readonly RegistryEvent[] | undefined {
  if (secret === '' || !authentic(headers, secret)) return undefined;
  const events = envelopes(body);
  if (events === undefined) return undefined;
  const read = events.map((event) => eventOf(registry, event));
  return read.every((event) => event !== undefined) && read.length > 0 ? read : undefined;
}

function authentic(headers: IncomingHttpHeaders, secret: string): boolean {
  const given = [headers[secretHeader], headers.authorization?.replace(/^Bearer\s+/i, '')];
  return given.filter((text) => typeof text === 'string' && sameText(text, secret)).length > 0;
}

/** A webhook and CloudEvents send an object, Event Grid's own schema a list. */
function envelopes(body: Uint8Array): readonly JsonObject[] | undefined {
  if (body.length > maxBytes) return undefined;
  try {
    const value: unknown = JSON.parse(decodeText(body));
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.length <= maxEvents && list.every(isObject) ? list : undefined;
  } catch {
    return undefined;
  }
}

function eventOf(registry: string, event: JsonObject): RegistryEvent | undefined {
  const type = textField(event, 'eventType') ?? textField(event, 'type');
  const content = type === undefined ? event : objectField(event, 'data');
  if (content === undefined) return undefined;
  const id = textField(event, 'id');
  const target = objectField(content, 'target') ?? {};
  const repository = textField(target, 'repository');
  const host = textField(objectField(content, 'request') ?? {}, 'host')?.toLowerCase();
  // Charts of the old kind have no request; every event of an image names the host it happened at, and another registry's is not ours.
  if (id === undefined || id.length > 200 || repository === undefined || (host !== undefined && host !== registry))
    return undefined;
  if (host === undefined && !sourceIs(registry, event)) return undefined;
  const digest = parseDigest(textField(target, 'digest') ?? '');
  const tag = textField(target, 'tag');
  const time = textField(content, 'timestamp') ?? textField(event, 'eventTime') ?? textField(event, 'time');
  return {
    id: `acr:${inert(id)}`,
    kind: kinds[type ?? textField(content, 'action') ?? ''] ?? 'other',
    repository,
    ...(digest === undefined ? {} : { digest }),
    ...(tag === undefined ? {} : { tag }),
    ...(time === undefined ? {} : { time }),
  };
}

/** `topic` (Event Grid) or `source` (CloudEvents) is the resource id; its last segment is the registry's name. */
function sourceIs(registry: string, event: JsonObject): boolean {
  const source = textField(event, 'topic') ?? textField(event, 'source') ?? '';
  const name = /\/providers\/Microsoft\.ContainerRegistry\/registries\/([a-z0-9]{5,50})$/i
    .exec(source)?.[1]
    ?.toLowerCase();
  // A login server is the name, or the name with a hash behind a dash.
  const label = registry.slice(0, registry.indexOf('.'));
  return name !== undefined && (label === name || label.startsWith(`${name}-`));
}

/**
 * Answers Event Grid's question before it delivers: the validation code of its own schema, or OPTIONS of CloudEvents 1.0. Only for this registry's
 * topic and Event Grid's own origin; the address that a validation event names is never called (T33, T67).
 */
export function acrHandshake(
  registry: string,
  method: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
): Handshake | undefined {
  if (method === 'OPTIONS') {
    const origin = headers['webhook-request-origin'];
    if (typeof origin !== 'string' || !/^eventgrid\.azure\.(?:net|us|cn)$/.test(origin)) return undefined;
    return { status: 200, headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' }, body: '' };
  }
  if (method !== 'POST' || headers['aeg-event-type'] !== 'SubscriptionValidation') return undefined;
  const [event, ...more] = envelopes(body) ?? [];
  if (event === undefined || more.length > 0 || !sourceIs(registry, event)) return undefined;
  if (textField(event, 'eventType') !== 'Microsoft.EventGrid.SubscriptionValidationEvent') return undefined;
  const code = textField(objectField(event, 'data') ?? {}, 'validationCode');
  if (code === undefined || !/^[A-Za-z0-9-]{1,100}$/.test(code)) return undefined;
  const type = { 'content-type': 'application/json' };
  return { status: 200, headers: type, body: JSON.stringify({ validationResponse: code }) };
}
