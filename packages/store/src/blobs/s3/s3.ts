// S3, and what speaks its protocol, as an object store: multipart uploads, which make the object when they are completed.
import type { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import type { CompletedPart, ListMultipartUploadsCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import type { S3Address } from '../address.ts';
import { agentFor, type ObjectNetwork } from '../agent.ts';
import type { ObjectStore, PartedUpload } from '../object-store.ts';
import { answerOf, unreachable } from '../unreachable.ts';

/** Keys of the environment. */
export interface S3Credentials {
  /** AWS_ACCESS_KEY_ID */
  readonly accessKeyId?: string;
  /** AWS_SECRET_ACCESS_KEY */
  readonly secretAccessKey?: string;
  /** AWS_SESSION_TOKEN */
  readonly sessionToken?: string;
}

/** Without a byte for so long a connection is given up, and the request made again. */
const idleMs = 60_000;
const connectMs = 10_000;

/** Opens the bucket; nothing is asked of it yet. Throws `config/invalid` without credentials. */
export async function openS3Objects(
  address: S3Address,
  credentials: S3Credentials,
  network: ObjectNetwork,
  { clock }: { readonly clock: Clock },
): Promise<ObjectStore> {
  const { bucket: Bucket, prefix, place } = address;
  const sdk = await import('@aws-sdk/client-s3');
  const client = clientOf(sdk, address, credentials, network);
  const at = (name: string): { readonly Bucket: string; readonly Key: string } => ({ Bucket, Key: `${prefix}${name}` });
  const asked = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw unreachable(place, error);
    });
  const unlessAbsent = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      const { status, code } = answerOf(error);
      if (status === 404 && code !== 'NoSuchBucket') return undefined;
      throw unreachable(place, error);
    });

  return {
    stat: async (name) => {
      const found = await unlessAbsent(client.send(new sdk.HeadObjectCommand(at(name))));
      if (found === undefined) return undefined;
      return { sizeBytes: found.ContentLength ?? 0, modifiedAtMs: found.LastModified?.getTime() ?? 0 };
    },
    get: async (name, range) => {
      const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
      const found = await unlessAbsent(client.send(new sdk.GetObjectCommand({ ...at(name), ...part })));
      return found?.Body as Readable | undefined;
    },
    put: async (name, bytes) => {
      await asked(client.send(new sdk.PutObjectCommand({ ...at(name), Body: bytes })));
    },
    begin: async (name) => {
      const { UploadId } = await asked(client.send(new sdk.CreateMultipartUploadCommand(at(name))));
      return partedUpload(sdk, client, { ...at(name), UploadId: UploadId ?? '' }, place);
    },
    delete: async (name) => {
      await asked(client.send(new sdk.DeleteObjectCommand(at(name))));
    },
    list: async function* list(start) {
      const pages = sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: `${prefix}${start}` });
      for (let next = await asked(pages.next()); next.done !== true; next = await asked(pages.next())) {
        for (const { Key = '', Size = 0, LastModified } of next.value.Contents ?? []) {
          yield { name: Key.slice(prefix.length), sizeBytes: Size, modifiedAtMs: LastModified?.getTime() ?? 0 };
        }
      }
    },
    removeUnfinished: async (beforeMs) => {
      let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
      while (after !== undefined) {
        const page: ListMultipartUploadsCommandOutput = await asked(
          client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: `${prefix}blobs/`, ...after })),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (Initiated === undefined || Initiated.getTime() >= beforeMs) continue;
          await unlessAbsent(client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
        }
        const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
        after =
          IsTruncated === true && NextKeyMarker !== undefined
            ? {
                KeyMarker: NextKeyMarker,
                ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
              }
            : undefined;
      }
    },
    link: async (name, forMs) => {
      const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
      const signingDate = new Date(clock.nowMs());
      const expiresIn = Math.floor(forMs / 1000);
      return new URL(await asked(getSignedUrl(client, new sdk.GetObjectCommand(at(name)), { expiresIn, signingDate })));
    },
  };
}

type Sdk = typeof import('@aws-sdk/client-s3');

function clientOf(
  sdk: Sdk,
  { bucket, region, endpoint, isInPath }: S3Address,
  { accessKeyId, secretAccessKey, sessionToken }: S3Credentials,
  network: ObjectNetwork,
): S3Client {
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new PlombeError('config/invalid', `There are no credentials for the bucket ${bucket}.`, {
      remedy: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN where they have one.',
    });
  }
  const agent = agentFor(endpoint, network);
  return new sdk.S3Client({
    region,
    endpoint: endpoint.href,
    forcePathStyle: isInPath,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    maxAttempts: 4,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableS3ExpressSessionAuth: true,
    disableMultiregionAccessPoints: true,
    userAgentAppId: 'plombe',
    // Clients compare the digest; a presigned address would ask for headers besides.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: agent as HttpsAgent,
    },
  });
}

interface Begun {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

function partedUpload(sdk: Sdk, client: S3Client, begun: Begun, place: string): PartedUpload {
  const parts: CompletedPart[] = [];
  return {
    add: async ({ index, bytes }) => {
      try {
        const PartNumber = index + 1;
        const { ETag, ChecksumCRC32 } = await client.send(
          new sdk.UploadPartCommand({ ...begun, PartNumber, Body: bytes }),
        );
        parts[index] = { PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
      } catch (error) {
        throw unreachable(place, error);
      }
    },
    complete: async (count) => {
      try {
        const Parts = parts.slice(0, count);
        await client.send(new sdk.CompleteMultipartUploadCommand({ ...begun, MultipartUpload: { Parts } }));
      } catch (error) {
        throw unreachable(place, error);
      }
    },
    abort: async () => {
      // What is left of it is found by `removeUnfinished`.
      await client.send(new sdk.AbortMultipartUploadCommand(begun)).catch(() => undefined);
    },
  };
}
