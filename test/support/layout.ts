// OCI layouts that no honest tool writes: any bytes as layer, any claim about them.
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of a layer as stored; a number stands for so many zeros, which take no space on the disk. */
export type Piece = Uint8Array | number;

export interface HostileLayer {
  readonly stored: Iterable<Piece>;
  /** Default: that of the stored bytes, which is right for a plain tar. */
  readonly diffID?: string;
  /** Default: what the bytes have. */
  readonly claims?: { readonly digest?: string; readonly size?: number };
  readonly mediaType?: string;
}

export interface HostileImage {
  readonly layers: readonly HostileLayer[];
  readonly config?: object;
  /** Replaces or adds fields of the manifest. */
  readonly manifest?: object;
}

/** Writes the layout and returns its folder. */
export function writeHostile(folder: string, image: HostileImage): string {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const layers = image.layers.map((layer) => {
    const stored = writeBlob(folder, layer.stored);
    const mediaType = layer.mediaType ?? 'application/vnd.oci.image.layer.v1.tar';
    return { diffID: layer.diffID ?? stored.digest, descriptor: { mediaType, ...stored, ...layer.claims } };
  });
  const config = writeDocument(folder, {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) },
    config: image.config ?? {},
  });
  const manifest = writeDocument(folder, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ descriptor }) => descriptor),
    ...image.manifest,
  });
  const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest };
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return folder;
}

/** Returns the digest of these pieces. */
export function digestOf(pieces: Iterable<Piece>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) update(hash, piece);
  return `sha256:${hash.digest('hex')}`;
}

function writeDocument(folder: string, value: object): { digest: string; size: number } {
  return writeBlob(folder, [Buffer.from(JSON.stringify(value))]);
}

function writeBlob(folder: string, pieces: Iterable<Piece>): { digest: string; size: number } {
  const path = join(folder, 'blobs', 'sha256', 'writing');
  const file = openSync(path, 'w');
  const hash = createHash('sha256');
  let size = 0;
  for (const piece of pieces) {
    update(hash, piece);
    if (typeof piece !== 'number') writeSync(file, piece, 0, piece.length, size);
    size += typeof piece === 'number' ? piece : piece.length;
  }
  ftruncateSync(file, size);
  closeSync(file);
  const hex = hash.digest('hex');
  renameSync(path, join(folder, 'blobs', 'sha256', hex));
  return { digest: `sha256:${hex}`, size };
}

const zeros = Buffer.alloc(1024 * 1024);

function update(hash: ReturnType<typeof createHash>, piece: Piece): void {
  if (typeof piece !== 'number') hash.update(piece);
  else for (let left = piece; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, left));
}
