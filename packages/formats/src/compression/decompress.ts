// Any compressed stream → its bytes, with bounds on what comes out and two buffers that take turns.
import { chunkBytes, PlombeError, type LayerLimits } from '@plombe/kit';
import type { Decoder, Problem } from './decoder.ts';
import { detectCompression, type Compression } from './detect.ts';
import type { Engines } from './engine.ts';
import { defaultEngines } from './engines.ts';
import { openBzip2 } from './bzip2/decoder.ts';
import { openGzip } from './gzip.ts';
import { Input } from './input.ts';
import { openXz } from './xz/decoder.ts';
import { openZstdDecoder } from './zstd.ts';

/** The part of the layer limits that a compressed stream can break. */
export type DecompressLimits = Pick<LayerLimits, 'layerBytes' | 'ratio' | 'ratioFromBytes'>;

export interface DecompressOptions {
  readonly signal: AbortSignal;
  readonly limits: DecompressLimits;
  /** Default true. False spares gzip's CRC-32, 6 % of the time, where a digest of the output is compared anyway. */
  readonly checkSums?: boolean;
  /** What messages call the stream; default `The stream`. */
  readonly subject?: string;
  /** Default: the fastest that this Node has. */
  readonly engines?: Engines;
  /** Told about what is odd but not fatal: bytes after the last member. */
  onRemark?(message: string): void;
  /** Told once, before the first chunk. */
  onFormat?(format: Compression): void;
}

/**
 * Yields the uncompressed bytes of a gzip (RFC 1952, all members), zstd (RFC 8878, all frames), bzip2, xz or plain stream, told apart by
 * magic, in chunks of up to 1 MiB. A chunk is valid only until the next is asked for: two buffers take turns, the next being filled on a thread
 * meanwhile. Reads the source to its end. Throws `archive/corrupt`, `archive/limit` or `archive/unsupported`, after all good bytes.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  const input = new Input(source, options.signal);
  try {
    const format = detectCompression(await input.start());
    options.onFormat?.(format);
    const engines = options.engines ?? defaultEngines();
    if (format === 'none') yield* passThrough(input, options);
    else if (format === 'gzip') yield* decode(openGzip(engines, options.checkSums ?? true), input, options);
    else if (format === 'zstd') yield* decode(openZstdDecoder(engines), input, options);
    else if (format === 'bzip2') yield* decode(openBzip2(), input, options);
    else if (format === 'xz') yield* decode(openXz(), input, options);
    else {
      await input.drain();
      throw new PlombeError('archive/unsupported', `${subjectOf(options)} is compressed with ${format}.`);
    }
  } finally {
    await input.close();
  }
}

async function* passThrough(input: Input, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  let total = 0;
  while (input.left > 0 || (await input.more())) {
    const chunk = input.bytes.subarray(input.at);
    input.at = input.bytes.length;
    total += chunk.length;
    if (total > options.limits.layerBytes) throw tooLarge(options);
    yield chunk;
  }
}

async function* decode(decoder: Decoder, input: Input, options: DecompressOptions): AsyncGenerator<Uint8Array> {
  let output = new Uint8Array(chunkBytes);
  let other = new Uint8Array(chunkBytes);
  let total = 0;
  const check = (written: number): Problem | undefined => exceeded(total + written, input.used, options.limits);
  let next = decoder.fill(input, output, check);
  try {
    for (;;) {
      const { written, outcome } = await next;
      options.signal.throwIfAborted();
      total += written;
      const chunk = output.subarray(0, written);
      [output, other] = [other, output];
      if (outcome === 'more') {
        next = decoder.fill(input, output, check);
        next.catch(() => undefined);
        yield chunk;
        continue;
      }
      if (written > 0) yield chunk;
      if (outcome === 'end') return;
      await settle(outcome, input, options);
      return;
    }
  } finally {
    await next.catch(() => undefined);
    decoder.close();
  }
}

/** The source is read to its end also after a problem, so that a digest over it can still be told; not after a bomb. */
async function settle(problem: Problem, input: Input, options: DecompressOptions): Promise<void> {
  const message = `${subjectOf(options)} ${problem.message}.`;
  if (problem.kind === 'limit') throw new PlombeError('archive/limit', message);
  await input.drain();
  if (problem.kind === 'unsupported') throw new PlombeError('archive/unsupported', message);
  if (problem.kind === 'corrupt') throw new PlombeError('archive/corrupt', message);
  options.onRemark?.(message);
}

function exceeded(out: number, used: number, limits: DecompressLimits): Problem | undefined {
  if (out > limits.layerBytes) {
    return { kind: 'limit', message: `has more than ${limits.layerBytes} bytes uncompressed` };
  }
  if (out > limits.ratioFromBytes && out > limits.ratio * used) {
    return { kind: 'limit', message: `grows more than ${limits.ratio} times when uncompressed` };
  }
  return undefined;
}

function tooLarge(options: DecompressOptions): PlombeError {
  return new PlombeError('archive/limit', `${subjectOf(options)} has more than ${options.limits.layerBytes} bytes.`);
}

function subjectOf(options: DecompressOptions): string {
  return options.subject ?? 'The stream';
}
