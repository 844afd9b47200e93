// What the gate costs: the same pushes at the pace of a fast link, with and without it, in turn; the answer to the manifest; a pull.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Figure } from './figure.ts';
import { prepareImages } from './images.ts';
import type { Programs } from './programs.ts';
import { openClient, type Client } from './registry/client.ts';
import { startPlombe, type BenchRegistry } from './registry/servers.ts';

/** 400 Mbit a second: what one core inflates and reads while it comes. */
const bytesPerMs = 50_000;
const pieceBytes = 4 * 1024 * 1024;
const pushes = 20;
const pulls = 2000;
const repository = 'bench/images';

/** Everything is looked at and nothing refused, so that both registries do the same. */
const policy = `apiVersion: plombe/v1
kind: Policy
metadata: {name: bench}
spec: {mode: audit, vulnerabilities: {maxSeverity: low}, configuration: {userNotRoot: true}}
`;

interface Part {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface PushedImage {
  readonly blobs: readonly (readonly [Part, Buffer])[];
  readonly manifest: Buffer;
  readonly mediaType: string;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The image of a layout with layers that nobody has seen: one more gzip member, empty but for its name, ends each. */
function freshImage(layout: string, number: number): PushedImage {
  const read = (digest: string): Buffer => readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { readonly manifests: readonly Part[] };
  const { digest = '', mediaType = '' } = index.manifests[0] ?? {};
  const document = JSON.parse(read(digest).toString()) as { readonly config: Part; readonly layers: readonly Part[] };
  const empty = gzipSync(Buffer.alloc(0));
  // FLG.FNAME: the name stands behind the ten bytes of the header.
  const member = Buffer.concat([
    empty.subarray(0, 3),
    Buffer.of(8),
    empty.subarray(4, 10),
    Buffer.from(`${number}\0`),
    empty.subarray(10),
  ]);
  const layers = document.layers.map((layer): readonly [Part, Buffer] => {
    const bytes = Buffer.concat([read(layer.digest), member]);
    return [{ ...layer, digest: digestOf(bytes), size: bytes.length }, bytes];
  });
  const manifest = Buffer.from(JSON.stringify({ ...document, layers: layers.map(([part]) => part) }));
  return { blobs: [[document.config, read(document.config.digest)], ...layers], manifest, mediaType };
}

/** Sends no faster than the link. */
async function pushPaced(
  client: Client,
  image: PushedImage,
  tag: string,
): Promise<{ readonly pushMs: number; readonly answerMs: number }> {
  const startedMs = performance.now();
  for (const [{ digest }, bytes] of image.blobs) {
    const begun = await client.send('POST', `/v2/${repository}/blobs/uploads/`);
    let path = begun.location.replace(/^https?:\/\/[^/]+/, '');
    const beganMs = performance.now();
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      const sent = await client.send('PATCH', path, [piece]);
      path = sent.location.replace(/^https?:\/\/[^/]+/, '');
      const aheadMs = (at + piece.length) / bytesPerMs - (performance.now() - beganMs);
      if (aheadMs > 1) await sleep(aheadMs);
    }
    const { status } = await client.send('PUT', `${path}${path.includes('?') ? '&' : '?'}digest=${digest}`);
    if (status !== 201) throw new Error(`The blob was answered with ${status}.`);
  }
  const lastMs = performance.now();
  const { status } = await client.send('PUT', `/v2/${repository}/manifests/${tag}`, [image.manifest], image.mediaType);
  if (status !== 201) throw new Error(`The manifest was answered with ${status}.`);
  const endedMs = performance.now();
  return { pushMs: endedMs - startedMs, answerMs: endedMs - lastMs };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

async function timePulls(registry: BenchRegistry): Promise<number> {
  const client = openClient(registry);
  const times: number[] = [];
  try {
    for (let n = 0; n < pulls; n++) {
      const startedMs = performance.now();
      const { status } = await client.send('GET', `/v2/${repository}/manifests/t0`);
      if (status !== 200) throw new Error(`The pull was answered with ${status}.`);
      times.push(performance.now() - startedMs);
    }
  } finally {
    client.close();
  }
  return percentile(times, 0.5);
}

/** Measures with each image; without one nothing. */
export async function measureGate(
  programs: Programs,
  skip: (what: string, cause: string) => void,
): Promise<readonly Figure[]> {
  const images = await prepareImages(['debian-minimal', 'debian-fat'], skip);
  const folder = mkdtempSync(join(tmpdir(), 'plombe-bench-gate-'));
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const [node = '', ...base] = programs.plombe().argv;
  const ledger = join(folder, 'ledger');
  spawnSync(node, [...base, 'ledger', 'init', '--ledger', ledger, '--origin', 'example.com/bench']);
  const plain = await startPlombe(programs);
  const gated = await startPlombe(programs, ['--policy', join(folder, 'policy.yaml'), '--ledger', ledger]);
  const figures: Figure[] = [];
  try {
    for (const { id, layout } of images) {
      const times: Record<'plain' | 'gated', Awaited<ReturnType<typeof pushPaced>>[]> = { plain: [], gated: [] };
      const rounds = id === 'debian-fat' ? pushes / 4 : pushes;
      let firstMs = 0;
      // The push before the first one compiles the program and opens the database: it is told apart.
      for (let round = -1; round < rounds; round++) {
        const image = freshImage(layout, figures.length * 1000 + round);
        for (const [name, registry] of [
          ['plain', plain],
          ['gated', gated],
        ] as const) {
          const client = openClient(registry);
          const time = await pushPaced(client, image, `t${round + 1}`);
          client.close();
          if (round >= 0) times[name].push(time);
          else if (name === 'gated') firstMs = time.answerMs;
          // What the gate attaches afterwards is not the next push's.
          await sleep(300);
        }
      }
      const p95 = (name: 'plain' | 'gated'): number =>
        percentile(
          times[name].map(({ pushMs }) => pushMs),
          0.95,
        );
      figures.push({
        name: 'push with gate against push without, p95',
        subject: `${id}, ${rounds} pushes at 400 Mbit/s`,
        value: p95('gated') / p95('plain'),
        unit: '×',
        limit: 1.05,
        detail: `${p95('gated').toFixed(0)} : ${p95('plain').toFixed(0)} ms`,
      });
      figures.push({
        name: 'answer to the manifest behind the last byte, p95',
        subject: id,
        value: percentile(
          times.gated.map(({ answerMs }) => answerMs),
          0.95,
        ),
        unit: 'ms',
        limit: 300,
        detail: `${times.gated.map(({ answerMs }) => answerMs.toFixed(0)).join(', ')}; the first since the start ${firstMs.toFixed(0)} ms`,
      });
    }
    const [slow, fast] = [await timePulls(gated), await timePulls(plain)];
    figures.push({
      name: 'pull decision, median over that of the registry alone',
      subject: `${pulls} manifests`,
      value: Math.max(0, slow - fast),
      unit: 'ms',
      limit: 1,
      detail: `${slow.toFixed(2)} : ${fast.toFixed(2)} ms`,
    });
    return figures;
  } finally {
    await plain.stop();
    await gated.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
