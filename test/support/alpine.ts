// Pushes an Alpine image of chosen packages, with a config that sets user and labels.
import { writeTar } from '@plombe/formats/testing';
import { digestOf, parseReference } from '@plombe/oci';
import { apkInstalled, osRelease } from './images.ts';
import type { TestRegistry } from './registry.ts';

const { signal } = new AbortController();

/** Pushes it and returns its reference. */
export async function pushAlpine(
  { host, client }: TestRegistry,
  name: string,
  packages: Readonly<Record<string, string>>,
): Promise<string> {
  const reference = parseReference(`${host}/${name}`);
  const layer = writeTar([osRelease, { path: 'lib/apk/db/installed', content: apkInstalled(packages) }]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { User: '10001', Labels: { owner: 'team' } },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  const blobs = [];
  for (const bytes of [config, layer]) {
    const content = { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] };
    await client.writer.pushBlob(reference, content, { signal });
    blobs.push({ digest: content.digest, size: bytes.length });
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...blobs[0] },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...blobs[1] }],
  };
  await client.writer.pushManifest(reference, { bytes: Buffer.from(JSON.stringify(manifest)), mediaType }, { signal });
  return `${host}/${name}`;
}
