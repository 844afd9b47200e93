// The server in front of real registries, with the official conformance suite.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { startDockerRegistry } from '../support/registries.ts';
import { makeRobot, startServe } from '../support/server.ts';
import { findPeer, missingPeers, peer } from './support/peers.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

/** A suite twice, on a machine that has other things to do. */
const suiteMs = 240_000;

/** Names of the tests of the suite that end so. */
interface Outcome {
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  readonly tests: number;
}

async function conformance(version: string, host: string, login?: Login): Promise<Outcome> {
  const home = temporaryFolder();
  const results = join(home, 'results');
  mkdirSync(results);
  await peer('conformance', home)([], {
    env: {
      OCI_REGISTRY: host,
      OCI_TLS: 'disabled',
      OCI_VERSION: version,
      OCI_RESULTS_DIR: results,
      OCI_USERNAME: login?.username ?? '',
      OCI_PASSWORD: login?.password ?? '',
    },
  });
  const junit = readFileSync(join(results, 'junit.xml'), 'utf8');
  const named = (status: string): string[] =>
    [...junit.matchAll(new RegExp(`<testcase name="OCI Conformance Test/([^"]+)"[^>]* status="${status}"`, 'g'))].map(
      ([, name]) => name ?? '',
    );
  return {
    failed: [...named('failure'), ...named('error')],
    skipped: named('skipped'),
    tests: Number(/<testsuites [^>]*tests="(\d+)"/.exec(junit)?.[1]),
  };
}

/** A server in front of `upstream`, with a robot that may do everything there too. */
async function startFront(upstream: string, login?: Login) {
  const home = temporaryFolder();
  const data = join(home, 'data');
  const robot = await makeRobot(data, home, 'ci', 'pull,push,delete');
  const docker = join(home, 'upstream-login');
  mkdirSync(docker);
  const auth = Buffer.from(`${login?.username ?? ''}:${login?.password ?? ''}`).toString('base64');
  const auths = login === undefined ? {} : { [upstream]: { auth } };
  writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths }));
  const args = ['--plain-http', '--upstream', `http://${upstream}`];
  const server = await startServe(data, { home, args, env: { DOCKER_CONFIG: docker } });
  return { home, host: server.host, ...robot };
}

describe.skipIf(missingPeers('conformance').length > 0)(
  'the conformance suite of the distribution specification',
  () => {
    test.each([
      ['1.1', 850],
      ['dev', 980],
    ])(
      '%s passes in front of a server of our own',
      async (version, least) => {
        const home = temporaryFolder();
        const data = join(home, 'data');
        const behind = await makeRobot(data, home, 'front', 'pull,push,delete');
        const { host } = await startServe(data, { home });
        const front = await startFront(host, behind);
        const outcome = await conformance(version, front.host, front);
        expect(outcome.failed).toEqual([]);
        expect(outcome.tests).toBeGreaterThan(least);
      },
      suiteMs,
    );

    test.skipIf(missingPeers('docker-registry').length > 0).each(['1.1', 'dev'])(
      "%s fails in front of docker's registry only where that fails itself",
      async (version) => {
        const alone = await conformance(version, await startDockerRegistry(findPeer('docker-registry')));
        const front = await startFront(await startDockerRegistry(findPeer('docker-registry')));
        const { failed } = await conformance(version, front.host, front);
        expect(failed.filter((name) => !alone.failed.includes(name))).toEqual([]);
      },
      suiteMs,
    );
  },
);
