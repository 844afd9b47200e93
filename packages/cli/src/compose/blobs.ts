// Where a server keeps its blobs: out of `--blobs` and the environment, or out of what the server's database remembers.
import { createHttpClient, entraTokens } from '@plombe/oci';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import {
  openBlobsElsewhere,
  openFolderBlobs,
  parseBlobAddress,
  rememberBlobs,
  rememberedBlobs,
  type BlobStore,
  type Database,
  type ObjectAccess,
} from '@plombe/store';
import type { Settings } from '../settings/settings.ts';
import type { Flags } from './ledger.ts';
import { registryOptions } from './registry.ts';
import { requireNetwork } from './subject-registry.ts';

type Open = (folder: string, db: Database) => Promise<BlobStore>;

/** Returns how the server opens the blobs of `--blobs`; undefined where they are in its folder. Throws `config/invalid`. */
export function blobsOption(values: Settings, flags: Flags, ctx: Context): Open | undefined {
  const { blobs: text, redirectBlobs } = flags;
  if (typeof text !== 'string') {
    if (redirectBlobs !== true) return undefined;
    throw new PlombeError('config/invalid', '--redirect-blobs belongs to blobs elsewhere.', {
      remedy: 'Give --blobs URL with it.',
    });
  }
  requireNetwork(values);
  const address = parseBlobAddress(text, regionOf(process.env));
  return async (folder, db) => {
    const access = accessOf(values, process.env, ctx);
    const blobs = await openBlobsElsewhere(address, access, { folder, redirects: redirectBlobs === true }, ctx);
    rememberBlobs(db, address, text);
    return blobs;
  };
}

/** Opens the blobs of a server's folder wherever they are. Throws `config/invalid`, `store/unreachable`. */
export async function openRememberedBlobs(
  values: Settings,
  folder: string,
  db: Database,
  ctx: Context,
): Promise<BlobStore> {
  const text = rememberedBlobs(db);
  if (text === undefined) return openFolderBlobs(folder);
  requireNetwork(values);
  const address = parseBlobAddress(text, regionOf(process.env));
  return openBlobsElsewhere(address, accessOf(values, process.env, ctx), { folder, redirects: false }, ctx);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables as the tools of either cloud name them. Nothing is asked before a token is needed. */
function accessOf(values: Settings, environment: Environment, ctx: Context): ObjectAccess {
  const { entra = { identity: 'auto' }, proxy, caFiles } = registryOptions(values, environment);
  const network = { ...(proxy === undefined ? {} : { proxy }), ...(caFiles === undefined ? {} : { caFiles }) };
  const tokens = entraTokens(entra, createHttpClient(network, ctx), ctx, 'https://storage.azure.com');
  const token = async (signal = ctx.signal): Promise<{ readonly value: string; readonly expiresAtMs: number }> => {
    const found = await tokens.token(signal);
    if (found !== undefined) return found;
    throw new PlombeError('registry/credentials', 'No Entra identity was found for the storage account.', {
      remedy: 'Set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or run with a managed or workload identity.',
    });
  };
  return {
    azure: {
      ...present('key', environment['AZURE_STORAGE_KEY']),
      ...present('sas', environment['AZURE_STORAGE_SAS_TOKEN']),
      token,
    },
    s3: {
      ...present('accessKeyId', environment['AWS_ACCESS_KEY_ID']),
      ...present('secretAccessKey', environment['AWS_SECRET_ACCESS_KEY']),
      ...present('sessionToken', environment['AWS_SESSION_TOKEN']),
    },
    network,
  };
}

function regionOf(environment: Environment): { readonly region?: string } {
  return present('region', environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION']);
}

function present<Key extends string>(key: Key, value: string | undefined): { readonly [key in Key]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { readonly [key in Key]: string });
}
