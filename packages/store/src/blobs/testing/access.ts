// How tests open blobs in an object store that runs on this machine.
import type { BlobStore } from '../blob-store.ts';
import { parseBlobAddress } from '../address.ts';
import { openBlobsElsewhere } from '../open.ts';

/** Opens the blobs at an address with the credentials of an environment. */
export function openTestBlobs(
  address: string,
  { AZURE_STORAGE_KEY: key, AZURE_STORAGE_SAS_TOKEN: sas, ...aws }: Readonly<Record<string, string>>,
  options: { readonly folder: string; readonly redirects?: boolean },
): Promise<BlobStore> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = aws;
  return openBlobsElsewhere(
    parseBlobAddress(address),
    {
      azure: { ...(key === undefined ? {} : { key }), ...(sas === undefined ? {} : { sas }) },
      s3: {
        ...(accessKeyId === undefined ? {} : { accessKeyId }),
        ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
      },
      network: {},
    },
    { redirects: false, ...options },
    { clock: { nowMs: () => Date.now() } },
  );
}
