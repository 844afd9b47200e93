// The machine's floor for a layer: inflate with Node's zlib and hash both sides, nothing else. Run as its own process per image.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip, createZstdDecompress } from 'node:zlib';

const chunkSize = 1024 * 1024;

interface Described {
  readonly digest: string;
  readonly mediaType: string;
}

const layout = process.argv[2] ?? '';
const blob = (digest: string): string => join(layout, 'blobs', ...digest.split(':'));
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const index = read(join(layout, 'index.json')) as { manifests: Described[] };
for (const entry of index.manifests) {
  const manifest = read(blob(entry.digest)) as { layers: Described[] };
  for (const layer of manifest.layers) {
    const stored = createHash('sha256');
    const plain = createHash('sha256');
    const source = createReadStream(blob(layer.digest), { highWaterMark: chunkSize });
    source.on('data', (chunk) => stored.update(chunk));
    const inflate = layer.mediaType.endsWith('zstd')
      ? createZstdDecompress({ chunkSize })
      : createGunzip({ chunkSize });
    for await (const chunk of source.pipe(inflate)) plain.update(chunk as Buffer);
    if (`sha256:${stored.digest('hex')}` !== layer.digest) throw new Error(`${layer.digest} does not have its digest`);
    process.stdout.write(`${plain.digest('hex')}\n`);
  }
}
