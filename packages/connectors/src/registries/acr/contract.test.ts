// The connector of Azure Container Registry against the contract, over the stateful double.
import { describe } from 'vitest';
import type { Digest } from '@plombe/model';
import { hasProgram } from '@plombe/oci/testing/peers';
import { connectorContract } from '../../testing/contract.ts';
import { openAcr, openClient, pushImage } from '../../testing/azure/open.ts';
import { startAzure } from '../../testing/azure/start.ts';
import { addChild, application, assign, azureWorld, registryId } from '../../testing/azure/world.ts';
import { builtInRoles } from './roles.ts';

describe.skipIf(!hasProgram('openssl'))('with openssl', () => {
  connectorContract('Azure Container Registry', async () => {
    const double = await startAzure(azureWorld());
    const { world } = double;
    const client = openClient(double);
    const repositories = ['quarantine/app', 'prod/app', 'prod/db', 'team/tool', 'team/web'];
    for (const repository of repositories)
      await pushImage(client, world.loginServer, repository, repository, { tag: 'v0' });
    const artifacts = [...(world.repositories.get('quarantine/app')?.manifests.keys() ?? [])] as Digest[];
    for (const n of [1, 2, 3, 4])
      artifacts.push(await pushImage(client, world.loginServer, 'quarantine/app', `${n}`, { tag: `v${n}` }));
    const role = builtInRoles['b93aa761-3e63-49ed-ac28-beffa264f7ac'];
    assign(world, application(7, [], []).objectId, 'User', {
      id: 'b93aa761-3e63-49ed-ac28-beffa264f7ac',
      name: role?.name ?? '',
      dataActions: role?.permissions[0]?.dataActions ?? [],
    });
    addChild(world, 'scopeMaps', 'ci-map', { actions: ['repositories/team/*/content/read'] });
    addChild(world, 'tokens', 'ci', {
      scopeMapId: `${registryId(world)}/scopeMaps/ci-map`,
      status: 'enabled',
      credentials: { passwords: [{ name: 'password1' }] },
    });
    return {
      connector: openAcr(double),
      repositories,
      repository: 'quarantine/app',
      artifacts,
      promotable: artifacts[2] as Digest,
      target: 'prod/new',
      throttle: (times, seconds) => {
        world.data = { tokens: 1 - times, refill: 1000, retryAfter: String(seconds) };
      },
      refuse: () => {
        const [own] = world.applications;
        if (own !== undefined) own.actions = ['Microsoft.ContainerRegistry/registries/read'];
        return /lacks Microsoft\.[A-Za-z/]+\/read/;
      },
      requests: () => world.log.length,
    };
  });
});
