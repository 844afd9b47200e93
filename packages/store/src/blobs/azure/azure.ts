// Azure Blob Storage as an object store: block blobs, whose block list is committed when all blocks are there.
import type { Agent } from 'node:http';
import type {
  BlobServiceClient,
  ContainerClient,
  RequestPolicyFactory,
  StorageSharedKeyCredential,
  UserDelegationKey,
} from '@azure/storage-blob';
import type { Clock } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import type { AzureAddress } from '../address.ts';
import { agentFor, type ObjectNetwork } from '../agent.ts';
import type { ObjectStore, PartedUpload } from '../object-store.ts';
import { answerOf, unreachable } from '../unreachable.ts';

/** An Entra token for https://storage.azure.com. */
export type StorageToken = (signal?: AbortSignal) => Promise<{ readonly value: string; readonly expiresAtMs: number }>;

/** One of the ways to be let in; a key is taken first, then a SAS, then Entra. */
export interface AzureCredentials {
  /** AZURE_STORAGE_KEY */
  readonly key?: string;
  /** AZURE_STORAGE_SAS_TOKEN: of the container or account, with read, create, write, delete and list. */
  readonly sas?: string;
  readonly token?: StorageToken;
}

/** Tokens are for Azure's own hosts only: whoever else got one could read every account that the identity may (T31). */
const tokenHosts = /\.blob\.(?:core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)|storage\.azure\.net)$/;
/** Clocks of clients and of Azure differ by as much. */
const skewMs = 300_000;
/** A key that signs addresses for Entra identities is asked for so seldom. */
const delegationMs = 6 * 3_600_000;

/** Opens the container; nothing is asked of it yet. Throws `config/invalid` without credentials. */
export async function openAzureObjects(
  address: AzureAddress,
  credentials: AzureCredentials,
  network: ObjectNetwork,
  { clock }: { readonly clock: Clock },
): Promise<ObjectStore> {
  const { prefix, place, endpoint } = address;
  const sdk = await import('@azure/storage-blob');
  const { service, shared } = clientOf(sdk, address, credentials, agentFor(endpoint, network));
  const container = service.getContainerClient(address.container);
  const blobOf = (name: string): ReturnType<ContainerClient['getBlockBlobClient']> =>
    container.getBlockBlobClient(`${prefix}${name}`);
  const unlessAbsent = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      const { status, code } = answerOf(error);
      if (status === 404 && code !== 'ContainerNotFound') return undefined;
      throw unreachable(place, error);
    });
  const asked = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw unreachable(place, error);
    });

  let delegation: { readonly key: UserDelegationKey; readonly untilMs: number } | undefined;
  const delegated = async (): Promise<UserDelegationKey> => {
    const nowMs = clock.nowMs();
    if (delegation === undefined || delegation.untilMs < nowMs + delegationMs / 2) {
      const untilMs = nowMs + delegationMs;
      const key = await asked(service.getUserDelegationKey(new Date(nowMs - skewMs), new Date(untilMs)));
      delegation = { key, untilMs };
    }
    return delegation.key;
  };

  return {
    stat: async (name) => {
      const found = await unlessAbsent(blobOf(name).getProperties());
      if (found === undefined) return undefined;
      return { sizeBytes: found.contentLength ?? 0, modifiedAtMs: found.lastModified?.getTime() ?? 0 };
    },
    get: async (name, range) => {
      const count = range === undefined ? undefined : range.end - range.start + 1;
      const found = await unlessAbsent(blobOf(name).download(range?.start ?? 0, count, { maxRetryRequests: 3 }));
      return found?.readableStreamBody as import('node:stream').Readable | undefined;
    },
    put: async (name, bytes) => {
      await asked(blobOf(name).upload(bytes, bytes.length));
    },
    begin: async (name, sizeBytes, partBytes) => blockUpload(blobOf(name), { place, sizeBytes, partBytes }),
    delete: async (name) => {
      await unlessAbsent(blobOf(name).delete({ deleteSnapshots: 'include' }));
    },
    list: async function* list(start) {
      const pages = container.listBlobsFlat({ prefix: `${prefix}${start}` })[Symbol.asyncIterator]();
      for (let next = await asked(pages.next()); next.done !== true; next = await asked(pages.next())) {
        const { name, properties } = next.value;
        yield {
          name: name.slice(prefix.length),
          sizeBytes: properties.contentLength ?? 0,
          modifiedAtMs: properties.lastModified.getTime(),
        };
      }
    },
    // Azure removes blocks that no list names after a week.
    removeUnfinished: async () => {},
    link: async (name, forMs) => {
      const isTls = endpoint.protocol === 'https:';
      const nowMs = clock.nowMs();
      const values = {
        containerName: address.container,
        blobName: `${prefix}${name}`,
        permissions: sdk.BlobSASPermissions.parse('r'),
        startsOn: new Date(nowMs - skewMs),
        expiresOn: new Date(nowMs + forMs),
        protocol: isTls ? sdk.SASProtocol.Https : sdk.SASProtocol.HttpsAndHttp,
      };
      // What a SAS allows cannot be narrowed, and to hand it on would let clients write.
      if (shared === undefined && credentials.token === undefined) return undefined;
      const sas =
        shared === undefined
          ? sdk.generateBlobSASQueryParameters(values, await delegated(), address.account)
          : sdk.generateBlobSASQueryParameters(values, shared);
      return new URL(`${blobOf(name).url}?${sas.toString()}`);
    },
  };
}

