// Accounts of the embedded registry through the program itself: robots with real clients, people with an issuer.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startIssuer } from '@plombe/server/testing/issuer';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasProgram, installed, launcher, temporaryFolder } from './support/plombe.ts';

const run = promisify(execFile);
const home = temporaryFolder();
const plombe = installed(home);

/** Runs the program and returns its JSON. */
async function json<T = Record<string, string>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await plombe([...args, '-o', 'json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}

const children: ChildProcess[] = [];
afterAll(() => void children.map((child) => child.kill('SIGKILL')));

/** Serves until the test ends. Returns `host:port`. */
async function serve(data: string, ...args: string[]): Promise<{ host: string; stderr: () => string }> {
  const child = spawn(launcher, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--plain-http', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  onTestFinished(() => void child.kill('SIGTERM'));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  let stdout = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    stdout += chunk.toString();
    const host = /^listening on http:\/\/(\S+)\n/.exec(stdout)?.[1];
    if (host !== undefined) return { host, stderr: () => stderr };
  }
  throw new Error(`serve ended: ${stderr}`);
}

const basic = ({ username, password }: Record<string, string>): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});

/** Every change holds once its command has ended: nothing here waits. */
async function expectStatus(
  host: string,
  path: string,
  headers: Record<string, string>,
  status: number,
): Promise<void> {
  expect((await fetch(`http://${host}${path}`, { headers })).status).toBe(status);
}

