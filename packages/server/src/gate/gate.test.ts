// The gate end to end: what is pushed is accepted, refused with the reasons, or kept in quarantine until somebody signs it.
import type { Digest } from '@plombe/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { outcome } from '../../../oci/src/testing/client.ts';
import { imageWith, indexOf, manifestOf, push, subjectOf, type MadeManifest } from './testing/push.ts';
import { scannedPolicy, sign, signedPolicy, statusOf } from './testing/policies.ts';
import { startStage, type Stage } from './testing/stage.ts';

const clean = imageWith('4.17.21');
const bad = imageWith('4.17.11');

const scanned = { 'gate.yaml': scannedPolicy };
const signed = { 'gate.yaml': signedPolicy };

/** Takes a manifest away by digest; answers the status. */
async function remove(stage: Stage, repository: string, digest: Digest): Promise<number> {
  const authorization = `Basic ${Buffer.from('cleaner:x').toString('base64')}`;
  const url = `http://${stage.host}/v2/${repository}/manifests/${digest}`;
  return (await fetch(url, { method: 'DELETE', headers: { authorization } })).status;
}

/** Copies one manifest with its blobs, as `oras cp` does. */
async function copyManifest(stage: Stage, digest: Digest, repository: string, to: string): Promise<void> {
  const client = stage.client('signer');
  const place = { registry: stage.host, repository };
  const { bytes, document } = await client.fetchManifest({ ...place, digest }, stage.ctx);
  const parts = document.kind === 'index' ? [] : [document.config, ...document.layers];
  const blobs = await Promise.all(parts.map((blob) => client.fetchBlob(place, blob, 1e7, stage.ctx)));
  await push(client, stage.host, to, { bytes: Buffer.from(bytes), digest, mediaType: document.mediaType, blobs });
}

