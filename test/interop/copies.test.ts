// Signatures after real tools moved them: copied to a registry without referrers and back, listed by other clients, on indexes and with tags.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { openCosign, verifyFlags, writePredicate, type Cosign } from './support/cosign.ts';
import { endAll } from './support/ending.ts';
import { openNotation, type Notation } from './support/notation.ts';
import { openAuthority, type Leaf } from './support/openssl.ts';
import { done, missingPeers, peer } from './support/peers.ts';
import { failures, openProgram } from './support/program.ts';
import { startReferrersRegistry } from './support/registry.ts';
import { pushImage, startDockerRegistry, type PushedImage } from './support/servers.ts';

const home = temporaryFolder();
afterAll(endAll);
const { run, over, verify } = openProgram(home);
const missing = missingPeers('cosign', 'notation', 'oras', 'crane', 'openssl', 'docker-registry');

let withReferrers = '';
let withoutReferrers = '';
let cosign: Cosign;
let notation: Notation;
let leaf: Leaf;
let trust: readonly string[] = [];
const key = join(home, 'key');
const oras = peer('oras', join(home, 'oras'));
const crane = peer('crane', join(home, 'crane'));

beforeAll(async () => {
  if (missing.length > 0) return;
  withReferrers = await startReferrersRegistry();
  withoutReferrers = await startDockerRegistry(join(home, 'docker-registry'));
  cosign = await openCosign(join(home, 'cosign'));
  notation = openNotation(join(home, 'notation'));
  const authority = await openAuthority(join(home, 'ca'), 'root');
  leaf = await authority.issue('leaf');
  notation.addKeys({ leaf });
  notation.trustRoot('ca', 'test', authority.root);
  notation.writePolicy();
  trust = ['--trust-policy', notation.trust.policy, '--trust-store', notation.trust.store];
  await done(run('keys', 'generate', '--type', 'ecdsa-p256', '--out', key));
});

