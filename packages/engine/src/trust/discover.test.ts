import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { createRegistryClient, digestOf, parseReference, type RegistryClient } from '@plombe/oci';
import { startMemoryRegistry, type MemoryOptions, type MemoryRegistry } from '@plombe/oci/testing';
import { testContext } from '../testing/images.ts';
import { discoverEnvelopes, type Discovery } from './discover.ts';
import { bundleType, dsseType, simpleSigningType } from './media-types.ts';

const ctx = testContext();
const { signal } = ctx;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const subject = digestOf(Buffer.from('image'));
const other = digestOf(Buffer.from('other image'));

interface Artifact {
  readonly layers: readonly (readonly [mediaType: string, text: string])[];
  readonly subject?: Digest;
  readonly artifactType?: string;
  readonly config?: string;
}

class Place {
  readonly client: RegistryClient;
  readonly registry: MemoryRegistry;
  readonly reference;

  constructor(registry: MemoryRegistry) {
    this.registry = registry;
    this.client = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, ctx);
    this.reference = parseReference(`${registry.host}/app:1`);
  }

  async blob(text: string): Promise<{ digest: Digest; size: number }> {
    const bytes = Buffer.from(text);
    const content = { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] };
    await this.client.writer.pushBlob(this.reference, content, { signal });
    return { digest: content.digest, size: bytes.length };
  }

  async bytesOf(artifact: Artifact): Promise<Buffer> {
    const config = { mediaType: artifact.config ?? 'application/vnd.oci.empty.v1+json', ...(await this.blob('{}')) };
    const layers = await Promise.all(
      artifact.layers.map(async ([type, text]) => ({
        mediaType: type,
        ...(await this.blob(text)),
        annotations: { 'dev.cosignproject.cosign/signature': text },
      })),
    );
    const about = artifact.subject === undefined ? {} : { subject: { mediaType, digest: artifact.subject, size: 5 } };
    const { artifactType } = artifact;
    return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, artifactType, config, layers, ...about }));
  }

  /** Stores the artifact as a referrer of `listedFor`, or under a tag. */
  async put(artifact: Artifact, where: { readonly listedFor?: Digest; readonly tag?: string }): Promise<Digest> {
    const bytes = await this.bytesOf(artifact);
    if (where.tag !== undefined) {
      return this.client.writer.pushManifest({ ...this.reference, tag: where.tag }, { bytes, mediaType }, { signal });
    }
    const entry = { subject: where.listedFor ?? subject, artifactType: artifact.artifactType ?? '', annotations: {} };
    return (await this.client.writer.pushReferrer(this.reference, { bytes, mediaType }, entry, { signal })).digest;
  }

  find(limits?: { manifests: number; bytes: number }): Promise<Discovery> {
    return discoverEnvelopes(this.client, this.reference, subject, ctx, limits);
  }
}

async function place(options: MemoryOptions = {}): Promise<Place> {
  return new Place(await startMemoryRegistry(options));
}

const tag = (suffix: string): string => `${subject.replace(':', '-')}${suffix}`;

