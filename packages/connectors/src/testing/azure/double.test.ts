// The double refuses what Azure does not have, and a test that asks for it fails.
import { expect, test } from 'vitest';
import { createHttpClient } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { hasProgram } from '@plombe/oci/testing/peers';
import { networkOf } from './open.ts';
import { startAzure } from './start.ts';
import { azureWorld, registryId } from './world.ts';

test.skipIf(!hasProgram('openssl'))('unknown routes, API versions and secrets are violations', async () => {
  const double = await startAzure(azureWorld());
  const { world } = double;
  const signal = new AbortController().signal;
  const client = createHttpClient(networkOf(double), networkContext(signal));
  const ask = async (method: 'GET' | 'POST', url: string): Promise<number> => {
    const response = await client.send({ method, url: new URL(url), limit: 'public', signal });
    await response.discard();
    return response.status;
  };
  const registry = `https://management.azure.com${registryId(world)}`;
  for (const [method, url] of [
    ['GET', `${registry}?api-version=2019-05-01`],
    ['GET', registry],
    ['POST', `${registry}/listCredentials?api-version=2025-11-01`],
    ['POST', `${registry}/webhooks/pushes/getCallbackConfig?api-version=2025-11-01`],
    ['GET', `https://${world.loginServer}/acr/v1/_catalog`],
    ['GET', `https://${world.loginServer}/acr/v1/_catalog?api-version=2018-08-10`],
    ['GET', `https://${world.loginServer}/api/v2.0/projects`],
    ['GET', 'https://login.microsoftonline.com/common/oauth2/token'],
  ] as const) {
    expect(await ask(method, url), url).toBe(501);
  }
  expect(world.violations).toHaveLength(8);
  // This test alone may ask for them.
  world.violations.length = 0;
  expect(await ask('GET', `${registry}?api-version=2025-11-01`)).toBe(401);
  expect(await ask('GET', `https://${world.loginServer}/v2/`)).toBe(401);
  client.close();
});
