// Real object stores for tests: azurite and moto as child processes on free ports of the loopback.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client, CreateBucketCommand } from '@aws-sdk/client-s3';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

/** An object store that runs, with an empty container or bucket for each `address`. */
export interface TestObjectStore {
  /** Makes a container or bucket, and returns what `--blobs` takes. */
  address(name: string): Promise<string>;
  /** The credentials, under the names that the program reads. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

const own = process.env['PLOMBE_PEERS'] ?? fileURLToPath(new URL('../../../../../.plombe/peers/bin', import.meta.url));

/** Says so where it is missing, because tests are skipped for it. */
export function hasObjectStore(name: 'azurite-blob' | 'moto_server'): boolean {
  if (pathOf(name) !== undefined) return true;
  console.warn(`SKIPPED: there is no ${name}; see tools/install-object-stores`);
  return false;
}

function pathOf(name: string): string | undefined {
  const folders = [own, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The account that azurite has, and its key, which Microsoft documents. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Starts azurite with an account of Azure. */
export async function startAzurite(): Promise<TestObjectStore> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-azurite-'));
  const flags = ['--blobHost', '127.0.0.1', '--blobPort', '0', '--location', folder, '--disableTelemetry'];
  const { url, stop } = await start('azurite-blob', [...flags, '--skipApiVersionCheck']);
  const endpoint = `${url}/${account}`;
  return {
    address: async (name) => {
      const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, accountKey));
      await service.createContainer(name);
      return `azure://${account}/${name}/plombe?endpoint=${endpoint}`;
    },
    environment: { AZURE_STORAGE_KEY: accountKey },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts moto's S3. */
export async function startMoto(): Promise<TestObjectStore> {
  const { url, stop } = await start('moto_server', ['-H', '127.0.0.1', '-p', '0']);
  const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };
  return {
    address: async (name) => {
      const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
      await client.send(new CreateBucketCommand({ Bucket: name }));
      client.destroy();
      return `s3://${name}/plombe?endpoint=${url}`;
    },
    environment: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    stop,
  };
}

/** Both say on which address they listen. */
async function start(
  name: string,
  args: readonly string[],
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const child = spawn(pathOf(name) ?? name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const [, found] = /(?:listens|Running) on (http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', () => reject(new Error(`${name} ended: ${said}`)));
  });
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
