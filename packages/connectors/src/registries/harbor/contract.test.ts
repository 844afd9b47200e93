// The connector of Harbor against the contract of all connectors, over the stateful double.
import { describe } from 'vitest';
import type { Digest } from '@plombe/model';
import { connectorContract } from '../../testing/contract.ts';
import { openHarbor } from '../../testing/harbor/open.ts';
import { description, startHarbor } from '../../testing/harbor/server.ts';
import { project, put } from '../../testing/harbor/state.ts';

describe.skipIf(description === undefined)("with Harbor's description", () => {
  connectorContract('Harbor', async () => {
    const harbor = await startHarbor();
    const { state } = harbor;
    state.users.push({ id: 2, name: 'auditor', password: 'x', sysadmin: true });
    state.projects.push(project(2, 'prod'));
    const repositories = Array.from({ length: 130 }, (_, n) => `library/app-${n}`);
    for (const repository of repositories) put(state, repository, repository, { tags: ['v0'] });
    const repository = 'library/app-0';
    for (let n = 0; n < 120; n++) put(state, repository, `image ${n}`, { tags: [`v${n + 1}`] });
    const artifacts = [...(state.repositories.get(repository)?.keys() ?? [])] as Digest[];
    return {
      connector: openHarbor(harbor, ['auditor', 'x']),
      repositories,
      repository,
      artifacts,
      promotable: artifacts[2] as Digest,
      target: 'prod/new',
      throttle: (times, seconds) => {
        harbor.faults.push({ on: /./, status: 429, headers: { 'retry-after': String(seconds) }, times });
      },
      refuse: () => {
        const auditor = state.users.find(({ name }) => name === 'auditor');
        if (auditor !== undefined) auditor.sysadmin = false;
        return /sees only some of the projects|may not be asked by this caller/;
      },
      requests: () => harbor.asked.length,
    };
  });
});
