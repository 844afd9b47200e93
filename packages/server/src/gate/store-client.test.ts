// The registry as the gate sees it: every state, what is about to be stored, and no more than a repository has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoverEnvelopes } from '../../../engine/src/trust/discover.ts';
import {
  defaultRules,
  openDatabase,
  openFolderBlobs,
  openRegistry,
  registryMigrations,
  type RegistryStore,
} from '@plombe/store';
import { digestOf, referrersTag } from '@plombe/oci';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { outcome } from '../../../oci/src/testing/client.ts';
import { networkContext } from '../../../oci/src/testing/context.ts';
import { classify } from './classify.ts';
import { storeClient } from './store-client.ts';
import { putManifest } from './store-writer.ts';
import { imageWith, indexOf, manifestOf, subjectOf, type MadeManifest } from './testing/push.ts';

const ctx = networkContext();
const place = { registry: '', repository: 'team/app' };
const image = imageWith('4.17.21');
let store: RegistryStore;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-gate-store-'));
  const db = openDatabase(join(folder, 'state.db'), registryMigrations);
  const opened = await openRegistry({
    db,
    blobs: openFolderBlobs(folder),
    folder,
    rules: defaultRules,
    clock: ctx.clock,
  });
  store = opened;
  onTestFinished(async () => {
    await opened.close();
    db.close();
    rmSync(folder, { recursive: true });
  });
});

async function put(
  made: MadeManifest,
  state: 'visible' | 'quarantined' = 'visible',
  tags: readonly string[] = [],
): Promise<void> {
  const { writer } = storeClient(store);
  for (const bytes of made.blobs)
    await writer.pushBlob(place, { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] }, ctx);
  await putManifest(store, { ...made, repository: place.repository, state, tags });
}

/** A Sigstore bundle about `subject` that nobody has signed. */
function bundleAbout(subject: MadeManifest, salt: string): MadeManifest {
  const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  return manifestOf({
    config: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
    layers: [{ mediaType: type, bytes: Buffer.from('{"mediaType":"x"}') }],
    extra: { artifactType: type, subject: subjectOf(subject), annotations: { salt } },
  });
}

describe('the client over the store', () => {
  it('sees what is in quarantine, by tag and digest', async () => {
    await put(image, 'quarantined', ['1']);
    const client = storeClient(store);
    for (const reference of [
      { ...place, tag: '1' },
      { ...place, digest: image.digest },
    ])
      expect((await client.fetchManifest(reference, ctx)).digest).toBe(image.digest);
    expect(await client.listTags(place, ctx)).toEqual(['1']);
  });

  it('sees what is about to be stored, in its repository alone', async () => {
    const client = storeClient(store, { pending: { ...image, repository: 'team/app' } });
    expect((await client.fetchManifest({ ...place, digest: image.digest }, ctx)).digest).toBe(image.digest);
    expect(
      await outcome(client.fetchManifest({ registry: '', repository: 'other/app', digest: image.digest }, ctx)),
    ).toContain('registry/not-found');
  });

  it('has no blob that is not in the repository, whoever else has it (T36)', async () => {
    await put(image);
    const [bytes = Buffer.alloc(0)] = image.blobs;
    const descriptor = { mediaType: 'x', digest: digestOf(bytes), sizeBytes: bytes.length };
    const client = storeClient(store);
    expect(await client.fetchBlob(place, descriptor, 1e6, ctx)).toEqual(bytes);
    const other = { registry: '', repository: 'other/app' };
    expect(await outcome(client.fetchBlob(other, descriptor, 1e6, ctx))).toContain('registry/not-found');
    expect(await outcome(Array.fromAsync(client.openBlob(other, descriptor, ctx)))).toContain('registry/not-found');
    expect(await outcome(client.fetchBlob(place, { ...descriptor, sizeBytes: 1 }, bytes.length - 1, ctx))).toContain(
      'registry/not-found',
    );
  });

  it('joins referrers with those that a copy left under the fallback tag', async () => {
    await put(image);
    const [one, two] = [bundleAbout(image, '1'), bundleAbout(image, '2')];
    await put(one);
    await put(two);
    await put(indexOf([two]), 'visible', [referrersTag(image.digest)]);
    const { descriptors, complete } = await storeClient(store).listReferrers(place, image.digest, {
      signal: ctx.signal,
      maxEntries: 10,
    });
    expect(descriptors.map(({ digest }) => digest).sort()).toEqual([one.digest, two.digest].sort());
    expect(complete).toBe(true);
  });

  it('says that there is more than it may read (T29)', async () => {
    await put(image);
    const many = Array.from({ length: 1001 }, (_, n) => bundleAbout(image, `${n}`));
    await put(many[0] as MadeManifest);
    await Promise.all(
      many.map((made) => putManifest(store, { ...made, repository: 'team/app', state: 'visible', tags: [] })),
    );
    const { limits } = await discoverEnvelopes(storeClient(store), place, image.digest, ctx);
    expect(limits.join(' ')).toContain('more than 1000');
  });

  it('changes a tag as cosign does, keeping what is there', async () => {
    const { writer } = storeClient(store);
    await put(image);
    const tag = 'sha256-x.sig';
    const seen: (string | undefined)[] = [];
    for (const made of [image, undefined])
      await writer.updateTag(
        { ...place, tag },
        async (current) => {
          seen.push(current?.document.kind);
          return made;
        },
        ctx,
      );
    expect(seen).toEqual([undefined, 'manifest']);
  });
});

