// Scan evidence of indexes: signed, about all that they list and about nothing else, whatever that is, and after a restart too.
import { objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { gatherEvidence, verifyAttestations } from '@plombe/engine';
import { openSigstoreAnchor } from '@plombe/engine';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyText, scannedPolicy, statusOf } from './testing/policies.ts';
import { imageWith, indexOf, manifestOf, push, type MadeManifest } from './testing/push.ts';
import { startStage, type Stage } from './testing/stage.ts';

const arm64 = { os: 'linux', architecture: 'arm64' };
const clean = imageWith('4.17.21');
const other = { ...imageWith('4.17.21', 'arm'), platform: arm64 };
const bad = { ...imageWith('4.17.11', 'bad'), platform: arm64 };
const vulns = 'https://in-toto.io/attestation/vulns/v0.2';
const cyclonedx = 'https://cyclonedx.org/bom';
const nothing = { 'gate.yaml': scannedPolicy };

/** What BuildKit puts beside an image. */
const provenance = {
  ...manifestOf({
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', bytes: Buffer.from('{"os":"unknown"}') },
    layers: [{ mediaType: 'application/vnd.in-toto+json', bytes: Buffer.from('{"_type":"x"}') }],
  }),
  platform: { os: 'unknown', architecture: 'unknown' },
};
const chart = manifestOf({
  config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', bytes: Buffer.from('{}') },
  layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', bytes: Buffer.from('chart') }],
});

async function pushAll(stage: Stage, repository: string, ...made: readonly MadeManifest[]): Promise<void> {
  for (const one of made) await push(stage.client('pusher'), stage.host, repository, one);
}

/** Predicates of the type about the digest that the gate's key signed. */
async function attested(
  stage: Stage,
  repository: string,
  digest: Digest,
  type = vulns,
): Promise<readonly JsonObject[]> {
  await stage.gate.settled();
  const keys = {
    variable: () => undefined,
    passphrase: '',
    vault: { open: () => Promise.reject(new Error('no vault')) },
  };
  const anchor = await openSigstoreAnchor({ keys: [join(stage.folder, 'data', 'keys', 'gate.pub')] }, keys);
  const place = { registry: stage.host, repository, digest };
  const report = await verifyAttestations(await gatherEvidence(stage.client('signer'), place, stage.ctx), {
    anchor,
    type,
  });
  return report.attestations.map(({ verdict, statement = {} }) => {
    expect(verdict).toBe('verified');
    expect(objectsField(statement, 'subject')).toMatchObject([{ digest: { sha256: digest.slice(7) } }]);
    return objectField(statement, 'predicate') ?? {};
  });
}

const digestsIn = (predicate: JsonObject | undefined, name: string) =>
  objectsField(predicate ?? {}, name).map((one) => textField(one, 'digest'));

