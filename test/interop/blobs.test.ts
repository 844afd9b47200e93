// The embedded registry over Azure Blob Storage: the official conformance suite, and clients that follow its redirects.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasObjectStore, startAzurite, type TestObjectStore } from '@plombe/store/testing';
import { alpineImage, writeImages } from '../support/images.ts';
import { temporaryFolder } from '../support/plombe.ts';
import { makeRobot, startServe } from '../support/server.ts';
import { done, missingPeers, peer, type PeerName } from './support/peers.ts';

const without = (...names: PeerName[]): boolean => missingPeers(...names).length > 0;

describe.skipIf(!hasObjectStore('azurite-blob'))('blobs in Azure Blob Storage', () => {
  let store: TestObjectStore;
  let serial = 0;
  beforeAll(async () => void (store = await startAzurite()));
  afterAll(() => store.stop());

  async function open(...args: readonly string[]) {
    const home = temporaryFolder();
    const data = join(home, 'data');
    const { username, password } = await makeRobot(data, home, 'ci', 'pull,push,delete');
    const address = await store.address(`interop-${(serial += 1)}`);
    const server = await startServe(data, {
      home,
      env: store.environment,
      args: ['--plain-http', '--blobs', address, ...args],
    });
    mkdirSync(join(home, '.docker'), { recursive: true });
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ auths: { [server.host]: { auth } } }));
    return { home, host: server.host, username, password };
  }

  test.skipIf(without('conformance')).each([
    ['1.1', []],
    ['dev', []],
    ['1.1', ['--redirect-blobs']],
  ])('conformance %s with %j passes without a failure', { timeout: 240_000 }, async (version, args) => {
    const { home, host, username, password } = await open(...args);
    const results = join(home, 'results');
    mkdirSync(results);
    const run = await peer('conformance', home)([], {
      env: {
        OCI_REGISTRY: host,
        OCI_TLS: 'disabled',
        OCI_VERSION: version,
        OCI_RESULTS_DIR: results,
        OCI_USERNAME: username,
        OCI_PASSWORD: password,
      },
    });
    const junit = readFileSync(join(results, 'junit.xml'), 'utf8');
    const failed = [...junit.matchAll(/<testcase name="([^"]+)"[^>]* status="(?:failure|error)"/g)];
    expect(failed.map(([, name]) => name)).toEqual([]);
    expect(run.code).toBe(0);
    expect(Number(/<testsuites [^>]*tests="(\d+)"/.exec(junit)?.[1])).toBeGreaterThan(850);
  });

  test.skipIf(without('skopeo', 'crane'))('skopeo pushes, crane and skopeo pull by redirects', async () => {
    const { home, host, username, password } = await open('--redirect-blobs');
    const layout = await writeImages(join(home, 'images'), alpineImage('one'));
    const credentials = ['--dest-tls-verify=false', '--dest-creds', `${username}:${password}`];
    await done(peer('skopeo', home)(['copy', ...credentials, `oci:${layout}:one`, `docker://${host}/team/app:1`]));
    await done(peer('crane', home)(['pull', '--insecure', `${host}/team/app:1`, join(home, 'app.tar')]));
    const source = ['--src-tls-verify=false', '--src-creds', `${username}:${password}`];
    await done(peer('skopeo', home)(['copy', ...source, `docker://${host}/team/app:1`, `dir:${join(home, 'back')}`]));
  });
});
