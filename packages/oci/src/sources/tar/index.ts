// The source `tar:` — a root file system as one tar file, plain or compressed.
import type { Image } from '@plombe/model';
import { detectCompression, parseTarMember, type Compression } from '@plombe/formats';
import { inert, PlombeError } from '@plombe/kit';
import { readDecompressed } from '../archive/decompressed.ts';
import { openRegularFile, readFileBytes } from '../archive/file-bytes.ts';
import type { ImageSource } from '../source.ts';

export const tarSource: ImageSource = {
  id: 'tar',
  open: async (path, { subject }, { signal }) => [await openRootTar(path, subject, signal)],
};

const mediaTypes: Readonly<Partial<Record<Compression, string>>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  // No registry has layers of these types; here they only say what the file is.
  bzip2: 'application/vnd.oci.image.layer.v1.tar+bzip2',
  xz: 'application/vnd.oci.image.layer.v1.tar+xz',
};

/**
 * Presents a tar file as an image of one layer. The file states no digests, so the layer has none to verify. Throws
 * `source/not-found`, `source/unreadable`, `archive/unsupported` for other compressions and `archive/corrupt` for what is no tar.
 */
async function openRootTar(path: string, subject: string, signal: AbortSignal): Promise<Image> {
  const file = await openRegularFile(path);
  const start = Buffer.alloc(512);
  let sizeBytes: number;
  try {
    sizeBytes = (await file.stat()).size;
    await file.read(start, 0, 512, 0);
  } finally {
    await file.close();
  }
  const compression = detectCompression(start);
  const mediaType = mediaTypes[compression];
  if (mediaType === undefined) {
    throw new PlombeError('archive/unsupported', `${inert(path)} is compressed with ${compression}.`);
  }
  await requireTar(path, signal);
  return {
    subject,
    source: 'tar',
    config: { labels: {} },
    layers: [
      {
        index: 0,
        mediaType,
        sizeBytes,
        // A root file system hides nothing below it: a file called `.wh.x` there is a file.
        content: { kind: 'tar', literalNames: true, open: (options) => readFileBytes(path, options) },
      },
    ],
    close: async () => {},
  };
}

async function requireTar(path: string, signal: AbortSignal): Promise<void> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readDecompressed(path, { signal })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= 512) break;
  }
  const block = Buffer.concat(chunks).subarray(0, 512);
  if (parseTarMember(block) !== undefined) return;
  throw new PlombeError('archive/corrupt', `${inert(path)} is no tar archive.`);
}
