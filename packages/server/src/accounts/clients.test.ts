// Real clients log in: skopeo, crane, oras and podman against the registry with its accounts.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { hasProgram } from '@plombe/oci/testing/peers';
import { revokeRobot } from './robots.ts';
import { startWhole } from './testing/front.ts';

const run = promisify(execFile);
const peers = new URL('../../../../.plombe/peers/bin', import.meta.url).pathname;
process.env['PATH'] = `${process.env['PATH'] ?? ''}:${peers}`;

const missing = (...names: string[]): boolean => {
  const absent = names.filter((name) => !hasProgram(name));
  if (absent.length > 0) console.warn(`skipped, not installed: ${absent.join(', ')} (tools/install-signing-peers)`);
  return absent.length > 0;
};

let folder = '';
let image = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plombe-clients-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  image = join(folder, 'app.tar');
});

/** Runs a program with a login file of its own; answers what it printed, or throws with what it said. */
async function say(program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, HOME: folder, DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: join(folder, 'config.json') };
  const { stdout } = await run(program, args, { env });
  return stdout;
}

async function makeImage(): Promise<void> {
  writeFileSync(join(folder, 'hello'), 'hello');
  await run('tar', ['-cf', join(folder, 'layer.tar'), '-C', folder, 'hello']);
  await say('crane', 'append', '-f', join(folder, 'layer.tar'), '-t', 'team/app:1', '-o', image);
}

describe.skipIf(missing('crane'))('crane', () => {
  test('logs in, pushes, pulls, lists, deletes as it may', async () => {
    const front = await startWhole();
    await makeImage();
    const to = `${front.host}/team/app:1`;
    await expect(say('crane', 'push', image, to)).rejects.toThrow('UNAUTHORIZED');
    const { username, password } = front.robot();
    await say('crane', 'auth', 'login', front.host, '-u', username, '-p', password);
    await say('crane', 'push', image, to);
    await say('crane', 'copy', to, `${front.host}/team/other:2`);
    const digest = (await say('crane', 'digest', to)).trim();
    expect(digest).toMatch(/^sha256:/);
    expect(await say('crane', 'ls', `${front.host}/team/app`)).toBe('1\n');
    expect(await say('crane', 'catalog', front.host)).toContain('team/app');
    await expect(say('crane', 'push', image, `${front.host}/other/app:1`)).rejects.toThrow('403');
    await expect(say('crane', 'delete', `${front.host}/team/app@${digest}`)).rejects.toThrow('DENIED');
    const cleaner = front.robot({ name: 'cleaner', actions: ['pull', 'push', 'delete'] });
    await say('crane', 'auth', 'login', front.host, '-u', cleaner.username, '-p', cleaner.password);
    await say('crane', 'delete', `${front.host}/team/app@${digest}`);
    revokeRobot(front.database, 'cleaner', front.author);
    await expect(say('crane', 'ls', `${front.host}/team/app`)).rejects.toThrow('UNAUTHORIZED');
  });

  test('pulls without a login where that is allowed', async () => {
    const front = await startWhole('pull');
    await makeImage();
    const { username, password } = front.robot();
    await say('crane', 'auth', 'login', front.host, '-u', username, '-p', password);
    await say('crane', 'push', image, `${front.host}/team/app:1`);
    await say('crane', 'auth', 'logout', front.host);
    expect(await say('crane', 'digest', `${front.host}/team/app:1`)).toMatch(/^sha256:/);
    await expect(say('crane', 'push', image, `${front.host}/team/app:2`)).rejects.toThrow('UNAUTHORIZED');
    await expect(say('crane', 'catalog', front.host)).rejects.toThrow('UNAUTHORIZED');
  });
});