describe('a policy on vulnerabilities', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage({ policies: scanned });
  });

  it('accepts a clean image, attaches its scan and records both', async () => {
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    await stage.gate.settled();
    const referrers = (await (await stage.get(`/v2/prod/app/referrers/${digest}`, 'reader')).json()) as {
      manifests: { digest: string; annotations: Record<string, string> }[];
    };
    expect(
      new Set(referrers.manifests.map(({ annotations }) => annotations['dev.sigstore.bundle.predicateType'])),
    ).toEqual(new Set(['https://cyclonedx.org/bom', 'https://in-toto.io/attestation/vulns/v0.2']));
    for (const { digest: one } of referrers.manifests) expect(await statusOf(stage, 'prod/app', one)).toBe(200);
    expect(await stage.records(digest)).toEqual(['push accepted', 'inventory', 'scan']);
  });

  it('refuses a bad one with the reasons in one line', async () => {
    const said = await outcome(push(stage.client('pusher'), stage.host, 'prod/app', bad, '1'));
    expect(said).toContain('registry/forbidden');
    const put = await fetch(`http://${stage.host}/v2/prod/app/manifests/1`, {
      method: 'PUT',
      body: bad.bytes,
      headers: { authorization: `Basic ${Buffer.from('pusher:x').toString('base64')}`, 'content-type': bad.mediaType },
    });
    expect(put.status).toBe(403);
    const body = (await put.json()) as {
      errors: { code: string; message: string; detail: { decision: string; reasons: object[] } }[];
    };
    expect(body.errors[0]).toMatchObject({ code: 'DENIED', detail: { decision: 'deny' } });
    const message = body.errors[0]?.message ?? '';
    expect(message).toMatch(/^plombe: vulnerabilities: .*(CVE-2019-10744|GHSA-jf85-cpcp-j695).*lodash/);
    expect(message.length).toBeLessThanOrEqual(400);
    // Nobody gets it from here, so nobody is told to scan it here.
    expect(message).toMatch(/Upgrade what is named.*plombe scan, where it was built$/);
    expect(message).not.toContain('\n');
    for (const reference of ['1', bad.digest]) expect(await statusOf(stage, 'prod/app', reference, 'signer')).toBe(404);
    expect(await stage.records(bad.digest)).toEqual(['push rejected', 'push rejected']);
  });

  it('asks nothing of a repository that no policy selects', async () => {
    await push(stage.client('pusher'), stage.host, 'dev/app', bad, '1');
    expect(await statusOf(stage, 'dev/app', '1')).toBe(200);
  });

  it('judges an image with a subject as an image', async () => {
    await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    const dressed = imageWith('4.17.11', 'dressed', {
      subject: subjectOf(clean),
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    });
    expect(await outcome(push(stage.client('pusher'), stage.host, 'prod/app', dressed))).toContain(
      'registry/forbidden',
    );
  });

  it.each([
    ['a layer that calls itself a bundle', 'application/vnd.dev.sigstore.bundle.v0.3+json'],
    ['a layer that calls itself an SBOM', 'application/spdx+json'],
    ['a layer that calls itself an envelope', 'application/cose'],
    ['a layer that calls itself text', 'text/spdx'],
  ])('sees through %s', async (_, mediaType) => {
    const disguised = manifestOf({
      config: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
      layers: [{ mediaType, bytes: bad.blobs[1] as Uint8Array }],
      extra: { artifactType: mediaType, subject: subjectOf(clean) },
    });
    expect(await outcome(push(stage.client('pusher'), stage.host, 'prod/app', disguised))).toContain(
      'registry/forbidden',
    );
  });

  it('lets a legacy tag hold signatures alone', async () => {
    const tag = `${clean.digest.replace(':', '-')}.sig`;
    expect(await outcome(push(stage.client('pusher'), stage.host, 'prod/app', bad, tag))).toContain(
      'registry/forbidden',
    );
    expect(
      await outcome(push(stage.client('pusher'), stage.host, 'prod/app', bad, clean.digest.replace(':', '-'))),
    ).toContain('registry/forbidden');
  });

  it('judges every platform of an index, whatever it calls itself (T38)', async () => {
    const client = stage.client('pusher');
    await push(client, stage.host, 'prod/app', clean);
    const good = indexOf([clean]);
    await push(client, stage.host, 'prod/app', good, 'multi');
    expect(await statusOf(stage, 'prod/app', 'multi')).toBe(200);
    await push(client, stage.host, 'dev/app', bad);
    const unknown = { ...bad, platform: { os: 'unknown', architecture: 'unknown' } };
    const mixed: MadeManifest = indexOf([clean, unknown]);
    expect(await outcome(push(client, stage.host, 'prod/app', mixed, 'mixed'))).not.toBe('done');
    expect(await statusOf(stage, 'prod/app', 'mixed')).toBe(404);
  });

  it('leaves what is no container image unknown, and refuses it', async () => {
    const chart = manifestOf({
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', bytes: Buffer.from('{}') },
      layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', bytes: Buffer.from('chart') }],
    });
    expect(await outcome(push(stage.client('pusher'), stage.host, 'prod/app', chart, 'chart'))).toContain(
      'registry/forbidden',
    );
    await push(stage.client('pusher'), stage.host, 'dev/app', chart, 'chart');
  });
});

