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
import { verifyLines } from './verify-lines.ts';

export interface VerifyOptions {
  readonly logKey: VerifierKey;
  /** The checkpoint must carry exactly their cosignatures besides the log's, in this order. */
  readonly witnesses?: readonly VerifierKey[];
  /** Signed notes known from elsewhere, as text. */
  readonly checkpoints?: readonly string[];
  readonly signal?: AbortSignal;
}

export type ExportVerdict =
  | { readonly verdict: 'verified'; readonly digests: readonly ProvedDigest[] }
  | { readonly verdict: 'rejected'; readonly digests: readonly []; readonly firstBroken: BrokenLink };

const lineFeed = 10;

/** Verifies an export in bounded memory, whatever its size. Throws only what the source throws. */
export async function verifyExport(source: AsyncIterable<Uint8Array>, options: VerifyOptions): Promise<ExportVerdict> {
  const { logKey, witnesses = [], signal } = options;
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
  const queue = new SignatureQueue();
  const feed = new Feed(queue);
  const reading = verifyLines(feed, { logKey, witnesses, checkpoints });
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
  #bytes: Buffer = Buffer.alloc(0);
  #hashed = 0;
  #start = 0;

  constructor(queue: SignatureQueue) {
    this.#queue = queue;
  }

  *linesOf(chunk: Uint8Array): Generator<string> {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    this.#start = 0;
    this.#hashed = 0;
    for (let end = this.#bytes.indexOf(lineFeed); end >= 0; end = this.#bytes.indexOf(lineFeed, this.#start)) {
      this.line += 1;
      yield this.#decode(this.#bytes.subarray(this.#start, end));
      this.#start = end + 1;
    }
    this.#flush();
    this.#bytes = this.#bytes.subarray(this.#start);
    if (this.#bytes.length > maxLineBytes) this.#refuse('size', `A line is longer than ${maxLineBytes} bytes.`);
  }

  end(): void {
    if (this.#bytes.length > 0) this.#refuse('end', 'The last line does not end with LF: the file was cut off.');
  }

  #refuse(check: string, message: string): never {
    this.line += 1;
    throw new Broken(check, message);
  }

  #decode(bytes: Buffer): string {
    if (bytes.length > maxLineBytes) throw new Broken('size', `A line is longer than ${maxLineBytes} bytes.`);
    if (isAscii(bytes)) return bytes.toString('latin1');
    if (!isUtf8(bytes)) throw new Broken('encoding', 'The line is not UTF-8.');
    return bytes.toString('utf8');
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
