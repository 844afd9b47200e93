// Ways around the scan that a pusher may try: the bad content is nowhere visible afterwards, by whatever name it came.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { digestOf } from '@plombe/oci';
import { scannedPolicy, signedPolicy, statusOf } from './testing/policies.ts';
import { imageWith, indexOf, manifestOf, push, subjectOf, type MadeManifest } from './testing/push.ts';
import { startStage, type Stage } from './testing/stage.ts';

const clean = imageWith('4.17.21');
const bad = imageWith('4.17.11');
const [badConfig = Buffer.alloc(0), badLayer = Buffer.alloc(0)] = bad.blobs.map((bytes) => Buffer.from(bytes));
const keeping = scannedPolicy.replace('maxSeverity: medium}', 'maxSeverity: medium}, onViolation: quarantine');
const indexType = 'application/vnd.oci.image.index.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const config = { mediaType: configType, bytes: badConfig };

/** Puts a manifest as it is and returns the status. */
async function put(stage: Stage, path: string, { bytes, mediaType }: MadeManifest): Promise<number> {
  const answer = await fetch(`http://${stage.host}/v2/prod/app/manifests/${path}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${Buffer.from('pusher:x').toString('base64')}`, 'content-type': mediaType },
    body: new Uint8Array(bytes),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Pushes, whatever comes of it, and expects that nobody who only reads can have it. */
async function expectHidden(stage: Stage, made: MadeManifest): Promise<void> {
  await push(stage.client('pusher'), stage.host, 'prod/app', made, 'tag').catch(() => undefined);
  await push(stage.client('pusher'), stage.host, 'prod/app', made).catch(() => undefined);
  await stage.gate.settled();
  for (const name of ['tag', made.digest]) expect(await statusOf(stage, 'prod/app', name)).toBe(404);
  const list = await stage.get('/v2/prod/app/tags/list', 'reader');
  expect(await list.text()).not.toContain('tag"');
}

test.each([
  ['a layer of docker', 'application/vnd.docker.image.rootfs.diff.tar.gzip', badLayer],
  ['packed, and said not to be', 'application/vnd.oci.image.layer.v1.tar', badLayer],
  ['not packed, and said to be', 'application/vnd.oci.image.layer.v1.tar+gzip', gunzipSync(badLayer)],
  ['packed otherwise than said', 'application/vnd.oci.image.layer.v1.tar+zstd', badLayer],
  ['not distributed', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', badLayer],
  ['foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', badLayer],
  ['of a type that nobody knows', 'application/x-layer', badLayer],
  ['of bytes', 'application/octet-stream', badLayer],
  ['encrypted, it says', 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted', badLayer],
  ['in capitals', 'APPLICATION/VND.OCI.IMAGE.LAYER.V1.TAR+GZIP', badLayer],
])('T38 a bad layer that is %s', async (_, mediaType, bytes) => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
  await expectHidden(stage, manifestOf({ config, layers: [{ mediaType, bytes }] }));
});

test('T38 a layer that is not there, and comes later', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
  const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  const made = manifestOf({ config, layers: [{ mediaType, bytes: badLayer }] });
  await expectHidden(stage, { ...made, blobs: [badConfig] });
  const login = { authorization: `Basic ${Buffer.from('pusher:x').toString('base64')}` };
  const query = `digest=${digestOf(badLayer)}`;
  const body = { method: 'POST', headers: login, body: new Uint8Array(badLayer) };
  await fetch(`http://${stage.host}/v2/prod/app/blobs/uploads/?${query}`, body);
  expect(await statusOf(stage, 'prod/app', made.digest)).toBe(404);
});

test.each([
  [
    'a config of another kind',
    manifestOf({
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', bytes: badConfig },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: badLayer }],
    }),
  ],
  [
    'an empty config',
    manifestOf({
      config: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: badLayer }],
    }),
  ],
  [
    'a subject',
    manifestOf({
      config,
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: badLayer }],
      extra: { subject: subjectOf(clean), artifactType: 'application/vnd.cncf.notary.signature' },
    }),
  ],
  [
    'a signature before it',
    manifestOf({
      config,
      layers: [
        { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', bytes: Buffer.from('{}') },
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes: badLayer },
      ],
    }),
  ],
  ['an index of nothing', indexOf([])],
  ['an index of what is not there', indexOf([bad])],
] as const)('T38 %s', async (_, made) => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
  await push(stage.client('pusher'), stage.host, 'prod/app', clean);
  await expectHidden(stage, made);
});

test('T38 T49 a bad platform below as many indexes as there may be', async () => {
  const stage = await startStage({
    policies: { 'gate.yaml': keeping },
  });
  const client = stage.client('pusher');
  await push(client, stage.host, 'prod/app', clean);
  await push(client, stage.host, 'prod/app', bad);
  let nested = indexOf([clean, { ...bad, platform: { os: 'windows', architecture: 'amd64' } }]);
  for (let depth = 0; depth < 6; depth++) {
    await push(client, stage.host, 'prod/app', nested, `depth${depth}`).catch(() => undefined);
    expect(await statusOf(stage, 'prod/app', `depth${depth}`)).toBe(404);
    expect(await statusOf(stage, 'prod/app', nested.digest)).toBe(404);
    nested = indexOf([clean, nested]);
  }
  const attested = indexOf([clean, { ...bad, platform: { os: 'unknown', architecture: 'unknown' } }], {
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  });
  await push(client, stage.host, 'prod/app', attested, 'attested').catch(() => undefined);
  expect(await statusOf(stage, 'prod/app', 'attested')).toBe(404);
});

