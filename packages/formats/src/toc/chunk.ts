// One chunk of a file out of its compressed bytes, no byte more than the table of contents says, and only with its digest.
import { createHash } from 'node:crypto';
import { PlombeError } from '@plombe/kit';
import { defaultEngines } from '../compression/engines.ts';
import { GzipHeader } from '../compression/gzip-header.ts';
import type { TocChunk, TocKind } from './entries.ts';

/**
 * Returns the bytes of a chunk. `stored` begins with its gzip member or zstd frame and may go on behind it. What comes out is bounded by what the
 * table says, whatever the compressed bytes would give. Throws `archive/corrupt` and `archive/digest-mismatch`.
 */
export async function readTocChunk(stored: Uint8Array, kind: TocKind, chunk: TocChunk): Promise<Uint8Array> {
  const wanted = chunk.skip + chunk.sizeBytes;
  const output = new Uint8Array(wanted);
  if (!chunk.zeros) await fill(stored, kind, output);
  const bytes = output.subarray(chunk.skip);
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (chunk.digest !== undefined ? found === chunk.digest : chunk.zeros) return bytes;
  throw new PlombeError(
    'archive/digest-mismatch',
    'A chunk of a file has not the digest that the table of contents names.',
  );
}

async function fill(stored: Uint8Array, kind: TocKind, output: Uint8Array): Promise<void> {
  const engines = defaultEngines();
  const gzip = stored[0] === 0x1f && stored[1] === 0x8b;
  if (kind === 'estargz' && !gzip) throw corrupt();
  const engine = gzip ? engines.openInflate() : engines.openZstd();
  try {
    let at = gzip ? headerBytes(stored) : 0;
    for (let toAt = 0; toAt < output.length;) {
      const [size, toSize] = [stored.length - at, output.length - toAt];
      const running = engine.run({ from: stored, at, size, to: output, toAt, toSize }, size < 65_536);
      if (running !== undefined) await running;
      const [used, made] = [size - engine.inputLeft, toSize - engine.outputLeft];
      if (engine.problem !== undefined || (used === 0 && made === 0)) throw corrupt();
      at += used;
      toAt += made;
    }
  } finally {
    engine.close();
  }
}

function headerBytes(stored: Uint8Array): number {
  const input = { bytes: stored, at: 0, get left(): number { return stored.length - this.at; } }; // prettier-ignore
  if (new GzipHeader().read(input) !== 'done') throw corrupt();
  return input.at;
}

function corrupt(): PlombeError {
  return new PlombeError('archive/corrupt', 'A chunk of a file cannot be decompressed.');
}
