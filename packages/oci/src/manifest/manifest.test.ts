import type { Descriptor, Platform } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseImageConfig } from './config.ts';
import { joinLayers, requireImage } from './layers.ts';
import { parseManifest, type IndexDocument, type ManifestDocument } from './manifest.ts';
import { choosePlatform, imageEntries, parsePlatform } from './platform.ts';
import { digestOf, verifyDigest } from './verify.ts';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const digest = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`;
const oci = 'application/vnd.oci.image.';
const layerType = `${oci}layer.v1.tar+gzip`;
const blob = (n: number, mediaType = layerType): object => ({ mediaType, digest: digest(n), size: n });
const image = (layers: unknown[], extra: object = {}): object => ({
  schemaVersion: 2,
  mediaType: `${oci}manifest.v1+json`,
  config: blob(1, `${oci}config.v1+json`),
  layers,
  ...extra,
});
const entry = (n: number, platform?: object, extra: object = {}): object => ({
  ...blob(n, `${oci}manifest.v1+json`),
  ...(platform ? { platform } : {}),
  ...extra,
});
const index = (...manifests: unknown[]): object => ({ schemaVersion: 2, mediaType: `${oci}index.v1+json`, manifests });

function parseIndex(value: object): IndexDocument {
  const document = parseManifest(bytes(value), { subject: 'x' });
  if (document.kind !== 'index') throw new Error('not an index');
  return document;
}

function parseImage(value: object): ManifestDocument {
  const document = parseManifest(bytes(value), { subject: 'x' });
  if (document.kind !== 'manifest') throw new Error('not a manifest');
  return document;
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'accepted';
}

const manifestRefusal = (value: unknown, contentType?: string): string =>
  refusal(() => parseManifest(bytes(value), { subject: 'x', ...(contentType ? { contentType } : {}) }));

describe('parseManifest', () => {
  test('reads OCI and docker manifests and indexes', () => {
    const parsed = parseImage(image([blob(2), blob(3)], { annotations: { a: 'b', c: 1 }, subject: blob(9) }));
    expect(parsed.layers.map((layer) => layer.sizeBytes)).toEqual([2, 3]);
    expect([parsed.subject?.digest, { ...parsed.annotations }]).toEqual([digest(9), { a: 'b' }]);
    const docker = parseManifest(
      bytes({
        schemaVersion: 2,
        mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
        manifests: [entry(1, { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' })],
      }),
      { subject: 'x', contentType: 'application/vnd.docker.distribution.manifest.list.v2+json; charset=utf-8' },
    ) as IndexDocument;
    expect(docker.manifests[0]?.platform).toEqual({ os: 'windows', architecture: 'amd64', osVersion: '10.0.1' });
    const { mediaType: _, ...untyped } = image([]) as { mediaType: string };
    expect(manifestRefusal(untyped)).toBe('accepted');
    expect(manifestRefusal(untyped, `${oci}manifest.v1+json`)).toBe('accepted');
    expect(manifestRefusal(image([]), 'application/json')).toBe('accepted');
  });

  test.each([
    ['not JSON', '{', 'is not JSON'],
    ['a list', [], 'not a JSON object'],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'schema 1'],
    ['no version', { manifests: [] }, 'schemaVersion'],
    ['nothing', { schemaVersion: 2 }, 'neither'],
    ['a size that is text', image([{ ...blob(2), size: '2' }]), 'without a valid size'],
    ['a negative size', image([{ ...blob(2), size: -1 }]), 'without a valid size'],
    ['no config', { schemaVersion: 2, layers: [] }, 'descriptor'],
    ['a descriptor that is text', image(['x']), 'no object'],
    ['an untyped layer', image([{ ...blob(2), mediaType: undefined }]), 'without mediaType'],
    ['1,001 layers', image(Array.from({ length: 1001 }, () => blob(2))), '1000 layers'],
  ])('refuses %s', (_, value, part) => {
    expect(manifestRefusal(value)).toContain(part);
  });

  test('T26 refuses documents that can be read as two things', () => {
    const both = { ...image([]), manifests: [] };
    expect(manifestRefusal(both)).toContain('ambiguous');
    expect(manifestRefusal({ ...both, mediaType: `${oci}index.v1+json` })).toContain('ambiguous');
    expect(manifestRefusal({ ...index(), mediaType: `${oci}manifest.v1+json` })).toContain('ambiguous');
    expect(manifestRefusal(index(), `${oci}manifest.v1+json`)).toContain('ambiguous');
    expect(manifestRefusal({ ...image([]), mediaType: 7 })).toContain('no text');
    const text = JSON.stringify(image([blob(2)]));
    expect(manifestRefusal(text.replace('"layers"', '"layers":[],"layers"'))).toContain('twice');
    expect(manifestRefusal(text.replace('"layers"', '"Layers":[],"layers"'))).toContain('twice');
    expect(manifestRefusal(text.replace('"layers"', '"\\u006cayers":[],"layers"'))).toContain('twice');
  });

  test('T27 refuses a digest that is not one, and bytes that have another', () => {
    for (const wrong of ['sha256:../../x', `md5:${'0'.repeat(32)}`, 'sha256:', `sha256:${'A'.repeat(64)}`, '']) {
      expect(manifestRefusal(image([{ ...blob(2), digest: wrong }]))).toContain('registry/manifest-invalid');
    }
    const content = bytes('content');
    expect(() => verifyDigest(content, digestOf(content), 'x')).not.toThrow();
    expect(refusal(() => verifyDigest(bytes('other'), digestOf(content), 'x'))).toContain('archive/digest-mismatch');
  });

  test('T28 refuses a manifest over 4 MiB before parsing it', () => {
    expect(manifestRefusal(' '.repeat(4 * 1024 * 1024 + 1))).toContain('larger than the limit');
  });

  test('T73 reads no property from a prototype', () => {
    const document = parseImage(
      JSON.parse(`{"__proto__":{"x":1},"schemaVersion":2,"config":${JSON.stringify(blob(1))},
      "layers":[],"annotations":{"__proto__":"y"}}`) as object,
    );
    expect(Object.getPrototypeOf(document.annotations)).toBe(null);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('throws nothing but its own error on any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => void manifestRefusal(text)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void manifestRefusal(image([value], { config: value }))));
  });
});

describe('config and layers', () => {
  const config = (diffIDs: unknown[], extra: object = {}): Uint8Array =>
    bytes({
      architecture: 'arm64',
      os: 'linux',
      variant: 'v8',
      rootfs: { type: 'layers', diff_ids: diffIDs },
      ...extra,
    });
  const open = (layer: Descriptor) =>
    ({
      kind: 'tar',
      open: () =>
        (async function* () {
          yield bytes(layer.digest);
        })(),
    }) as const;

  test('joins descriptor, diffID and instruction', () => {
    const parsed = parseImageConfig(
      config([digest(12), digest(13)], {
        created: '2024-01-01T00:00:00Z',
        config: { User: '1000', Env: ['A=1', 2], Labels: { l: '\u001b[31m', n: 3 }, ExposedPorts: { '80/tcp': {} } },
        history: [{ created_by: 'ADD a' }, { created_by: 'ENV x', empty_layer: true }, { created_by: 'RUN b' }],
      }),
      'x',
    );
    expect(parsed.platform).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
    expect(parsed.config).toMatchObject({ user: '1000', env: ['A=1'], exposedPorts: ['80/tcp'] });
    expect({ ...parsed.config.labels }).toEqual({ l: '\u001b[31m' });
    const layers = joinLayers(parseImage(image([blob(2), blob(3)])), parsed, 'x', open);
    expect(layers.map(({ index: at, diffID, createdBy }) => [at, diffID, createdBy])).toEqual([
      [0, digest(12), 'ADD a'],
      [1, digest(13), 'RUN b'],
    ]);
  });

  test('tolerates a history of another length, never a number of diffIDs', () => {
    const parsed = parseImageConfig(config([digest(12)], { history: [{}, {}] }), 'x');
    expect(joinLayers(parseImage(image([blob(2)])), parsed, 'x', open)[0]?.createdBy).toBeUndefined();
    expect(refusal(() => joinLayers(parseImage(image([])), parsed, 'x', open))).toContain('0 layers');
    expect(refusal(() => parseImageConfig(config(['sha256:x']), 'x'))).toContain('diffID');
    expect(refusal(() => parseImageConfig(config([{ toString: 1 }]), 'x'))).toContain('diffID');
  });

  test('T33 never follows the urls of foreign layers, and names layers it cannot read', () => {
    const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
    const manifest = parseImage(
      image([{ ...blob(2, foreign), urls: ['http://169.254.169.254/'] }, blob(3, 'application/x+encrypted')]),
    );
    const parsed = parseImageConfig(config([digest(12), digest(13)]), 'x');
    const causes = joinLayers(manifest, parsed, 'x', open).map((layer) =>
      layer.content.kind === 'absent' ? layer.content.cause : layer.content.kind,
    );
    expect(causes[0]).toContain('not distributed');
    expect(causes[1]).toContain('unknown media type');
  });

  test('says what an artifact is', () => {
    const chart = parseImage({ ...image([]), config: blob(1, 'application/vnd.cncf.helm.config.v1+json') });
    expect(refusal(() => requireImage(chart, 'x'))).toContain('helm');
    const attestation = parseImage(image([blob(2, 'application/vnd.in-toto+json')]));
    expect(refusal(() => requireImage(attestation, 'x'))).toContain('artifact of type "application/vnd.in-toto+json"');
  });
});

describe('choosePlatform', () => {
  const linux = (architecture: string, variant?: string): object => ({ os: 'linux', architecture, variant });
  const many = index(
    entry(1, linux('amd64')),
    entry(2, linux('arm', 'v5')),
    entry(3, linux('arm', 'v7')),
    entry(4, linux('arm64', 'v8')),
    entry(5, { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' }),
    entry(6, { os: 'windows', architecture: 'amd64', 'os.version': '10.0.2' }),
    entry(
      7,
      { os: 'unknown', architecture: 'unknown' },
      { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
    ),
  );
  test.each([
    ['linux/amd64', 1],
    ['linux/x86_64', 1],
    ['linux/amd64/v3', 1],
    ['linux/arm/v6', 2],
    ['linux/arm', 3],
    ['linux/arm/v8', 3],
    ['linux/arm64', 4],
    ['linux/aarch64/v8', 4],
    ['windows/amd64', 5],
    ['windows(10.0.2)/amd64', 6],
  ])('%s is entry %d', (text, n) => {
    expect(choosePlatform(parseIndex(many), parsePlatform(text), 'x').digest).toBe(digest(n));
  });

  test('lists what there is', () => {
    const message = refusal(() => choosePlatform(parseIndex(many), parsePlatform('linux/riscv64'), 'x'));
    expect(message).toContain(
      'linux/riscv64; it has linux/amd64, linux/arm/v5, linux/arm/v7, linux/arm64/v8, windows/amd64.',
    );
    expect(refusal(() => choosePlatform(parseIndex(many), parsePlatform('linux/arm/v4'), 'x'))).toContain(
      'registry/platform',
    );
    expect(refusal(() => parsePlatform('linux'))).toContain('config/invalid');
  });

  test('takes the only image where no platform was asked for', () => {
    const only = parseIndex(index(entry(1, linux('s390x')), entry(7, { os: 'unknown', architecture: 'unknown' })));
    expect(choosePlatform(only, undefined, 'x').digest).toBe(digest(1));
    expect(refusal(() => choosePlatform(only, { os: 'linux', architecture: 'amd64' } as Platform, 'x'))).toContain(
      's390x',
    );
  });

  test('T38 every image of an index is listed once: all platforms, Windows too, no attestation', () => {
    const doubled = parseIndex({
      ...many,
      manifests: [...(many as { manifests: object[] }).manifests, entry(8, linux('amd64')), entry(1)],
    });
    expect(imageEntries(doubled).map((item) => Number(item.digest.slice(-1)))).toEqual([1, 2, 3, 4, 5, 6, 8]);
  });
});
