// `plombe serve` in front of registries of others, with the clients that people use, and its copies to other registries.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startGateProgram, type GateProgram, type Said } from './support/gate.ts';
import { hasProgram, installed, temporaryFolder } from './support/plombe.ts';
import { startCraneRegistry, startDockerRegistry } from './support/registries.ts';

const policy = (name: string, spec: string): string =>
  `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const scanned = policy('scanned', '{select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}}');
const signed = policy(
  'signed',
  '{select: {repositories: ["signed/**"]}, onViolation: quarantine, signatures: {anyOf: [{cosign: {key: cosign.pub}}]}}',
);

const insecure = ['--quiet', '--insecure-policy', '--dest-tls-verify=false', '--src-tls-verify=false'];
const copy = (gate: GateProgram, from: string, to: string): Promise<Said> =>
  gate.say('pusher', 'skopeo', 'copy', ...insecure, from, to);

const kinds = [
  ['docker-registry', startDockerRegistry],
  ['crane', startCraneRegistry],
] as const;

for (const [kind, start] of kinds) {
  const missing = ['skopeo', 'crane', 'cosign', 'podman', kind].filter((name) => !hasProgram(name));
  if (missing.length > 0) console.warn(`SKIPPED: a gate in front of ${kind} (missing: ${missing.join(', ')})`);

  describe.skipIf(missing.length > 0)(`a gate in front of ${kind}`, () => {
    const open = async () => {
      const behind = await start();
      const args = ['--upstream', `http://${behind}`];
      const policies = { 'scanned.yaml': scanned, 'signed.yaml': signed };
      const gate = await startGateProgram(policies, ['cosign'], undefined, { args });
      const there = async (repository: string, reference: string): Promise<number> => {
        const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';
        return (await fetch(`http://${behind}/v2/${repository}/manifests/${reference}`, { headers: { accept } }))
          .status;
      };
      return { gate, behind, there };
    };

    it('lets through what holds, and judges what lay there', async () => {
      const { gate, behind, there } = await open();
      const layout = (name: string): string => `oci:${gate.layout}:${name}`;
      expect(await copy(gate, layout('clean'), `docker://${gate.host}/prod/app:1`)).toMatchObject({ ok: true });
      expect(await there('prod/app', '1')).toBe(200);
      const refused = await copy(gate, layout('bad'), `docker://${gate.host}/prod/app:2`);
      expect(refused).toMatchObject({ ok: false, text: expect.stringContaining('plombe: vulnerabilities') as string });
      expect(await there('prod/app', '2')).toBe(404);
      // Past the gate.
      for (const name of ['clean', 'bad'])
        expect(await copy(gate, layout(name), `docker://${behind}/prod/old:${name}`)).toMatchObject({ ok: true });
      const storage = [
        '--root',
        join(gate.home, 'root'),
        '--runroot',
        join(gate.home, 'run'),
        '--storage-driver',
        'vfs',
      ];
      const pull = (name: string): Promise<Said> =>
        gate.say('reader', 'podman', ...storage, 'pull', '--tls-verify=false', `${gate.host}/prod/old:${name}`);
      expect(await pull('clean')).toMatchObject({ ok: true });
      expect(await pull('bad')).toMatchObject({
        ok: false,
        text: expect.stringContaining('plombe: vulnerabilities') as string,
      });
      // Without a list of referrers of its own, the registry has evidence under a tag.
      const listed = (await gate.say('reader', 'crane', 'ls', '--insecure', `${gate.host}/prod/old`)).text;
      expect(listed.split('\n').filter((tag) => !tag.startsWith('sha256-'))).toEqual(['clean', '']);
      const mounted = await gate.say(
        'pusher',
        'crane',
        'copy',
        '--insecure',
        `${gate.host}/prod/app:1`,
        `${gate.host}/prod/copy:1`,
      );
      expect(mounted, mounted.text).toMatchObject({ ok: true });
      const validated = await gate.say(
        'reader',
        'crane',
        'validate',
        '--insecure',
        '--remote',
        `${gate.host}/prod/copy:1`,
      );
      expect(validated, validated.text).toMatchObject({ ok: true });
    });

    it('keeps quarantine until cosign signed it', async () => {
      const { gate, there } = await open();
      expect(await copy(gate, `oci:${gate.layout}:clean`, `docker://${gate.host}/signed/app:1`)).toMatchObject({
        ok: true,
      });
      expect([await gate.status('reader', 'signed/app', '1'), await there('signed/app', '1')]).toEqual([404, 404]);
      const digest = (
        await gate.say('signer', 'crane', 'digest', '--insecure', `${gate.host}/signed/app:1`)
      ).text.trim();
      const flags = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry'];
      const subject = `${gate.host}/signed/app@${digest}`;
      const made = await gate.say('signer', 'cosign', 'sign', '--yes', '--key', 'cosign.key', ...flags, subject);
      expect(made, made.text).toMatchObject({ ok: true });
      expect([await gate.status('reader', 'signed/app', '1'), await there('signed/app', '1')]).toEqual([200, 200]);
      const verify = ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', '--allow-http-registry'];
      const verified = await gate.say('reader', 'cosign', ...verify, subject);
      expect(verified, verified.text).toMatchObject({ ok: true });
    });
  });
}

