// The gate as people meet it: through `plombe serve`, with the clients they use.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { startGateProgram, type GateProgram, type Said } from './support/gate.ts';
import { hasProgram } from './support/plombe.ts';

const missing = (...names: readonly string[]): boolean => names.map(hasProgram).includes(false);
const policy = (name: string, spec: string): string =>
  `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const scanned = policy('scanned', '{select: {repositories: ["prod/**"]}, vulnerabilities: {maxSeverity: medium}}');
const signers =
  '{select: {repositories: ["signed/**"]}, onViolation: quarantine, signatures: {anyOf: [{cosign: {key: cosign.pub}}]}}';
const glass =
  '{select: {repositories: ["glass/**"]}, vulnerabilities: {maxSeverity: medium}, onViolation: quarantine, breakGlass: {approvers: [{key: anna.pub}, {key: bert.pub}]}}';

describe.skipIf(missing('skopeo', 'crane'))('the gate', () => {
  let gate: GateProgram;
  let digest = '';
  const skopeo = (name: string, to: string, as = 'pusher'): Promise<Said> =>
    gate.say(
      as,
      'skopeo',
      'copy',
      '--quiet',
      '--insecure-policy',
      '--dest-tls-verify=false',
      `oci:${gate.layout}:${name}`,
      `docker://${gate.host}/${to}`,
    );
  beforeEach(async () => {
    gate = await startGateProgram({ 'scanned.yaml': scanned });
    digest = (
      await gate.say('pusher', 'skopeo', 'inspect', '--format', '{{.Digest}}', `oci:${gate.layout}:clean`)
    ).text.trim();
  });

  it('takes what holds and tells the terminal why the rest does not', async () => {
    expect(await skopeo('clean', 'prod/app:1')).toMatchObject({ ok: true });
    const refused = await skopeo('bad', 'prod/app:2');
    expect(refused).toMatchObject({
      ok: false,
      text: expect.stringMatching(
        /denied: plombe: vulnerabilities: .*CVE-2024-6119|denied: plombe: vulnerabilities: .*lodash/,
      ) as string,
    });
    expect(await skopeo('bad', 'dev/app:2')).toMatchObject({ ok: true });
    const copied = await gate.say(
      'pusher',
      'crane',
      'copy',
      '--insecure',
      `${gate.host}/dev/app:2`,
      `${gate.host}/prod/app:2`,
    );
    expect(copied).toMatchObject({
      ok: false,
      text: expect.stringContaining('DENIED: plombe: vulnerabilities: ') as string,
    });
    expect((await gate.say('reader', 'crane', 'ls', '--insecure', `${gate.host}/prod/app`)).text).toBe('1\n');
    const scan = await gate.plombe(
      'verify-attestation',
      `${gate.host}/prod/app:1`,
      '--type',
      'vulns',
      '--key',
      'data/keys/gate.pub',
      '--plain-http',
      '-o',
      'json',
    );
    await expect
      .poll(
        async () =>
          (
            await gate.plombe(
              'verify-attestation',
              `${gate.host}/prod/app:1`,
              '--type',
              'vulns',
              '--key',
              'data/keys/gate.pub',
              '--plain-http',
            )
          ).code,
        { timeout: 30_000 },
      )
      .toBe(0);
    expect([0, 1]).toContain(scan.code);
  });

  it('attests an index for all of its platforms, and tells the ledger', async () => {
    for (const [name, platform] of [
      ['clean', 'amd64'],
      ['bad', 'bad'],
    ] as const)
      expect(await skopeo(name, `dev/app:${platform}`)).toMatchObject({ ok: true });
    const { host } = gate;
    const appended = await gate.say(
      'pusher',
      'crane',
      'index',
      'append',
      '--insecure',
      '-m',
      `${host}/dev/app:amd64`,
      '-m',
      `${host}/dev/app:bad`,
      '-t',
      `${host}/dev/app:multi`,
    );
    expect(appended, appended.text).toMatchObject({ ok: true });
    const index = (await gate.say('reader', 'crane', 'digest', '--insecure', `${host}/dev/app:multi`)).text.trim();
    const key = ['--key', 'data/keys/gate.pub', '--plain-http', '-o', 'json'];
    const verify = (type: string) => gate.plombe('verify-attestation', `${host}/dev/app:multi`, '--type', type, ...key);
    await expect.poll(async () => (await verify('vulns')).code, { timeout: 60_000 }).toBe(0);
    const said = await verify('vulns');
    expect(said.stdout).toContain(digest);
    expect(said.stdout).toContain('"platforms"');
    expect((await verify('cyclonedx')).stdout).toContain('plombe:image:kind');
    expect(await gate.end('SIGTERM')).toBe(0);
    const shown = await gate.plombe('custody', 'show', index, '--ledger', 'ledger', '-o', 'json');
    const { records } = JSON.parse(shown.stdout) as { records: { kind: string; predicate: object }[] };
    expect(records.map(({ kind }) => kind)).toEqual(['push', 'inventory', 'scan']);
    expect(records[2]?.predicate).toMatchObject({
      platforms: [{ digest, findings: { critical: 0 } }, {}],
      attestation: { predicateType: 'https://in-toto.io/attestation/vulns/v0.2' },
    });
  });

  it('ends in order, records what it did, and goes on after kill -9', async () => {
    expect(await skopeo('clean', 'prod/app:1')).toMatchObject({ ok: true });
    await gate.end('SIGKILL');
    await gate.start();
    expect(await gate.status('reader', 'prod/app', digest)).toBe(200);
    expect(await gate.end('SIGTERM')).toBe(0);
    const shown = await gate.plombe('custody', 'show', digest, '--ledger', 'ledger', '-o', 'json');
    expect(shown.stdout).toMatch(/"event": ?"accepted"/);
    expect((await gate.plombe('ledger', 'verify', '--ledger', 'ledger')).code).toBe(0);
  });

  it('notices that a policy has changed', async () => {
    expect(await skopeo('bad', 'dev/app:1')).toMatchObject({ ok: true });
    writeFileSync(join(gate.home, 'scanned.yaml'), scanned.replace('prod/**', '**'));
    await expect.poll(() => gate.status('reader', 'dev/app', '1'), { timeout: 30_000 }).toBe(403);
    const pulled = await gate.say(
      'reader',
      'crane',
      'pull',
      '--insecure',
      `${gate.host}/dev/app:1`,
      join(gate.home, 'x.tar'),
    );
    expect(pulled).toMatchObject({
      ok: false,
      text: expect.stringContaining('DENIED: plombe: vulnerabilities: ') as string,
    });
  });

  it.skipIf(missing('podman'))('is understood by podman', async () => {
    const folders = [
      '--storage-driver',
      'vfs',
      '--root',
      join(gate.home, 'store'),
      '--runroot',
      join(gate.home, 'run'),
    ];
    const archive = join(gate.home, 'bad.tar');
    const packed = await gate.say(
      'pusher',
      'skopeo',
      'copy',
      '--quiet',
      '--insecure-policy',
      `oci:${gate.layout}:bad`,
      `docker-archive:${archive}:localhost/bad:1`,
    );
    expect(packed, packed.text).toMatchObject({ ok: true });
    const loaded = await gate.say('pusher', 'podman', ...folders, 'load', '--quiet', '--input', archive);
    expect(loaded, loaded.text).toMatchObject({ ok: true });
    const pushed = await gate.say(
      'pusher',
      'podman',
      ...folders,
      'push',
      '--tls-verify=false',
      'localhost/bad:1',
      `${gate.host}/prod/app:3`,
    );
    expect(pushed).toMatchObject({
      ok: false,
      text: expect.stringContaining('denied: plombe: vulnerabilities: ') as string,
    });
  });
});