describe.skipIf(missing('skopeo', 'crane'))('skopeo', () => {
  test('logs in, copies in both directions, deletes as it may', async () => {
    const front = await startWhole();
    await makeImage();
    const { username, password } = front.robot();
    const to = `docker://${front.host}/team/app:1`;
    const policy = '--insecure-policy';
    const copy = (from: string, into: string): Promise<string> =>
      say('skopeo', policy, 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', from, into);
    await expect(copy(`docker-archive:${image}`, to)).rejects.toThrow(/unauthorized|authentication/i);
    await expect(
      say('skopeo', 'login', '--tls-verify=false', '-u', username, '-p', 'wrong', front.host),
    ).rejects.toThrow();
    await say('skopeo', 'login', '--tls-verify=false', '-u', username, '-p', password, front.host);
    await copy(`docker-archive:${image}`, to);
    await copy(to, `docker://${front.host}/team/mirror/app:1`);
    await copy(to, `oci:${join(folder, 'layout')}:1`);
    expect(await say('skopeo', 'list-tags', '--tls-verify=false', `docker://${front.host}/team/app`)).toContain('"1"');
    await expect(copy(to, `docker://${front.host}/other/app:1`)).rejects.toThrow('403');
    await expect(say('skopeo', policy, 'delete', '--tls-verify=false', to)).rejects.toThrow(/denied|unauthorized/i);
    const cleaner = front.robot({ name: 'cleaner', actions: ['pull', 'delete'] });
    await say('skopeo', policy, 'delete', '--tls-verify=false', `--creds=${cleaner.username}:${cleaner.password}`, to);
  });

  test('uses an identity token in place of a password', async () => {
    const front = await startWhole();
    await makeImage();
    const { username, password } = front.robot();
    const body = new URLSearchParams({
      grant_type: 'password',
      username,
      password,
      access_type: 'offline',
      client_id: 't',
      service: 'plombe',
    });
    const answer = (await (await fetch(`http://${front.host}/auth/token`, { method: 'POST', body })).json()) as {
      refresh_token: string;
    };
    const auth = Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64');
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ auths: { [front.host]: { auth, identitytoken: answer.refresh_token } } }),
    );
    const to = `docker://${front.host}/team/app:1`;
    await say('skopeo', '--insecure-policy', 'copy', '--dest-tls-verify=false', `docker-archive:${image}`, to);
    expect(await say('crane', 'digest', to.slice('docker://'.length))).toMatch(/^sha256:/);
    revokeRobot(front.database, 'ci', front.author);
    await expect(say('crane', 'digest', to.slice('docker://'.length))).rejects.toThrow('UNAUTHORIZED');
  });
});

describe.skipIf(missing('oras'))('oras', () => {
  test('logs in, pushes and pulls an artifact', async () => {
    const front = await startWhole();
    const { username, password } = front.robot();
    await say('oras', 'login', '--plain-http', '-u', username, '-p', password, front.host);
    writeFileSync(join(folder, 'note.txt'), 'note');
    const env = { ...process.env, HOME: folder, DOCKER_CONFIG: folder };
    await run('oras', ['push', '--plain-http', `${front.host}/team/note:1`, 'note.txt:text/plain'], {
      env,
      cwd: folder,
    });
    await say('oras', 'pull', '--plain-http', '-o', join(folder, 'out'), `${front.host}/team/note:1`);
    expect(readFileSync(join(folder, 'out', 'note.txt'), 'utf8')).toBe('note');
  });
});

describe.skipIf(missing('podman', 'crane'))('podman', () => {
  test('logs in', async () => {
    const front = await startWhole();
    const { username, password } = front.robot();
    await say('podman', 'login', '--tls-verify=false', '-u', username, '-p', password, front.host);
    await expect(
      say('podman', 'login', '--tls-verify=false', '-u', username, '-p', 'wrong', front.host),
    ).rejects.toThrow();
  });
});

describe.skipIf(missing('docker'))('docker', () => {
  // The client logs in by itself where no daemon runs; push and pull need one.
  test('logs in', async () => {
    const front = await startWhole();
    const { username, password } = front.robot();
    await say('docker', 'login', '-u', username, '-p', password, front.host);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toContain(front.host);
    await expect(say('docker', 'login', '-u', username, '-p', 'wrong', front.host)).rejects.toThrow(
      /wrong|unauthorized/i,
    );
  });
});
