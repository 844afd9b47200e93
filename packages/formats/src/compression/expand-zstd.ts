// zstd bytes that are all in memory → what is in them, without waiting: for callers that work synchronously and may not hold the whole twice.
import { concatBytes, kibibyte, PlombeError } from '@plombe/kit';
import { zstdDecompressSync } from 'node:zlib';
import type { Engine, Engines } from './engine.ts';
import { defaultEngines } from './engines.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** What comes out at once. */
const outputBytes = 256 * kibibyte;

/**
 * Yields the uncompressed bytes of one whole zstd frame (RFC 8878) in chunks of up to 256 KiB; a chunk is valid only until the next is asked for.
 * Throws `archive/corrupt`, and `archive/limit` where there are more than `maxBytes`, after at most one chunk too many.
 */
export function* expandZstd(
  bytes: Uint8Array,
  maxBytes: number,
  engines: Engines = defaultEngines(),
): Generator<Uint8Array> {
  const frames = new ZstdFrames();
  if (frames.scan(bytes, 0) < bytes.length || !frames.between || frames.count !== 1) throw corrupt();
  yield* expandZstdPieces([bytes], maxBytes, engines);
}

/**
 * The same of bytes that come in pieces, each of which may be overwritten once the next is asked for. That the frame is whole and the only one is not
 * looked at: for callers that know a digest of what comes out.
 */
export function* expandZstdPieces(
  pieces: Iterable<Uint8Array>,
  maxBytes: number,
  engines: Engines = defaultEngines(),
): Generator<Uint8Array> {
  if (!engines.immediate) {
    yield allAtOnce(concatBytes(Array.from(pieces, (piece) => piece.slice())), maxBytes);
    return;
  }
  const engine = engines.openZstd();
  const output = new Uint8Array(outputBytes);
  let total = 0;
  try {
    for (const piece of pieces) {
      for (const chunk of expandPiece(engine, piece, output)) {
        total += chunk.length;
        if (total > maxBytes) throw tooLarge(maxBytes);
        yield chunk;
      }
    }
  } finally {
    engine.close();
  }
}

function* expandPiece(engine: Engine, bytes: Uint8Array, output: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; ;) {
    const size = bytes.length - at;
    void engine.run({ from: bytes, at, size, to: output, toAt: 0, toSize: output.length }, true);
    if (engine.problem !== undefined) throw corrupt();
    const used = size - engine.inputLeft;
    const produced = output.length - engine.outputLeft;
    at += used;
    if (produced > 0) yield output.subarray(0, produced);
    else if (at < bytes.length && used === 0) throw corrupt();
    if (at === bytes.length && produced < output.length) return;
  }
}

/** Where the decoder cannot be driven piece by piece without waiting. */
function allAtOnce(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: Math.max(maxBytes, 1) });
  } catch (cause) {
    throw (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : corrupt(cause);
  }
}

function corrupt(cause?: unknown): PlombeError {
  return new PlombeError('archive/corrupt', 'The bytes are not one valid zstd frame.', { cause });
}

function tooLarge(maxBytes: number): PlombeError {
  return new PlombeError('archive/limit', `The bytes are more than ${maxBytes} uncompressed.`);
}
