// The embedded registry with the clients that people use: what each may do with its robot, and what it is told where it may not.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, type Outcome } from '../support/plombe.ts';
import { openClients, presentClients, type Client, type ClientName, type Clients } from './support/clients.ts';
import { startEmbedded, writeTestImage, type Embedded, type Login, type TestImage } from './support/embedded.ts';
import { endAll } from './support/ending.ts';

const home = temporaryFolder();
const present = presentClients();
let registry: Embedded;
let open: Embedded;
let reader: Login;
/** One each: whoever fails ten times must wait. */
let robots: ReadonlyMap<ClientName, Login>;
let openRobot: Login;
let clients: Clients;
let image: TestImage;

beforeAll(async () => {
  registry = await startEmbedded(join(home, 'registry'));
  open = await startEmbedded(join(home, 'open'), ['--plain-http', '--anonymous', 'pull']);
  reader = await registry.robot('reader', 'pull');
  const made = present.map(async (name) => [name, await registry.robot(name, 'pull,push', 'team/**')] as const);
  robots = new Map(await Promise.all(made));
  openRobot = await open.robot('ci', 'pull,push');
  image = await writeTestImage(home, 'first');
  clients = await openClients(join(home, 'clients'));
});
afterAll(async () => {
  await clients?.end();
  endAll();
});

const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;
const failsWith = (part: RegExp): unknown => expect.objectContaining({ ok: false, text: expect.stringMatching(part) });
const judge = async (outcome: Promise<Outcome>): Promise<{ ok: boolean; text: string }> => {
  const ended = await outcome;
  return { ok: ended.code === 0, text: said(ended) };
};

/** ctr and regctl keep the registry's message to themselves. */
const silent = { ctr: /401 Unauthorized/, regctl: /unauthorized/ } as const;
const notLoggedIn = (name: ClientName): RegExp =>
  name === 'ctr' || name === 'regctl' ? silent[name] : /Log in to do this/;
const wrongPassword = (name: ClientName): RegExp =>
  name === 'ctr' || name === 'regctl' ? silent[name] : /user name or password is wrong|invalid username\/password/;

/** As they are after they pushed, still logged in. */
const loggedIn = new Map<ClientName, Client>();

describe.each(present)('%s', (name) => {
  test('logs in, pushes and pulls, and is told why it may not', async ({ skip }) => {
    const client = clients.open(name, { host: registry.host });
    const robot = robots.get(name);
    if (client === undefined || robot === undefined) return skip();
    const target = `${registry.host}/team/${name}:1`;
    expect(await judge(client.push(image, target))).toEqual(failsWith(notLoggedIn(name)));
    const wrong = await judge(client.login({ username: robot.username, password: `${robot.password}x` }));
    // crane and ctr log in without asking the registry.
    const refused = wrong.ok ? await judge(client.push(image, target)) : wrong;
    expect(refused).toEqual(failsWith(wrongPassword(name)));
    expect(refused.text).not.toContain(robot.password);

    expect(await judge(client.login(robot))).toMatchObject({ ok: true });
    expect(await judge(client.push(image, target))).toMatchObject({ ok: true });
    expect(await pushedConfig(`team/${name}`)).toBe(image.configDigest);
    expect(await judge(client.pull(target))).toMatchObject({ ok: true });
    const elsewhere = await judge(client.push(image, `${registry.host}/other/${name}:1`));
    expect(elsewhere).toEqual(failsWith(/403|no right to push/));
    loggedIn.set(name, client);
  });

  test('pulls without a login where that is allowed, and pushes nothing', async ({ skip }) => {
    const client = clients.open(name, { host: open.host });
    if (client === undefined) return skip();
    const target = `${open.host}/team/${name}:1`;
    await pushAs(client, target, openRobot);
    expect(await judge(client.pull(target))).toMatchObject({ ok: true });
    // Elsewhere, since crane and regctl do not push what is there already. docker and ctr have words of their own for a token that is too narrow.
    const narrow = { docker: /requested access to the resource is denied/, ctr: /insufficient_scope/ } as const;
    const refusal = name === 'docker' || name === 'ctr' ? narrow[name] : notLoggedIn(name);
    expect(await judge(client.push(image, `${open.host}/other/${name}:1`))).toEqual(failsWith(refusal));
  });
});

describe('a robot that was revoked', () => {
  test.for(present)('is out at once with %s, which can log out', async (name, { skip }) => {
    const client = loggedIn.get(name);
    if (client === undefined) return skip();
    await registry.revoke(name);
    const target = `${registry.host}/team/${name}:1`;
    expect(await judge(client.pull(target))).toEqual(failsWith(wrongPassword(name)));
    expect(await judge(client.logout())).toMatchObject({ ok: true });
    expect(await judge(client.pull(target))).toEqual(failsWith(notLoggedIn(name)));
  });
});

async function pushAs(client: Client, target: string, robot: Login): Promise<void> {
  expect(await judge(client.login(robot))).toMatchObject({ ok: true });
  expect(await judge(client.push(image, target))).toMatchObject({ ok: true });
  expect(await judge(client.logout())).toMatchObject({ ok: true });
}

/** Manifests differ between clients; what they describe does not. */
async function pushedConfig(repository: string): Promise<string> {
  const headers = { authorization: reader.authorization, accept: '*/*' };
  const answer = await fetch(`http://${registry.host}/v2/${repository}/manifests/1`, { headers });
  return ((await answer.json()) as { readonly config: { readonly digest: string } }).config.digest;
}
