// Verifies an export as a stream: splits it into lines, feeds them to the judge, and names the first link that does not hold.
import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { inert } from '@plombe/kit';
import { Broken, type BrokenLink } from './broken.ts';
import { holdsSignature, parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { maxLineBytes } from './lines.ts';
import type { VerifierKey } from './note.ts';
import { SignatureQueue } from './signatures.ts';
import type { LineSource } from './read-lines.ts';
import type { ProvedDigest } from './verify-chain.ts';
import { verifyLines, type Known } from './verify-lines.ts';

export interface VerifyOptions {
  readonly logKey: VerifierKey;
  /** The checkpoint must carry exactly their cosignatures besides the log's, in this order. */
  readonly witnesses?: readonly VerifierKey[];
  /** Signed notes known from elsewhere, as text. */
  readonly checkpoints?: readonly string[];
  readonly signal?: AbortSignal;
  /** Threads for the signatures of large exports, best one for each core; 0, as without it, leaves all to Node's pool. */
  readonly threads?: number;
}

export type ExportVerdict =
  | { readonly verdict: 'verified'; readonly digests: readonly ProvedDigest[] }
  | { readonly verdict: 'rejected'; readonly digests: readonly []; readonly firstBroken: BrokenLink };

const lineFeed = 10;

/** Verifies an export in bounded memory, whatever its size. Throws what the source throws, and `internal/bug` where a thread of it fails. */
export async function verifyExport(source: AsyncIterable<Uint8Array>, options: VerifyOptions): Promise<ExportVerdict> {
  const { logKey, witnesses = [] } = options;
  const checkpoints: Checkpoint[] = [];
  for (const [i, text] of (options.checkpoints ?? []).entries()) {
    const known = parseKnown(text, logKey);
    if (known === undefined) {
      return rejected(
        0,
        `checkpoint ${i + 1} given`,
        'signature',
        "The checkpoint given is not a note signed by the log's key.",
      );
    }
    checkpoints.push(known);
  }
  const queue = new SignatureQueue(options.threads);
  try {
    return await judge(source, queue, { ...options, witnesses, checkpoints });
  } finally {
    await queue.close();
  }
}

async function judge(
  source: AsyncIterable<Uint8Array>,
  queue: SignatureQueue,
  { signal, ...known }: Known & { readonly signal?: AbortSignal },
): Promise<ExportVerdict> {
  const feed = new Feed(queue);
  const reading = verifyLines(feed, known);
  let outcome: ExportVerdict | undefined;
  try {
    reading.next();
    for await (const chunk of source) {
      signal?.throwIfAborted();
      for (const line of feed.linesOf(chunk)) {
        reading.next(line);
        if (queue.isFull) await queue.room();
      }
    }
    feed.end();
    const last = reading.next(undefined);
    outcome = { verdict: 'verified', digests: last.done === true ? last.value : [] };
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown;
    outcome = rejected(feed.line - thrown.linesBefore, thrown.link ?? feed.link, thrown.check, thrown.message);
  }
  const forged = await queue.finish();
  const line = outcome.verdict === 'rejected' ? outcome.firstBroken.line : Infinity;
  return forged !== undefined && forged.line <= line
    ? { verdict: 'rejected', digests: [], firstBroken: forged }
    : outcome;
}

function rejected(line: number, link: string, check: string, message: string): ExportVerdict {
  return { verdict: 'rejected', digests: [], firstBroken: { line, link: inert(link), check, message: inert(message) } };
}

/** Signed by the log; further signatures, of the cosigner or of witnesses, need not be known. */
function parseKnown(text: string, logKey: VerifierKey): Checkpoint | undefined {
  const checkpoint = parseCheckpoint(text);
  if (checkpoint?.origin !== logKey.name) return undefined;
  const own = checkpoint.note.signatures.filter(({ name, id }) => name === logKey.name && id === logKey.id);
  return own.length === 1 && own.every((one) => holdsSignature(checkpoint, one, logKey)) ? checkpoint : undefined;
}

/** Bytes in, lines out, and what the judge asks about the line at hand. */
class Feed implements LineSource {
  link = 'header';
  /** Of the line at hand, from 1. */
  line = 0;
  readonly #hash = createHash('sha256');
  readonly #queue: SignatureQueue;
  /** What was read and is no line yet, then the chunk at hand; used again for each, as a buffer per chunk is work for the collector. */
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #hashed = 0;
  #start = 0;

  constructor(queue: SignatureQueue) {
    this.#queue = queue;
  }

  *linesOf(chunk: Uint8Array): Generator<string> {
    this.#take(chunk);
    const bytes = this.#bytes.subarray(0, this.#length);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    // Where all is ASCII, which is nearly always so, characters are bytes, and the lines are cut out of one text.
    const text = isAscii(bytes.subarray(0, end)) ? bytes.toString('latin1', 0, end) : undefined;
    while (this.#start < end) {
      const start = this.#start;
      const lineEnd = text === undefined ? bytes.indexOf(lineFeed, start) : text.indexOf('\n', start);
      this.line += 1;
      if (lineEnd - start > maxLineBytes) throw new Broken('size', `A line is longer than ${maxLineBytes} bytes.`);
      yield text === undefined ? decode(bytes.subarray(start, lineEnd)) : text.slice(start, lineEnd);
      this.#start = lineEnd + 1;
    }
    this.#flush();
    if (this.#length - end > maxLineBytes) this.#refuse('size', `A line is longer than ${maxLineBytes} bytes.`);
  }

  #take(chunk: Uint8Array): void {
    const left = this.#bytes.subarray(this.#start, this.#length);
    const length = left.length + chunk.length;
    const bytes = length <= this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow(length * 2);
    bytes.set(left);
    bytes.set(chunk, left.length);
    this.#bytes = bytes;
    this.#length = length;
    this.#start = 0;
    this.#hashed = 0;
  }

  end(): void {
    if (this.#start < this.#length) this.#refuse('end', 'The last line does not end with LF: the file was cut off.');
  }

  #refuse(check: string, message: string): never {
    this.line += 1;
    throw new Broken(check, message);
  }

  #flush(): void {
    this.#hash.update(this.#bytes.subarray(this.#hashed, this.#start));
    this.#hashed = this.#start;
  }

  digestBefore(): Buffer {
    this.#flush();
    return this.#hash.copy().digest();
  }

  check(
    bytes: Uint8Array,
    signature: Uint8Array,
    { key }: { readonly key: Parameters<SignatureQueue['add']>[2] },
  ): void {
    this.#queue.add(bytes, signature, key, { line: this.line, link: this.link });
  }
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new Broken('encoding', 'The line is not UTF-8.');
}
