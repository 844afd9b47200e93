// Streams the members of one object or array of a large JSON document, so that only one of them is in memory at a time.
import { decodeText } from '@plombe/kit';

/** One member: its key (the index in an array is not told: the key is empty) and its text. */
export interface JsonMember {
  readonly key: string;
  readonly text: string;
}

export interface JsonMembersOptions {
  /** Names of the members that lead to the object or array; empty for the document itself. */
  readonly path?: readonly string[];
  /** Bytes of one member; a longer one ends the reading. */
  readonly maxMemberBytes: number;
}

/** Thrown where the text is not JSON as far as can be told without parsing the members, or a member is too long. */
export class JsonStreamError extends Error {}

const quote = 0x22;
const backslash = 0x5c;

/** State between chunks: what is open, whether inside a string, and the bytes of the member so far. */
class Splitter {
  readonly #path: readonly string[];
  readonly #maxBytes: number;
  #depth = 0;
  /** How many names of the path have been entered. */
  #entered = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the current name or value, of this and earlier chunks. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #key = '';
  #readingValue = false;
  #started = false;
  finished = false;

  constructor(options: JsonMembersOptions) {
    this.#path = options.path ?? [];
    this.#maxBytes = options.maxMemberBytes;
  }

  /** Depth at which the members wanted (or the next name of the path) are. */
  get #memberDepth(): number {
    return this.#entered + 1;
  }

  write(chunk: Uint8Array): JsonMember[] {
    const members: JsonMember[] = [];
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
        continue;
      }
      if (byte === quote) {
        this.#inString = true;
        continue;
      }
      if (byte === 0x7b || byte === 0x5b) {
        this.#depth += 1;
        this.#started = true;
        if (this.#depth === this.#memberDepth && !this.finished) {
          from = i + 1;
          this.#key = '';
          this.#drop();
        }
      } else if (byte === 0x7d || byte === 0x5d) {
        if (this.#depth === this.#memberDepth && !this.finished) {
          this.#take(chunk.subarray(from, i));
          this.#end(members);
          if (this.#entered === this.#path.length) this.finished = true;
          from = i + 1;
        }
        this.#depth -= 1;
        if (this.#depth < 0) throw new JsonStreamError('closes more than it opens');
      } else if (byte === 0x2c && this.#depth === this.#memberDepth) {
        this.#take(chunk.subarray(from, i));
        this.#end(members);
        from = i + 1;
      } else if (byte === 0x2c && this.#entered > 0 && this.#depth === this.#entered && !this.finished) {
        // The value of the name entered was no object, or had no such member: back to its siblings.
        this.#entered -= 1;
        this.#drop();
        from = i + 1;
      } else if (byte === 0x3a && this.#depth === this.#memberDepth && !this.#readingValue && !this.finished) {
        this.#take(chunk.subarray(from, i));
        this.#key = this.#name();
        this.#readingValue = true;
        from = i + 1;
        if (this.#entered < this.#path.length && this.#key === this.#path[this.#entered]) {
          this.#entered += 1;
          this.#readingValue = false;
        }
      }
    }
    if (this.#depth >= this.#memberDepth && !this.finished) this.#take(chunk.subarray(from));
    return members;
  }

  end(): void {
    if (this.#depth !== 0 || this.#inString || !this.#started) throw new JsonStreamError('ends too early');
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const wanted = this.#entered === this.#path.length || !this.#readingValue;
    if (!wanted) return;
    this.#partBytes += bytes.length;
    if (this.#partBytes > this.#maxBytes) throw new JsonStreamError(`has a member over ${this.#maxBytes} bytes`);
    this.#parts.push(bytes.slice());
  }

  #drop(): void {
    this.#parts = [];
    this.#partBytes = 0;
  }

  #name(): string {
    const text = decodeText(Buffer.concat(this.#parts)).trim();
    this.#drop();
    try {
      return String(JSON.parse(text));
    } catch {
      throw new JsonStreamError('has a name that is no string');
    }
  }

  #end(members: JsonMember[]): void {
    if (this.#entered === this.#path.length && this.#partBytes > 0) {
      const text = decodeText(Buffer.concat(this.#parts)).trim();
      if (text !== '') members.push({ key: this.#key, text });
    }
    this.#drop();
    this.#key = '';
    this.#readingValue = false;
  }
}

/**
 * Yields the members of the object or array at `path`, each as unparsed text: parse it and a bad one stays a local failure.
 * Throws JsonStreamError on text that is cut off, unbalanced, or has a member over the limit.
 */
export async function* jsonMembers(
  source: AsyncIterable<Uint8Array>,
  options: JsonMembersOptions,
): AsyncGenerator<JsonMember> {
  const splitter = new Splitter(options);
  for await (const chunk of source) yield* splitter.write(chunk);
  splitter.end();
}
