import { describe, expect, onTestFinished, test } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import type { RegistryOptions } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { sha256 } from '../../testing/msr/registry.ts';
import { startMsr, type MsrDouble } from '../../testing/msr/server.ts';
import { doubleRepository, type DoubleRepository } from '../../testing/msr/state.ts';
import { judgePosture } from '../../posture/judge.ts';
import { known as seen } from '../../posture/facts.ts';
import { gatherFacts } from '../../posture/gather.ts';
import type { Known, RegistryConnector } from '../connector.ts';
import { connectorContract } from '../../testing/contract.ts';
import { ociConnector } from '../oci/index.ts';
import { msrConnector } from './index.ts';
import { readMsrEvent } from './event.ts';

const ctx = networkContext();
const call = { signal: new AbortController().signal };

function networkOf({ host, caFile }: MsrDouble, username = 'admin'): RegistryOptions {
  return {
    caFiles: [caFile],
    credentials: { [host]: { kind: 'password', username, password: 'secret' } },
    retry: { attempts: 3, baseMs: 1, maxWaitMs: 20 },
  };
}

async function withConnector<T>(
  double: MsrDouble,
  use: (connector: RegistryConnector) => Promise<T>,
  username = 'admin',
): Promise<T> {
  const connector = msrConnector({ registry: double.host, network: networkOf(double, username) }, ctx);
  try {
    return await use(connector);
  } finally {
    connector.close();
  }
}

function valueOf<T>(answer: Known<T>): T {
  if (answer.kind === 'unknown') throw new Error(answer.reason);
  return answer.value;
}

function repositoryOf({ state }: MsrDouble, name: string): DoubleRepository {
  const found = state.repositories.find((repository) => `${repository.namespace}/${repository.name}` === name);
  if (found === undefined) throw new Error(`the double has no ${name}`);
  return found;
}

/** Puts an image of one layer under the tags. */
function push(repository: DoubleRepository, ...tags: string[]): Digest {
  const put = (text: string): { digest: string; size: number } => {
    const bytes = Buffer.from(text);
    repository.blobs.set(sha256(bytes), bytes);
    return { digest: sha256(bytes), size: bytes.length };
  };
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const document = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...put(`{"tags":"${tags.join()}"}`) },
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...put('layer') }],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = sha256(bytes);
  repository.manifests.set(digest, { bytes, mediaType });
  for (const tag of tags) repository.tags.set(tag, digest);
  return digest as Digest;
}

connectorContract('MSR', async () => {
  const double = await startMsr();
  const app = repositoryOf(double, 'engineering/app');
  const artifacts = [push(app, '1'), push(app, '2', 'latest'), push(app, '3')];
  const connector = msrConnector({ registry: double.host, network: networkOf(double) }, ctx);
  onTestFinished(() => connector.close());
  return {
    connector,
    repositories: ['engineering/app', 'engineering/prod', 'jo/lab'],
    repository: 'engineering/app',
    artifacts,
    promotable: artifacts[0] as Digest,
    target: 'engineering/prod',
    throttle: (times, seconds) => {
      double.faults.push({ on: /./, status: 429, headers: { 'retry-after': String(seconds) }, times });
    },
    refuse: () => {
      double.faults.push({ on: /enzi|meta\/settings/, status: 403, times: 1000 });
      return /system administrator/;
    },
    requests: () => double.asked.length,
  };
});

connectorContract('OCI', async () => {
  const double = await startMsr();
  const app = repositoryOf(double, 'engineering/app');
  const artifacts = [push(app, '1'), push(app, '2', 'latest'), push(app, '3')];
  const connector = ociConnector({ registry: double.host, network: networkOf(double) }, ctx);
  onTestFinished(() => connector.close());
  return {
    connector,
    repositories: ['engineering/app', 'engineering/prod', 'jo/lab'],
    repository: 'engineering/app',
    artifacts,
    promotable: artifacts[0] as Digest,
    target: 'engineering/prod',
    throttle: (times, seconds) => {
      double.faults.push({ on: /./, status: 429, headers: { 'retry-after': String(seconds) }, times });
    },
    refuse: () => /--probe-push/,
    requests: () => double.asked.length,
  };
});

