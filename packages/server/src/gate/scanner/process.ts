// A scanner process: reads layers as they are uploaded and makes inventories, so that a hostile image costs this process and not the server.
import { createReadStream } from 'node:fs';
import { layersAhead, type LayerAhead } from '@plombe/engine';
import { isPlombeError, messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { openRegistryImage, parseManifest, type RegistryClient } from '@plombe/oci';
import { growingFile, layerSource, type Writer } from './growing.ts';
import type { ScannerAnswer, ScannerRequest } from './protocol.ts';

/** The channel to the server: Node's `process` where it was started with one. */
export interface ScannerChannel {
  /** `sent` is called when the server has it, or never will. */
  send(answer: ScannerAnswer, sent?: () => void): void;
  onRequest(take: (request: ScannerRequest) => void): void;
}

interface ScannerOptions {
  readonly cacheDirectory: string;
  readonly cacheMaxBytes?: number;
}

type ImageRequest = Extract<ScannerRequest, { kind: 'image' }>;

/** Layers that are read at the same time while they come: most wait for their client. */
const growingAtOnce = 4;
/** And of those that have come already, and had to wait: they wait for no client any more, so none may hold them up (T35). */
const wholeAtOnce = 2;

/** What was read is written into the cache after this time at the latest: until then its manifest may come, which waits for nothing else. */
const keepAfterMs = 500;
/** And at once where more than so many layers wait for it. */
const maxUnkept = 8;

/** Serves requests until the channel closes. */
export function serveScanner(channel: ScannerChannel, options: ScannerOptions, ctx: Context): void {
  const { cacheDirectory, cacheMaxBytes } = options;
  const caching = cacheMaxBytes === undefined ? {} : { maxBytes: cacheMaxBytes };
  const reader = layersAhead({ directory: cacheDirectory, ...caching }, ctx);
  const writers = new Map<number, Writer>();
  const waiting = new Map<number, string>();
  const whole: (readonly [id: number, path: string])[] = [];
  const reading = { growing: 0, whole: 0 };
  /** Layers that were read and are not in the cache yet, oldest first. */
  const unkept = new Map<number, LayerAhead>();

  function keep(id: number): void {
    const layer = unkept.get(id);
    unkept.delete(id);
    void layer?.keep().then(() => channel.send({ kind: 'kept', id }));
  }

  function keepLater(id: number, layer: LayerAhead): void {
    unkept.set(id, layer);
    const [oldest] = unkept.keys();
    if (oldest !== undefined && unkept.size > maxUnkept) keep(oldest);
    setTimeout(() => keep(id), keepAfterMs).unref();
  }

  async function readLayer(id: number, path: string, kind: keyof typeof reading): Promise<void> {
    reading[kind] += 1;
    const writer = writers.get(id);
    try {
      const source = writer === undefined ? undefined : await layerSource(growingFile(path, writer, ctx.signal));
      const layer = source === undefined ? undefined : await reader.read(source, ctx.signal);
      channel.send({ kind: 'layer', id, ...(layer === undefined ? {} : { digest: layer.digest }) });
      if (layer !== undefined) keepLater(id, layer);
    } catch {
      // Whatever it was: the manifest will find no record, and have the layer read from the store.
      channel.send({ kind: 'layer', id });
    } finally {
      writers.delete(id);
      reading[kind] -= 1;
      next();
    }
  }

  function next(): void {
    for (const [id, path] of waiting) {
      if (reading.growing >= growingAtOnce) break;
      waiting.delete(id);
      void readLayer(id, path, 'growing');
    }
    while (reading.whole < wholeAtOnce) {
      const task = whole.shift();
      if (task === undefined) return;
      void readLayer(...task, 'whole');
    }
  }

  function ended(id: number, complete: boolean): void {
    const writer = writers.get(id);
    if (writer === undefined) return;
    writer.state = complete ? 'complete' : 'abandoned';
    const path = waiting.get(id);
    if (path === undefined) return;
    waiting.delete(id);
    whole.push([id, path]);
    next();
  }

  async function makeInventory(request: ImageRequest): Promise<void> {
    const { id, registry, repository, digest } = request;
    try {
      const client = fileClient(request);
      const image = await openRegistryImage({ registry, repository, digest }, { client }, ctx);
      const made = await reader.inventory(image);
      channel.send({ kind: 'image', id, inventory: made.inventory }, () => {
        for (const waiting of unkept.keys()) keep(waiting);
        void made.keep();
      });
    } catch (thrown) {
      const code = isPlombeError(thrown) ? { code: thrown.code } : {};
      channel.send({ kind: 'failed', id, ...code, message: messageOf(thrown) });
    }
  }

  channel.onRequest((request) => {
    switch (request.kind) {
      case 'layer':
        writers.set(request.id, { state: 'writing' });
        waiting.set(request.id, request.path);
        return next();
      case 'ended':
        return ended(request.id, request.complete);
      case 'keep':
        return keep(request.id);
      case 'image':
        void makeInventory(request);
    }
  });
  channel.send({ kind: 'ready' });
}

/** What `openRegistryImage` asks of a client, out of the request and the files it names. */
function fileClient({ manifest, mediaType, config, digest, layers }: ImageRequest): RegistryClient {
  const paths = new Map(layers.map((layer) => [layer.digest, layer.path]));
  const refuse = (): never => {
    throw new Error('a scanner writes nothing');
  };
  return {
    fetchManifest: async () => ({
      document: parseManifest(manifest, { subject: digest, contentType: mediaType }),
      digest,
      bytes: manifest,
    }),
    fetchBlob: async () => config,
    openBlob: (_, descriptor) => createReadStream(paths.get(descriptor.digest) ?? '', { highWaterMark: 256 * 1024 }),
    listReferrers: refuse,
    listTags: refuse,
    listRepositories: refuse,
    ping: refuse,
    writer: { pushBlob: refuse, pushManifest: refuse, pushReferrer: refuse, updateTag: refuse },
    close: () => {},
  };
}
