// The embedded registry against docker's: the same requests over the same connections, in turn, in the same run.
import { createHash, randomBytes } from 'node:crypto';
import type { Figure } from './figure.ts';
import type { Programs } from './programs.ts';
import { openClient, pullBlob, pushBlob, type Body, type Client } from './registry/client.ts';
import { startDocker, startPlombe, type BenchRegistry } from './registry/servers.ts';

/** `PLOMBE_BENCH_SCALE`: share of the bytes and images, for a shorter run. */
const scale = Number(process.env['PLOMBE_BENCH_SCALE'] ?? 1);
const mebibyte = 2 ** 20;
const blobMiB = Math.max(16, Math.round(256 * scale));
const images = Math.max(50, Math.round(1000 * scale));
const imageClients = 8;
const uploads = 32;
const uploadMiB = Math.max(32, Math.round(1024 * scale));
const memoryLimitMiB = 200;
const rounds = 3;

interface Blob {
  readonly digest: string;
  readonly body: Body;
}

/** Bytes that nothing compresses; the first piece differs from blob to blob, the rest is shared. */
const filler = randomBytes(mebibyte);

function blobOf(sizeMiB: number): Blob {
  const body = [randomBytes(mebibyte), ...Array.from({ length: sizeMiB - 1 }, () => filler)];
  const hash = createHash('sha256');
  for (const piece of body) hash.update(piece);
  return { digest: `sha256:${hash.digest('hex')}`, body };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

async function withClients(
  registry: BenchRegistry,
  count: number,
  work: (client: Client, index: number) => Promise<void>,
): Promise<void> {
  const clients = Array.from({ length: count }, () => openClient(registry));
  try {
    await Promise.all(clients.map(work));
  } finally {
    for (const client of clients) client.close();
  }
}

/** Pushes as many blobs at the same time. */
async function timePush(
  registry: BenchRegistry,
  parallel: number,
): Promise<{ readonly s: number; readonly blobs: readonly Blob[] }> {
  const blobs = Array.from({ length: parallel }, () => blobOf(blobMiB / parallel));
  const s = await seconds(() =>
    withClients(registry, parallel, (client, index) => {
      const { digest, body } = blobs[index] as Blob;
      return pushBlob(client, 'bench/blobs', digest, body);
    }),
  );
  return { s, blobs };
}

async function timePull(registry: BenchRegistry, blobs: readonly Blob[]): Promise<number> {
  return seconds(async () => {
    await Promise.all(
      blobs.map(async ({ digest, body }) => {
        const bytes = await pullBlob(registry, `/v2/bench/blobs/blobs/${digest}`);
        if (bytes !== body.length * mebibyte) throw new Error(`${digest} came with ${bytes} bytes.`);
      }),
    );
  });
}

/** Each image: a config and a layer of some kilobytes of its own, looked for, pushed, and a manifest under a tag. */
async function timeImages(registry: BenchRegistry): Promise<number> {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const list = Array.from({ length: images }, (_, number) => {
    const parts = [randomBytes(512), randomBytes(4096)].map((bytes) => ({
      bytes,
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    }));
    const [config, layer] = parts.map(({ bytes, digest }, index) => ({
      mediaType: index === 0 ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.oci.image.layer.v1.tar',
      digest,
      size: bytes.length,
    }));
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
    return { parts, manifest, tag: `t${Date.now()}-${number}` };
  });
  let at = 0;
  return seconds(() =>
    withClients(registry, imageClients, async (client) => {
      for (let image = list[at++]; image !== undefined; image = list[at++]) {
        for (const { bytes, digest } of image.parts) {
          await client.send('HEAD', `/v2/bench/images/blobs/${digest}`);
          await pushBlob(client, 'bench/images', digest, [bytes]);
        }
        const { status } = await client.send(
          'PUT',
          `/v2/bench/images/manifests/${image.tag}`,
          [image.manifest],
          mediaType,
        );
        if (status !== 201) throw new Error(`The manifest was answered with ${status}.`);
      }
    }),
  );
}

interface Times {
  readonly push1: number;
  readonly push4: number;
  readonly pull1: number;
  readonly pull4: number;
  readonly images: number;
}

async function timeOnce(registry: BenchRegistry): Promise<Times> {
  const one = await timePush(registry, 1);
  const four = await timePush(registry, 4);
  const pull1 = await timePull(registry, one.blobs);
  const pull4 = await timePull(registry, four.blobs);
  return { push1: one.s, push4: four.s, pull1, pull4, images: await timeImages(registry) };
}

/** Measures; without docker's registry only the memory. */
export async function measureRegistry(
  programs: Programs,
  skip: (what: string, cause: string) => void,
): Promise<readonly Figure[]> {
  const docker = await startDocker();
  let plombe: BenchRegistry | undefined;
  const figures: Figure[] = [];
  try {
    plombe = await startPlombe(programs);
    if (docker === undefined) skip('the comparison with docker-registry', 'it is not installed');
    else figures.push(...(await compare(plombe, docker)));
    figures.push(await measureMemory(plombe));
  } finally {
    await plombe?.stop();
    await docker?.stop();
  }
  return figures;
}

async function compare(plombe: BenchRegistry, docker: BenchRegistry): Promise<readonly Figure[]> {
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timeOnce(plombe));
    theirs.push(await timeOnce(docker));
  }
  const best = (list: readonly Times[], key: keyof Times): number => Math.min(...list.map((times) => times[key]));
  const figure = (name: string, key: keyof Times, amount: number, unit: string): Figure => {
    const [our, their] = [best(ours, key), best(theirs, key)];
    return {
      name: `${name}, time against docker-registry`,
      subject: key === 'images' ? `${images} images` : `${blobMiB} MiB`,
      value: our / their,
      unit: '×',
      limit: 1,
      detail: `${(amount / our).toFixed(0)} : ${(amount / their).toFixed(0)} ${unit}`,
    };
  };
  return [
    figure('blob push, one client', 'push1', blobMiB, 'MiB/s'),
    figure('blob push, four clients', 'push4', blobMiB, 'MiB/s'),
    figure('blob pull, one client', 'pull1', blobMiB, 'MiB/s'),
    figure('blob pull, four clients', 'pull4', blobMiB, 'MiB/s'),
    figure('image push, eight clients', 'images', images, 'a second'),
  ];
}

/** The highest memory of the server over everything before and this. */
async function measureMemory(plombe: BenchRegistry): Promise<Figure> {
  const blobs = Array.from({ length: uploads }, () => blobOf(uploadMiB));
  await withClients(plombe, uploads, (client, index) => {
    const { digest, body } = blobs[index] as Blob;
    return pushBlob(client, 'bench/blobs', digest, body);
  });
  return {
    name: 'peak memory of the registry',
    subject: `${uploads} uploads of ${uploadMiB} MiB at once`,
    value: plombe.peakMiB(),
    unit: 'MiB',
    limit: memoryLimitMiB,
  };
}
