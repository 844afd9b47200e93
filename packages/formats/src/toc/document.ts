// Where the table of contents of a layer lies, and the document itself: believed only with the digest that the manifest names.
import { createHash } from 'node:crypto';
import { PlombeError, mebibyte, type LayerLimits } from '@plombe/kit';
import type { TocPointer } from '@plombe/model';
import { decompress } from '../compression/decompress.ts';
import { createTarWalker } from '../tar/walker.ts';

/** Reads stored bytes of the blob. */
export type RangeReader = (offset: number, sizeBytes: number) => Promise<Uint8Array>;

/** A table of contents, verified. */
export interface TocDocument {
  readonly bytes: Uint8Array;
  /** Where it begins in the blob: the files lie before it. */
  readonly storedAt: number;
}

/** Of the document: an entry takes some 350 bytes, so this is for 350,000. Both writers put it into memory whole. */
export const maxTocBytes = 128 * mebibyte;
/** A gzip member without content whose extra field says where the table begins (containerd/stargz-snapshotter, docs/estargz.md). */
const footerBytes = 51;
const tocName = 'stargz.index.json';

/**
 * Reads the table of contents that a pointer names out of a blob of `blobBytes`. Throws `archive/corrupt` where there is none, `archive/limit` where
 * it is larger than the limit, `archive/digest-mismatch`, and what `read` throws.
 */
export async function readTocDocument(
  pointer: TocPointer,
  blobBytes: number,
  read: RangeReader,
  limits: LayerLimits,
  signal: AbortSignal,
): Promise<TocDocument> {
  return pointer.kind === 'estargz'
    ? readEstargz(pointer, blobBytes, read, limits, signal)
    : readChunked(pointer, read, limits, signal);
}

async function readEstargz(
  { digest }: TocPointer,
  blobBytes: number,
  read: RangeReader,
  limits: LayerLimits,
  signal: AbortSignal,
): Promise<TocDocument> {
  if (blobBytes <= footerBytes) throw none();
  const storedAt = footerOffset(await read(blobBytes - footerBytes, footerBytes));
  const storedBytes = blobBytes - footerBytes - (storedAt ?? 0);
  if (storedAt === undefined || storedBytes <= 0) throw none();
  if (storedBytes > maxTocBytes) throw tooLarge();
  const tar = await expand(await read(storedAt, storedBytes), limits, signal);
  const bytes = memberOf(tar, limits);
  verify(bytes, digest);
  return { bytes, storedAt };
}

async function readChunked(
  pointer: Extract<TocPointer, { kind: 'zstd-chunked' }>,
  read: RangeReader,
  limits: LayerLimits,
  signal: AbortSignal,
): Promise<TocDocument> {
  const { digest, offset, storedBytes, documentBytes } = pointer;
  if (storedBytes > maxTocBytes || documentBytes > maxTocBytes) throw tooLarge();
  const stored = await read(offset, storedBytes);
  verify(stored, digest);
  const bytes = await expand(stored, limits, signal);
  if (bytes.length !== documentBytes) throw none();
  return { bytes, storedAt: offset };
}

/** The extra field of the last member: `SG`, 22 bytes, sixteen digits in hex, `STARGZ`. */
function footerOffset(footer: Uint8Array): number | undefined {
  const bytes = Buffer.from(footer);
  if (bytes.length !== footerBytes || bytes.readUInt16BE(0) !== 0x1f8b || bytes[2] !== 8 || bytes[3] !== 4)
    return undefined;
  if (bytes.readUInt16LE(10) !== 26 || bytes.toString('latin1', 12, 14) !== 'SG' || bytes.readUInt16LE(14) !== 22)
    return undefined;
  const offset = /^([0-9a-f]{16})STARGZ$/.exec(bytes.toString('latin1', 16, 38))?.[1];
  const value = offset === undefined ? Number.NaN : Number.parseInt(offset, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

async function expand(stored: Uint8Array, limits: LayerLimits, signal: AbortSignal): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  // Names repeat: tables of a million empty files compress 1:100.
  const own = { ...limits, layerBytes: maxTocBytes + mebibyte, ratio: 1000 };
  for await (const chunk of decompress(once(stored), { signal, limits: own, subject: 'The table of contents' })) {
    pieces.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(pieces);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** The first entry of the tar at the offset is the document, and nothing else is read. */
function memberOf(tar: Uint8Array, limits: LayerLimits): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = -1;
  let first = true;
  const walker = createTarWalker(
    {
      entry: (header) => {
        if (!first || header.path !== tocName || header.type !== 'file') return undefined;
        first = false;
        size = header.sizeBytes;
        return {
          write: (chunk) => {
            pieces.push(Uint8Array.from(chunk));
            return true;
          },
          end: () => undefined,
        };
      },
    },
    limits,
    () => undefined,
    { literalNames: true },
  );
  walker.write(tar);
  walker.end();
  const bytes = Buffer.concat(pieces);
  if (size < 0 || bytes.length !== size) throw none();
  return bytes;
}

function verify(bytes: Uint8Array, digest: TocPointer['digest']): void {
  const [algorithm = '', value = ''] = digest.split(':');
  if (createHash(algorithm).update(bytes).digest('hex') === value) return;
  throw new PlombeError('archive/digest-mismatch', `The table of contents of the layer has not the digest ${digest}.`);
}

function none(): PlombeError {
  return new PlombeError('archive/corrupt', 'The layer has no table of contents where its manifest names one.');
}

function tooLarge(): PlombeError {
  return new PlombeError('archive/limit', `The table of contents of the layer has more than ${maxTocBytes} bytes.`);
}