describe('repositories and artifacts', () => {
  test('come over all pages, with tags, immutability and scans', async () => {
    const double = await startMsr();
    const digest = push(repositoryOf(double, 'engineering/app'), '1', '1.0', 'latest');
    push(repositoryOf(double, 'engineering/app'));
    double.state.repositories.push(doubleRepository('engineering', 'released', { immutableTags: true }));
    push(repositoryOf(double, 'engineering/released'), '2');
    await withConnector(double, async (connector) => {
      const names = await Array.fromAsync(connector.repositories(call));
      expect(names.map(({ name }) => name)).toEqual([
        'engineering/app',
        'engineering/prod',
        'jo/lab',
        'engineering/released',
      ]);
      const artifacts = await Array.fromAsync(connector.artifacts('engineering/app', call));
      expect(artifacts).toHaveLength(2);
      expect(artifacts[0]).toMatchObject({
        digest,
        tags: ['1', '1.0', 'latest'],
        state: 'free',
        pushedAt: '2026-01-02T00:00:00Z',
        scan: { status: 'scanned', severity: 'major' },
      });
      expect(artifacts[1]).not.toHaveProperty('scan');
      expect(await Array.fromAsync(connector.artifacts('engineering/released', call))).toMatchObject([
        { state: 'locked' },
      ]);
    });
    expect(double.asked.some((line) => line.includes('pageStart='))).toBe(true);
  });

  test('are listed without scans where scanning is off', async () => {
    const double = await startMsr();
    double.state.scanningEnabled = false;
    push(repositoryOf(double, 'engineering/app'), '1');
    const [artifact] = await withConnector(double, (one) => Array.fromAsync(one.artifacts('engineering/app', call)));
    expect(artifact).not.toHaveProperty('scan');
  });

  test('T61 what an account may not see is not there for it', async () => {
    const double = await startMsr();
    const names = await withConnector(double, (one) => Array.fromAsync(one.repositories(call)), 'jo');
    expect(names).toEqual([{ name: 'jo/lab' }]);
  });

  test('a name that is no repository never becomes a path', async () => {
    const double = await startMsr();
    await withConnector(double, async (connector) => {
      for (const name of ['app', 'a/b/c', '../x', 'engineering/..%2fadmin']) {
        const listing = Array.fromAsync(connector.artifacts(name, call));
        await expect(listing).rejects.toSatisfy((error) => isPlombeError(error, 'registry/not-found'));
      }
    });
    expect(double.asked.every((line) => !line.includes('../'))).toBe(true);
  });
});

describe('who may do what', () => {
  test('people, teams and tokens, each with its state', async () => {
    const double = await startMsr();
    const principals = valueOf(await withConnector(double, (one) => one.principals(call)));
    expect(principals).toContainEqual({ id: 'user:gone', kind: 'human', name: 'gone', state: 'disabled' });
    expect(principals).toContainEqual({
      id: 'group:engineering/dev',
      kind: 'group',
      name: 'engineering/dev',
      state: 'active',
      members: ['user:jo'],
    });
    expect(principals).toContainEqual(
      expect.objectContaining({
        kind: 'registry-token',
        name: 'laptop (acts as jo)',
        lastUsedAt: '2026-01-02T03:04:05.000Z',
      }),
    );
  });

  test('administrators, owners, teams on namespace and repository, and the public', async () => {
    const double = await startMsr();
    repositoryOf(double, 'engineering/app').teams.set('team-dev', 'read-write');
    double.state.repositories.push(doubleRepository('engineering', 'open', { visibility: 'public' }));
    const grants = valueOf(await withConnector(double, (one) => one.grants(call)));
    const lines = grants.map(
      ({ principal, repositories, permissions }) => `${principal} ${repositories} ${permissions.join()}`,
    );
    expect(lines).toContain('user:admin ** list,pull,push,delete,sign,admin');
    expect(lines).toContain('user:lee engineering/** list,pull,push,delete,sign,admin');
    expect(lines).toContain('group:engineering/qa engineering/** list,pull');
    expect(lines).toContain('group:engineering/dev engineering/app list,pull,push,delete');
    expect(lines).toContain('anonymous engineering/open list,pull');
  });

  test('T62 a team named like another organisation’s is not it', async () => {
    const double = await startMsr();
    double.state.accounts.push({ name: 'sales', isOrg: true, isActive: true, isAdmin: false, isImported: false });
    double.state.teams.push({ id: 'team-other', organization: 'sales', name: 'dev', members: ['gone'] });
    repositoryOf(double, 'engineering/app').teams.set('team-dev', 'admin');
    const grants = valueOf(await withConnector(double, (one) => one.grants(call)));
    expect(grants.filter(({ principal }) => principal === 'group:sales/dev')).toEqual([]);
  });

  test('are unknown to who is no administrator, with the permission that is missing', async () => {
    const double = await startMsr();
    const answer = await withConnector(double, (one) => one.grants(call), 'jo');
    expect(answer).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('system administrator') as string,
    });
  });

  test('a list that is refused on the way is a gap that is named', async () => {
    const double = await startMsr();
    double.faults.push({ on: /GET .*repositories\/engineering\/app\/teamAccess/, status: 403, times: 1 });
    const answer = await withConnector(double, (one) => one.grants(call));
    expect(answer).toMatchObject({ kind: 'known', incomplete: [expect.stringContaining('engineering/app') as string] });
  });
});

