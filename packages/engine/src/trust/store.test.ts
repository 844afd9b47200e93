import { describe, expect, test } from 'vitest';
import { createRegistryClient, digestOf, parseReference } from '@plombe/oci';
import { startMemoryRegistry } from '@plombe/oci/testing';
import { legacyTag } from '@plombe/trust';
import { testContext } from '../testing/images.ts';
import { storeBundle, storeUnderTag, type StoreTarget } from './store.ts';

const ctx = testContext();
const { signal } = ctx;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

function targetOf(host: string): StoreTarget {
  const client = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, ctx);
  const digest = digestOf(Buffer.from('image'));
  const subject = { reference: parseReference(`${host}/app:1`), digest, mediaType, sizeBytes: 5 };
  return { client, subject, signal };
}

function layer(text: string): Parameters<typeof storeUnderTag>[2] {
  return { mediaType: 'text/plain', blob: Buffer.from(text), annotations: { signature: text } };
}

describe('a tag of cosign', () => {
  test('keeps the layers of every signer, also of those that sign at once, and each once', async () => {
    const { host, manifests } = await startMemoryRegistry();
    const texts = ['a', 'b', 'c', 'd'];
    await Promise.all(texts.map((text) => storeUnderTag(targetOf(host), 'sig', layer(text))));
    const target = targetOf(host);
    const again = await storeUnderTag(target, 'sig', layer('b'));
    const stored = manifests.get(`app:${legacyTag(target.subject.digest, 'sig')}`);
    const document = JSON.parse(stored?.bytes.toString() ?? '') as {
      config: { digest: string };
      layers: { digest: string; annotations: { signature: string } }[];
    };
    expect(again).toEqual({ manifest: digestOf(stored?.bytes ?? Buffer.of()), listedBy: 'cosign-tag' });
    expect(document.layers.map(({ annotations }) => annotations.signature).sort()).toEqual(texts);
    // The same payload signed by another is another signature.
    await storeUnderTag(target, 'sig', { ...layer('b'), annotations: { signature: 'other' } });
    const now = manifests.get(`app:${legacyTag(target.subject.digest, 'sig')}`)?.bytes.toString() ?? '';
    expect((JSON.parse(now) as typeof document).layers.length).toBe(5);
  });
});

test('a bundle is a referrer with an empty config, and its list entry repeats type and annotations', async () => {
  const { host, manifests } = await startMemoryRegistry();
  const target = targetOf(host);
  const predicateType = 'https://example.com/p';
  const { manifest, listedBy } = await storeBundle(target, {
    bytes: Buffer.from('{}'),
    predicateType,
    createdMs: 1500,
  });
  expect(listedBy).toBe('tag');
  const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
    'org.opencontainers.image.created': '1970-01-01T00:00:01Z',
  };
  const empty = { digest: digestOf(Buffer.from('{}')), size: 2 };
  const stored = manifests.get(`app@${manifest}`)?.bytes ?? Buffer.of();
  expect(JSON.parse(stored.toString())).toEqual({
    schemaVersion: 2,
    mediaType,
    artifactType: bundleType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...empty },
    layers: [{ mediaType: bundleType, ...empty }],
    subject: { mediaType, digest: target.subject.digest, size: 5 },
    annotations,
  });
  const list = manifests.get(`app:${target.subject.digest.replace(':', '-')}`)?.bytes.toString() ?? '';
  expect((JSON.parse(list) as { manifests: object[] }).manifests).toEqual([
    { mediaType, digest: manifest, size: stored.length, artifactType: bundleType, annotations },
  ]);
});
