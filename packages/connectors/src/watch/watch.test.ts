import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRegistryClient, type RegistryOptions } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { msrConnector } from '../registries/msr/index.ts';
import { ociConnector } from '../registries/oci/index.ts';
import { sha256 } from '../testing/msr/registry.ts';
import { startMsr, type MsrDouble } from '../testing/msr/server.ts';
import type { ConfirmedEvent } from './confirm.ts';
import { seenEvents } from './seen.ts';
import { watchRegistry, type WatchOptions } from './watch.ts';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

function push({ state }: MsrDouble, tag: string): string {
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(Buffer.from('{}')), size: 2 };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config: empty, layers: [empty], annotations: { tag } }),
  );
  const repository = state.repositories[0];
  repository?.manifests.set(sha256(bytes), { bytes, mediaType });
  repository?.tags.set(tag, sha256(bytes));
  return sha256(bytes);
}

/** Starts watching; `events` grows. `next` resolves when there are so many. */
async function watching(double: MsrDouble, kind: 'msr' | 'oci', options: Partial<WatchOptions>) {
  const controller = new AbortController();
  const warnings: object[] = [];
  const quiet = networkContext(controller.signal);
  const ctx = {
    ...quiet,
    log: { ...quiet.log, warn: (event: string, fields = {}) => void warnings.push({ event, ...fields }) },
  };
  const network: RegistryOptions = {
    caFiles: [double.caFile],
    credentials: { [double.host]: { kind: 'password', username: 'admin', password: 'secret' } },
    retry: { attempts: 1 },
  };
  const open = { msr: msrConnector, oci: ociConnector }[kind];
  const connector = open({ registry: double.host, network }, ctx);
  const client = createRegistryClient(network, ctx);
  const events: ConfirmedEvent[] = [];
  let wake = (): void => {};
  const url = Promise.withResolvers<string>();
  const done = watchRegistry(
    connector,
    client,
    {
      sinceMs: 0,
      onEvent: (event) => {
        events.push(event);
        wake();
      },
      onListening: url.resolve,
      ...options,
    },
    ctx,
  ).finally(() => {
    connector.close();
    client.close();
  });
  onTestFinished(async () => {
    controller.abort();
    await done.catch(() => undefined);
  });
  const next = async (count: number): Promise<readonly ConfirmedEvent[]> => {
    while (events.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return events;
  };
  return { events, warnings, next, url: url.promise, done, stop: () => controller.abort() };
}

const listen = { host: '127.0.0.1', port: 0, secret: 'secret' } as const;
const hook = (type: string, contents: object, createdAt = '2026-01-02T03:04:05Z') =>
  JSON.stringify({ type, createdAt, contents });
const post = async (url: string, body: string, path = '/secret'): Promise<number> =>
  (await fetch(`${url}${path}`, { method: 'POST', body })).status;

describe('T67 webhooks', () => {
  test('are told once, after the image was read again by digest', async () => {
    const double = await startMsr();
    const digest = push(double, '1');
    const watch = await watching(double, 'msr', { listen });
    const url = await watch.url;
    const named = { namespace: 'engineering', repository: 'app', tag: '1', digest };
    expect(await post(url, hook('TAG_PUSH', named))).toBe(202);
    expect(await post(url, hook('TAG_PUSH', named))).toBe(202);
    expect(await post(url, hook('TAG_DELETE', { ...named, digest: `sha256:${'d'.repeat(64)}` }))).toBe(202);
    expect(await watch.next(2)).toMatchObject([
      { kind: 'push', repository: 'engineering/app', tag: '1', digest, state: 'present', mediaType, via: 'webhook' },
      { kind: 'delete', state: 'absent' },
    ]);
    watch.stop();
    await watch.done;
    expect(watch.events).toHaveLength(2);
  });

  test('are refused without the secret, and nothing is asked for them', async () => {
    const double = await startMsr();
    const watch = await watching(double, 'msr', { listen });
    const url = await watch.url;
    const named = { namespace: 'engineering', repository: 'app', tag: '1' };
    for (const path of ['/', '/wrong', '/secret/more', '/?secret']) {
      expect(await post(url, hook('TAG_PUSH', named), path)).toBe(401);
    }
    expect((await fetch(`${url}/secret`)).status).toBe(405);
    expect(await post(url, 'x'.repeat(2 * 1024 * 1024)).catch(() => 413)).toBe(413);
    watch.stop();
    await watch.done;
    expect(watch.events).toEqual([]);
    expect(double.asked).toEqual([]);
  });

  test('a name that is no repository leads nowhere', async () => {
    const double = await startMsr();
    const watch = await watching(double, 'msr', { listen });
    const url = await watch.url;
    const names = ['../../api/v0/meta', 'app@sha256:x', 'evil.example/x', 'a b', 'app\nFORGED', '\u001b[31m'];
    for (const repository of names)
      await post(url, hook('TAG_PUSH', { namespace: 'engineering', repository, tag: '1' }));
    const events = await watch.next(names.length);
    expect(events.filter(({ state }) => state === 'unread').map(({ repository }) => repository)).toEqual(
      expect.arrayContaining(['']),
    );
    expect(double.asked.every((line) => /^(?:GET|HEAD) \/v2\/engineering\/[a-z.]+\//.test(line))).toBe(true);
  });

  test('T35 who sends slowly is left, and others are served', async () => {
    const double = await startMsr();
    push(double, '1');
    const watch = await watching(double, 'msr', { listen });
    const url = new URL(await watch.url);
    const slow = connect(Number(url.port), url.hostname);
    slow.on('error', () => undefined);
    slow.write('POST /secret HTTP/1.1\r\ncontent-length: 100\r\n');
    expect(await post(url.origin, hook('TAG_PUSH', { namespace: 'engineering', repository: 'app', tag: '1' }))).toBe(
      202,
    );
    await watch.next(1);
    slow.destroy();
  });
});

test('T72 a flood of events costs what may wait and no more; what was dropped is counted, and told when it comes again', async () => {
  const double = await startMsr();
  const watch = await watching(double, 'oci', { listen, maxWaiting: 10 });
  const url = await watch.url;
  const target = { repository: 'engineering/app', digest: push(double, '1'), tag: '1', mediaType };
  const events = Array.from({ length: 50 }, (_, n) => ({ id: `e${n}`, action: 'push', target }));
  for (let round = 1; round <= 5; round++) {
    // All of a body are taken before the first of them is read again.
    expect(await post(url, JSON.stringify({ events }))).toBe(202);
    await watch.next(round * 10);
    // Until there is room again.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(watch.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  watch.stop();
  await watch.done;
  expect(watch.warnings).toEqual([
    { event: 'registry.watch.dropped', registry: double.host, dropped: 1 },
    { event: 'registry.watch.dropped', registry: double.host, dropped: 100 },
  ]);
});

test('T72 who is no registry is told of nothing, however often he tries; the registry is heard beside him', async () => {
  const double = await startMsr();
  const digest = push(double, '1');
  const watch = await watching(double, 'msr', { listen, maxWaiting: 10 });
  const url = await watch.url;
  const named = { namespace: 'engineering', repository: 'app', tag: '1' };
  const forged = Array.from({ length: 300 }, (_, n) => hook('TAG_PUSH', { ...named, tag: `forged${n}` }));
  // There may be a hundred connections at once; the rest is refused with less.
  const answers = await Promise.all(
    forged.map((body, n) => post(url, body, ['/', '/Secret', '/secret2', '/secret/'][n % 4]).catch(() => 401)),
  );
  expect(new Set(answers)).toEqual(new Set([401]));
  // Replays, in order and out of it, of what was heard and of what is older.
  const real = [hook('TAG_PUSH', { ...named, digest }), hook('TAG_PUSH', { ...named, digest }, '2026-01-02T03:04:06Z')];
  for (const body of [...real, ...real.toReversed(), ...real]) expect(await post(url, body)).toBe(202);
  await watch.next(2);
  watch.stop();
  await watch.done;
  expect(watch.events.map(({ tag, digest: told }) => [tag, told])).toEqual([
    ['1', digest],
    ['1', digest],
  ]);
  expect(watch.warnings).toEqual([]);
  expect(double.asked.filter((line) => line.includes('forged'))).toEqual([]);
});

test('T72 names that a shell or a terminal would run are read as names, and told as text', async () => {
  const double = await startMsr();
  const watch = await watching(double, 'msr', { listen });
  const url = await watch.url;
  const mark = join(tmpdir(), `plombe-watch-${process.pid}`);
  const hostile = [
    `$(touch ${mark})`,
    `\`touch ${mark}\``,
    `; touch ${mark} #`,
    `|touch ${mark}`,
    `\u001b]0;x\u0007`,
    '::error::x',
  ];
  for (const [n, tag] of hostile.entries())
    await post(url, hook('TAG_PUSH', { namespace: 'engineering', repository: 'app', tag }, `2026-01-02T03:04:0${n}Z`));
  const events = await watch.next(hostile.length);
  expect(existsSync(mark)).toBe(false);
  expect(JSON.stringify(events)).not.toContain('\\u001b');
  expect(events.every(({ state }) => state !== 'present')).toBe(true);
  expect(double.asked.filter((line) => /touch|::error|%1b/i.test(line))).toEqual([]);
});

describe('polling', () => {
  test('T34 a tag that moves to and fro is told each time', async () => {
    const double = await startMsr();
    const digests = [push(double, 'x'), push(double, 'y')];
    const tags = double.state.repositories[0]?.tags;
    const watch = await watching(double, 'oci', { intervalMs: 5 });
    const looked = () => double.asked.filter((line) => line.includes('/v2/_catalog')).length;
    for (let move = 1; move <= 4; move++) {
      const before = looked();
      while (looked() < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
      tags?.set('x', digests[move % 2] ?? '');
      expect(await watch.next(move)).toHaveLength(move);
    }
    expect(watch.events.map(({ digest }) => digest)).toEqual([digests[1], digests[0], digests[1], digests[0]]);
  });

  test('reads the log of a registry that has one, from the time on', async () => {
    const double = await startMsr();
    const digest = push(double, '1');
    const object = { id: digest, type: 'TAG', name: '1' };
    const event = { actor: 'id-jo', actorType: 'user', repository: 'engineering/app', object };
    double.state.events.push(
      { id: 'old', publishedAt: '2025-01-01T00:00:00Z', type: 'PUSH', ...event },
      { id: 'new', publishedAt: '2026-01-01T00:00:00Z', type: 'PUSH', ...event },
      { id: 'pull', publishedAt: '2026-01-02T00:00:00Z', type: 'PULL', ...event },
    );
    const watch = await watching(double, 'msr', { intervalMs: 60_000, once: true, sinceMs: Date.parse('2025-06-01') });
    await watch.done;
    expect(watch.events).toMatchObject([{ id: 'event/new', via: 'poll', state: 'present', digest }]);
  });

  test('compares where there is no log: pushed, moved and deleted tags', async () => {
    const double = await startMsr();
    push(double, 'kept');
    push(double, 'gone');
    const watch = await watching(double, 'oci', { intervalMs: 5 });

    const looked = () => double.asked.filter((line) => line.includes('/v2/_catalog')).length;
    // The first look asks twice: it is told how to log in.
    while (looked() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    double.state.repositories[0]?.tags.delete('gone');
    const digest = push(double, 'new');
    const events = await watch.next(2);
    expect(events.map(({ kind, tag }) => `${kind} ${tag}`).toSorted()).toEqual(['delete gone', 'push new']);
    expect(events.find(({ tag }) => tag === 'new')).toMatchObject({ digest, state: 'present' });
  });

  test('a first look that fails ends it; a later one does not', async () => {
    const double = await startMsr();
    double.faults.push({ on: /GET .*accounts/, status: 503, times: 1 });
    await expect((await watching(double, 'msr', { intervalMs: 5 })).done).rejects.toMatchObject({
      code: 'registry/unreachable',
    });
  });
});

test('the oldest ids are forgotten first', () => {
  const seen = seenEvents(2);
  expect(['a', 'b', 'a', 'c', 'a'].map((id) => seen.isNew(id))).toEqual([true, true, false, true, true]);
});
