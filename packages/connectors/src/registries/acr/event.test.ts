// Events of Azure: the registry's webhook, Event Grid in both schemas, the handshakes, and what somebody else might send instead (T67).
import { expect, test } from 'vitest';
import { acrHandshake, readAcrEvent } from './event.ts';

const registry = 'plombetest.azurecr.io';
const secret = 'right-secret';
const digest = `sha256:${'a1'.repeat(32)}`;
const source = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/plombetest';
const target = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  size: 708,
  digest,
  length: 708,
  repository: 'team/app',
  tag: 'v1',
};
const request = { id: 'r', host: registry, method: 'PUT', useragent: 'docker' };
const webhook = { id: 'w1', timestamp: '2026-09-01T10:00:00.3433Z', action: 'push', target, request };
const eventGrid = [
  {
    id: 'e1',
    topic: source,
    subject: 'team/app:v1',
    eventType: 'Microsoft.ContainerRegistry.ImagePushed',
    eventTime: '2026-09-01T10:00:01Z',
    data: { ...webhook, location: 'westeurope' },
    dataVersion: '2.0',
    metadataVersion: '1',
  },
];
const cloudEvent = {
  source,
  subject: 'team/app:v1',
  type: 'Microsoft.ContainerRegistry.ImageDeleted',
  time: '2026-09-01T10:00:01Z',
  id: 'c1',
  data: { ...webhook, action: 'delete' },
  specversion: '1.0',
};

const read = (
  event: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${secret}` },
  own = registry,
): unknown =>
  readAcrEvent(own, headers, Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), secret);

test('the three forms of one push', () => {
  const expected = { repository: 'team/app', digest, tag: 'v1', time: webhook.timestamp };
  expect(read(webhook)).toEqual([{ id: 'acr:w1', kind: 'push', ...expected }]);
  expect(read(eventGrid)).toEqual([{ id: 'acr:e1', kind: 'push', ...expected }]);
  expect(read(cloudEvent)).toEqual([{ id: 'acr:c1', kind: 'delete', ...expected }]);
  expect(read({ ...webhook, action: 'quarantine' })).toHaveProperty('0.kind', 'quarantine');
  expect(read({ ...webhook, action: 'ping' })).toHaveProperty('0.kind', 'other');
  // Delivered again it has the same id; that is all it is known by.
  expect(read(webhook)).toEqual(read(webhook));
});

test.each([
  [{ authorization: secret }, true],
  [{ authorization: `bearer ${secret}` }, true],
  [{ 'x-plombe-secret': secret }, true],
  [{}, false],
  [{ authorization: 'Bearer wrong-secret' }, false],
  [{ authorization: 'Bearer right-secre' }, false],
  [{ authorization: '' }, false],
  [{ 'x-plombe-secret': 'Bearer right-secret' }, false],
])('%j opens: %s', (headers, expected) => {
  expect(read(webhook, headers) !== undefined).toBe(expected);
});

test('no secret was set up: nothing is taken', () => {
  expect(readAcrEvent(registry, { authorization: '' }, Buffer.from(JSON.stringify(webhook)), '')).toBe(undefined);
  expect(readAcrEvent(registry, {}, Buffer.from(JSON.stringify(webhook)), '')).toBe(undefined);
});

test.each([
  ['another registry', { ...webhook, request: { ...request, host: 'other.azurecr.io' } }],
  ['no registry at all', { ...webhook, request: {} }],
  ['no id', { ...webhook, id: undefined }],
  ['an id as long as a book', { ...webhook, id: 'x'.repeat(300) }],
  ['no repository', { ...webhook, target: {} }],
  ['a list with one that is none', [...eventGrid, {}]],
  ['an empty list', []],
  ['an event of something else', { ...cloudEvent, type: 'Microsoft.Storage.BlobCreated', data: { url: 'x' } }],
  ['a list of numbers', [1]],
  ['no JSON', '{'],
  ['more than Azure sends', `[${' '.repeat(1_100_000)}]`],
])('%s is no event', (_, event) => {
  expect(read(event)).toBe(undefined);
});

test('a digest that is none is left out, and text stays text', () => {
  const odd = read({ ...webhook, id: 'a\nb', target: { ...target, digest: 'sha256:xyz', tag: undefined } });
  expect(odd).toEqual([{ id: 'acr:a\\u{a}b', kind: 'push', repository: 'team/app', time: webhook.timestamp }]);
});

const validation = [
  {
    id: 'v',
    topic: source,
    subject: '',
    data: { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6', validationUrl: 'https://169.254.169.254/validate' },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: '2026-09-01T10:00:00Z',
    metadataVersion: '1',
    dataVersion: '2',
  },
];
const greet = (method: string, headers: Record<string, string>, event: unknown = ''): unknown =>
  acrHandshake(registry, method, headers, Buffer.from(event === '' ? '' : JSON.stringify(event)));

test('Event Grid is told that its events are wanted, and its address is not called', () => {
  const headers = { 'aeg-event-type': 'SubscriptionValidation' };
  expect(greet('POST', headers, validation)).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}',
  });
  const [event] = validation;
  for (const other of [
    [{ ...event, topic: source.replace('plombetest', 'other') }],
    [{ ...event, eventType: 'x' }],
    [{ ...event, data: {} }],
    [{ ...event, data: { validationCode: '<script>' } }],
    [...validation, ...validation],
    [],
  ]) {
    expect(greet('POST', headers, other)).toBe(undefined);
  }
  expect(greet('POST', {}, validation)).toBe(undefined);
  expect(greet('GET', headers, validation)).toBe(undefined);
});

test('CloudEvents ask by OPTIONS, and only Event Grid is answered', () => {
  expect(greet('OPTIONS', { 'webhook-request-origin': 'eventgrid.azure.net' })).toMatchObject({
    status: 200,
    headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' },
  });
  for (const origin of ['evil.example', 'eventgrid.azure.net.evil.example', '*', '']) {
    expect(greet('OPTIONS', { 'webhook-request-origin': origin })).toBe(undefined);
  }
  expect(greet('OPTIONS', {})).toBe(undefined);
});
