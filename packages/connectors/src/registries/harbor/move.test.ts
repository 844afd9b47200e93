// Quarantine, release and promotion: what is moved arrives whole or stays, nothing else loses a tag, and each can be done twice.
import { describe, expect, it } from 'vitest';
import type { Digest } from '@plombe/model';
import { description, startHarbor, type HarborDouble } from '../../testing/harbor/server.ts';
import { digestOf, project, put } from '../../testing/harbor/state.ts';
import type { RegistryConnector } from '../connector.ts';
import { openHarbor } from '../../testing/harbor/open.ts';

const { signal } = new AbortController();
const call = { signal };
const digest = (name: string): Digest => digestOf(name) as Digest;
const place = (repository: string, name: string): string =>
  `plombe-quarantine/${repository}/${digestOf(name).replace(':', '-')}`;

async function start(): Promise<{ harbor: HarborDouble; connector: RegistryConnector }> {
  const harbor = await startHarbor();
  harbor.state.projects.push(project(2, 'dev'), project(3, 'prod'));
  const connector = openHarbor(harbor);
  return { harbor, connector };
}

const signature = { digest: digestOf('signature'), type: 'signature.cosign' };

function artifact({ state }: HarborDouble, repository: string, name: string): object | undefined {
  const found = state.repositories.get(repository)?.get(digestOf(name));
  return found === undefined ? undefined : { tags: found.tags, accessories: found.accessories };
}

