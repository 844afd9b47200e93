// One pass over a layer: hash what is stored, decompress, hash what comes out, walk the tar. Nothing is kept.
import { digestAlgorithm, type Diagnostic, type Digest, type EntryConsumer } from '@plombe/model';
import { isPlombeError, type LayerLimits } from '@plombe/kit';
import { createHash, type Hash } from 'node:crypto';
import type { Compression } from '../compression/detect.ts';
import { decompress } from '../compression/decompress.ts';
import { createTarWalker } from '../tar/walker.ts';

export interface ReadLayerOptions {
  /** Compared with what the bytes are; a wrong one is only noted. */
  readonly mediaType?: string;
  /** Digest the stored bytes must have. */
  readonly digest?: Digest;
  /** Digest the uncompressed tar must have. */
  readonly diffID?: Digest;
  /** Exact number of stored bytes; reading stops at the first byte beyond it. */
  readonly sizeBytes?: number;
  /** True for a root file system: names with `.wh.` are files like others. */
  readonly literalNames?: boolean;
  readonly limits: LayerLimits;
  readonly signal: AbortSignal;
  /** Told the stored bytes read so far, once per chunk. */
  onProgress?(storedBytes: number): void;
}

/** What a pass over a layer found out besides its entries. */
export interface LayerRead {
  /** Of the bytes read: all of the layer's unless `complete` is false. */
  readonly digest: Digest;
  readonly diffID: Digest;
  readonly storedBytes: number;
  readonly uncompressedBytes: number;
  readonly compression: Compression;
  readonly entries: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Everything was read and understood. */
  readonly complete: boolean;
  /**
   * False where a digest that was asked for does not fit or could not be told: what was handed out is not the layer's content. A corrupt
   * layer whose stored bytes have their digest is verified and not complete: what was handed out is what the registry names.
   */
  readonly verified: boolean;
}

/**
 * Reads a layer as OCI image specification layer.md describes it and hands its entries to `consumer`, synchronously and in order. Bad content
 * ends in diagnostics (`archive/*`); what the source throws, and cancellation, is thrown on.
 */
export async function readLayer(
  source: AsyncIterable<Uint8Array>,
  consumer: EntryConsumer,
  options: ReadLayerOptions,
): Promise<LayerRead> {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const stored = new Stored(source, options);
  const walker = createTarWalker(consumer, options.limits, report, { literalNames: options.literalNames ?? false });
  const diffAlgorithm = algorithmOf(options.diffID);
  const hash = createHash(diffAlgorithm);
  let compression: Compression = 'none';
  let hashesOut = true;
  let uncompressedBytes = 0;
  let decoded = false;
  try {
    const bytes = decompress(stored, {
      signal: options.signal,
      limits: options.limits,
      subject: 'The layer',
      // A wrong CRC-32 is a wrong diffID, too.
      checkSums: options.diffID === undefined,
      onRemark: (message) => report({ code: 'archive/corrupt', level: 'warning', message }),
      onFormat: (format) => {
        compression = format;
        // Without compression both digests are over the same bytes.
        hashesOut = format !== 'none' || diffAlgorithm !== stored.algorithm;
        noteMediaType(format, options.mediaType, report);
      },
    });
    for await (const chunk of bytes) {
      uncompressedBytes += chunk.length;
      if (hashesOut) hash.update(chunk);
      walker.write(chunk);
    }
    decoded = stored.drained;
  } catch (error) {
    if (!isPlombeError(error) || !['archive/corrupt', 'archive/limit', 'archive/unsupported'].includes(error.code))
      throw error;
    report({ code: error.code, level: 'error', message: error.message });
  }
  walker.end();
  const digest = stored.digest();
  const diffID = hashesOut ? digestOf(diffAlgorithm, hash) : digest;
  const storedFits = options.digest === undefined ? undefined : stored.drained && digest === options.digest;
  const diffFits = options.diffID === undefined || !decoded ? undefined : diffID === options.diffID;
  reportMismatches({ options, stored, digest, diffID, diffFits }, report);
  const sizeFits = options.sizeBytes === undefined || stored.sizeBytes === options.sizeBytes;
  const told = storedFits === true || diffFits === true || (options.digest ?? options.diffID) === undefined;
  const verified = storedFits !== false && diffFits !== false && told && sizeFits;
  return {
    digest,
    diffID,
    storedBytes: stored.sizeBytes,
    uncompressedBytes,
    compression,
    entries: walker.entries,
    diagnostics,
    complete: decoded && walker.complete && verified,
    verified,
  };
}