describe('what happened', () => {
  test('events and jobs since then, oldest first, by name', async () => {
    const double = await startMsr();
    const object = (name: string, digest: string) => ({ id: digest, type: 'TAG', name });
    const digest = `sha256:${'b'.repeat(64)}`;
    const event = { actor: 'id-jo', actorType: 'user', repository: 'engineering/app' };
    double.state.events.push(
      { id: '1', publishedAt: '2025-12-01T00:00:00Z', type: 'PUSH', object: object('0', digest), ...event },
      { id: '2', publishedAt: '2026-01-01T00:00:00Z', type: 'PUSH', object: object('1', digest), ...event },
      { id: '3', publishedAt: '2026-01-03T00:00:00Z', type: 'DELETE', object: object('1', digest), ...event },
      {
        id: '4',
        publishedAt: '2026-01-04T00:00:00Z',
        type: 'LOGIN',
        object: { id: '', type: '' },
        ...event,
        actor: 'x',
      },
    );
    double.state.jobs.push(
      { id: 'j1', scheduledAt: '2026-01-02T00:00:00Z', action: 'onlinegc', status: 'done' },
      { id: 'j2', scheduledAt: '2026-01-05T00:00:00Z', action: 'nautilus_update_db', status: 'errored' },
    );
    const since = Date.parse('2026-01-01T00:00:00Z');
    const events = valueOf(await withConnector(double, (one) => one.auditEvents(since, call)));
    expect(events.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'event/2 success',
      'job/j1 success',
      'event/3 success',
      'event/4 success',
      'job/j2 failure',
    ]);
    expect(events[0]).toMatchObject({
      principal: 'user:jo',
      operation: 'PUSH TAG',
      repository: 'engineering/app',
      digest,
      tag: '1',
    });
    expect(events[3]?.principal).toBe('account:x');
  });
});

describe('promotion', () => {
  test('mounts every blob, makes the target private, and moves no byte', async () => {
    const double = await startMsr();
    const digest = push(repositoryOf(double, 'engineering/app'), '1');
    await withConnector(double, (one) =>
      one.promote(
        { from: { repository: 'engineering/app', digest }, to: { repository: 'engineering/released', tags: ['1'] } },
        call,
      ),
    );
    const target = repositoryOf(double, 'engineering/released');
    expect(target).toMatchObject({ visibility: 'private', scanOnPush: true });
    expect(target.tags.get('1')).toBe(digest);
    expect(double.asked.some((line) => line.startsWith('PATCH') || /^PUT .*blobs/.test(line))).toBe(false);
  });
});

