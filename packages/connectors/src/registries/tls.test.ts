// T39: a registry whose certificate nobody vouches for is asked nothing, and told no login.
import { expect, onTestFinished, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { networkContext } from '@plombe/oci/testing/context';
import { networkOf } from '../testing/azure/open.ts';
import { startAzure } from '../testing/azure/start.ts';
import { azureWorld } from '../testing/azure/world.ts';
import { startMsr } from '../testing/msr/server.ts';
import { acrConnector } from './acr/index.ts';
import { harborConnector } from './harbor/index.ts';
import { msrConnector } from './msr/index.ts';
import { ociConnector } from './oci/index.ts';

const call = { signal: new AbortController().signal };
const digest = `sha256:${'0'.repeat(64)}` as Digest;

test.each([
  ['msr', msrConnector],
  ['harbor', harborConnector],
  ['oci', ociConnector],
] as const)('T39 %s', async (_, open) => {
  const double = await startMsr();
  const credentials = { [double.host]: { kind: 'password', username: 'admin', password: 'secret' } } as const;
  // Its authority is not given.
  const network = { credentials, retry: { attempts: 2, baseMs: 1 } };
  const connector = open({ registry: double.host, network }, networkContext());
  onTestFinished(() => connector.close());
  const refused = { code: 'registry/tls' };
  await expect(Array.fromAsync(connector.repositories(call))).rejects.toMatchObject(refused);
  await expect(Array.fromAsync(connector.artifacts('engineering/app', call))).rejects.toMatchObject(refused);
  const promotion = { from: { repository: 'engineering/app', digest }, to: { repository: 'engineering/b', tags: [] } };
  await expect(connector.promote(promotion, call)).rejects.toMatchObject(refused);
  expect(double.asked).toEqual([]);
});

test('T39 acr: neither Entra nor the registry is told who asks', async () => {
  const world = azureWorld();
  const { caFiles, ...network } = networkOf(await startAzure(world));
  expect(caFiles).toHaveLength(1);
  const connector = acrConnector({ registry: world.loginServer, network }, networkContext());
  onTestFinished(() => connector.close());
  await expect(Array.fromAsync(connector.repositories(call))).rejects.toMatchObject({
    code: 'registry/credentials',
    message: expect.stringMatching(/certificate/i) as string,
  });
  expect(world.tokens).toEqual(new Map());
});
