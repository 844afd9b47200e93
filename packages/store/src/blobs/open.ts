// Opens the blobs of a server, wherever they are; the SDK of an object store is loaded here, and only where one is named.
import type { Clock } from '@plombe/model';
import type { BlobAddress } from './address.ts';
import type { ObjectNetwork } from './agent.ts';
import type { AzureCredentials } from './azure/azure.ts';
import type { BlobStore } from './blob-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openRemoteBlobs, type RemoteBlobsOptions } from './remote.ts';
import type { S3Credentials } from './s3/s3.ts';

/** What an object store is reached with. */
export interface ObjectAccess {
  readonly azure: AzureCredentials;
  readonly s3: S3Credentials;
  readonly network: ObjectNetwork;
}

/** Opens blobs in an object store and lists once, so that a wrong name or credential is told at start. Throws `config/invalid`, `store/unreachable`. */
export async function openBlobsElsewhere(
  address: BlobAddress,
  access: ObjectAccess,
  options: RemoteBlobsOptions,
  ctx: { readonly clock: Clock },
): Promise<BlobStore> {
  const objects = await openObjects(address, access, ctx);
  const first = objects.list('blobs/')[Symbol.asyncIterator]();
  await first.next();
  await first.return?.();
  return openRemoteBlobs(objects, options);
}

async function openObjects(
  address: BlobAddress,
  { azure, s3, network }: ObjectAccess,
  ctx: { readonly clock: Clock },
): Promise<ObjectStore> {
  if (address.kind === 'azure') {
    const { openAzureObjects } = await import('./azure/azure.ts');
    return openAzureObjects(address, azure, network, ctx);
  }
  const { openS3Objects } = await import('./s3/s3.ts');
  return openS3Objects(address, s3, network, ctx);
}
