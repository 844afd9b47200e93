// Looking at registries through the program itself: list, posture, access and watch, over a double of MSR and a real docker-registry.
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeLayout } from '@plombe/oci';
import { freePort, skopeoCopy, startRegistry } from '@plombe/oci/testing/peers';
import { startMsr, type MsrDouble } from '../packages/connectors/src/testing/msr/server.ts';
import { sha256 } from '../packages/connectors/src/testing/msr/registry.ts';
import { installed, hasProgram, launcher, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const hostile = 'jo\u001b[31m\u202e<script>';

function push({ state }: MsrDouble, tag: string): string {
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(Buffer.from('{}')), size: 2 };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [config], annotations: { tag } }),
  );
  state.repositories[0]?.manifests.set(sha256(bytes), { bytes, mediaType });
  state.repositories[0]?.tags.set(tag, sha256(bytes));
  return sha256(bytes);
}

/** A double with an image, and the flags to reach it. */
async function msr(user = 'admin:secret'): Promise<{ double: MsrDouble; flags: readonly string[]; digest: string }> {
  const double = await startMsr();
  const userFile = join(home, `user-${double.host.replace(':', '-')}`);
  writeFileSync(userFile, `${user}\n`, { mode: 0o600 });
  const digest = push(double, '1.0');
  return { double, digest, flags: [double.host, '--ca-file', double.caFile, '--user-file', userFile] };
}

