// Signatures and attachments in the embedded registry where no gate asks for them: by referrers, under the fallback tag and under cosign's own tags.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { clientsAlone } from './support/clients.ts';
import { openCosign, verifyFlags, writePredicate, type Cosign } from './support/cosign.ts';
import { startEmbedded, writeLogin, writeTestImage, type Embedded, type Login } from './support/embedded.ts';
import { endAll } from './support/ending.ts';
import { done, missingPeers, peer } from './support/peers.ts';

const home = temporaryFolder();
let registry: Embedded;
let robot: Login;

beforeAll(async () => {
  registry = await startEmbedded(join(home, 'registry'));
  robot = await registry.robot('ci', 'pull,push,delete');
});
afterAll(endAll);

/** Pushes an image with crane; returns `host/repository@digest`. */
async function pushImage(repository: string): Promise<string> {
  const crane = clientsAlone.crane({ host: registry.host, home: join(home, 'crane') });
  await done(crane.login(robot));
  const name = repository.replaceAll('/', '-');
  await done(crane.push(await writeTestImage(home, name), `${registry.host}/${repository}:1`));
  const { digest } = await registry.see(robot, repository, '1');
  return `${registry.host}/${repository}@${digest}`;
}

interface Descriptor {
  readonly artifactType: string;
  readonly digest: string;
}

async function referrers(pinned: string): Promise<readonly Descriptor[]> {
  const [repository = '', digest = ''] = pinned.slice(registry.host.length + 1).split('@');
  const url = `http://${registry.host}/v2/${repository}/referrers/${digest}`;
  const answer = await fetch(url, { headers: { authorization: robot.authorization } });
  return ((await answer.json()) as { readonly manifests: readonly Descriptor[] }).manifests;
}

async function tags(repository: string): Promise<readonly string[]> {
  const url = `http://${registry.host}/v2/${repository}/tags/list`;
  const answer = await fetch(url, { headers: { authorization: robot.authorization } });
  return ((await answer.json()) as { readonly tags: readonly string[] }).tags;
}

describe.skipIf(missingPeers('crane', 'cosign').length > 0)('cosign', () => {
  const folder = join(home, 'cosign');
  let cosign: Cosign;
  let key = '';
  beforeAll(async () => {
    cosign = await openCosign(folder);
    writeLogin(join(folder, '.docker'), registry.host, robot);
    key = await cosign.generate('key');
  });

  test('3 keeps signatures and attestations as referrers, finds, copies and shows them', async () => {
    const pinned = await pushImage('cosign/three');
    await cosign.sign(`${key}.key`, pinned);
    const predicate = writePredicate(home, 'sbom', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    await cosign.attest(`${key}.key`, pinned, 'cyclonedx', predicate);
    const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    expect((await referrers(pinned)).map(({ artifactType }) => artifactType)).toEqual([bundle, bundle]);
    expect(await tags('cosign/three')).toEqual(['1']);
    await done(cosign.run(['verify', ...verifyFlags(`${key}.pub`), pinned]));
    await done(cosign.run(['verify-attestation', ...verifyFlags(`${key}.pub`), '--type', 'cyclonedx', pinned]));
    expect(await done(cosign.run(['tree', '--allow-http-registry', pinned]))).toContain('cyclonedx');
  });

  const hasOlder = missingPeers('cosign-2').length === 0;
  test.skipIf(!hasOlder)(
    '2 keeps them under tags of its own, which cosign 3 and plombe find, copies and cleans',
    async () => {
      const older = peer('cosign-2', folder);
      const pinned = await pushImage('cosign/two');
      const flags = ['--key', `${key}.key`, '--tlog-upload=false', '--allow-http-registry', '--yes'];
      const predicate = writePredicate(home, 'sbom2', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
      await done(older(['sign', ...flags, pinned]));
      await done(older(['attest', ...flags, '--type', 'cyclonedx', '--predicate', predicate, pinned]));
      const name = pinned.split('@sha256:')[1];
      expect((await tags('cosign/two')).toSorted()).toEqual(['1', `sha256-${name}.att`, `sha256-${name}.sig`]);
      await done(cosign.run(['verify', ...verifyFlags(`${key}.pub`), pinned]));
      const env = { DOCKER_CONFIG: join(folder, '.docker') };
      await done(registry.plombe(['verify', pinned, '--key', `${key}.pub`, '--plain-http'], env));
      const copy = `${registry.host}/cosign/copied:1`;
      await done(older(['copy', '--allow-http-registry', pinned, copy]));
      await done(older(['verify', ...verifyFlags(`${key}.pub`), copy]));
      await done(older(['clean', '--force', '--type', 'all', '--allow-http-registry', pinned]));
      expect(await tags('cosign/two')).toEqual(['1']);
    },
  );
});

describe.skipIf(missingPeers('crane', 'oras').length > 0)('oras', () => {
  const folder = join(home, 'oras');
  const run = peer('oras', folder);
  beforeAll(() => {
    writeLogin(join(folder, '.docker'), registry.host, robot);
    writeFileSync(join(folder, 'note.json'), '{}');
  });

  test.each([
    ['referrers', 'v1.1-referrers-api', ['1']],
    ['the fallback tag', 'v1.1-referrers-tag', ['1', expect.stringMatching(/^sha256-[0-9a-f]{64}$/)]],
  ])('attaches with %s, which is found by either, and detaches', async (_, mode, expected) => {
    const repository = `oras/${mode.replaceAll('.', '-')}`;
    const pinned = await pushImage(repository);
    const plain = ['--plain-http', '--distribution-spec'];
    const attach = ['attach', ...plain, mode, '--artifact-type', 'application/x-note', pinned, 'note.json'];
    await done(run(attach));
    expect((await tags(repository)).toSorted()).toEqual(expected);
    const found = await referrers(pinned);
    expect(found.map(({ artifactType }) => artifactType)).toEqual(['application/x-note']);
    const listed = await done(run(['discover', ...plain, mode, '--format', 'json', pinned]));
    expect(listed).toContain(found[0]?.digest);
    const attached = `${pinned.split('@')[0]}@${found[0]?.digest}`;
    await done(run(['manifest', 'delete', '--force', ...plain, mode, attached]));
    expect(await referrers(pinned)).toEqual([]);
  });
});
