// The connector against a Harbor that is held to its own API description: contents, access, audit, facts, and what a partial view must say.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Known, RegistryConnector } from '../connector.ts';
import { networkContext } from '@plombe/oci/testing/context';
import { description, startHarbor, type HarborDouble } from '../../testing/harbor/server.ts';
import { digestOf, project, put } from '../../testing/harbor/state.ts';
import { harborConnector, type HarborOptions } from './index.ts';

const { signal } = new AbortController();
const call = { signal };

function connect(
  { host, caFile }: HarborDouble,
  [username, password]: readonly [string, string] = ['admin', 'Harbor12345'],
  rest: Partial<HarborOptions> = {},
  nowMs: () => number = Date.now,
): RegistryConnector {
  const network = {
    caFiles: [caFile],
    credentials: { [host]: { kind: 'password', username, password } as const },
    retry: { attempts: 3, baseMs: 1, maxWaitMs: 2000 },
  };
  const connector = harborConnector({ registry: host, network, ...rest }, networkContext(signal, nowMs));
  onTestFinished(() => connector.close());
  return connector;
}

function valueOf<T>(answer: Known<T>): T {
  if (answer.kind === 'known') return answer.value;
  throw new Error(answer.reason);
}

const reads = { resource: 'repository', action: 'pull' };
const robot = { secret: 'S3cret', level: 'system', projectId: 0 } as const;