describe.skipIf(missing('skopeo', 'cosign'))('people at the gate', () => {
  let gate: GateProgram;
  beforeEach(async () => {
    gate = await startGateProgram({ 'signed.yaml': policy('signed', signers), 'glass.yaml': policy('glass', glass) }, [
      'cosign',
      'anna',
      'bert',
    ]);
  });
  const push = (name: string, to: string): Promise<Said> =>
    gate.say(
      'pusher',
      'skopeo',
      'copy',
      '--quiet',
      '--insecure-policy',
      '--dest-tls-verify=false',
      `oci:${gate.layout}:${name}`,
      `docker://${gate.host}/${to}`,
    );

  it.each([
    ['a bundle', ['--tlog-upload=false', '--use-signing-config=false']],
    ['the older form', ['--tlog-upload=false', '--use-signing-config=false', '--new-bundle-format=false']],
  ])('sign with cosign, as %s, and the image is there', async (_, flags) => {
    expect(await push('bad', 'signed/app:1')).toMatchObject({ ok: true });
    expect(await gate.status('reader', 'signed/app', '1')).toBe(404);
    const digest = (await gate.say('signer', 'crane', 'digest', '--insecure', `${gate.host}/signed/app:1`)).text.trim();
    const signed = await gate.say(
      'signer',
      'cosign',
      'sign',
      '--yes',
      '--key',
      'cosign.key',
      '--allow-http-registry',
      ...flags,
      `${gate.host}/signed/app@${digest}`,
    );
    expect(signed, signed.text).toMatchObject({ ok: true });
    expect(await gate.status('reader', 'signed/app', '1')).toBe(200);
  });

  it('sign with plombe, and the image is there', async () => {
    expect(await push('bad', 'signed/app:1')).toMatchObject({ ok: true });
    const signed = await gate.plombe('sign', `${gate.host}/signed/app:1`, '--key', 'cosign.key', '--plain-http');
    expect(signed, signed.stderr).toMatchObject({ code: 0 });
    expect(await gate.status('reader', 'signed/app', '1')).toBe(200);
  });

  it('break the glass, both of them', async () => {
    expect(await push('bad', 'glass/app:1')).toMatchObject({ ok: true });
    const open = (key: string) =>
      gate.plombe(
        'gate',
        'break-glass',
        `${gate.host}/glass/app:1`,
        '--key',
        key,
        '--reason',
        'production is down',
        '--expires',
        '1h',
        '--plain-http',
        '-o',
        'json',
      );
    const first = await open('anna.key');
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(await gate.status('reader', 'glass/app', '1')).toBe(404);
    expect(await open('bert.key')).toMatchObject({ code: 0 });
    expect(await gate.status('reader', 'glass/app', '1')).toBe(200);
  });
});