describe('what a manifest is', () => {
  const classifyMade = (made: MadeManifest, tags: readonly string[] = [], known = false) =>
    classify(
      { ...made, repository: 'team/app', tags },
      { client: storeClient(store), signal: ctx.signal, isStatement: () => known },
    );

  it('is refused where it is two things at once (T26)', async () => {
    const bytes = Buffer.from(image.bytes.toString().replace(/}$/, ',"manifests":[]}'));
    expect(await outcome(classifyMade({ ...image, bytes, digest: digestOf(bytes) }))).toContain(
      'registry/manifest-invalid',
    );
  });

  it('is a statement by subject, type and content together', async () => {
    const bundle = bundleAbout(image, '');
    await put(image);
    await put(bundle);
    expect(await classifyMade(bundle)).toEqual({ kind: 'statement', subject: image.digest });
    const { subject: _, ...rest } = JSON.parse(bundle.bytes.toString()) as Record<string, unknown>;
    const bytes = Buffer.from(JSON.stringify(rest));
    expect((await classifyMade({ ...bundle, bytes, digest: digestOf(bytes) })).kind).toBe('image');
  });

  it('is a list of statements only where every entry is one about the tag’s digest', async () => {
    const bundle = bundleAbout(image, '');
    await put(image);
    await put(bundle);
    const tag = referrersTag(image.digest);
    expect(await classifyMade(indexOf([bundle]), [tag], true)).toEqual({ kind: 'listing', subject: image.digest });
    expect((await classifyMade(indexOf([bundle]), [tag], false)).kind).toBe('index');
    expect((await classifyMade(indexOf([bundle]), ['other'], true)).kind).toBe('index');
    expect((await classifyMade(indexOf([bundle, image]), [tag], true)).kind).toBe('index');
    expect((await classifyMade(indexOf([bundle]), [referrersTag(bundle.digest)], true)).kind).toBe('index');
  });

  it('is BuildKit’s attestation by digest alone', async () => {
    const made = manifestOf({
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', bytes: Buffer.from('{"rootfs":{}}') },
      layers: [
        {
          mediaType: 'application/vnd.in-toto+json',
          bytes: Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}'),
        },
      ],
    });
    await put(made);
    expect(await classifyMade(made)).toEqual({ kind: 'statement' });
    expect((await classifyMade(made, ['latest'])).kind).toBe('image');
  });
});
