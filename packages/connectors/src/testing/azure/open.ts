// A connector and a client over the double, with the identity of one of its applications, and images pushed through them.
import { onTestFinished } from 'vitest';
import type { Digest } from '@plombe/model';
import { createRegistryClient, digestOf, type RegistryClient, type RegistryOptions } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { acrConnector, type AcrOptions } from '../../registries/acr/index.ts';
import type { RegistryConnector } from '../../registries/connector.ts';
import type { AzureDouble } from './start.ts';

const { signal } = new AbortController();

/** Network options that lead to the double, as the application with this index. */
export function networkOf({ world, caFile, proxy }: AzureDouble, n = 0): RegistryOptions {
  const application = world.applications[n];
  return {
    caFiles: [caFile],
    proxy: { https: proxy },
    retry: { attempts: 4, baseMs: 1 },
    ...(application === undefined
      ? {}
      : {
          entra: {
            identity: 'service-principal' as const,
            tenantId: world.tenant,
            clientId: application.clientId,
            clientSecret: application.clientSecret,
          },
        }),
  };
}

/** Opens the connector; it is closed with the test. */
export function openAcr(double: AzureDouble, options: Partial<AcrOptions> = {}, n = 0): RegistryConnector {
  const { world } = double;
  const connector = acrConnector(
    { registry: world.loginServer, network: networkOf(double, n), ...options },
    networkContext(signal, () => world.nowMs),
  );
  onTestFinished(() => connector.close());
  return connector;
}

/** Opens a plain registry client as the application; it is closed with the test. */
export function openClient(double: AzureDouble, n = 0): RegistryClient {
  const client = createRegistryClient(
    networkOf(double, n),
    networkContext(signal, () => double.world.nowMs),
  );
  onTestFinished(() => client.close());
  return client;
}

/** Pushes an image whose only layer is the text; returns its digest. `subject` makes it a referrer. */
export async function pushImage(
  client: RegistryClient,
  registry: string,
  repository: string,
  text: string,
  options: { readonly tag?: string; readonly subject?: { readonly digest: Digest; readonly size: number } } = {},
): Promise<Digest> {
  const blob = async (bytes: Buffer): Promise<{ digest: Digest; size: number }> => {
    const digest = digestOf(bytes);
    await client.writer.pushBlob(
      { registry, repository },
      { digest, sizeBytes: bytes.length, open: () => [bytes] },
      { signal },
    );
    return { digest, size: bytes.length };
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      ...(options.subject === undefined
        ? {}
        : { artifactType: 'application/vnd.example.signature', subject: { mediaType, ...options.subject } }),
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await blob(Buffer.from('{}'))) },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await blob(Buffer.from(text))) }],
    }),
  );
  const reference = { registry, repository, ...(options.tag === undefined ? {} : { tag: options.tag }) };
  return client.writer.pushManifest(reference, { bytes, mediaType }, { signal });
}
