// The embedded registry with the official conformance suite and with the clients that people use.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeTar } from '@plombe/formats/testing';
import { apkInstalled, osRelease } from '../support/images.ts';
import { digestOf, writeHostile } from '../support/layout.ts';
import { temporaryFolder } from '../support/plombe.ts';
import { makeRobot, startServe } from '../support/server.ts';
import { done, missingPeers, peer, type PeerName } from './support/peers.ts';

/** A small honest image. */
function alpineLayout(): string {
  const files = [osRelease, { path: 'lib/apk/db/installed', content: apkInstalled({ musl: '1.2.5-r0' }) }];
  const layer = writeTar(files);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const layers = [{ stored: [gzipSync(layer)], diffID: digestOf([layer]), mediaType }];
  return writeHostile(join(temporaryFolder(), 'layout'), { layers });
}

const without = (...names: PeerName[]): boolean => missingPeers(...names).length > 0;

async function open(actions = 'pull,push,delete') {
  const home = temporaryFolder();
  const data = join(home, 'data');
  const robot = await makeRobot(data, home, 'ci', actions);
  const server = await startServe(data, { home });
  const { username, password } = robot;
  mkdirSync(join(home, '.docker'), { recursive: true });
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ auths: { [server.host]: { auth } } }));
  return { home, data, host: server.host, username, password };
}

describe.skipIf(without('conformance'))('the conformance suite of the distribution specification', () => {
  test.each([
    ['1.1', 850],
    ['dev', 980],
  ])('%s passes without a failure', async (version, least) => {
    const { home, host, username, password } = await open();
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
    const named = (status: string): (string | undefined)[] =>
      [...junit.matchAll(new RegExp(`<testcase name="OCI Conformance Test/([^"]+)"[^>]* status="${status}"`, 'g'))].map(
        ([, name]) => name,
      );
    expect([...named('failure'), ...named('error')]).toEqual([]);
    // A token for one repository mounts nothing from somewhere; the answer 202 counts as skipped. 1.1 does not know how to cancel.
    const skippable = version === '1.1' ? /blob-mount-anonymous$|blob-post-cancel$/ : /blob-mount-anonymous$/;
    expect(named('skipped').filter((name) => !skippable.test(name ?? ''))).toEqual([]);
    expect(run.code).toBe(0);
    expect(Number(/<testsuites [^>]*tests="(\d+)"/.exec(junit)?.[1])).toBeGreaterThan(least);
  });
});

describe('clients', () => {
  test.skipIf(without('skopeo'))('skopeo pushes both formats, pulls them, and reads the layout on disk', async () => {
    const { home, data, host, username, password } = await open();
    const layout = alpineLayout();
    const skopeo = peer('skopeo', home);
    const credentials = `${username}:${password}`;
    for (const format of ['oci', 'v2s2']) {
      const target = `docker://${host}/team/${format}:1`;
      const flags = ['--dest-tls-verify=false', '--dest-creds', credentials, '--format', format];
      await done(skopeo(['copy', ...flags, `oci:${layout}`, target]));
      const back = join(home, `back-${format}`);
      await done(skopeo(['copy', '--src-tls-verify=false', '--src-creds', credentials, target, `dir:${back}`]));
      const there = await done(
        skopeo(['inspect', '--tls-verify=false', '--creds', credentials, '--format', '{{.Digest}}', target]),
      );
      // What lies on disk in docker's format is not what skopeo looks for in a layout.
      if (format === 'oci') {
        const onDisk = await done(skopeo(['inspect', '--raw', `oci:${data}/layout:team/oci:1`]));
        expect(readFileSync(join(back, 'manifest.json'), 'utf8')).toBe(onDisk);
      }
      expect(there.trim()).toMatch(/^sha256:/);
    }
    await done(skopeo(['delete', '--tls-verify=false', '--creds', credentials, `docker://${host}/team/oci:1`]));
    expect((await skopeo(['inspect', '--raw', `oci:${data}/layout:team/oci:1`])).code).not.toBe(0);
  });

  test.skipIf(without('crane'))(
    'crane pushes, copies by mount, lists, validates, deletes, and reads the layout on disk',
    async () => {
      const { home, data, host } = await open();
      const crane = peer('crane', home);
      const digest = (await done(crane(['push', alpineLayout(), `${host}/team/app:1`]))).split('@')[1]?.trim();
      await done(crane(['copy', `${host}/team/app:1`, `${host}/other/app:2`]));
      expect(await done(crane(['digest', `${host}/other/app:2`]))).toBe(`${digest}\n`);
      expect(await done(crane(['ls', `${host}/team/app`]))).toBe('1\n');
      expect(await done(crane(['catalog', host]))).toBe('other/app\nteam/app\n');
      expect(await done(crane(['validate', '--remote', `${host}/team/app:1`]))).toContain('PASS');
      await done(crane(['push', '--index', join(data, 'layout'), `${host}/from/layout:1`]));
      expect(await done(crane(['manifest', `${host}/from/layout:1`]))).toContain('other/app:2');
      await done(crane(['delete', `${host}/team/app:1`]));
      expect((await crane(['digest', `${host}/team/app:1`])).code).not.toBe(0);
    },
  );

  test.skipIf(without('oras'))('oras attaches to an image, and finds what is attached', async () => {
    const { home, host } = await open();
    const oras = peer('oras', home);
    writeFileSync(join(home, 'sbom.json'), '{}');
    await done(oras(['push', '--plain-http', `${host}/team/app:1`, 'sbom.json:application/json']));
    await done(
      oras(['attach', '--plain-http', '--artifact-type', 'application/x-sbom', `${host}/team/app:1`, 'sbom.json']),
    );
    expect(await done(oras(['discover', '--plain-http', '--format', 'json', `${host}/team/app:1`]))).toContain(
      'application/x-sbom',
    );
    await done(
      oras([
        'copy',
        '--recursive',
        '--from-plain-http',
        '--to-plain-http',
        `${host}/team/app:1`,
        `${host}/other/app:1`,
      ]),
    );
    expect(await done(oras(['discover', '--plain-http', '--format', 'json', `${host}/other/app:1`]))).toContain(
      'application/x-sbom',
    );
    expect(await done(oras(['repo', 'tags', '--plain-http', `${host}/other/app`]))).toBe('1\n');
  });

  test.skipIf(without('podman', 'crane'))('podman pulls and pushes', async () => {
    const { home, host, username, password } = await open();
    const podman = peer('podman', home);
    const storage = ['--root', join(home, 'root'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs'];
    const flags = ['--tls-verify=false', '--creds', `${username}:${password}`];
    await done(peer('crane', home)(['push', alpineLayout(), `${host}/team/app:0`]));
    const id = (await done(podman([...storage, 'pull', ...flags, `${host}/team/app:0`]))).trim();
    await done(podman([...storage, 'push', ...flags, id, `${host}/team/app:1`]));
    await done(podman([...storage, 'rmi', '--force', id]));
    expect(await done(podman([...storage, 'pull', ...flags, `${host}/team/app:1`]))).toContain(id);
  });
});