describe.skipIf(description === undefined)('moving artifacts within Harbor', () => {
  it('quarantines with tags and signatures into a private project that it makes, and releases', async () => {
    const { harbor, connector } = await start();
    put(harbor.state, 'dev/team/app', 'bad', { tags: ['1', 'latest'], accessories: [signature] });
    harbor.faults.push({ on: /^POST .*artifacts$/, status: 503, headers: { 'retry-after': '0' }, times: 1 });
    await connector.quarantine('dev/team/app', digest('bad'), call);
    expect(artifact(harbor, 'dev/team/app', 'bad')).toBeUndefined();
    expect(artifact(harbor, place('dev/team/app', 'bad'), 'bad')).toEqual({
      tags: ['1', 'latest'],
      accessories: [signature],
    });
    expect(harbor.state.projects.at(-1)).toMatchObject({ name: 'plombe-quarantine', metadata: { public: 'false' } });
    const quarantined = { digest: digestOf('bad'), state: 'quarantined', tags: ['1', 'latest'] };
    for (const repository of ['dev/team/app', place('dev/team/app', 'bad')]) {
      expect(await Array.fromAsync(connector.artifacts(repository, call))).toMatchObject([
        { ...quarantined, repository },
      ]);
    }
    await connector.quarantine('dev/team/app', digest('bad'), call);

    await connector.release('dev/team/app', digest('bad'), call);
    await connector.release('dev/team/app', digest('bad'), call);
    expect(artifact(harbor, 'dev/team/app', 'bad')).toEqual({ tags: ['1', 'latest'], accessories: [signature] });
    expect([...harbor.state.repositories.keys()]).toEqual(['dev/team/app']);
  });

  it('gives a tag back only where nobody has it by now', async () => {
    const { harbor, connector } = await start();
    put(harbor.state, 'dev/app', 'old', { tags: ['1', 'latest'] });
    await connector.quarantine('dev/app', digest('old'), call);
    put(harbor.state, 'dev/app', 'new', { tags: ['latest'] });
    await connector.quarantine('dev/app', digest('new'), call);
    put(harbor.state, 'dev/app', 'newest', { tags: ['latest'] });
    await connector.release('dev/app', digest('old'), call);
    expect(artifact(harbor, 'dev/app', 'old')).toMatchObject({ tags: ['1'] });
    await connector.release('dev/app', digest('new'), call);
    expect(artifact(harbor, 'dev/app', 'new')).toMatchObject({ tags: [] });
    expect(artifact(harbor, 'dev/app', 'newest')).toMatchObject({ tags: ['latest'] });
  });

  it('leaves where it is what cannot be taken away, and says why', async () => {
    const { harbor, connector } = await start();
    const { state } = harbor;
    put(state, 'prod/app', 'fixed', { tags: ['1'] });
    state.projects.find(({ name }) => name === 'prod')?.immutable.push({ pattern: '**' });
    const refused = (reason: string): object => ({
      code: 'connector/refused',
      message: expect.stringContaining(reason),
    });
    await expect(connector.quarantine('prod/app', digest('fixed'), call)).rejects.toMatchObject(
      refused('tag 1 is immutable'),
    );
    put(state, 'dev/app', 'child');
    put(state, 'dev/app', 'index', { children: [digestOf('child')] });
    await expect(connector.quarantine('dev/app', digest('child'), call)).rejects.toMatchObject(
      refused('referenced by others'),
    );
    expect([artifact(harbor, 'prod/app', 'fixed'), artifact(harbor, 'dev/app', 'child')]).not.toContain(undefined);
    await connector.quarantine('dev/app', digest('index'), call);
    expect(state.repositories.get('dev/app')?.size).toBe(0);
    expect(state.repositories.get(place('dev/app', 'index'))?.size).toBe(2);
    await expect(connector.quarantine('dev/app', digest('none'), call)).rejects.toMatchObject({
      code: 'registry/not-found',
    });
    await expect(connector.release('dev/app', digest('none'), call)).rejects.toMatchObject({
      code: 'registry/not-found',
    });
    await expect(connector.quarantine('plombe-quarantine/dev/app', digest('index'), call)).rejects.toMatchObject(
      refused('in quarantine already'),
    );
  });

  it('quarantines into no project that others can read', async () => {
    const { harbor, connector } = await start();
    put(harbor.state, 'dev/app', 'bad');
    const quarantine = project(9, 'plombe-quarantine', { public: 'true' });
    harbor.state.projects.push(quarantine);
    const attempt = (): Promise<void> => connector.quarantine('dev/app', digest('bad'), call);
    await expect(attempt()).rejects.toMatchObject({ message: expect.stringContaining('can be read by everybody') });
    quarantine.metadata = { public: 'false' };
    quarantine.registryId = 1;
    await expect(attempt()).rejects.toMatchObject({ message: expect.stringContaining('proxy cache') });
    expect(artifact(harbor, 'dev/app', 'bad')).toBeDefined();
  });

  it('promotes with exactly the tags that are wanted, without pushing others aside', async () => {
    const { harbor, connector } = await start();
    const { state } = harbor;
    put(state, 'dev/app', 'good', { tags: ['latest', 'sha-1'], accessories: [signature] });
    put(state, 'prod/app', 'current', { tags: ['latest', 'stable'] });
    const promote = (tags: readonly string[]): Promise<void> =>
      connector.promote(
        { from: { repository: 'dev/app', digest: digest('good') }, to: { repository: 'prod/app', tags } },
        call,
      );
    await promote(['1.0', 'stable']);
    expect(artifact(harbor, 'prod/app', 'good')).toEqual({ tags: ['1.0', 'stable'], accessories: [signature] });
    expect(artifact(harbor, 'prod/app', 'current')).toMatchObject({ tags: ['latest'] });
    expect(artifact(harbor, 'dev/app', 'good')).toMatchObject({ tags: ['latest', 'sha-1'] });
    expect([...state.repositories.keys()].sort()).toEqual(['dev/app', 'prod/app']);
    harbor.asked.splice(0);
    await promote(['latest', 'sha-1']);
    expect(artifact(harbor, 'prod/app', 'current')).toMatchObject({ tags: [] });
    // The same tags as the source's: one copy, no detour.
    expect(harbor.asked.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('does not call promoted what came without its signature, or not at all', async () => {
    const { harbor, connector } = await start();
    put(harbor.state, 'prod/app', 'good', { tags: ['1'] });
    const source = put(harbor.state, 'dev/app', 'good', { tags: ['1'], accessories: [signature] });
    const promotion = {
      from: { repository: 'dev/app', digest: digest('good') },
      to: { repository: 'prod/app', tags: ['1'] },
    };
    await expect(connector.promote(promotion, call)).rejects.toMatchObject({
      code: 'connector/refused',
      message: expect.stringContaining(`without ${signature.digest}`),
    });
    source.accessories = [];
    await connector.promote(promotion, call);
    harbor.state.repositories.delete('prod/app');
    harbor.faults.push({ on: /^POST .*artifacts$/, status: 201, times: 1 });
    await expect(connector.promote(promotion, call)).rejects.toMatchObject({ code: 'connector/refused' });
    const other = JSON.stringify({ digest: digestOf('other') });
    harbor.faults.push({ on: /^GET .*artifacts\/sha256/, status: 200, body: other, times: 1 });
    await expect(connector.promote(promotion, call)).rejects.toMatchObject({ code: 'registry/invalid-answer' });
  });
});
