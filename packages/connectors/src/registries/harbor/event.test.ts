// Webhooks: both formats are read with the right secret, and nothing else is (T67).
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { readHarborEvent } from './event.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const secret = 'Bearer 4e1f';
const resources = [
  { digest, tag: '1.0', resource_url: 'harbor.example/library/app:1.0' },
  { digest, tag: digest, resource_url: `harbor.example/library/app@${digest}` },
];
const repository = { name: 'app', namespace: 'library', repo_full_name: 'library/app', repo_type: 'private' };
const plain = {
  type: 'PUSH_ARTIFACT',
  occur_at: 1_678_082_303,
  operator: 'admin',
  event_data: { resources, repository },
};
const cloud = {
  specversion: '1.0',
  id: '4b2f89a6',
  source: '/projects/1/webhook/policies/3',
  type: 'harbor.artifact.deleted',
  datacontenttype: 'application/json',
  time: '2026-03-06T06:08:43Z',
  data: { resources: [resources[0]], repository },
  operator: 'robot$ci',
};
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown, authorization: string | undefined = secret): ReturnType<typeof readHarborEvent> =>
  readHarborEvent(authorization === undefined ? {} : { authorization }, bytes(value), secret);

describe('readHarborEvent', () => {
  it('reads the default format, each resource an event, and knows it again', () => {
    const events = read(plain);
    expect(events).toMatchObject([
      { kind: 'push', repository: 'library/app', digest, tag: '1.0', time: '2023-03-06T05:58:23.000Z' },
      { kind: 'push', repository: 'library/app', digest, time: '2023-03-06T05:58:23.000Z' },
    ]);
    expect(read(plain)).toEqual(events);
    expect(new Set(events?.map(({ id }) => id)).size).toBe(2);
    expect(read({ ...plain, occur_at: 1 })?.[0]?.id).not.toBe(events?.[0]?.id);
  });

  it('reads CloudEvents', () => {
    expect(read(cloud)).toEqual([
      {
        id: '4b2f89a6/0',
        kind: 'delete',
        repository: 'library/app',
        digest,
        tag: '1.0',
        time: '2026-03-06T06:08:43.000Z',
      },
    ]);
  });

  it('tells scans from what needs no action', () => {
    expect(read({ ...plain, type: 'SCANNING_COMPLETED' })?.[0]?.kind).toBe('scan');
    expect(read({ ...plain, type: 'PULL_ARTIFACT' })?.[0]?.kind).toBe('other');
    expect(read({ type: 'QUOTA_EXCEED', occur_at: 1, event_data: { repository } })?.[0]?.kind).toBe('other');
    expect(read({ ...plain, type: 'constructor' })?.[0]?.kind).toBe('other');
  });

  it.each<[string, unknown, string | undefined]>([
    ['another secret', plain, 'Bearer 4e1g'],
    ['no secret', plain, ''],
    ['no JSON', '{', secret],
    ['no object', '[1]', secret],
    ['no data', { type: 'PUSH_ARTIFACT' }, secret],
    ['no repository', { ...plain, event_data: { resources } }, secret],
    ['no resources', { ...plain, event_data: { repository } }, secret],
    ['too large', `${' '.repeat(1_048_576)}${JSON.stringify(plain)}`, secret],
  ])('takes nothing with %s', (_, value, authorization) => {
    expect(read(value, authorization)).toBeUndefined();
  });

  it('takes nothing where no secret is set', () => {
    expect(readHarborEvent({}, bytes(plain), '')).toBeUndefined();
    expect(readHarborEvent({ authorization: '' }, bytes(plain), '')).toBeUndefined();
  });

  it('throws for no body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ type: fc.jsonValue(), event_data: fc.jsonValue(), occur_at: fc.jsonValue() }),
        ),
        (value) => {
          const events = read(value);
          return (
            events === undefined || events.every(({ digest: found }) => found === undefined || found.startsWith('sha'))
          );
        },
      ),
    );
  });
});