describe('quarantine', () => {
  test('takes tags along and gives them back, except those that moved on', async () => {
    const double = await startMsr();
    const app = repositoryOf(double, 'engineering/app');
    const digest = push(app, '1', 'latest');
    await withConnector(double, async (connector) => {
      await connector.quarantine('engineering/app', digest, call);
      await connector.quarantine('engineering/app', digest, call);
      expect([app.manifests.has(digest), [...app.tags.keys()]]).toEqual([false, []]);
      expect(repositoryOf(double, 'plombe-quarantine/engineering__app').visibility).toBe('private');
      const later = push(app, 'latest');
      await connector.release('engineering/app', digest, call);
      await connector.release('engineering/app', digest, call);
      expect(Object.fromEntries(app.tags)).toEqual({ '1': digest, latest: later });
      const held = await Array.fromAsync(connector.artifacts('plombe-quarantine/engineering__app', call));
      expect(held).toEqual([]);
    });
  });

  test('nothing is deleted where the organisation is missing, or its repository is public', async () => {
    const double = await startMsr();
    const app = repositoryOf(double, 'engineering/app');
    const digest = push(app, '1');
    double.state.repositories.push(doubleRepository('plombe-quarantine', 'engineering__app', { visibility: 'public' }));
    const attempt = () => withConnector(double, (one) => one.quarantine('engineering/app', digest, call));
    await expect(attempt()).rejects.toMatchObject({ code: 'connector/refused' });
    double.state.repositories.pop();
    double.state.accounts.pop();
    await expect(attempt()).rejects.toMatchObject({
      code: 'connector/refused',
      message: expect.stringContaining('organisation') as string,
    });
    expect(app.tags.get('1')).toBe(digest);
  });

  test('a tag that cannot be deleted leaves the image where it was, and says so', async () => {
    const double = await startMsr();
    double.state.repositories.push(doubleRepository('engineering', 'released', { immutableTags: true }));
    const digest = push(repositoryOf(double, 'engineering/released'), '1');
    const work = withConnector(double, (one) => one.quarantine('engineering/released', digest, call));
    await expect(work).rejects.toMatchObject({ code: 'registry/forbidden' });
    expect(repositoryOf(double, 'engineering/released').tags.get('1')).toBe(digest);
  });
});

describe('faults', () => {
  test('T35 throttling is waited for, and a wait of ten years is not', async () => {
    const double = await startMsr();
    double.faults.push({ on: /GET .*repositories$/, status: 429, headers: { 'retry-after': '0' }, times: 2 });
    expect(await withConnector(double, (one) => Array.fromAsync(one.repositories(call)))).toHaveLength(3);
    double.faults.push({ on: /GET .*repositories$/, status: 503, headers: { 'retry-after': '315360000' }, times: 1 });
    const work = withConnector(double, (one) => Array.fromAsync(one.repositories(call)));
    await expect(work).rejects.toMatchObject({ code: 'registry/unreachable' });
  });

  test('T28 pages that lead in a circle end', async () => {
    const double = await startMsr();
    const headers = { 'x-next-page-start': 'again', 'content-type': 'application/json' };
    double.faults.push({ on: /GET .*repositories$/, status: 200, headers, body: '{"repositories":[]}', times: 9 });
    const work = withConnector(double, (one) => Array.fromAsync(one.repositories(call)));
    await expect(work).rejects.toMatchObject({ code: 'registry/invalid-answer' });
  });

  test.each(['no json', '{"repositories":', '[1,2]', '"text"'])(
    'an answer that is %s is no empty list',
    async (body) => {
      const double = await startMsr();
      double.faults.push({ on: /GET .*repositories$/, status: 200, body, times: 9 });
      const work = withConnector(double, (one) => Array.fromAsync(one.repositories(call)));
      await expect(work).rejects.toMatchObject({ code: 'registry/invalid-answer' });
    },
  );

  test('T32 a redirect of the API is refused, and the login goes nowhere else', async () => {
    const double = await startMsr();
    double.faults.push({
      on: /GET .*repositories$/,
      status: 302,
      headers: { location: 'https://evil.example/' },
      times: 9,
    });
    const work = withConnector(double, (one) => Array.fromAsync(one.repositories(call)));
    await expect(work).rejects.toMatchObject({ code: 'registry/invalid-answer' });
  });
});

