// What clients do with the embedded registry besides pushing and pulling: indexes, mounts between repositories, lists, copies, deletion, login stores.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alpineImage, gzipped, writeImages } from '../support/images.ts';
import { temporaryFolder } from '../support/plombe.ts';
import { openClients, presentClients, type Client, type ClientName, type Clients } from './support/clients.ts';
import { startEmbedded, writeLogin, writeTestImage, type Embedded, type Login } from './support/embedded.ts';
import { endAll } from './support/ending.ts';
import { done, missingPeers, peer } from './support/peers.ts';

const home = temporaryFolder();
const present = presentClients();
let registry: Embedded;
let robot: Login;
let clients: Clients;
/** OCI layout with an index of two platforms, named `app`. */
let layout = '';

beforeAll(async () => {
  registry = await startEmbedded(join(home, 'registry'));
  robot = await registry.robot('ci', 'pull,push,delete');
  clients = await openClients(join(home, 'clients'));
  const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => gzipped(alpineImage('app', architecture)));
  if (amd64 !== undefined && arm64 !== undefined) layout = await writeImages(join(home, 'index'), amd64, arm64);
});
afterAll(async () => {
  await clients?.end();
  endAll();
});

/** The client, logged in. */
async function openLoggedIn(name: ClientName): Promise<Client | undefined> {
  const client = clients.open(name, { host: registry.host });
  if (client !== undefined) await done(client.login(robot));
  return client;
}

interface Listed {
  readonly mediaType: string;
  readonly manifests: readonly { readonly digest: string; readonly platform: { readonly architecture: string } }[];
}

