// Images made of literals: each layer a real gzip'd tar with right digests, read through the same pass as any other.
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import type { Context, Digest, Image, ImageLayer } from '@plombe/model';

/** A context with a fixed clock and no output. */
export function testContext(overrides: Partial<Context> = {}): Context {
  return {
    clock: { nowMs: () => Date.parse('2026-11-24T00:00:00Z') },
    random: (sizeBytes) => randomBytes(sizeBytes),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    fetch: () => Promise.reject(new Error('no network in tests')),
    signal: new AbortController().signal,
    ...overrides,
  };
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** Returns the layer of these entries. `opened` counts how often it was read. */
export function layerOf(index: number, entries: readonly TarEntry[], opened?: { count: number }): ImageLayer {
  return tarLayer(index, writeTar(entries), opened);
}

export function tarLayer(index: number, tar: Uint8Array, opened?: { count: number }): ImageLayer {
  const blob = gzipSync(tar);
  return {
    index,
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: digestOf(blob),
    diffID: digestOf(tar),
    sizeBytes: blob.length,
    createdBy: `RUN step-${index}`,
    content: {
      kind: 'tar',
      async *open() {
        if (opened !== undefined) opened.count += 1;
        yield await Promise.resolve(blob);
      },
    },
  };
}

/** Returns an image of these layers. */
export function imageOf(layers: readonly ImageLayer[]): Image {
  return {
    subject: 'test',
    source: 'oci',
    platform: { os: 'linux', architecture: 'amd64' },
    config: { labels: {} },
    layers,
    close: () => Promise.resolve(),
  };
}

/** The text of a dpkg status file. */
export function dpkgStatus(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nMaintainer: X\nDescription: x\n`,
    )
    .join('\n');
}

export const debianRelease: TarEntry = {
  path: 'etc/os-release',
  content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
};
