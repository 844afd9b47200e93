// A registry with an image in it, for tests of signing: docker's own where it is installed, and one in memory that lists referrers.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createRegistryClient, digestOf, parseReference, type RegistryClient, type RegistryOptions } from '@plombe/oci';
import { startMemoryRegistry } from '@plombe/oci/testing';
import { hasProgram, startRegistry } from '@plombe/oci/testing/peers';

/** `docker`: without the referrers API; `memory`: with it. */
export type RegistryKind = 'docker' | 'memory';

/** The kinds that this machine has; docker's is missed loudly. */
export const registryKinds: readonly RegistryKind[] = hasProgram('docker-registry') ? ['docker', 'memory'] : ['memory'];
if (registryKinds.length < 2) console.warn("SKIPPED: signing with docker's registry (missing: docker-registry)");

const { signal } = new AbortController();

/** A registry that ends with the test. */
export interface TestRegistry {
  readonly host: string;
  readonly client: RegistryClient;
  /** Pushes an image of one config that holds `text`, and returns its digest. */
  readonly push: (name: string, text: string) => Promise<string>;
}

/** Starts a registry. */
export async function openTestRegistry(kind: RegistryKind): Promise<TestRegistry> {
  const host = kind === 'memory' ? (await startMemoryRegistry({ referrers: true })).host : await startDocker();
  const client = openClient();
  return { host, client, push: (name, text) => pushImage(client, `${host}/${name}`, text) };
}

/** Pushes an image to a registry that wants a login. */
export function pushTestImage(
  reference: string,
  text: string,
  credentials: NonNullable<RegistryOptions['credentials']>,
): Promise<string> {
  return pushImage(openClient(credentials), reference, text);
}

function openClient(credentials: RegistryOptions['credentials'] = {}): RegistryClient {
  const client = createRegistryClient(
    { plainHttp: true, credentials },
    {
      clock: { nowMs: () => Date.now() },
      random: (size) => randomBytes(size),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
      fetch: () => Promise.reject(new Error('not used')),
      signal,
    },
  );
  onTestFinished(() => client.close());
  return client;
}

async function pushImage({ writer }: RegistryClient, name: string, text: string): Promise<string> {
  const reference = parseReference(name);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { text } },
      rootfs: { type: 'layers', diff_ids: [] },
    }),
  );
  const content = { digest: digestOf(config), sizeBytes: config.length, open: () => [config] };
  await writer.pushBlob(reference, content, { signal });
  const descriptor = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: content.digest,
    size: config.length,
  };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: descriptor, layers: [] }));
  return writer.pushManifest(reference, { bytes, mediaType }, { signal });
}

async function startDocker(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-registry-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return startRegistry({ folder });
}
