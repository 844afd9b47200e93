// What tests of hostile registries share: a client with short waits, and outcomes as text.
import type { Descriptor } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { digestOf } from '../manifest/verify.ts';
import { parseReference } from '../reference/reference.ts';
import { createRegistryClient, type RegistryClient, type RegistryOptions } from '../registry/client.ts';
import { networkContext } from './context.ts';

/** A manifest without layers. */
export const emptyManifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(Buffer.of(1)), size: 1 },
  layers: [],
};

const { signal } = new AbortController();

/** Runs with a client over plain http that tries three times with hardly a wait. */
export async function withClient<T>(options: RegistryOptions, use: (client: RegistryClient) => Promise<T>): Promise<T> {
  const retry = { attempts: 3, baseMs: 1, maxWaitMs: 20 };
  const client = createRegistryClient({ plainHttp: true, retry, ...options }, networkContext());
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Returns `done`, or code, message and remedy of the error. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (thrown) {
    if (isPlombeError(thrown)) return `${thrown.code}: ${thrown.message} ${thrown.remedy}`;
    throw thrown;
  }
  return 'done';
}

/** Fetches the manifest `app:1` and tells the outcome. */
export function fetchTag(host: string, options: RegistryOptions = {}): Promise<string> {
  const reference = parseReference(`${host}/app:1`);
  return outcome(withClient(options, (client) => client.fetchManifest(reference, { signal })));
}

/** Reads a blob of `app` whole. */
export async function readBlob(
  host: string,
  descriptor: Descriptor,
  options: RegistryOptions = {},
  offset = 0,
): Promise<Buffer> {
  return withClient(options, async (client) => {
    const chunks: Uint8Array[] = [];
    const blob = client.openBlob(parseReference(`${host}/app:1`), descriptor, { signal, offset });
    for await (const chunk of blob) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

/** Returns a credential for one host. */
export function password(host: string): RegistryOptions {
  return { credentials: { [host]: { kind: 'password', username: 'u', password: 'p' } } };
}

/** Returns the descriptor of a layer with these bytes. */
export function descriptorOf(bytes: Uint8Array): Descriptor {
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(bytes), sizeBytes: bytes.length };
}