describe('an accepted index', () => {
  it('gets one scan and one inventory over all its platforms, and its records', async () => {
    const stage = await startStage({ policies: nothing });
    await pushAll(stage, 'dev/app', clean, bad, provenance);
    const index = indexOf([clean, bad, provenance]);
    await push(stage.client('pusher'), stage.host, 'dev/app', index, 'multi');
    const [scan, ...more] = await attested(stage, 'dev/app', index.digest);
    expect(more).toEqual([]);
    expect(scan).toMatchObject({
      scanner: { result: [{ id: 'CVE-2019-10744', annotations: [{ package: 'lodash', images: [bad.digest] }] }] },
      platforms: [
        { digest: clean.digest, findings: { critical: 0 } },
        { digest: bad.digest, findings: { critical: 1 } },
      ],
      skipped: [{ digest: provenance.digest, kind: 'statement' }],
    });
    const [bom] = await attested(stage, 'dev/app', index.digest, cyclonedx);
    expect(
      objectsField(bom ?? {}, 'components').map(({ name, version }) => `${String(name)} ${String(version)}`),
    ).toEqual(expect.arrayContaining(['lodash 4.17.21', 'lodash 4.17.11']));
    expect(await stage.records(index.digest)).toEqual(['push accepted', 'inventory', 'scan']);
    // What is said of an image stays what is said of it.
    for (const { digest } of [clean, bad]) expect(await attested(stage, 'dev/app', digest)).toHaveLength(1);
    expect((await attested(stage, 'dev/app', clean.digest))[0]).toMatchObject({ scanner: { result: [] } });
  });

  it('that repeats an image, through indexes too, says so once and is read once', async () => {
    const stage = await startStage({ policies: nothing });
    const inner = indexOf([clean, { ...clean, platform: arm64 }, clean]);
    const outer = indexOf([inner, inner, clean, other]);
    await pushAll(stage, 'prod/app', clean, other, inner);
    await push(stage.client('pusher'), stage.host, 'prod/app', outer, 'multi');
    const [scan] = await attested(stage, 'prod/app', outer.digest);
    expect(digestsIn(scan, 'platforms')).toHaveLength(2);
    expect(new Set(digestsIn(scan, 'platforms'))).toEqual(new Set([clean.digest, other.digest]));
    expect(await attested(stage, 'prod/app', inner.digest)).toMatchObject([
      { platforms: [{ digest: clean.digest, platform: 'linux/amd64', listedAs: ['linux/arm64'] }] },
    ]);
  });

  it('of indexes a thousand times over costs what it has of distinct ones', async () => {
    const stage = await startStage({ policies: nothing });
    const many = <T>(one: T): readonly T[] => Array.from({ length: 1000 }, () => one);
    const inner = indexOf(many(clean));
    const middle = indexOf(many(inner));
    const outer = indexOf(many(middle));
    await pushAll(stage, 'prod/app', clean, inner, middle);
    await push(stage.client('pusher'), stage.host, 'prod/app', outer, 'multi');
    expect(await statusOf(stage, 'prod/app', 'multi')).toBe(200);
    expect(digestsIn((await attested(stage, 'prod/app', outer.digest))[0], 'platforms')).toEqual([clean.digest]);
  });

  it('that is nested too deep is unassessable, and says where', async () => {
    const stage = await startStage({ policies: nothing });
    const nest = [indexOf([clean])];
    for (let n = 0; n < 3; n++) nest.push(indexOf([nest.at(-1) as MadeManifest]));
    await pushAll(stage, 'dev/app', clean, ...nest);
    const [scan] = await attested(stage, 'dev/app', (nest[3] as MadeManifest).digest);
    expect(scan).toMatchObject({
      assessment: { state: 'unassessable' },
      platforms: [],
      skipped: [{ digest: nest[0]?.digest, kind: 'depth' }],
    });
  });

  it('with an artifact in it is never read as clean', async () => {
    const stage = await startStage({ policies: nothing });
    const index = indexOf([clean, chart]);
    await pushAll(stage, 'dev/app', clean, chart, index);
    expect(await attested(stage, 'dev/app', index.digest)).toMatchObject([
      {
        assessment: {
          state: 'unassessable',
          causes: expect.arrayContaining([expect.objectContaining({ scope: chart.digest })]) as unknown,
        },
        platforms: [{ digest: clean.digest }, { digest: chart.digest, state: 'unassessable' }],
      },
    ]);
    const empty = indexOf([]);
    await pushAll(stage, 'dev/app', empty);
    expect(await attested(stage, 'dev/app', empty.digest)).toMatchObject([
      { assessment: { state: 'unassessable' }, platforms: [] },
    ]);
  });

  it('gets it after the next start where the server ended before, and so do its images', async () => {
    const stage = await startStage({ policies: nothing });
    await pushAll(stage, 'dev/app', clean, bad);
    const index = indexOf([clean, bad]);
    await push(stage.client('pusher'), stage.host, 'dev/app', index, 'multi');
    // No time is left to attach.
    await stage.stop();
    await stage.restart();
    for (const { digest } of [index, clean, bad]) {
      expect(await attested(stage, 'dev/app', digest)).toHaveLength(1);
      expect((await stage.records(digest)).toSorted()).toEqual(['inventory', 'push accepted', 'scan']);
    }
    await stage.restart();
    expect(await attested(stage, 'dev/app', index.digest)).toHaveLength(1);
  });
});

describe("a policy on the gate's own statements", () => {
  const demands = policyText(
    'gate',
    '{select: {repositories: ["prod/**"]}, attestations: [{type: vulns, key: data/keys/gate.pub, conditions: [{name: none, expression: "predicate.scanner.result.size() == 0"}]}]}',
  );

  it('takes what is said of an index for each image of it alone', async () => {
    const open = policyText('gate', '{select: {repositories: ["none/**"]}, configuration: {noLatestTag: true}}');
    const stage = await startStage({ policies: { 'gate.yaml': open } });
    await pushAll(stage, 'prod/app', clean, bad);
    const index = indexOf([clean, bad]);
    await push(stage.client('pusher'), stage.host, 'prod/app', index, 'multi');
    await stage.gate.settled();
    stage.writePolicy('gate.yaml', demands);
    await stage.gate.reload();
    await stage.gate.settled();
    // The other platform's findings are not its own; an index is as good as its worst platform.
    expect(await statusOf(stage, 'prod/app', clean.digest)).toBe(200);
    expect(await statusOf(stage, 'prod/app', bad.digest)).toBe(403);
    expect(await statusOf(stage, 'prod/app', 'multi')).toBe(403);
  });
});
