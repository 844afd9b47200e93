// A registry of one image on the loopback that counts the bytes of layers it sends, and answers ranges well or badly.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistryClient, openRegistryImage, parseReference } from '@plombe/oci';
import type { Image } from '@plombe/model';
import { onTestFinished } from 'vitest';
import { digestOf, testContext } from './images.ts';

export interface ServedLayer {
  readonly blob: Buffer;
  readonly tar: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
  /** What follows `tar+` in the media type; default gzip. */
  readonly compression?: string;
}

/** How ranges are answered: `right`, `ignored` (200 with all), `moved` (another range than asked for), `short` (fewer bytes), `bent` (a byte is wrong). */
export type RangeManners = 'right' | 'ignored' | 'moved' | 'short' | 'bent';

export interface Served {
  readonly image: Image;
  /** Bytes of layers sent, and the ranges asked for. */
  readonly sent: { bytes: number; ranges: number };
}

/** Serves an image of these layers until the test ends, and opens it with a real client. */
export async function serveImage(layers: readonly ServedLayer[], manners: RangeManners = 'right'): Promise<Served> {
  const sent = { bytes: 0, ranges: 0 };
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => digestOf(tar)) },
    }),
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
      layers: layers.map(({ blob, annotations, compression = 'gzip' }) => ({
        mediaType: `application/vnd.oci.image.layer.v1.tar+${compression}`,
        digest: digestOf(blob),
        size: blob.length,
        annotations,
      })),
    }),
  );
  const blobs = new Map(layers.map(({ blob }): [string, Buffer] => [digestOf(blob), blob]));
  const server = createServer((request, response) => {
    if (request.url?.includes('/manifests/') === true) {
      response.writeHead(200, { 'content-type': mediaType });
      return response.end(manifest);
    }
    const name = request.url?.split('/').at(-1) ?? '';
    const blob = blobs.get(name);
    if (blob === undefined) return response.end(name === digestOf(config) ? config : '');
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null || manners === 'ignored') {
      sent.bytes += blob.length;
      response.writeHead(200, { 'content-length': blob.length });
      return response.end(blob);
    }
    const from = Number(range[1]);
    const to = range[2] === '' ? blob.length - 1 : Number(range[2]);
    const part = Buffer.from(blob.subarray(from, to + 1));
    if (manners === 'bent') part[part.length >> 1] = (part[part.length >> 1] ?? 0) ^ 1;
    sent.bytes += part.length;
    sent.ranges += 1;
    const moved = manners === 'moved' ? 1 : 0;
    const body = manners === 'short' ? part.subarray(1) : part;
    response.writeHead(206, {
      'content-range': `bytes ${from + moved}-${to + moved}/${blob.length}`,
      'content-length': body.length,
    });
    return response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ctx = testContext();
  const client = createRegistryClient({ plainHttp: true, retry: { attempts: 1 } }, ctx);
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const reference = parseReference(`127.0.0.1:${(server.address() as AddressInfo).port}/image:1`);
  return { image: await openRegistryImage(reference, { client }, ctx), sent };
}