/** Entries of an index as their author likes them. */
function indexWith(entries: readonly object[], extra: object = {}, mediaType = indexType): MadeManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries, ...extra }));
  return { bytes, digest: digestOf(bytes), mediaType, blobs: [] };
}

const entry = ({ mediaType, digest, bytes }: MadeManifest, more: object = {}): object => ({
  mediaType,
  digest,
  size: bytes.length,
  ...more,
});

test.each([
  ['an entry without a platform', indexWith([entry(clean), entry(bad)])],
  [
    'a version of Windows that no node has',
    indexWith([
      entry(clean),
      entry(bad, { platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.0.0' } }),
    ]),
  ],
  [
    'an architecture that there is not',
    indexWith([entry(clean), entry(bad, { platform: { os: 'linux', architecture: '6502' } })]),
  ],
  [
    'an entry that says it is an artifact',
    indexWith([entry(clean), entry(bad, { artifactType: 'application/spdx+json' })]),
  ],
  [
    'an entry that says it is attested',
    indexWith([
      entry(clean),
      entry(bad, {
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': clean.digest,
        },
      }),
    ]),
  ],
  [
    "docker's list",
    indexWith([entry(clean), entry(bad)], {}, 'application/vnd.docker.distribution.manifest.list.v2+json'),
  ],
  ['an index that refers to a clean image', indexWith([entry(clean), entry(bad)], { subject: subjectOf(clean) })],
  [
    'an index that says it is an artifact',
    indexWith([entry(bad)], {
      subject: subjectOf(clean),
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    }),
  ],
  ['the bad one alone', indexWith([entry(bad)])],
  ['the bad one first and twice', indexWith([entry(bad), entry(clean), entry(bad)])],
])('T49 in an index: %s', async (_, made) => {
  const stage = await startStage({ policies: { 'gate.yaml': keeping } });
  const client = stage.client('pusher');
  // Both are there, the bad one in quarantine: nothing is missing that could be the reason.
  await push(client, stage.host, 'prod/app', clean);
  await push(client, stage.host, 'prod/app', bad);
  await expectHidden(stage, made);
});

test('T49 a platform that is deleted and comes back is judged again, and its index shows no other', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy }, signers: ['ops'] });
  const client = stage.client('pusher');
  const index = indexOf([clean]);
  await push(client, stage.host, 'prod/app', clean);
  await push(client, stage.host, 'prod/app', index, 'multi');
  expect(await statusOf(stage, 'prod/app', 'multi')).toBe(200);
  const login = { authorization: `Basic ${Buffer.from('cleaner:x').toString('base64')}` };
  const url = `http://${stage.host}/v2/prod/app/manifests/${clean.digest}`;
  expect((await fetch(url, { method: 'DELETE', headers: login })).status).toBe(202);
  expect(await statusOf(stage, 'prod/app', clean.digest)).toBe(404);
  stage.writePolicy('gate.yaml', signedPolicy);
  await stage.gate.reload();
  await push(client, stage.host, 'prod/app', clean).catch(() => undefined);
  await stage.gate.settled();
  for (const name of ['multi', index.digest, clean.digest])
    expect(await statusOf(stage, 'prod/app', name)).not.toBe(200);
});

test('T38 the same bytes under a digest of another algorithm, and under many tags at once', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
  await push(stage.client('pusher'), stage.host, 'prod/app', bad, 'x').catch(() => undefined);
  const sha512 = `sha512:${createHash('sha512').update(bad.bytes).digest('hex')}`;
  for (const path of [sha512, `${sha512}?tag=a&tag=b`, `${bad.digest}?tag=a&tag=b`, bad.digest.replace(':', '%3A')]) {
    expect(await put(stage, path, bad)).toBe(403);
  }
  for (const name of ['a', 'b', sha512, bad.digest]) expect(await statusOf(stage, 'prod/app', name)).toBe(404);
});

test('T38 a statement whose config is the layer of an image, so that it could be read', async () => {
  const stage = await startStage({ policies: { 'gate.yaml': scannedPolicy } });
  await push(stage.client('pusher'), stage.host, 'prod/app', clean);
  await push(stage.client('pusher'), stage.host, 'prod/app', bad).catch(() => undefined);
  for (const mediaType of ['application/vnd.oci.empty.v1+json', configType, 'application/octet-stream']) {
    const made = manifestOf({
      config: { mediaType, bytes: badLayer },
      layers: [{ mediaType: 'application/vnd.in-toto+json', bytes: Buffer.from('{}') }],
      extra: { subject: subjectOf(clean), artifactType: 'application/vnd.in-toto+json' },
    });
    await expectHidden(stage, made);
    const { subject: _, ...plain } = JSON.parse(made.bytes.toString()) as Record<string, unknown>;
    const bytes = Buffer.from(JSON.stringify(plain));
    expect(await put(stage, digestOf(bytes), { ...made, bytes })).toBe(403);
  }
  expect((await stage.get(`/v2/prod/app/blobs/${digestOf(badLayer)}`, 'reader')).status).toBe(404);
});