describe('posture', () => {
  const outcomes = async (double: MsrDouble, username = 'admin') => {
    const options = { registry: double.host, network: networkOf(double, username) };
    const facts = await withConnector(double, (one) => gatherFacts(one, options, call, ctx), username);
    const report = judgePosture({ registry: double.host, kind: 'msr' }, facts, Date.parse('2026-01-02T00:00:00Z'));
    return new Map(
      report.findings.map(({ check, outcome, evidence }) => [check.id, `${outcome}: ${evidence.join('; ')}`]),
    );
  };

  test('finds what is set up wrong', async () => {
    const double = await startMsr();
    const app = repositoryOf(double, 'engineering/app');
    app.teams.set('team-dev', 'admin');
    app.promotionPolicies.push({
      enabled: true,
      rules: [{ field: 'tag', operator: 'eq' }],
      targetRepository: 'engineering/prod',
    });
    app.pollMirroringPolicies.push({
      enabled: true,
      skipTLSVerification: true,
      remoteHost: 'https://elsewhere.example',
    });
    double.state.repositories.push(
      doubleRepository('engineering', 'open', { visibility: 'public', scanOnPush: false }),
    );
    const webhook = { type: 'TAG_PUSH', key: 'engineering/app', inactive: false };
    double.state.webhooks.push({ ...webhook, endpoint: 'http://ci.example/token-in-path', skipTLSVerification: false });
    double.state.settings['createRepositoryOnPush'] = true;
    const found = await outcomes(double);
    expect(found.get('msr/public-repositories')).toBe('fail: engineering/open');
    expect(found.get('msr/scan-on-push')).toBe('fail: engineering/open');
    expect(found.get('msr/promotion-without-cve')).toBe('fail: engineering/app → engineering/prod');
    expect(found.get('msr/mirror-insecure')).toBe('fail: engineering/app ← https://elsewhere.example');
    expect(found.get('msr/webhook-insecure')).toBe('fail: engineering/app TAG_PUSH → ci.example');
    expect(await withConnector(double, (one) => one.facts(call))).toMatchObject({
      webhooks: seen(['engineering/app TAG_PUSH → ci.example']),
      promotionPolicies: seen(['engineering/app → engineering/prod']),
      mirroringPolicies: seen(['engineering/app ← https://elsewhere.example']),
    });
    expect(found.get('msr/wide-teams')).toBe('fail: engineering/dev → engineering/app');
    expect(found.get('msr/create-on-push')).toMatch(/^fail/);
    expect(found.get('msr/scan-database-age')).toMatch(/^fail/);
    expect(found.get('msr/login-events')).toMatch(/^pass/);
    expect(found.get('outside/anonymous-catalog')).toMatch(/^pass/);
    expect(found.get('outside/plain-http')).toMatch(/^pass/);
  });

  test('is unknown, not fine, for a login that may not look', async () => {
    const found = await outcomes(await startMsr(), 'jo');
    expect(found.get('msr/administrators')).toMatch(/^unknown: .*system administrator/);
    expect(found.get('msr/webhook-insecure')).toMatch(/^unknown/);
    expect(found.get('msr/wide-teams')).toMatch(/^unknown/);
    expect(found.get('msr/scanning')).toMatch(/^pass/);
  });
});

describe('T67 webhooks', () => {
  const digest = `sha256:${'c'.repeat(64)}`;
  const contents = { namespace: 'engineering', repository: 'app', tag: '1', digest, author: 'jo' };
  const body = (document: unknown) => Buffer.from(JSON.stringify(document));
  const push1 = body({ type: 'TAG_PUSH', createdAt: '2026-01-02T03:04:05Z', contents });
  const read = (bytes: Buffer, authorization = 'secret', secret = 'secret') =>
    readMsrEvent({ authorization }, bytes, secret);

  test('are read with the secret of their address, and the same body has the same id', () => {
    expect(read(push1)).toMatchObject([
      { kind: 'push', repository: 'engineering/app', digest, tag: '1', time: '2026-01-02T03:04:05.000Z' },
    ]);
    expect(read(push1)?.[0]?.id).toBe(read(push1)?.[0]?.id);
    expect(read(push1, 'other')).toBeUndefined();
    expect(read(push1, '', '')).toBeUndefined();
  });

  test.each([
    ['no json', Buffer.from('{')],
    ['a list', body([])],
    ['no contents', body({ type: 'TAG_PUSH' })],
    ['a push of nothing', body({ type: 'TAG_PUSH', contents: {} })],
  ])('%s is no event', (_, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });

  test('a digest that is none is left out, and so is a type that a prototype has', () => {
    expect(read(body({ type: 'TAG_PUSH', contents: { ...contents, digest: 'sha256:x' } }))?.[0]).not.toHaveProperty(
      'digest',
    );
    expect(read(body({ type: 'constructor', contents }))).toMatchObject([{ kind: 'other' }]);
  });
});
