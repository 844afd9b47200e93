// The double is itself checked: Microsoft's own clients work against it unchanged.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { hasProgram } from '@plombe/oci/testing/peers';
import { startAzure } from './start.ts';
import { addChild, azureWorld, registryId } from './world.ts';

test.skipIf(!hasProgram('openssl'))(
  "Microsoft's clients for Entra, ARM and the registry read and write the double",
  async () => {
    const world = azureWorld();
    for (const name of ['ci', 'deploy', 'edge']) {
      addChild(world, 'scopeMaps', `${name}-map`, { actions: [`repositories/${name}/content/read`] });
      addChild(world, 'tokens', name, { scopeMapId: `${registryId(world)}/scopeMaps/${name}-map`, status: 'enabled' });
    }
    addChild(
      world,
      'webhooks',
      'pushes',
      { status: 'enabled', actions: ['push'], serviceUri: 'https://hooks.example/acr' },
      { location: 'westeurope' },
    );
    addChild(world, 'cacheRules', 'hub', {
      sourceRepository: 'docker.io/library/nginx',
      targetRepository: 'cache/nginx',
    });
    addChild(world, 'replications', 'northeurope', { zoneRedundancy: 'Enabled' }, { location: 'northeurope' });
    const { caFile, proxy } = await startAzure(world);
    const [application] = world.applications;
    const program = fileURLToPath(new URL('./microsoft-clients.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      env: {
        PATH: process.env['PATH'],
        NODE_EXTRA_CA_CERTS: caFile,
        HTTPS_PROXY: proxy,
        TENANT: world.tenant,
        CLIENT: application?.clientId,
        SECRET: application?.clientSecret,
        SUBSCRIPTION: world.subscription,
        GROUP: world.resourceGroup,
        REGISTRY: world.registryName,
        LOGIN_SERVER: world.loginServer,
      },
    });
    expect(JSON.parse(stdout)).toEqual({
      pushed: true,
      downloaded: 'layer',
      names: ['team/app'],
      count: 3,
      digests: 3,
      tags: ['v1', 'v2', 'v3'],
      locked: false,
      refused: 405,
      found: [{ loginServer: world.loginServer, sku: 'Premium' }],
      mode: 'AbacRepositoryPermissions',
      admin: true,
      tokens: ['ci', 'deploy', 'edge'].map((name) => ({ name, status: 'enabled' })),
      maps: ['ci', 'deploy', 'edge'].map((name) => ({
        name: `${name}-map`,
        actions: [`repositories/${name}/content/read`],
      })),
      webhooks: ['pushes'],
      events: ['v1', 'v2', 'v3'],
      rules: ['docker.io/library/nginx'],
      replications: ['northeurope'],
    });
  },
);