describe.each([[{ referrers: true }], [{ referrers: false }]])('discovery with %j', (options) => {
  test('finds each kind by the layers of the manifest', async () => {
    const at = await place(options);
    await at.put({ layers: [[bundleType, 'bundle']], artifactType: bundleType, subject }, {});
    await at.put(
      { layers: [['application/jose+json', 'jws']], config: 'application/vnd.cncf.notary.signature', subject },
      {},
    );
    await at.put({ layers: [['application/cose', 'cose']], subject }, {});
    await at.put({ layers: [['application/spdx+json', 'sbom']], subject }, {});
    const old = 'application/vnd.dev.sigstore.bundle+json;version=0.2';
    await at.put({ layers: [[old, 'old bundle']], artifactType: 'application/vnd.oci.empty.v1+json', subject }, {});
    await at.put(
      {
        layers: [
          [simpleSigningType, 's1'],
          [simpleSigningType, 's2'],
        ],
      },
      { tag: tag('.sig') },
    );
    await at.put({ layers: [[dsseType, 'd']] }, { tag: tag('.att') });
    const { envelopes, ignored, limits } = await at.find();
    const found = envelopes.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`);
    expect(found.sort()).toEqual(
      [
        'bundle bundle',
        'bundle old bundle',
        'cose cose',
        'dsse d',
        'jws jws',
        'simple-signing s1',
        'simple-signing s2',
      ].sort(),
    );
    expect(envelopes.find(({ kind }) => kind === 'dsse')?.annotations).toEqual({
      'dev.cosignproject.cosign/signature': 'd',
    });
    expect([ignored, limits]).toEqual([[], []]);
  });

  test('nothing there is nothing found', async () => {
    expect(await (await place(options)).find()).toEqual({ envelopes: [], ignored: [], limits: [] });
  });

  test('an image in place of the list of referrers is told, and hides nothing that the registry lists itself', async () => {
    const at = await place(options);
    await at.put({ layers: [[bundleType, 'x']], subject }, {});
    const image = await at.put({ layers: [['application/vnd.oci.image.layer.v1.tar', 'layer']] }, { tag: tag('') });
    const { envelopes, ignored, limits } = await at.find();
    expect([envelopes.length, limits]).toEqual([options.referrers ? 1 : 0, []]);
    expect(ignored).toEqual([
      {
        digest: image,
        reason: expect.stringContaining(`under the tag ${tag('')} is an image, not the list`) as string,
      },
    ]);
  });

  test('T29 limits on manifests and bytes are told, never passed over', async () => {
    const at = await place(options);
    for (const text of ['a', 'b', 'c']) await at.put({ layers: [[bundleType, text.repeat(1000)]], subject }, {});
    const few = await at.find({ manifests: 2, bytes: 1e6 });
    expect(few.envelopes.length).toBe(2);
    expect(few.limits.join()).toContain('more than 2 referrers');
    const small = await at.find({ manifests: 10, bytes: 4000 });
    expect(small.envelopes.length).toBeLessThan(3);
    expect(small.limits.join()).toContain('was reached');
    expect((await at.find({ manifests: 3, bytes: 1e6 })).limits).toEqual([]);
  });
});

describe('what lies about itself', () => {
  test('T34 T45 a manifest about another digest is ignored with the reason, wherever it is listed', async () => {
    const at = await place();
    await at.put({ layers: [[bundleType, 'x']], subject: other }, {});
    await at.put({ layers: [[bundleType, 'y']] }, {});
    await at.put({ layers: [[simpleSigningType, 'z']], subject: other }, { tag: tag('.sig') });
    const { envelopes, ignored } = await at.find();
    expect(envelopes).toEqual([]);
    expect(ignored.map(({ reason }) => reason.replace(/^sha256:\S+ /, '')).sort()).toEqual([
      `is listed as a referrer of ${subject} and names no subject.`,
      `names another subject, ${other}.`,
      `names another subject, ${other}.`,
    ]);
  });

  test('T27 a blob or manifest of another digest, a missing one and an index hide nothing else', async () => {
    const at = await place();
    const good = await at.put({ layers: [[bundleType, 'good']], subject }, {});
    const bad = await at.put({ layers: [[bundleType, 'bad']], subject }, {});
    const swapped = at.registry.manifests.get(`app@${bad}`)?.bytes ?? Buffer.from('');
    (at.registry.manifests as Map<string, unknown>).set(`app@${bad}`, {
      bytes: Buffer.from(`${swapped.toString()} `),
      mediaType,
    });
    const gone = digestOf(Buffer.from('gone'));
    const list = at.registry.manifests.get(`app:${tag('')}`)?.bytes.toString() ?? '';
    const index = JSON.parse(list) as { manifests: object[] };
    index.manifests.push({ mediaType, digest: gone, size: 1 });
    const nested = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] }));
    const nestedDigest = await at.client.writer.pushManifest(
      { ...at.reference, tag: 'nested' },
      { bytes: nested, mediaType: indexType },
      { signal },
    );
    index.manifests.push({ mediaType: indexType, digest: nestedDigest, size: nested.length });
    await at.client.writer.pushManifest(
      { ...at.reference, tag: tag('') },
      { bytes: Buffer.from(JSON.stringify(index)), mediaType: indexType },
      { signal },
    );
    const { envelopes, ignored, limits } = await at.find();
    expect(envelopes.map(({ manifest }) => manifest)).toEqual([good]);
    expect(ignored.map(({ digest = '' }) => digest).sort()).toEqual([bad, gone, nestedDigest].sort());
    expect(limits).toEqual([]);
  });

  test('T29 a list that cannot be read decides nothing', async () => {
    const at = await place();
    const bytes = Buffer.from('{"schemaVersion":2,"manifests":[{"digest":"sha256:x"}]}');
    await at.client.writer.pushManifest({ ...at.reference, tag: tag('') }, { bytes, mediaType: indexType }, { signal });
    const { limits } = await at.find();
    expect(limits.join()).toContain('cannot be listed');
  });

  test('a registry that fails is no empty answer', async () => {
    const at = await place();
    const failing = { ...at.client, fetchManifest: () => Promise.reject(new Error(createHash('md5').digest('hex'))) };
    await expect(discoverEnvelopes(failing, at.reference, subject, ctx)).rejects.toThrow();
  });
});