type Sdk = typeof import('@azure/storage-blob');

function clientOf(
  sdk: Sdk,
  { account, endpoint }: AzureAddress,
  { key, sas, token }: AzureCredentials,
  agent: Agent,
): { readonly service: BlobServiceClient; readonly shared?: StorageSharedKeyCredential } {
  const url = endpoint.href.replace(/\/$/, '');
  // The place of the store's own failures: retried three times within a minute.
  const options = {
    retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 10_000, tryTimeoutInMs: 60_000 },
  };
  const over = (credential: Parameters<Sdk['newPipeline']>[0]): BlobServiceClient => {
    const pipeline = sdk.newPipeline(credential, options);
    pipeline.factories.push(through(agent));
    return new sdk.BlobServiceClient(
      sas === undefined || key !== undefined ? url : `${url}?${sas.replace(/^\?/, '')}`,
      pipeline,
    );
  };
  if (key !== undefined) {
    const shared = new sdk.StorageSharedKeyCredential(account, key);
    return { service: over(shared), shared };
  }
  if (sas !== undefined) return { service: over(new sdk.AnonymousCredential()) };
  if (token === undefined || endpoint.protocol !== 'https:' || !tokenHosts.test(endpoint.hostname)) {
    throw new PlombeError('config/invalid', `There are no credentials for the storage account ${account}.`, {
      remedy: 'Set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or an Entra identity for an endpoint of Azure.',
    });
  }
  return {
    service: over({
      getToken: async (_, { abortSignal } = {}) => {
        const { value, expiresAtMs } = await token(abortSignal as AbortSignal | undefined);
        return { token: value, expiresOnTimestamp: expiresAtMs };
      },
    }),
  };
}

/** Has every request use the agent. */
function through(agent: Agent): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest: (request) => {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  };
}

/**
 * The name of a block tells its place and size, so that two who store the same blob at once store the same blocks: whoever commits second commits
 * those of the first.
 */
function blockUpload(
  blob: ReturnType<ContainerClient['getBlockBlobClient']>,
  { place, sizeBytes, partBytes }: { readonly place: string; readonly sizeBytes: number; readonly partBytes: number },
): PartedUpload {
  const idOf = (index: number): string => Buffer.from(`${pad(partBytes)}-${pad(index)}`).toString('base64');
  return {
    add: async ({ index, bytes }) => {
      await blob.stageBlock(idOf(index), bytes, bytes.length).catch((error: unknown) => {
        throw unreachable(place, error);
      });
    },
    complete: async (count) => {
      try {
        await blob.commitBlockList(Array.from({ length: count }, (_, index) => idOf(index)));
      } catch (error) {
        // Someone who stored the same blob whole dropped the blocks, but then it is there.
        const found = await blob.getProperties().catch(() => undefined);
        if (found?.contentLength !== sizeBytes) throw unreachable(place, error);
      }
    },
    abort: async () => {},
  };
}

function pad(value: number): string {
  return String(value).padStart(12, '0');
}