describe('a policy on signatures that keeps in quarantine', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage({ policies: signed, signers: ['ops', 'other'] });
  });

  it.each(['bundle', 'tag'] as const)('shows an image once it is signed (%s)', async (format) => {
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    for (const reference of ['1', digest]) expect(await statusOf(stage, 'prod/app', reference)).toBe(404);
    expect(await (await stage.get('/v2/prod/app/tags/list', 'reader')).text()).not.toContain('"1"');
    expect(await statusOf(stage, 'prod/app', digest, 'signer')).toBe(200);
    await sign(stage, 'prod/app', digest, { format, by: 'other' });
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
    const referrers = async (who: 'reader' | 'signer') =>
      (await stage.get(`/v2/prod/app/referrers/${digest}`, who)).text();
    expect(await referrers('reader')).not.toContain('digest');
    expect((await referrers('signer')).includes('digest')).toBe(format === 'bundle');
    await sign(stage, 'prod/app', digest, { format });
    for (const reference of ['1', digest]) expect(await statusOf(stage, 'prod/app', reference)).toBe(200);
    await stage.gate.settled();
    expect(await stage.records(digest)).toEqual(
      expect.arrayContaining(['push quarantined', 'push released', 'inventory', 'scan']),
    );
  });

  it('lets a signature on an index vouch for what it lists', async () => {
    const client = stage.client('pusher');
    await push(client, stage.host, 'prod/app', clean);
    const index = indexOf([clean]);
    await push(client, stage.host, 'prod/app', index, 'multi');
    expect(await statusOf(stage, 'prod/app', 'multi')).toBe(404);
    await sign(stage, 'prod/app', index.digest);
    for (const reference of ['multi', index.digest, clean.digest])
      expect(await statusOf(stage, 'prod/app', reference)).toBe(200);
  });

  it('brings platforms out with an index that was signed before it came, and back when it goes', async () => {
    const client = stage.client('pusher');
    const index = indexOf([clean]);
    await push(client, stage.host, 'dev/app', clean);
    await push(client, stage.host, 'dev/app', index, 'multi');
    const signature = await sign(stage, 'dev/app', index.digest);
    await copyManifest(stage, signature, 'dev/app', 'prod/app');
    await push(client, stage.host, 'prod/app', clean);
    expect(await statusOf(stage, 'prod/app', clean.digest)).toBe(404);
    await push(client, stage.host, 'prod/app', index, 'multi');
    for (const reference of ['multi', clean.digest]) expect(await statusOf(stage, 'prod/app', reference)).toBe(200);
    expect(await remove(stage, 'prod/app', index.digest)).toBe(202);
    expect(await statusOf(stage, 'prod/app', clean.digest)).toBe(404);
  });

  it('takes signed platforms for no signed index', async () => {
    const client = stage.client('pusher');
    await push(client, stage.host, 'prod/app', clean);
    await sign(stage, 'prod/app', clean.digest);
    const index = indexOf([clean]);
    await push(client, stage.host, 'prod/app', index, 'multi');
    expect(await statusOf(stage, 'prod/app', 'multi')).toBe(404);
    expect(await statusOf(stage, 'prod/app', clean.digest)).toBe(200);
  });

  it('puts an image back when its signature is deleted', async () => {
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    const signature = await sign(stage, 'prod/app', digest);
    await stage.gate.settled();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    expect(await remove(stage, 'prod/app', signature)).toBe(202);
    expect(await statusOf(stage, 'prod/app', '1')).toBe(404);
    expect((await stage.records(digest)).at(-1)).toBe('push withdrawn');
  });

  it('finds a signature that came before its image', async () => {
    stage.writePolicy('gate.yaml', signedPolicy.replace('quarantine', 'reject'));
    await stage.gate.reload();
    const refused = await outcome(push(stage.client('pusher'), stage.host, 'prod/app', clean, '1'));
    expect(refused).toContain('registry/forbidden');
    const elsewhere = await push(stage.client('pusher'), stage.host, 'dev/app', clean, '1');
    const signature = await sign(stage, 'dev/app', elsewhere);
    await copyManifest(stage, signature, 'dev/app', 'prod/app');
    await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
  });

  it('remembers its decisions across a restart', async () => {
    const digest = await push(stage.client('pusher'), stage.host, 'prod/app', clean, '1');
    await sign(stage, 'prod/app', digest);
    const other = await push(stage.client('pusher'), stage.host, 'prod/app', imageWith('4.17.21', 'other'), '2');
    await stage.restart();
    expect(await statusOf(stage, 'prod/app', '1')).toBe(200);
    expect(await statusOf(stage, 'prod/app', other)).toBe(404);
  });
});