/** Signs and attests in every form that is kept as a referrer. */
async function signAll(image: PushedImage): Promise<void> {
  const predicate = writePredicate(home, 'sbom', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  const notary = ['--key', leaf.key, '--cert-chain', leaf.chain, '--format'];
  await done(over('sign', image.tagged, '--key', `${key}.key`));
  await done(over('attest', image.tagged, '--key', `${key}.key`, '--type', 'cyclonedx', '--predicate', predicate));
  for (const format of ['jws', 'cose']) await done(over('sign', image.tagged, ...notary, format));
}

/** That everything signed above holds there, for all three programs. */
async function expectAll(tagged: string, pinned: string): Promise<void> {
  const attested = ['verify-attestation', tagged, '--type', 'cyclonedx', '--key', `${key}.pub`];
  for (const args of [['verify', tagged, '--key', `${key}.pub`], ['verify', tagged, ...trust], attested]) {
    const { result, report } = await verify(...args);
    expect(result, failures(report)).toEqual([0, 'verified']);
  }
  await done(cosign.run(['verify', ...verifyFlags(`${key}.pub`), pinned]));
  const type = ['--type', 'cyclonedx'];
  await done(cosign.run(['verify-attestation', ...verifyFlags(`${key}.pub`), ...type, pinned]));
  await done(notation.run(['verify', '--insecure-registry', pinned]));
}

describe.skipIf(missing.length > 0)('copies by oras with all referrers', () => {
  it.each([
    ['from a registry with referrers to one without', () => [withReferrers, withoutReferrers]],
    ['from a registry without referrers to one with', () => [withoutReferrers, withReferrers]],
  ] as const)('%s', async (title, hosts) => {
    const [from = '', to = ''] = hosts();
    const image = await pushImage(from, `copied/${title.length}`);
    await signAll(image);
    const target = `${to}/mirror/${title.length}:1`;
    const plain = ['--from-plain-http', '--to-plain-http'];
    await done(oras(['copy', '--recursive', ...plain, image.tagged, target]));
    await expectAll(target, `${target.replace(/:1$/, '')}@${image.digest}`);
  });
});

describe.skipIf(missing.length > 0)('what other clients see', () => {
  it.each(['referrers', 'fallback tag'])(
    'oras lists signatures with their types and annotations by %s',
    async (place) => {
      const image = await pushImage(place === 'referrers' ? withReferrers : withoutReferrers, 'listed');
      await signAll(image);
      const tree = await done(oras(['discover', '--plain-http', '--format', 'json', image.pinned]));
      const { referrers } = JSON.parse(tree) as {
        readonly referrers: readonly { readonly artifactType: string; readonly annotations: Record<string, string> }[];
      };
      const types = referrers.map(({ artifactType }) => artifactType).toSorted((a, b) => (a < b ? -1 : 1));
      const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
      const notary = 'application/vnd.cncf.notary.signature';
      expect(types).toEqual([notary, notary, bundle, bundle]);
      const predicates = referrers.flatMap(({ annotations }) => annotations['dev.sigstore.bundle.predicateType'] ?? []);
      expect(predicates).toContain('https://cyclonedx.org/bom');
    },
  );

  it('cosign copies the tags of signatures that plombe wrote', async () => {
    const image = await pushImage(withoutReferrers, 'tagged-copy');
    await done(over('sign', image.tagged, '--key', `${key}.key`, '--format', 'tag'));
    const target = `${withoutReferrers}/tagged-mirror:1`;
    await done(cosign.run(['copy', '--allow-http-registry', image.tagged, target]));
    const { result, report } = await verify('verify', target, '--key', `${key}.pub`);
    expect(result, failures(report)).toEqual([0, 'verified']);
  });
});

describe.skipIf(missing.length > 0)('indexes', () => {
  it('are signed as they are, and their children are not signed with them', async () => {
    const repository = `${withReferrers}/indexed`;
    const child = await pushImage(withReferrers, 'indexed', 'child');
    await done(crane(['index', 'append', '--insecure', '-m', child.pinned, '-t', `${repository}:all`]));
    const digest = (await done(crane(['digest', '--insecure', `${repository}:all`]))).trim();
    await done(over('sign', `${repository}:all`, '--key', `${key}.key`));
    await done(cosign.run(['verify', ...verifyFlags(`${key}.pub`), `${repository}@${digest}`]));
    const { result, report } = await verify('verify', `${repository}:all`, '--key', `${key}.pub`);
    expect([...result, report.subject.digest]).toEqual([0, 'verified', digest]);
    expect((await verify('verify', child.pinned, '--key', `${key}.pub`)).result).toEqual([1, 'rejected']);
    const recursive = await cosign.run(['verify', ...verifyFlags(`${key}.pub`), child.pinned]);
    expect(recursive.code).not.toBe(0);
  });
});

describe.skipIf(missing.length > 0)('T34 a tag that moves after it was signed', () => {
  it('no longer holds for anybody, and the old digest still does', async () => {
    const first = await pushImage(withReferrers, 'moving', 'live');
    await signAll(first);
    await expectAll(first.tagged, first.pinned);
    const second = await pushImage(withReferrers, 'moving', 'live');
    expect(second.digest).not.toBe(first.digest);
    expect((await verify('verify', first.tagged, '--key', `${key}.pub`)).result).toEqual([1, 'rejected']);
    expect((await verify('verify', first.tagged, ...trust)).result).toEqual([1, 'rejected']);
    expect((await cosign.run(['verify', ...verifyFlags(`${key}.pub`), first.tagged])).code).not.toBe(0);
    await expectAll(first.pinned, first.pinned);
  });

  it('T34 a signature whose manifest points to another digest is not believed', async () => {
    const signed = await pushImage(withReferrers, 'pasted', 'signed');
    const other = await pushImage(withReferrers, 'pasted', 'other');
    await signAll(signed);
    // Whoever may push repeats each signature's manifest with the other image as its subject.
    const base = `http://${withReferrers}/v2/pasted`;
    const list = (await (await fetch(`${base}/referrers/${signed.digest}`)).json()) as {
      readonly manifests: readonly { readonly digest: string; readonly mediaType: string }[];
    };
    for (const { digest, mediaType } of list.manifests) {
      const text = await (await fetch(`${base}/manifests/${digest}`)).text();
      const forged = text.replace(signed.digest, other.digest);
      const place = `sha256:${createHash('sha256').update(forged).digest('hex')}`;
      const headers = { 'content-type': mediaType };
      await fetch(`${base}/manifests/${place}`, { method: 'PUT', headers, body: forged });
    }
    const { result, report } = await verify('verify', other.tagged, '--key', `${key}.pub`);
    expect([...result, report.signatures.length]).toEqual([1, 'rejected', 1]);
    expect((await verify('verify', other.tagged, ...trust)).result).toEqual([1, 'rejected']);
    expect((await notation.run(['verify', '--insecure-registry', other.pinned])).code).not.toBe(0);
    expect((await cosign.run(['verify', ...verifyFlags(`${key}.pub`), other.pinned])).code).not.toBe(0);
  });
});
