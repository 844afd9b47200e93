// Every fact about a Harbor, once where everything is wrong and once where nothing is.
import { describe, expect, it } from 'vitest';
import { openHarbor } from '../../testing/harbor/open.ts';
import { description, startHarbor } from '../../testing/harbor/server.ts';
import { project } from '../../testing/harbor/state.ts';
import type { Known } from '../connector.ts';

const { signal } = new AbortController();
const call = { signal };

const robot = { secret: 'S3cret', level: 'system', projectId: 0 } as const;

function valueOf<T>(answer: Known<T>): T {
  if (answer.kind === 'known') return answer.value;
  throw new Error(answer.reason);
}

describe.skipIf(description === undefined)('facts of a Harbor', () => {
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
    state.replicationPolicies.push(
      { id: 1, name: 'nightly', dest_registry: { id: 1, name: 'hub' }, trigger: { type: 'scheduled' }, enabled: true },
      { id: 2, name: 'in', src_registry: { id: 2, name: 'old' }, dest_registry: { id: 0 }, enabled: false },
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
    const wrong = await openHarbor(harbor, undefined, { tryDefaultPassword: true }).facts(call);
    const three = ['library', 'cache', 'own'];
    expect(Object.fromEntries(Object.entries(wrong).map(([name, fact]) => [name, valueOf(fact)]))).toEqual({
      version: 'v2.15.2-e3b1c2d4',
      webhooks: ['own/plain → hook', 'own/blind → hook'],
      replicationPolicies: ['nightly: Harbor → hub, scheduled', 'in: old → Harbor, manual (off)'],
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
    const right = await openHarbor(good, ['admin', 'a-real-one'], { tryDefaultPassword: true }).facts(call);
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
});