describe.skipIf(description === undefined)('the Harbor connector', () => {
  it('lists repositories and artifacts over many pages, through throttling', async () => {
    const harbor = await startHarbor();
    for (let n = 0; n < 230; n++) put(harbor.state, `library/app-${String(n).padStart(3, '0')}`, `a${n}`);
    put(harbor.state, 'library/deep/er/app', 'deep', {
      tags: ['1.0', 'latest'],
      labels: ['checked'],
      accessories: [{ digest: digestOf('sig'), type: 'signature.cosign' }],
      scan: { severity: 'High', total: 3 },
    });
    harbor.state.projects[0]?.immutable.push({ pattern: '1.*' });
    harbor.faults.push({ on: /repositories$/, status: 429, headers: { 'retry-after': '0' }, times: 2 });
    const connector = connect(harbor);
    const names = (await Array.fromAsync(connector.repositories(call))).map(({ name }) => name);
    expect(names).toHaveLength(231);
    expect(harbor.asked.filter((line) => line.startsWith('GET /repositories'))).toHaveLength(5);
    const [artifact] = await Array.fromAsync(connector.artifacts('library/deep/er/app', call));
    expect(artifact).toEqual({
      repository: 'library/deep/er/app',
      digest: digestOf('deep'),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      tags: ['1.0', 'latest'],
      state: 'locked',
      sizeBytes: 3_370_000,
      pushedAt: '2026-11-01T08:00:00.000Z',
      labels: ['checked'],
      referrers: [{ digest: digestOf('sig'), type: 'signature.cosign' }],
      scan: { status: 'Success', severity: 'High', scanner: 'Trivy', scannedAt: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('gives up where it is told to wait longer than it may, and says so', async () => {
    const harbor = await startHarbor();
    harbor.faults.push({ on: /repositories/, status: 429, headers: { 'retry-after': '315360000' }, times: 9 });
    await expect(Array.fromAsync(connect(harbor).repositories(call))).rejects.toMatchObject({
      code: 'registry/rate-limited',
    });
    expect(harbor.asked).toHaveLength(1);
    harbor.faults.splice(0);
    harbor.faults.push({ on: /repositories/, status: 503, times: 9 });
    await expect(Array.fromAsync(connect(harbor).repositories(call))).rejects.toMatchObject({
      code: 'registry/unreachable',
    });
    expect(harbor.asked).toHaveLength(4);
  });

  it('takes neither a redirect nor a list without end nor text for an answer (T28, T33)', async () => {
    const harbor = await startHarbor();
    const link = '<http://169.254.169.254/?page=2>; rel="next"';
    const answers: readonly [number, Record<string, string>, string][] = [
      [302, { location: 'http://169.254.169.254/' }, ''],
      [200, {}, '<html>'],
      [200, {}, '{"a":1}'],
    ];
    for (const [status, headers, body] of answers) {
      harbor.faults.splice(0, harbor.faults.length, { on: /repositories/, status, headers, body, times: 1 });
      await expect(Array.fromAsync(connect(harbor).repositories(call))).rejects.toMatchObject({
        code: 'registry/invalid-answer',
      });
    }
    harbor.asked.splice(0);
    harbor.faults.splice(0, harbor.faults.length, {
      on: /repositories/,
      status: 200,
      headers: { link },
      body: '[{"name":"a/b"}]',
      times: 3,
    });
    harbor.faults.push({ on: /repositories/, status: 200, headers: { link }, body: '[]', times: 9 });
    expect(await Array.fromAsync(connect(harbor).repositories(call))).toHaveLength(3);
    expect(harbor.asked.map((line) => line.replace(/.*page=(\d+).*/, '$1'))).toEqual(['1', '2', '3', '4']);
  });

  it('refuses names that are none before anything is asked (T60)', async () => {
    const harbor = await startHarbor();
    const connector = connect(harbor);
    for (const name of ['library', '../users', 'library/..', 'library/a//b', "library/a' OR 1=1", 'library/a?x=1']) {
      await expect(Array.fromAsync(connector.artifacts(name, call)), name).rejects.toMatchObject({
        code: 'reference/invalid',
      });
    }
    expect(harbor.asked).toEqual([]);
  });

  it('tells who may do what: people, groups of one name, robots, everybody', async () => {
    const harbor = await startHarbor();
    const { state } = harbor;
    state.users.push({ id: 2, name: 'jo', password: 'x' }, { id: 3, name: 'ops', password: 'x', adminByGroup: true });
    state.groups.push({ id: 7, name: 'ops', type: 1 }, { id: 8, name: 'ops', type: 3 });
    state.configuration = { ...state.configuration, auth_mode: 'oidc_auth', oidc_admin_group: 'ops' };
    state.projects.push(
      project(
        2,
        'prod',
        {},
        {
          members: [
            { name: 'jo', type: 'u', entityId: 2, roleId: 2 },
            { name: 'ops', type: 'g', entityId: 7, roleId: 1 },
            { name: 'ops', type: 'u', entityId: 3, roleId: 3 },
            { name: 'odd', type: 'u', entityId: 4, roleId: 99 },
          ],
        },
      ),
    );
    state.robots.push(
      {
        ...robot,
        name: 'robot$all',
        expiresAt: -1,
        permissions: [{ kind: 'project', namespace: '*', access: [reads, { resource: 'member', action: 'create' }] }],
      },
      {
        ...robot,
        name: 'robot$prod+ci',
        level: 'project',
        projectId: 2,
        expiresAt: 1000,
        permissions: [
          {
            kind: 'project',
            namespace: 'prod',
            access: [
              reads,
              { resource: 'repository', action: 'push' },
              { resource: 'artifact', action: 'delete' },
              { resource: 'artifact', action: 'delete', effect: 'deny' },
            ],
          },
        ],
      },
    );
    const connector = connect(harbor, undefined, {}, () => 2_000_000);
    const principals = valueOf(await connector.principals(call));
    expect(principals.map(({ id, kind, state: word }) => [id, kind, word])).toEqual([
      ['user:admin', 'human', 'active'],
      ['user:jo', 'human', 'active'],
      ['user:ops', 'human', 'active'],
      ['group:ops', 'group', 'active'],
      ['group:ops#8', 'group', 'active'],
      ['robot:robot$all', 'robot', 'active'],
      ['robot:robot$prod+ci', 'robot', 'expired'],
      ['anonymous', 'anonymous', 'active'],
    ]);
    expect(principals.at(-2)?.expiresAt).toBe('1970-01-01T00:16:40.000Z');
    const all = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];
    expect(
      valueOf(await connector.grants(call)).map(({ principal, repositories, permissions }) => [
        principal,
        repositories,
        permissions,
      ]),
    ).toEqual([
      ['user:admin', '**', all],
      ['user:ops', '**', all],
      ['group:ops#8', '**', all],
      ['anonymous', 'library/**', ['list', 'pull']],
      ['user:jo', 'prod/**', ['list', 'pull', 'push', 'sign']],
      ['group:ops', 'prod/**', all],
      ['user:ops', 'prod/**', ['list', 'pull']],
      // An unknown role counts as everything.
      ['user:odd', 'prod/**', all],
      ['robot:robot$all', '**', ['pull', 'admin']],
      ['robot:robot$prod+ci', 'prod/**', ['pull', 'push', 'sign']],
    ]);
  });

  it('calls unknown what an account sees only in part', async () => {
    const harbor = await startHarbor();
    harbor.state.users.push({ id: 2, name: 'jo', password: 'x' });
    harbor.state.projects.push(project(2, 'prod'));
    const connector = connect(harbor, ['jo', 'x']);
    for (const answer of [await connector.principals(call), await connector.grants(call)]) {
      expect(answer).toMatchObject({
        kind: 'unknown',
        reason: expect.stringContaining('sees only some of the projects'),
      });
    }
    const facts = await connector.facts(call);
    for (const name of [
      'publicProjects',
      'wideRobots',
      'projectsWithoutCveGate',
      'insecureWebhooks',
      'systemAdministrators',
    ]) {
      expect(facts[name], name).toMatchObject({ kind: 'unknown' });
    }
    expect(facts['authMode']).toEqual({ kind: 'known', value: 'db_auth' });
    expect(valueOf(facts['version'] as Known<string>)).toBe('v2.15.2-e3b1c2d4');
  });

  it('is content with a robot of all projects, as far as its permissions go', async () => {
    const harbor = await startHarbor();
    harbor.state.projects.push(project(2, 'prod'));
    const list = (resource: string): { resource: string; action: string } => ({ resource, action: 'list' });
    harbor.state.robots.push({
      ...robot,
      name: 'robot$plombe',
      expiresAt: -1,
      permissions: [
        {
          kind: 'project',
          namespace: '*',
          access: [list('member'), list('robot'), list('immutable-tag'), list('artifact')],
        },
        { kind: 'system', namespace: '/', access: [list('robot'), list('quota')] },
      ],
    });
    const facts = await connect(harbor, ['robot$plombe', 'S3cret']).facts(call);
    expect(facts['publicProjects']).toEqual({ kind: 'known', value: ['library'] });
    expect(facts['projectsWithoutImmutability']).toEqual({ kind: 'known', value: ['library', 'prod'] });
    expect(facts['wideRobots']).toEqual({ kind: 'known', value: ['robot$plombe'] });
    expect(facts['insecureWebhooks']).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('/projects/library/webhook'),
    });
    expect(facts['systemAdministrators']).toMatchObject({ kind: 'unknown' });
  });

  it('reads every fact of an installation where everything is wrong, and of one where nothing is', async () => {
    const harbor = await startHarbor();
    const { state } = harbor;
    state.projects.push(
      project(2, 'cache', {}, { registryId: 1 }),
      project(
        3,
        'own',
        { reuse_sys_cve_allowlist: 'false', enable_content_trust_cosign: 'true' },
        {
          allowlist: { expires_at: null, items: [{ cve_id: 'CVE-2024-1' }] },
          webhooks: [
            { name: 'plain', targets: [{ type: 'http', address: 'http://hook', auth_header: 'x' }] },
            { name: 'blind', targets: [{ type: 'http', address: 'https://hook', skip_cert_verify: true }] },
            { name: 'off', enabled: false, targets: [{ type: 'http', address: 'http://hook' }] },
          ],
        },
      ),
    );
    state.registries.push(
      { id: 1, name: 'hub', url: 'https://hub', insecure: true },
      { id: 2, name: 'old', url: 'http://old' },
    );
    state.allowlist = { expires_at: 0, items: [{ cve_id: 'CVE-2024-2' }] };
    state.systemInfo = { self_registration: true };
    state.robots.push({
      ...robot,
      name: 'robot$w',
      expiresAt: -1,
      permissions: ['library', 'own'].map((namespace) => ({
        kind: 'project',
        namespace,
        access: [{ resource: 'repository', action: 'push' }],
      })),
    });
    const wrong = await connect(harbor, undefined, { tryDefaultPassword: true }).facts(call);
    const three = ['library', 'cache', 'own'];
    expect(Object.fromEntries(Object.entries(wrong).map(([name, fact]) => [name, valueOf(fact)]))).toEqual({
      version: 'v2.15.2-e3b1c2d4',
      authMode: 'db_auth',
      selfRegistration: true,
      projectCreationByEveryone: true,
      defaultAdminPassword: true,
      publicProjects: ['library'],
      proxyCacheProjects: ['cache'],
      projectsWithoutAutoScan: three,
      projectsWithoutAutoSbom: three,
      projectsWithoutSignatures: ['library', 'cache'],
      projectsWithPresenceOnlySignature: ['own'],
      projectsWithoutCveGate: three,
      projectsWithoutRetention: three,
      projectsWithoutImmutability: three,
      projectsWithoutQuota: three,
      allowlistsWithoutExpiry: ['system', 'own'],
      robotsWithoutExpiry: ['robot$w'],
      wideRobots: ['robot$w'],
      insecureWebhooks: ['own/plain', 'own/blind'],
      webhooksWithoutSecret: ['own/blind'],
      insecureReplication: ['hub', 'old'],
      systemAdministrators: ['admin'],
      scannerConfigured: false,
      auditLogForwarded: false,
    });

    const good = await startHarbor();
    good.state.users = [{ id: 1, name: 'admin', password: 'a-real-one', sysadmin: true }];
    good.state.systemInfo = { project_creation_restriction: 'adminonly' };
    good.state.configuration['audit_log_forward_endpoint'] = 'syslog:514';
    good.state.scanners.push({ uuid: 'u', name: 'Plombe', url: 'https://scanner', is_default: true });
    good.state.projects = [
      project(
        2,
        'prod',
        {
          auto_scan: 'true',
          auto_sbom_generation: 'true',
          prevent_vul: 'true',
          retention_id: '4',
          enable_content_trust: 'true',
        },
        {
          immutable: [{ pattern: '**' }],
          storage: 1e9,
          allowlist: { items: [] },
        },
      ),
    ];
    const right = await connect(good, ['admin', 'a-real-one'], { tryDefaultPassword: true }).facts(call);
    const values = Object.fromEntries(Object.entries(right).map(([name, fact]) => [name, valueOf(fact)]));
    expect(values).toMatchObject({
      defaultAdminPassword: false,
      projectCreationByEveryone: false,
      scannerConfigured: true,
      auditLogForwarded: true,
    });
    for (const [name, value] of Object.entries(values)) {
      if (Array.isArray(value) && !['systemAdministrators', 'projectsWithPresenceOnlySignature'].includes(name))
        expect(value, name).toEqual([]);
    }
  });

  it('reads the extended audit log, and the older one where there is no other', async () => {
    const harbor = await startHarbor();
    const at = (minute: number): string => `2026-11-01T08:0${minute}:00.000Z`;
    harbor.state.audit = [
      { username: 'admin', operation: 'create', resource: 'library/app:1', type: 'artifact', time: at(3) },
      {
        username: 'robot$ci',
        operation: 'delete',
        resource: `library/app@${digestOf('a')}`,
        type: 'artifact',
        time: at(1),
        success: false,
      },
      { username: 'jo', operation: 'update', resource: 'prod', type: 'project', time: at(2) },
      { username: 'jo', operation: 'login', resource: 'jo', type: 'user', time: at(0) },
    ];
    const connector = connect(harbor);
    const since = Date.parse(at(1));
    expect(valueOf(await connector.auditEvents(since, call))).toEqual([
      {
        id: 'harbor:auditlog-exts:2',
        time: at(1),
        principal: 'robot:robot$ci',
        operation: 'delete artifact',
        repository: 'library/app',
        digest: digestOf('a'),
        outcome: 'failure',
      },
      {
        id: 'harbor:auditlog-exts:3',
        time: at(2),
        principal: 'user:jo',
        operation: 'update project',
        outcome: 'success',
      },
      {
        id: 'harbor:auditlog-exts:1',
        time: at(3),
        principal: 'user:admin',
        operation: 'create artifact',
        repository: 'library/app',
        tag: '1',
        outcome: 'success',
      },
    ]);
    harbor.state.extendedAudit = false;
    expect(
      valueOf(await connector.auditEvents(since, call)).map(({ principal, outcome }) => [principal, outcome]),
    ).toEqual([
      ['robot:robot$ci', 'success'],
      ['user:admin', 'success'],
    ]);
  });
});
