// T66: what a running server writes, answers and shows of itself holds no password, token or key, whatever goes wrong.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { makeRobot, startServe } from './support/server.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const linux = process.platform === 'linux';
if (!linux) console.warn('SKIPPED: secrets of a server (processes are looked at in /proc)');

/** The process and those that it started. */
function familyOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return [];
      }
    });
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
}

/** Every file below the folder but the keys, which are secret and say so by their mode. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(?:^|\/)keys(?:\/|$)/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

it.skipIf(!linux)('T66 canaries in a server, its processes, its folder, its ledger and its answers', async () => {
  const home = temporaryFolder();
  const plombe = installed(home);
  const setUp = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await plombe(args);
    expect(code, stderr).toBe(0);
  };
  await setUp('db', 'build', '--from', writeFeeds(join(home, 'feeds')), '--db', 'db');
  await setUp('ledger', 'init', '--ledger', 'ledger', '--origin', 'example.com/ledger');
  writeFileSync(
    join(home, 'policy.yaml'),
    'apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: p}\nspec: {select: {repositories: ["judged/**"]}, vulnerabilities: {maxSeverity: medium}}\n',
  );
  const oidcSecret = `canary-${randomBytes(12).toString('hex')}`;
  writeFileSync(join(home, 'oidc-secret'), oidcSecret);

  const farData = join(home, 'far');
  const far = await startServe(farData, { home });
  const farRobot = await makeRobot(farData, home, 'front', 'pull,push');
  const docker = join(home, 'docker');
  mkdirSync(docker);
  const farLogin = farRobot.authorization.slice('Basic '.length);
  writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths: { [far.host]: { auth: farLogin } } }));

  const data = join(home, 'data');
  const robot = await makeRobot(data, home, 'ci', 'pull,push,delete,sign');
  const server = await startServe(data, {
    home,
    env: { PLOMBE_DEBUG: '1', DOCKER_CONFIG: docker },
    args: [
      '--plain-http',
      '--policy',
      join(home, 'policy.yaml'),
      '--db',
      join(home, 'db'),
      '--ledger',
      join(home, 'ledger'),
      '--upstream',
      far.url,
      '--registry-name',
      'registry.example',
      '--oidc-issuer',
      'http://127.0.0.1:1',
      '--oidc-client-id',
      'id',
      '--oidc-client-secret-file',
      join(home, 'oidc-secret'),
    ],
  });

  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${server.url}${path}`, { redirect: 'manual', ...init });
    const headers = JSON.stringify([...answer.headers]);
    answers.push(`${answer.status} ${headers} ${await answer.clone().text()}`);
    return answer;
  };
  const login = robot.authorization.slice('Basic '.length);
  const token = async (): Promise<{ token: string; refresh_token: string }> => {
    const body = new URLSearchParams({ grant_type: 'password', username: robot.username, password: robot.password });
    body.set('access_type', 'offline');
    body.set('scope', 'repository:a:pull,push');
    // Its answer holds tokens, as it must.
    const answer = await fetch(`${server.url}/auth/token`, { method: 'POST', body });
    return (await answer.json()) as { token: string; refresh_token: string };
  };
  const { token: access, refresh_token: refresh } = await token();
  const secrets = [robot.password, login, access, refresh, oidcSecret, farRobot.password, farLogin];
  secrets.push(readFileSync(join(data, 'keys/token.key'), 'utf8').split('\n')[1] ?? '');
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(20);

  const config = Buffer.from('{}');
  const basic = { authorization: robot.authorization };
  const push = async (repository: string, headers: Record<string, string>): Promise<number> => {
    const query = `digest=${digestOf(config)}&access_token=${access}&password=${robot.password}`;
    await ask(`/v2/${repository}/blobs/uploads/?${query}`, { method: 'POST', headers, body: config });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: [],
    });
    const body = { method: 'PUT', headers: { ...headers, 'content-type': imageType }, body: manifest };
    return (await ask(`/v2/${repository}/manifests/1?token=${access}`, body)).status;
  };
  const statuses = [await push('a', basic), await push('a', { authorization: `Bearer ${access}` })];
  const odd = [
    `Basic ${login}x`,
    `basic  ${login}`,
    `Bearer ${access}x`,
    `Bearer ${refresh}`,
    `Bearer ${robot.password}`,
    `Digest ${login}`,
    robot.password,
  ];
  for (const authorization of odd) {
    for (const path of ['/v2/', '/v2/a/tags/list', `/auth/token?scope=${login}`, '/auth/grants', '/v2/_catalog']) {
      await ask(path, { headers: { authorization } });
    }
  }
  for (const path of [`/v2/?password=${robot.password}`, `/auth/token?access_token=${access}`, `/nothing?${access}`]) {
    await ask(path);
  }
  const forms: readonly Readonly<Record<string, string>>[] = [
    { grant_type: 'password', username: 'robot-nobody', password: robot.password },
    { grant_type: 'refresh_token', refresh_token: `${refresh}x` },
    { grant_type: access },
  ];
  for (const form of forms) {
    await ask('/auth/token', { method: 'POST', body: new URLSearchParams(form) });
  }
  await ask('/auth/login?next=/');
  await ask('/auth/device', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"x":"${access}"`,
  });
  await ask(`/auth/callback?code=${access}&state=${refresh}`);
  // The other registry refuses from now on, and then is not there at all.
  await setUp('robots', 'revoke', 'front', '--data', farData);
  statuses.push(await push('judged/x', basic));
  statuses.push(await push('b', basic));
  await ask('/v2/a/tags/list', { headers: basic });
  await far.end('SIGKILL');
  statuses.push(await push('c', basic));
  await ask('/v2/z/manifests/1', { headers: basic });

  // Each really happened: stored there, refused there, and nobody there.
  expect(statuses).toEqual([201, 201, 404, 404, 503]);
  const processes = familyOf(server.child.pid ?? 0);
  expect(processes.length).toBeGreaterThan(1);
  const shown = processes.map((pid) => {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
    return [`process ${pid}`, text] as const;
  });
  await server.end('SIGTERM');
  expect(server.stderr()).toContain('"event":"request"');
  const folders = [data, farData, join(home, 'ledger')].flatMap(filesBelow);
  expect(folders.some((path) => path.endsWith('state.db'))).toBe(true);
  const places = [
    ...shown,
    ['log', server.stderr()],
    ['log of the other', far.stderr()],
    ...answers.map((text) => ['answer', text] as const),
    ...folders.map((path) => [path, readFileSync(path, 'latin1')] as const),
  ] as const;
  const leaks = places.flatMap(([place, text]) =>
    secrets.flatMap((secret, index) =>
      text.includes(secret) ? [`secret ${index} in ${place}: ${text.slice(0, 300)}`] : [],
    ),
  );
  expect(leaks).toEqual([]);
});