const withoutDocker = ['docker-registry', 'skopeo'].filter((name) => !hasProgram(name));
if (withoutDocker.length > 0) console.warn(`SKIPPED: copies and caches (missing: ${withoutDocker.join(', ')})`);

describe.skipIf(withoutDocker.length > 0)('the registries in RegistryConfig', () => {
  it('are filled by copies and read through a cache', async () => {
    const mirror = await startDockerRegistry();
    const hub = await startDockerRegistry();
    const config = `apiVersion: plombe/v1
kind: RegistryConfig
cache:
  - {prefix: "hub/**", upstream: "http://${hub}"}
replication:
  - {name: mirror, from: ["prod/**"], to: {registry: "http://${mirror}", prefix: copies}}
`;
    const prepare = async (home: string): Promise<void> => writeFileSync(join(home, 'registry.yaml'), config);
    const args = ['--registry-config', 'registry.yaml'];
    const gate = await startGateProgram({ 'scanned.yaml': scanned }, [], prepare, { args });
    expect(await copy(gate, `oci:${gate.layout}:clean`, `docker://${gate.host}/prod/app:1`)).toMatchObject({
      ok: true,
    });
    await expect
      .poll(
        async () =>
          JSON.parse((await gate.plombe('registry', 'replication', '--data', 'data', '-o', 'json')).stdout) as unknown,
        {
          timeout: 30_000,
          interval: 1000,
        },
      )
      .toMatchObject({ rules: [{ rule: 'mirror', waiting: 0, failing: 0 }] });
    expect((await fetch(`http://${mirror}/v2/copies/prod/app/tags/list`)).status).toBe(200);
    const text = await gate.plombe('registry', 'replication', '--data', 'data');
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining('mirror: ') as string });
    expect(await copy(gate, `oci:${gate.layout}:clean`, `docker://${hub}/library/app:1`)).toMatchObject({ ok: true });
    expect(await gate.status('reader', 'hub/library/app', '1')).toBe(200);
  });

  it.each([
    [['--upstream', 'http://registry.example.com'], '--upstream'],
    [['--upstream', 'https://user:pw@registry.example.com'], '--upstream'],
    [['--upstream', 'https://registry.example.com/path'], '--upstream'],
    [['--upstream', 'https://registry.example.com', '--blobs', 's3://bucket?region=eu-central-1'], '--blobs'],
  ])('%j is refused', async (flags, named) => {
    const home = temporaryFolder();
    const args = ['serve', '--data', 'data', '--listen', '127.0.0.1:0', '--plain-http', ...flags];
    const outcome = await installed(home)(args);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(named) as string });
    expect(outcome.stderr).not.toContain('user:pw');
  });
});