/** The stored bytes on their way to the decompressor, hashed and counted. */
class Stored implements AsyncIterable<Uint8Array> {
  readonly algorithm: 'sha256' | 'sha512';
  sizeBytes = 0;
  /** True once the source has been read to its own end. */
  drained = false;
  readonly #hash: Hash;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #options: ReadLayerOptions;

  constructor(source: AsyncIterable<Uint8Array>, options: ReadLayerOptions) {
    this.algorithm = algorithmOf(options.digest);
    this.#hash = createHash(this.algorithm);
    this.#source = source;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.sizeBytes += chunk.length;
      // Endless bytes after the layer: no need to see them all to know that they are wrong.
      if (this.sizeBytes > (this.#options.sizeBytes ?? Number.POSITIVE_INFINITY)) return;
      this.#hash.update(chunk);
      yield chunk;
      this.#options.onProgress?.(this.sizeBytes);
    }
    this.drained = true;
  }

  digest(): Digest {
    return digestOf(this.algorithm, this.#hash);
  }
}

interface Outcome {
  readonly options: ReadLayerOptions;
  readonly stored: Stored;
  readonly digest: Digest;
  readonly diffID: Digest;
  readonly diffFits: boolean | undefined;
}

function reportMismatches(
  { options, stored, digest, diffID, diffFits }: Outcome,
  report: (d: Diagnostic) => void,
): void {
  const fail = (message: string): void => report({ code: 'archive/digest-mismatch', level: 'error', message });
  const { sizeBytes } = stored;
  if (options.sizeBytes !== undefined && sizeBytes > options.sizeBytes) {
    fail(`The layer has more bytes than the ${options.sizeBytes} its manifest states.`);
  } else if (stored.drained && options.sizeBytes !== undefined && sizeBytes < options.sizeBytes) {
    fail(`The layer has ${sizeBytes} bytes where its manifest states ${options.sizeBytes}.`);
  } else if (stored.drained && options.digest !== undefined && digest !== options.digest) {
    fail(`The layer's bytes have the digest ${digest}, not ${options.digest}.`);
  } else if (diffFits === false) {
    fail(`The uncompressed layer has the digest ${diffID}, where the image's config states ${options.diffID}.`);
  }
}

/** A media type that names another compression is harmless: runtimes look at the bytes too. Encrypted layers cannot be read. */
function noteMediaType(format: Compression, mediaType: string | undefined, report: (d: Diagnostic) => void): void {
  const stated = /[+.](gzip|zstd|encrypted)$/.exec(mediaType ?? '')?.[1];
  if (stated === 'encrypted') {
    report({ code: 'archive/unsupported', level: 'error', message: 'The layer is encrypted.' });
  } else if (stated !== undefined && stated !== format) {
    const message = `The layer's media type says ${stated}; its bytes are ${format === 'none' ? 'not compressed' : format}.`;
    report({ code: 'archive/corrupt', level: 'note', message });
  }
}

function algorithmOf(digest: Digest | undefined): 'sha256' | 'sha512' {
  return digest === undefined ? 'sha256' : digestAlgorithm(digest);
}

function digestOf(algorithm: 'sha256' | 'sha512', hash: Hash): Digest {
  return `${algorithm}:${hash.digest('hex')}` as Digest;
}