describe('plombe robots', () => {
  test('made before and while the server runs, revoked while it runs', async () => {
    const data = join(temporaryFolder(), 'data');
    const create = (name: string, ...more: string[]): Promise<Record<string, string>> =>
      json('robots', 'create', name, '--data', data, '--repository', 'team/**', ...more);
    const before = await create('before', '--actions', 'pull,push', '--expires', '1h');
    expect(before).toEqual({
      username: 'robot-before',
      password: expect.stringMatching(/^plombe_robot_[0-9A-Za-z]{49}$/) as string,
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    const { host } = await serve(data);
    await expectStatus(host, '/v2/', basic(before), 200);
    const during = await create('during', '--actions', 'pull', '--expires', '1h');
    await expectStatus(host, '/v2/', basic(during), 200);
    const answer = await fetch(`http://${host}/auth/token?scope=repository:team/app:pull`, { headers: basic(during) });
    const { token } = (await answer.json()) as { token: string };
    await expectStatus(host, '/v2/', { authorization: `Bearer ${token}` }, 200);
    await json('robots', 'revoke', 'during', '--data', data);
    await expectStatus(host, '/v2/', { authorization: `Bearer ${token}` }, 401);
    await expectStatus(host, '/v2/', basic(during), 401);
    const list = await json<unknown[]>('robots', 'list', '--data', data);
    expect(list).toMatchObject([
      { name: 'before', state: 'active', repositories: ['team/**'], actions: ['pull', 'push'] },
      { name: 'during', state: 'revoked' },
    ]);
    expect(JSON.stringify(list)).not.toContain(before['password']);
    for (const file of ['state.db', 'keys/token.key']) expect(statSync(join(data, file)).mode & 0o077).toBe(0);
  });

  test.each<[string, string[]]>([
    ['no end', ['--repository', 'a', '--actions', 'pull']],
    ['an end after a year', ['--repository', 'a', '--actions', 'pull', '--expires', '400d']],
    ['an unknown action', ['--repository', 'a', '--actions', 'pull,admin', '--expires', '1h']],
    ['no repository', ['--actions', 'pull', '--expires', '1h']],
    ['no glob', ['--repository', 'Team/**', '--actions', 'pull', '--expires', '1h']],
  ])('refuse %s', async (_, args) => {
    const { code, stdout } = await plombe([
      'robots',
      'create',
      'x',
      '--data',
      join(temporaryFolder(), 'data'),
      ...args,
    ]);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.skipIf(!hasProgram('skopeo'))('skopeo pushes and pulls as the robot may', async () => {
    const data = join(temporaryFolder(), 'data');
    const folder = temporaryFolder();
    const robot = await json(
      'robots',
      'create',
      'ci',
      '--data',
      data,
      '--repository',
      'team/**',
      '--actions',
      'pull,push',
      '--expires',
      '1h',
    );
    const { host } = await serve(data);
    const env = { ...process.env, HOME: folder, REGISTRY_AUTH_FILE: join(folder, 'auth.json') };
    const { username = '', password = '' } = robot;
    writeFileSync(join(folder, 'hello'), 'hello');
    await run('tar', ['-cf', join(folder, 'layer.tar'), '-C', folder, 'hello']);
    await run('skopeo', ['login', '--tls-verify=false', '-u', username, '-p', password, host], { env });
    const copy = (from: string, to: string): Promise<unknown> =>
      run('skopeo', ['--insecure-policy', 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', from, to], {
        env,
      });
    await copy(`tarball:${join(folder, 'layer.tar')}`, `docker://${host}/team/app:1`);
    await copy(`docker://${host}/team/app:1`, `dir:${join(folder, 'out')}`);
    expect(readdirSync(join(folder, 'out'))).toContain('manifest.json');
    await expect(copy(`docker://${host}/team/app:1`, `docker://${host}/other/app:1`)).rejects.toThrow(/denied|403/i);
    await expect(
      run('skopeo', ['--insecure-policy', 'delete', '--tls-verify=false', `docker://${host}/team/app:1`], { env }),
    ).rejects.toThrow();
  });
});

describe('plombe login', () => {
  test('people log in by device code, have their roles, and are out at once when disabled', async () => {
    const data = join(temporaryFolder(), 'data');
    const folder = temporaryFolder();
    const issuer = await startIssuer();
    const secret = join(folder, 'secret');
    writeFileSync(secret, `${issuer.clientSecret}\n`);
    const oidc = [
      '--oidc-issuer',
      issuer.url,
      '--oidc-client-id',
      issuer.clientId,
      '--oidc-client-secret-file',
      secret,
    ];
    const { host, stderr } = await serve(data, ...oidc, '--oidc-admin-group', 'admins');
    await json('roles', 'grant', 'developer', '--data', data, '--project', 'team/**', '--group', 'devs');
    issuer.person = { sub: 'alice', name: 'Alice', groups: ['devs'] };
    const approving = setInterval(() => issuer.approveDevices(), 50);
    onTestFinished(() => clearInterval(approving));
    const login = await plombe(['login', host, '--plain-http', '--expires', '1h', '-o', 'json'], {
      env: { DOCKER_CONFIG: folder },
    });
    expect(login.stderr).toContain('ABCD-EFGH');
    expect(login.code).toBe(0);
    expect(JSON.parse(login.stdout)).toMatchObject({
      registry: host,
      name: 'Alice',
      keptIn: join(folder, 'config.json'),
    });
    const { auths } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
      auths: Record<string, { auth: string }>;
    };
    const authorization = `Basic ${auths[host]?.auth}`;
    await expectStatus(host, '/v2/team/app/tags/list', { authorization }, 404);
    await expectStatus(host, '/v2/other/app/tags/list', { authorization }, 403);

    const [grant] = (await json<{ grants: { id: number }[] }>('roles', 'list', '--data', data)).grants;
    await json('roles', 'revoke', String(grant?.id), '--data', data);
    await expectStatus(host, '/v2/team/app/tags/list', { authorization }, 403);
    await json('roles', 'define', 'reader', '--actions', 'pull', '--data', data);
    await json('roles', 'grant', 'reader', '--data', data, '--project', 'team/app', '--person', `${issuer.url}#alice`);
    await expectStatus(host, '/v2/team/app/tags/list', { authorization }, 404);

    expect(await json<unknown>('people', 'list', '--data', data)).toMatchObject([
      { name: 'Alice', disabled: false, credentials: 1 },
    ]);
    await json('people', 'disable', `${issuer.url}#alice`, '--data', data);
    await expectStatus(host, '/v2/team/app/tags/list', { authorization }, 401);
    const again = await plombe(['login', host, '--plain-http'], { env: { DOCKER_CONFIG: folder } });
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('disabled')]);
    await json('people', 'enable', `${issuer.url}#alice`, '--data', data);

    await plombe(['login', host, '--plain-http'], { env: { DOCKER_CONFIG: folder } });
    const kept = readFileSync(join(folder, 'config.json'), 'utf8');
    const next = `Basic ${(JSON.parse(kept) as typeof login & { auths: typeof auths }).auths[host]?.auth}`;
    await expectStatus(host, '/v2/', { authorization: next }, 200);
    const out = await plombe(['logout', host, '--plain-http', '-o', 'json'], { env: { DOCKER_CONFIG: folder } });
    expect(JSON.parse(out.stdout)).toEqual({ registry: host, loggedOut: true, revoked: true });
    await expectStatus(host, '/v2/', { authorization: next }, 401);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).not.toContain(host);
    // Nothing secret is in what the server says. (T66)
    for (const canary of [issuer.clientSecret, 'plombe_login_', 'plombe_robot_', 'eyJ'])
      expect(stderr()).not.toContain(canary);
  }, 180_000);

  test.each<[string, string[]]>([
    ['no registry', ['login', 'nonsense']],
    ['plain http to another machine', ['login', 'registry.example.com', '--plain-http']],
    ['a life that is none', ['login', 'localhost:1', '--expires', 'soon']],
    [
      'an issuer over http elsewhere',
      [
        'serve',
        '--data',
        'd',
        '--listen',
        '127.0.0.1:0',
        '--plain-http',
        '--oidc-issuer',
        'http://issuer.example.com',
        '--oidc-client-id',
        'x',
      ],
    ],
    [
      'an issuer without client',
      [
        'serve',
        '--data',
        'd',
        '--listen',
        '127.0.0.1:0',
        '--plain-http',
        '--oidc-issuer',
        'https://issuer.example.com',
      ],
    ],
    ['a grant to nobody', ['roles', 'grant', 'guest', '--data', 'd', '--project', '*']],
    [
      'a grant to two',
      ['roles', 'grant', 'guest', '--data', 'd', '--project', '*', '--email', 'a@b.c', '--group', 'g'],
    ],
    ['a group of no issuer', ['roles', 'grant', 'guest', '--data', 'd', '--project', '*', '--group', 'g']],
    ['a role that is built in', ['roles', 'define', 'admin', '--data', 'd', '--actions', 'pull']],
    [
      'a role that is not',
      [
        'roles',
        'grant',
        'nothing',
        '--data',
        'd',
        '--project',
        '*',
        '--group',
        'g',
        '--issuer',
        'https://i.example.com',
      ],
    ],
    [
      'an administrator of a part',
      [
        'roles',
        'grant',
        'admin',
        '--data',
        'd',
        '--project',
        'team/**',
        '--group',
        'g',
        '--issuer',
        'https://i.example.com',
      ],
    ],
    ['a grant without number', ['roles', 'revoke', 'x', '--data', 'd']],
    ['somebody unknown', ['people', 'disable', 'nobody', '--data', 'd']],
  ])('%s is a mistake', async (_, args) => {
    const { code, stdout, stderr } = await plombe(args, { cwd: temporaryFolder() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });
});