describe('registry list', () => {
  test('finds the kind by itself, and lists repositories and artifacts', async () => {
    const { flags, digest } = await msr();
    const { code, stdout } = await plombe(['registry', 'list', ...flags, '-o', 'json']);
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as { kind: string; repositories: { name: string; artifacts: object[] }[] };
    expect(document.kind).toBe('msr');
    expect(document.repositories.map(({ name }) => name)).toEqual(['engineering/app', 'engineering/prod', 'jo/lab']);
    expect(document.repositories[0]?.artifacts).toMatchObject([{ digest, tags: ['1.0'], state: 'free' }]);
  });

  test('a table without colour where nobody looks, of the repositories asked for', async () => {
    const { flags } = await msr();
    const { stdout } = await plombe(['registry', 'list', ...flags, '--repository', 'engineering/**']);
    expect(stdout).toMatch(/^REPOSITORY +TAGS +DIGEST/);
    expect(stdout).toContain('1 artifacts in 2 repositories; empty: engineering/prod');
    expect(stdout).not.toContain('\u001b');
  });

  test('what a login does not see of it is said: 3, unless that is accepted', async () => {
    const { flags } = await msr('jo:secret');
    const page = join(home, 'list.html');
    const { code, stdout } = await plombe(['registry', 'list', ...flags, '-o', 'json', '-o', `html=${page}`]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'partial',
      causes: [expect.stringContaining('Needs a system administrator') as string],
    });
    expect(readFileSync(page, 'utf8')).toContain('This is not all there is');
    const table = await plombe(['registry', 'list', ...flags, '--allow', 'partial']);
    expect(table).toMatchObject({ code: 0, stdout: expect.stringContaining('This is not all there is') as string });
  });

  test('a wrong password is said, and is no empty list', async () => {
    const { flags } = await msr('admin:wrong');
    const { code, stdout, stderr } = await plombe(['registry', 'list', ...flags]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('registry/unauthorized');
    expect(stderr).not.toContain('wrong');
  });

  test.each([
    [['registry', 'list', 'host/with/repository'], 'is no registry'],
    [['registry', 'list', 'localhost:1', '--user-file', '/nowhere'], 'cannot be read'],
    [['registry', 'list', 'localhost:1', '--kind', 'acr'], 'no login server'],
    [['registry', 'list', 'localhost:1', '-o', 'sarif'], 'no output format'],
    [['registry', 'audit', 'localhost:1', '--since', 'yesterday'], '--since'],
    [['registry', 'watch', 'localhost:1', '--listen', '127.0.0.1:0'], '--webhook-secret-file'],
    [['registry', 'watch', 'localhost:1', '--since', 'yesterday'], '--since'],
    [['registry', 'posture', 'localhost:1', '--language', 'fr'], 'Allowed choices'],
  ])('%j is a mistake of the caller', async (args, says) => {
    const { code, stdout, stderr } = await plombe(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});

describe('registry posture', () => {
  test('fails as asked, in both languages, in every format', async () => {
    const { double, flags } = await msr();
    double.state.scanningEnabled = false;
    const page = join(home, 'posture.html');
    const args = ['registry', 'posture', ...flags, '--language', 'de', '-o', 'json', '-o', `html=${page}`];
    const { code, stdout } = await plombe([...args, '--fail-on', 'high']);
    expect(code).toBe(1);
    const document = JSON.parse(stdout) as { findings: { id: string; outcome: string; title: string }[] };
    expect(document.findings.find(({ id }) => id === 'msr/scanning')).toMatchObject({
      outcome: 'fail',
      title: 'Das Scannen ist eingeschaltet',
    });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<html lang="de">');
    expect(html).toContain("default-src 'none'");
    expect((await plombe(['registry', 'posture', ...flags, '--fail-on', 'critical', '--allow', 'partial'])).code).toBe(
      0,
    );
  });

  test('what a login may not see is not taken for fine', async () => {
    const { flags } = await msr('jo:secret');
    const strict = ['registry', 'posture', ...flags, '--fail-on', 'medium'];
    const { code, stdout } = await plombe([...strict, '-o', 'json']);
    // Nothing fails for this login but what the outside shows; what it may not read is unknown.
    expect([1, 3]).toContain(code);
    expect(stdout).toContain('system administrator');
  });

  test('a registry that is not there is 4, never fine', async () => {
    const { code } = await plombe(['registry', 'posture', `127.0.0.1:${await freePort()}`, '--timeout', '60']);
    expect(code).toBe(4);
  });

  test('tells everything that was read, also what no check judges', async () => {
    const { double, flags } = await msr();
    const policy = { enabled: true, remoteHost: 'https://branch.example', skipTLSVerification: false };
    double.state.repositories[0]?.pushMirroringPolicies.push(policy);
    const { stdout } = await plombe(['registry', 'posture', ...flags, '-o', 'json']);
    const mirror = 'engineering/app → https://branch.example';
    expect(JSON.parse(stdout)).toMatchObject({
      facts: { mirroringPolicies: { value: [mirror] }, anonymousPush: { unknown: expect.any(String) as string } },
    });
    expect((await plombe(['registry', 'posture', ...flags, '--facts'])).stdout).toContain(
      `mirroringPolicies: ${mirror}`,
    );
  });

  test('nothing is written unless that was asked for', async () => {
    const { double, flags } = await msr();
    await plombe(['registry', 'posture', ...flags]);
    expect(double.asked.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
  });
});

describe('registry audit', () => {
  test('shows what happened by whom, and what the log leaves out', async () => {
    const { double, flags, digest } = await msr();
    const object = { id: digest, type: 'TAG', name: '1.0' };
    const event = { type: 'PUSH', actor: 'id-jo', actorType: 'user', repository: 'engineering/app', object };
    double.state.events.push({ id: '1', publishedAt: '2026-01-01T00:00:00Z', ...event });
    const page = join(home, 'audit.html');
    const args = ['registry', 'audit', ...flags, '--since', '2025-12-31', '--language', 'de'];
    const { code, stdout } = await plombe([...args, '-o', 'json', '-o', `html=${page}`]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'assessed',
      events: [{ id: 'event/1', principal: 'user:jo', operation: 'PUSH TAG', repository: 'engineering/app', digest }],
    });
    expect(readFileSync(page, 'utf8')).toContain('<h1>Protokoll: ');
    expect((await plombe(args)).stdout).toMatch(/user:jo +PUSH TAG +engineering\/app/);
    const { flags: own } = await msr('jo:secret');
    const refused = await plombe(['registry', 'audit', ...own, '--allow', 'partial', '-o', 'json']);
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({ state: 'unknown', events: [] });
  });
});

describe('registry access', () => {
  test('shows who may do what by which grant, escaped everywhere', async () => {
    const { double, flags } = await msr();
    double.state.accounts.push({ name: hostile, isOrg: false, isActive: true, isAdmin: true, isImported: true });
    double.state.repositories[0]?.teams.set('team-dev', 'read-write');
    const page = join(home, 'access.html');
    const { code, stdout } = await plombe(['registry', 'access', ...flags, '-o', 'json', '-o', `html=${page}`]);
    expect(code).toBe(0);
    const { access, state } = JSON.parse(stdout) as {
      state: string;
      access: { repository: string; principal: { id: string } }[];
    };
    expect(state).toBe('assessed');
    const jo = access.find(
      ({ repository, principal }) => repository === 'engineering/app' && principal.id === 'user:jo',
    );
    expect(jo).toMatchObject({
      permissions: ['list', 'pull', 'push', 'delete'],
      paths: [{ source: 'team access read-write', via: ['group:engineering/dev'] }],
    });
    expect(stdout).not.toMatch(/\u202e/);
    expect(readFileSync(page, 'utf8')).not.toMatch(/<script|\u001b|\u202e/);
    double.state.teams[0]?.members.push('gone');
    const table = await plombe(['registry', 'access', ...flags, '--principal', 'user:gone']);
    expect(table.stdout).toContain('nothing now');
    expect(table.stdout).not.toMatch(/\u001b/);
  });

  test('is not all there is for who may not look: 3, and the reason', async () => {
    const { flags } = await msr('jo:secret');
    const { code, stdout } = await plombe(['registry', 'access', ...flags]);
    expect(code).toBe(3);
    expect(stdout).toContain('system administrator');
  });
});

describe('registry watch', () => {
  test('one line per event by webhook, none without the secret, and SIGTERM ends it with 0', async () => {
    const { double, flags, digest } = await msr();
    const secret = 'a-secret-of-32-characters-at-least';
    const secretFile = join(home, 'webhook-secret');
    writeFileSync(secretFile, `${secret}\n`);
    chmodSync(secretFile, 0o600);
    const args = [
      'registry',
      'watch',
      ...flags,
      '--kind',
      'msr',
      '--listen',
      '127.0.0.1:0',
      '--webhook-secret-file',
      secretFile,
    ];
    const child = spawn(launcher, args, {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    /** The first line of a stream. */
    const lineOf = (stream: NodeJS.ReadableStream): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        stream.on('data', (piece: Buffer) => {
          text += piece.toString();
          if (text.includes('\n')) resolve(text);
        });
      });
    const firstEvent = lineOf(child.stdout);
    const url = /^listening on (\S+)\n/.exec(await lineOf(child.stderr))?.[1] ?? '';
    const contents = { namespace: 'engineering', repository: 'app', tag: '1.0', digest, author: hostile };
    const body = JSON.stringify({ type: 'TAG_PUSH', createdAt: '2026-01-02T03:04:05Z', contents });
    const post = async (path: string) => (await fetch(`${url}/${path}`, { method: 'POST', body })).status;
    expect(await post('guess')).toBe(401);
    expect(await post(secret)).toBe(202);
    const line = await firstEvent;
    expect(line.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(line)).toMatchObject({
      kind: 'push',
      repository: 'engineering/app',
      digest,
      state: 'present',
    });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(double.asked.some((line) => line.includes(digest))).toBe(true);
  });

  test('asks the log once where that is wanted', async () => {
    const { double, flags, digest } = await msr();
    const object = { id: digest, type: 'TAG', name: '1.0' };
    const event = { type: 'PUSH', actor: 'id-jo', actorType: 'user', repository: 'engineering/app', object };
    double.state.events.push({ id: '1', publishedAt: '2026-01-01T00:00:00Z', ...event });
    const { code, stdout } = await plombe(['registry', 'watch', ...flags, '--once', '--since', '2025-12-31']);
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ id: 'event/1', via: 'poll', state: 'present', tag: '1.0' }]);
  });
});

const peers = hasProgram('docker-registry') && hasProgram('skopeo');

describe.skipIf(!peers)('a real docker-registry', () => {
  test('is listed, found open, and has no accounts to show', async () => {
    const folder = temporaryFolder();
    const host = await startRegistry({ folder });
    const layer = { tar: [new Uint8Array(1024)], createdBy: 'RUN true', compression: 'gzip' as const };
    const image = { name: 'x', platform: { os: 'linux', architecture: 'amd64' }, layers: [layer] };
    await writeLayout(join(folder, 'layout'), [image], { signal: new AbortController().signal });
    skopeoCopy(`oci:${join(folder, 'layout')}:x`, `docker://${host}/team/app:1`);
    const flags = [host, '--plain-http'];
    const listed = await plombe(['registry', 'list', ...flags, '-o', 'json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ kind: 'oci', repositories: [{ name: 'team/app' }] });
    const posture = await plombe(['registry', 'posture', ...flags, '--probe-push', '--fail-on', 'critical']);
    expect(posture.code).toBe(1);
    expect(posture.stdout).toContain('outside/anonymous-push');
    expect((await plombe(['registry', 'access', ...flags])).code).toBe(3);
  });
});
