// Looking at a stream of chunks as if it were one array: every position is seen once with enough bytes behind it.

/** Bytes behind a position that are there when it is looked at: the header of a build info block, the text of a version. */
export const contextBytes = 64;

/** Looks at `bytes`, which begin at `offset` of the stream; only positions up to `bytes.length` less the window's context count. */
export type Visit = (bytes: Buffer, offset: number) => void;

/** Calls `visit` for each chunk, and before it for the border with what came before. Keeps one byte less than its context. */
export class Window {
  readonly #visit: Visit;
  readonly #context: number;
  #tail = Buffer.alloc(0);
  #offset = 0;

  constructor(visit: Visit, context: number = contextBytes) {
    this.#visit = visit;
    this.#context = context;
  }

  push(chunk: Buffer): void {
    const border = Buffer.concat([this.#tail, chunk.subarray(0, this.#context - 1)]);
    if (this.#tail.length > 0) this.#visit(border, this.#offset - this.#tail.length);
    this.#visit(chunk, this.#offset);
    this.#offset += chunk.length;
    const last = chunk.length >= this.#context ? chunk : border;
    this.#tail = Buffer.from(last.subarray(Math.max(0, last.length - this.#context + 1)));
  }

  /** Looks at the last positions, followed by zeros. */
  end(): void {
    this.#visit(Buffer.concat([this.#tail, Buffer.alloc(this.#context)]), this.#offset - this.#tail.length);
  }
}

/** A run of the stream's bytes from an offset on, fed with what a window visits. */
export class ByteRun {
  readonly start: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(start: number) {
    this.start = start;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  /** Takes the bytes that go on where the run ends; what overlaps it is skipped. */
  feed(bytes: Buffer, offset: number): void {
    const from = this.start + this.#size - offset;
    if (from < 0 || from >= bytes.length) return;
    const more = Buffer.from(bytes.subarray(from));
    this.#chunks.push(more);
    this.#size += more.length;
  }

  bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}

/** Calls `found` with each position of `needle` in the window that lies in `start`–`end` of the stream; stops when it answers true. */
export function search(
  bytes: Buffer,
  offset: number,
  needle: Buffer,
  start: number,
  end: number,
  found: (index: number) => boolean,
): boolean {
  const last = Math.min(bytes.length - contextBytes, end - 1 - offset);
  let from = Math.max(0, start - offset);
  if (from > last) return false;
  const within = last + needle.length < bytes.length ? bytes.subarray(0, last + needle.length) : bytes;
  for (;;) {
    const index = within.indexOf(needle, from);
    if (index < 0 || index > last) return false;
    if (found(index)) return true;
    from = index + 1;
  }
}
