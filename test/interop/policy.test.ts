// One policy over both worlds: signatures that the real cosign and notation made, in one rule (ratify and Kyverno users ask for it).
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/plombe.ts';
import { openCosign, verifyFlags, writePredicate, type Cosign } from './support/cosign.ts';
import { endAll } from './support/ending.ts';
import { openNotation, type Notation } from './support/notation.ts';
import { openAuthority } from './support/openssl.ts';
import { missingPeers } from './support/peers.ts';
import { openProgram } from './support/program.ts';
import { pushImage, startDockerRegistry, type PushedImage } from './support/servers.ts';

const home = temporaryFolder();
afterAll(endAll);
const { over } = openProgram(home);
const missing = missingPeers('cosign', 'notation', 'openssl', 'docker-registry');
const policies = join(home, 'policies');

let registry = '';
let cosign: Cosign;
let notation: Notation;
let key = '';

beforeAll(async () => {
  if (missing.length > 0) return;
  registry = await startDockerRegistry(join(home, 'docker-registry'));
  cosign = await openCosign(join(home, 'cosign'));
  key = await cosign.generate('team');
  notation = openNotation(join(home, 'notation'));
  const authority = await openAuthority(join(home, 'ca'), 'root');
  notation.addKeys({ leaf: await authority.issue('leaf') });
  notation.trustRoot('ca', 'test', authority.root);
  notation.writePolicy();
  mkdirSync(policies);
  copyFileSync(`${key}.pub`, join(policies, 'cosign.pub'));
  copyFileSync(notation.trust.policy, join(policies, 'trustpolicy.json'));
  cpSync(notation.trust.store, join(policies, 'truststore'), { recursive: true });
});

/** Writes a policy whose paths are relative to it. */
function writePolicy(name: string, rule: string, attestations = ''): string {
  const path = join(policies, `${name}.yaml`);
  const anchors = '[{cosign: {key: cosign.pub}}, {notation: {trustPolicy: trustpolicy.json, trustStore: truststore}}]';
  writeFileSync(
    path,
    `apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: ${name}}\nspec:\n  mode: deny\n` +
      `  select: {repositories: ["gated/**"]}\n  signatures: {${rule.replace('ANCHORS', anchors)}}\n${attestations}`,
  );
  return path;
}

/** Exit code and decision of `plombe policy check`. */
async function decide(image: PushedImage, ...paths: readonly string[]): Promise<readonly unknown[]> {
  const flags = paths.flatMap((path) => ['--policy', path]);
  const { code, stdout, stderr } = await over('policy', 'check', image.tagged, ...flags, '-o', 'json');
  if (!stdout.startsWith('{')) throw new Error(`ended with ${code}: ${stdout}${stderr}`);
  return [code, (JSON.parse(stdout) as { decision: string }).decision];
}

describe.skipIf(missing.length > 0)('a policy with anchors of cosign and notation', () => {
  it('takes either under anyOf, and both under allOf', async () => {
    const [bare, byCosign, byNotation, byBoth] = await Promise.all(
      ['bare', 'cosign', 'notation', 'both'].map((name) => pushImage(registry, `gated/${name}`)),
    );
    if (bare === undefined || byCosign === undefined || byNotation === undefined || byBoth === undefined) return;
    for (const { pinned } of [byCosign, byBoth]) await cosign.sign(`${key}.key`, pinned);
    for (const { pinned } of [byNotation, byBoth]) await notation.sign('leaf', pinned, 'cose');
    const either = writePolicy('either', 'atLeast: 1, anyOf: ANCHORS');
    const both = writePolicy('both', 'allOf: ANCHORS');
    const two = writePolicy('two', 'atLeast: 2, anyOf: ANCHORS');
    const [allow, deny] = [
      [0, 'allow'],
      [1, 'deny'],
    ];
    expect(await decide(bare, either)).toEqual(deny);
    expect(await decide(byCosign, either)).toEqual(allow);
    expect(await decide(byNotation, either)).toEqual(allow);
    expect(await decide(byCosign, both)).toEqual(deny);
    expect(await decide(byNotation, both)).toEqual(deny);
    expect(await decide(byBoth, both)).toEqual(allow);
    expect(await decide(byCosign, two)).toEqual(deny);
    expect(await decide(byBoth, two)).toEqual(allow);
    // All that select the repository must hold.
    expect(await decide(byCosign, either, both)).toEqual(deny);
    const verify = async (image: PushedImage, path: string): Promise<number | undefined> =>
      (await over('verify', image.tagged, '--policy', path)).code;
    expect([await verify(byNotation, either), await verify(byNotation, both)]).toEqual([0, 1]);
  });

  it('wants attestations of cosign by the right key, and of the right type', async () => {
    const image = await pushImage(registry, 'gated/attested');
    await cosign.sign(`${key}.key`, image.pinned);
    const wants = '  attestations: [{type: slsaprovenance1, maxAgeDays: 30, key: cosign.pub}]\n';
    const undated = '  attestations: [{type: slsaprovenance1, key: cosign.pub}]\n';
    const policy = writePolicy('attested', 'atLeast: 1, anyOf: ANCHORS', undated);
    const aged = writePolicy('aged', 'atLeast: 1, anyOf: ANCHORS', wants);
    expect(await decide(image, policy)).toEqual([1, 'deny']);
    const predicate = writePredicate(home, 'provenance', {
      buildDefinition: { buildType: 'https://example.test/build', externalParameters: {} },
      runDetails: { builder: { id: 'https://example.test/builder' } },
    });
    const stranger = await cosign.generate('stranger');
    await cosign.attest(`${stranger}.key`, image.pinned, 'slsaprovenance1', predicate);
    expect(await decide(image, policy)).toEqual([1, 'deny']);
    await cosign.attest(`${key}.key`, image.pinned, 'slsaprovenance1', predicate);
    expect(await decide(image, policy)).toEqual([0, 'allow']);
    // Nobody proves when it was signed, so its age is not known.
    expect((await decide(image, aged))[1]).not.toBe('allow');
  });

  it('gives decisions that cosign verifies, as passed and as failed', async () => {
    const image = await pushImage(registry, 'gated/decided');
    const policy = writePolicy('decided', 'atLeast: 1, anyOf: ANCHORS');
    const attest = ['policy', 'check', image.tagged, '--policy', policy, '--attest', '--key', `${key}.key`];
    const types = ['https://slsa.dev/verification_summary/v1', 'https://in-toto.io/attestation/svr/v0.2'];
    const verify = (type: string, by: string): ReturnType<Cosign['run']> =>
      cosign.run(['verify-attestation', ...verifyFlags(`${by}.pub`), '--type', type, image.pinned]);
    const stranger = await cosign.generate('other');
    expect((await verify(types[0] ?? '', key)).code).not.toBe(0);
    expect((await over(...attest)).code).toBe(1);
    await cosign.sign(`${key}.key`, image.pinned);
    expect((await over(...attest)).code).toBe(0);
    for (const type of types) {
      expect(await verify(type, key)).toMatchObject({ code: 0 });
      expect((await verify(type, stranger)).code).not.toBe(0);
    }
  });
});