async function manifest(repository: string, reference: string): Promise<Listed> {
  const url = `http://${registry.host}/v2/${repository}/manifests/${reference}`;
  const answer = await fetch(url, { headers: { authorization: robot.authorization } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Listed;
}

/** How each client pushes an index, of children that are there or of a layout. */
const pushIndex: Partial<Record<ClientName, (client: Client, repository: string) => Promise<unknown>>> = {
  skopeo: ({ run }, to) =>
    done(
      run(['--insecure-policy', 'copy', '--all', '--dest-tls-verify=false', `oci:${layout}:app`, `docker://${to}:all`]),
    ),
  crane: async ({ run }, to) => {
    const children = await pushChildren(to);
    await done(run(['index', 'append', ...children.flatMap((child) => ['-m', child]), '-t', `${to}:all`]));
  },
  oras: async ({ run }, to) => {
    await done(run(['copy', '--from-oci-layout', '--to-plain-http', `${layout}:app`, `${to}:copied`]));
    const children = (await pushChildren(to)).map((child) => child.split('@')[1] ?? '');
    await done(run(['manifest', 'index', 'create', '--plain-http', `${to}:all`, ...children]));
  },
  regctl: ({ run }, to) => done(run(['image', 'copy', `ocidir://${layout}:app`, `${to}:all`])),
  podman: (client, to) => pushList(client, to),
  buildah: (client, to) => pushList(client, to),
  docker: async ({ run }, to) => {
    const children = await pushChildren(to);
    await done(run(['manifest', 'create', '--insecure', `${to}:all`, ...children]));
    await done(run(['manifest', 'push', '--insecure', `${to}:all`]));
  },
};

async function pushList({ run }: Client, to: string): Promise<void> {
  const children = await pushChildren(to);
  await done(run(['manifest', 'create', 'list']));
  for (const child of children) await done(run(['manifest', 'add', '--tls-verify=false', 'list', `docker://${child}`]));
  await done(run(['manifest', 'push', '--all', '--tls-verify=false', 'list', `docker://${to}:all`]));
}

/** Pushes the two images of the layout without an index; returns `host/repository@digest`. */
async function pushChildren(to: string): Promise<readonly string[]> {
  const folder = join(home, 'children');
  const crane = peer('crane', folder);
  writeLogin(join(folder, '.docker'), registry.host, robot);
  const digests: string[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const image = await writeImages(join(folder, architecture), gzipped(alpineImage('app', architecture)));
    const pushed = await done(crane(['push', image, `${to}:${architecture}`]));
    digests.push(`${to}@${pushed.trim().split('@')[1]}`);
  }
  return digests;
}

const hasCrane = missingPeers('crane').length === 0;

describe.skipIf(!hasCrane).each(present)('%s and an index of two platforms', (name) => {
  test('is pushed and pulled for either', async ({ skip }) => {
    const client = await openLoggedIn(name);
    const push = pushIndex[name];
    if (client === undefined) return skip();
    const repository = `index/${name}`;
    // ctr pushes an index only where it has all of it.
    if (push === undefined) await pushIndex.crane?.(await crane(), `${registry.host}/${repository}`);
    else await push(client, `${registry.host}/${repository}`);
    const index = await manifest(repository, 'all');
    expect(index.manifests.map(({ platform }) => platform.architecture).toSorted()).toEqual(['amd64', 'arm64']);
    for (const architecture of ['amd64', 'arm64'])
      await done(client.pull(`${registry.host}/${repository}:all`, architecture));
  });
});

async function crane(): Promise<Client> {
  const client = await openLoggedIn('crane');
  if (client === undefined) throw new Error('no crane');
  return client;
}

/** How each client brings an image from one repository into another. */
const copy: Record<ClientName, (client: Client, from: string, to: string) => Promise<unknown>> = {
  skopeo: ({ run }, from, to) =>
    done(
      run([
        '--insecure-policy',
        'copy',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${from}`,
        `docker://${to}`,
      ]),
    ),
  crane: ({ run }, from, to) => done(run(['copy', from, to])),
  oras: ({ run }, from, to) => done(run(['copy', '--from-plain-http', '--to-plain-http', from, to])),
  regctl: ({ run }, from, to) => done(run(['image', 'copy', from, to])),
  podman: async ({ run }, from, to) => {
    await done(run(['pull', '--tls-verify=false', from]));
    await done(run(['push', '--tls-verify=false', from, `docker://${to}`]));
  },
  buildah: async ({ run }, from, to) => {
    await done(run(['pull', '--tls-verify=false', from]));
    await done(run(['push', '--tls-verify=false', from, `docker://${to}`]));
  },
  docker: async ({ run }, from, to) => {
    await done(run(['pull', from]));
    await done(run(['tag', from, to]));
    await done(run(['push', to]));
  },
  ctr: async ({ run }, from, to) => {
    const user = ['--plain-http', '--user', `${robot.username}:${robot.password}`];
    await done(run(['images', 'pull', '--snapshotter', 'native', ...user, from]));
    await done(run(['images', 'tag', from, to]));
    await done(run(['images', 'push', ...user, to]));
  },
};

describe.each(present)('%s copies', (name) => {
  test('from one repository to another by mounting', async ({ skip }) => {
    const client = await openLoggedIn(name);
    if (client === undefined) return skip();
    const image = await writeTestImage(home, `mounted-${name}`);
    const [from, to] = [`${registry.host}/from/${name}:1`, `${registry.host}/to/${name}:1`];
    await done(client.push(image, from));
    const before = registry.requests().length;
    await copy[name](client, from, to);
    const uploads = registry
      .requests()
      .slice(before)
      .filter((line) => line.includes(`/v2/to/${name}/blobs/uploads/`));
    expect(uploads).toContain(`POST /v2/to/${name}/blobs/uploads/ 201`);
    // These mount the configuration too, and send nothing at all.
    const sends = !['crane', 'oras', 'regctl', 'ctr'].includes(name);
    expect(uploads.some((line) => /^(?:PUT|PATCH) /.test(line))).toBe(sends);
    expect((await registry.see(robot, `to/${name}`, '1')).status).toBe(200);
  });
});

describe('lists and deletion', () => {
  const each: Partial<
    Record<
      ClientName,
      {
        list(run: Client['run'], target: string): Promise<string>;
        remove?(run: Client['run'], target: string): Promise<unknown>;
      }
    >
  > = {
    skopeo: {
      list: (run, target) => done(run(['list-tags', '--tls-verify=false', `docker://${target}`])),
      remove: (run, target) => done(run(['delete', '--tls-verify=false', `docker://${target}:1`])),
    },
    crane: {
      list: (run, target) => done(run(['ls', target])),
      remove: (run, target) => done(run(['delete', `${target}:1`])),
    },
    oras: {
      list: (run, target) => done(run(['repo', 'tags', '--plain-http', target])),
      remove: (run, target) => done(run(['manifest', 'delete', '--force', '--plain-http', `${target}:1`])),
    },
    regctl: {
      list: (run, target) => done(run(['tag', 'ls', target])),
      remove: (run, target) => done(run(['tag', 'rm', `${target}:1`])),
    },
    podman: { list: (run, target) => done(run(['search', '--list-tags', '--tls-verify=false', target])) },
  };
  test.each(present.filter((name) => each[name] !== undefined))('by %s', async (name) => {
    const client = await openLoggedIn(name);
    if (client === undefined) throw new Error(`no ${name}`);
    const target = `${registry.host}/listed/${name}`;
    await done(client.push(await writeTestImage(home, `listed-${name}`), `${target}:1`));
    await done(client.push(await writeTestImage(home, `other-${name}`), `${target}:2`));
    expect(await each[name]?.list(client.run, target)).toMatch(/\b1\b[^]*\b2\b/);
    if (each[name]?.remove === undefined) return;
    await each[name].remove(client.run, target);
    expect((await registry.see(robot, `listed/${name}`, '1')).status).toBe(404);
    expect((await registry.see(robot, `listed/${name}`, '2')).status).toBe(200);
    expect(await each[name].list(client.run, target)).not.toMatch(/^\W*1\W*$/m);
  });

  test('by plombe, which reads what is there with the same login', async () => {
    const login = { DOCKER_CONFIG: writeLogin(join(home, 'plombe'), registry.host, robot) };
    const image = await writeTestImage(home, 'own', { lodash: '4.17.4' });
    await done((await crane()).push(image, `${registry.host}/own/app:1`));
    const list = await done(registry.plombe(['registry', 'list', registry.host, '--plain-http', '-o', 'json'], login));
    expect(list).toContain('"own/app"');
    const sbom = ['sbom', `${registry.host}/own/app:1`, '--plain-http', '-o', 'cyclonedx'];
    expect(await done(registry.plombe(sbom, login))).toContain('pkg:npm/lodash@4.17.4');
    const stranger = await registry.plombe(sbom);
    expect([stranger.code, stranger.stderr]).toEqual([4, expect.stringContaining('Log in with your registry client')]);
  });
});

/** Speaks docker's protocol of credential helpers, and keeps everything in a file beside itself. */
const helper = `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs');
const file = __filename + '.json';
let kept = {};
try { kept = JSON.parse(readFileSync(file, 'utf8')); } catch {}
const said = readFileSync(0, 'utf8').trim();
const keep = () => writeFileSync(file, JSON.stringify(kept));
const [verb] = process.argv.slice(2);
if (verb === 'store') { const { ServerURL, Username, Secret } = JSON.parse(said); kept[ServerURL] = { Username, Secret }; keep(); }
else if (verb === 'erase') { delete kept[said]; keep(); }
else if (verb === 'list') console.log(JSON.stringify(Object.fromEntries(Object.entries(kept).map(([host, { Username }]) => [host, Username]))));
else if (kept[said]) console.log(JSON.stringify({ ServerURL: said, ...kept[said] }));
else { console.log('credentials not found in native keychain'); process.exitCode = 1; }
`;

describe('a credential helper', () => {
  const users = present.filter((name) => ['docker', 'crane', 'oras', 'skopeo', 'podman', 'buildah'].includes(name));
  test.each(users)('keeps what %s logs in with, and forgets it', async (name) => {
    const folder = join(home, `helper-${name}`);
    mkdirSync(folder);
    const program = join(folder, 'docker-credential-plombe-test');
    writeFileSync(program, helper, { mode: 0o755 });
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ credHelpers: { [registry.host]: 'plombe-test' } }));
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const env = { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: config, PATH: path };
    const client = clients.open(name, { host: registry.host, env });
    if (client === undefined) return;
    const target = `${registry.host}/helped/${name}:1`;
    await done(client.login(robot));
    expect(readFileSync(`${program}.json`, 'utf8')).toContain(robot.password);
    expect(readFileSync(config, 'utf8')).not.toMatch(/"auth":|plombe_robot_/);
    await done(client.push(await writeTestImage(home, `helped-${name}`), target));
    const sbom = ['sbom', target, '--plain-http'];
    if (name === users[0]) await done(registry.plombe(sbom, env));
    await done(client.logout());
    expect(readFileSync(`${program}.json`, 'utf8')).not.toContain(robot.password);
    expect((await client.pull(target)).code).not.toBe(0);
    if (name === users[0]) expect((await registry.plombe(sbom, env)).code).toBe(4);
  });
});
