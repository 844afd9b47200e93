// The embedded registry over TLS with a certificate authority of its own: clients that know it push and pull, others stop before they log in.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { openClients, presentClients, type Clients } from './support/clients.ts';
import {
  startEmbedded,
  writeLogin,
  writeTestImage,
  type Embedded,
  type Login,
  type TestImage,
} from './support/embedded.ts';
import { endAll } from './support/ending.ts';
import { done, missingPeers, peer } from './support/peers.ts';

const home = temporaryFolder();
const present = presentClients();
const missing = missingPeers('openssl');
const authority = join(home, 'pki/ca.pem');
/** Of the same name, with another key. */
const strange = join(home, 'pki/strange.pem');

let registry: Embedded;
let clients: Clients;
let robot: Login;
let image: TestImage;

/** A root and a certificate for the loopback; returns certificate chain and key. */
async function issueServer(folder: string): Promise<{ readonly certificate: string; readonly key: string }> {
  mkdirSync(folder);
  const run = peer('openssl', folder);
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.pem')];
  writeFileSync(
    join(folder, 'extensions'),
    'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' +
      'subjectAltName=IP:127.0.0.1,DNS:localhost\n',
  );
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const root = ['-x509', '-days', '2', '-subj', '/CN=Plombe Test Root', '-keyout'];
  await done(run(['req', ...elliptic, ...root, 'strange.key', '-out', strange]));
  await done(run(['req', ...elliptic, ...root, 'ca.key', '-out', authority]));
  await done(run(['req', ...elliptic, '-subj', '/CN=localhost', '-keyout', key, '-out', 'server.csr']));
  const sign = ['-CA', authority, '-CAkey', 'ca.key', '-set_serial', '2', '-days', '2', '-extfile', 'extensions'];
  await done(run(['x509', '-req', '-in', 'server.csr', ...sign, '-out', certificate]));
  return { certificate, key };
}

beforeAll(async () => {
  if (missing.length > 0) return;
  const { certificate, key } = await issueServer(join(home, 'pki'));
  registry = await startEmbedded(join(home, 'registry'), ['--tls-cert', certificate, '--tls-key', key]);
  robot = await registry.robot('ci', 'pull,push');
  image = await writeTestImage(home, 'first');
  clients = await openClients(join(home, 'clients'));
});
afterAll(async () => {
  await clients?.end();
  endAll();
});

describe.skipIf(missing.length > 0)('over TLS', () => {
  test.for(present)('%s pushes and pulls', async (name, { skip }) => {
    const { host } = registry;
    const client = clients.open(name, { host, authority });
    if (client === undefined) return skip();
    await done(client.login(robot));
    await done(client.push(image, `${host}/team/${name}:1`));
    await done(client.pull(`${host}/team/${name}:1`));
  });

  // docker takes any certificate on the loopback.
  test.for(present.filter((name) => name !== 'docker'))('%s wants to know the authority', async (name, { skip }) => {
    const client = clients.open(name, { host: registry.host, authority: strange });
    if (client === undefined) return skip();
    const before = registry.requests().length;
    const outcomes = [await client.login(robot), await client.pull(`${registry.host}/team/${name}:1`)];
    expect(outcomes.at(-1)?.code).not.toBe(0);
    expect(outcomes.map(({ stdout, stderr }) => stdout + stderr).join('\n')).toMatch(/certificate|authority|x509/i);
    expect(registry.requests().slice(before)).toEqual([]);
  });

  test('plombe reads and verifies with --ca-file, and not without', async () => {
    const env = { DOCKER_CONFIG: writeLogin(join(home, 'login'), registry.host, robot) };
    const target = `${registry.host}/team/plombe:1`;
    const skopeo = clients.open('skopeo', { host: registry.host, authority });
    await done(skopeo?.login(robot) ?? Promise.reject(new Error('no skopeo')));
    await done(skopeo?.push(image, target) ?? Promise.reject(new Error('no skopeo')));
    await done(registry.plombe(['sbom', target, '--ca-file', authority], env));
    const { code, stderr } = await registry.plombe(['sbom', target], env);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/certificate/i)]);
    const listed = ['registry', 'list', registry.host, '--ca-file', authority];
    expect(await done(registry.plombe(listed, env))).toContain('team/plombe');
  });
});
