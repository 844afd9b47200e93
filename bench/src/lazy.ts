// How much of a layer a scan of system packages reads by its table of contents, over a server that counts.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { catalogers } from '@plombe/catalogers';
import { buildInventory } from '@plombe/engine';
import type { Context } from '@plombe/model';
import { createRegistryClient, openRegistryImage, parseReference } from '@plombe/oci';
import type { Figure } from './figure.ts';
import { prepareImages } from './images.ts';

const tool = join(import.meta.dirname, '../../.plombe/peers/bin/lazy-layers');
const limit = 0.02;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';

interface Layer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Served {
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly manifest: Buffer;
  readonly layerBytes: number;
}

/** Measures one image in both forms. */
export async function measureLazy(skip: (what: string, cause: string) => void): Promise<readonly Figure[]> {
  if (!existsSync(tool)) {
    skip('lazy', 'lazy-layers is not built; tools/install-lazy-layers builds it');
    return [];
  }
  const figures: Figure[] = [];
  for (const { id, layout } of await prepareImages(['debian-minimal'], skip)) {
    for (const form of ['estargz', 'zstd-chunked']) figures.push(await measureForm(id, layout, form));
  }
  return figures;
}

async function measureForm(id: string, layout: string, form: string): Promise<Figure> {
  const served = convert(layout, form);
  const sent = { bytes: 0, ranges: 0 };
  const server = await serve(served, sent);
  const ctx: Context = {
    clock: { nowMs: () => Date.now() },
    random: (sizeBytes) => randomBytes(sizeBytes),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
  };
  const client = createRegistryClient({ plainHttp: true }, ctx);
  try {
    const reference = parseReference(`127.0.0.1:${(server.address() as AddressInfo).port}/image:1`);
    const image = await openRegistryImage(reference, { client }, ctx);
    const system = catalogers.filter((cataloger) => ['apk', 'dpkg', 'rpm'].includes(cataloger.id));
    const lazy = await buildInventory(image, { verify: 'auto', catalogers: system }, ctx);
    const { bytes, ranges } = sent;
    const full = await buildInventory(image, { verify: 'full', catalogers: system }, ctx);
    const same = full.complete && JSON.stringify(lazy.packages) === JSON.stringify(full.packages);
    const detail = `${bytes} of ${served.layerBytes} bytes in ${ranges} ranges, ${lazy.packages.length} packages${same ? '' : ', NOT THE SAME'}`;
    return {
      name: 'lazy: bytes read / layer bytes',
      subject: `${id}, ${form}`,
      value: same ? bytes / served.layerBytes : 1,
      unit: '×',
      limit,
      detail,
    };
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

function convert(layout: string, form: string): Served {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-lazy-'));
  const blobOf = (digest: string): Buffer => readFileSync(join(layout, 'blobs/sha256', digest.slice(7)));
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
  const manifest = JSON.parse(blobOf(index.manifests[0]?.digest ?? '').toString()) as {
    config: { digest: string; mediaType: string };
    layers: { digest: string }[];
  };
  const config = JSON.parse(blobOf(manifest.config.digest).toString()) as { rootfs: { diff_ids: string[] } };
  const blobs = new Map<string, Buffer>();
  const [from, to] = [join(folder, 'tar'), join(folder, 'blob')];
  const layers = manifest.layers.map(({ digest }, at): Layer => {
    writeFileSync(from, gunzipSync(blobOf(digest)));
    const annotations = JSON.parse(execFileSync(tool, [form, from, to], { encoding: 'utf8' })) as Record<
      string,
      string
    >;
    const blob = readFileSync(to);
    // eStargz adds its table to the tar; zstd:chunked leaves the tar as it is.
    if (form === 'estargz') config.rootfs.diff_ids[at] = digestOf(gunzipSync(blob));
    blobs.set(digestOf(blob), blob);
    const compression = form === 'estargz' ? 'gzip' : 'zstd';
    return {
      mediaType: `application/vnd.oci.image.layer.v1.tar+${compression}`,
      digest: digestOf(blob),
      size: blob.length,
      annotations,
    };
  });
  rmSync(folder, { recursive: true });
  const configBytes = Buffer.from(JSON.stringify(config));
  const layerBytes = layers.reduce((sum, { size }) => sum + size, 0);
  const described = { mediaType: manifest.config.mediaType, digest: digestOf(configBytes), size: configBytes.length };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers }));
  blobs.set(described.digest, configBytes);
  return { blobs, manifest: bytes, layerBytes };
}

async function serve({ blobs, manifest }: Served, sent: { bytes: number; ranges: number }): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.includes('/manifests/') === true) {
      response.writeHead(200, { 'content-type': mediaType });
      return response.end(manifest);
    }
    const blob = blobs.get(request.url?.split('/').at(-1) ?? '') ?? Buffer.alloc(0);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null) return response.end(blob);
    const part = blob.subarray(Number(range[1]), Number(range[2]) + 1);
    sent.bytes += part.length;
    sent.ranges += 1;
    response.writeHead(206, {
      'content-range': `bytes ${range[1]}-${range[2]}/${blob.length}`,
      'content-length': part.length,
    });
    return response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
