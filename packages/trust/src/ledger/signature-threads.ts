// Verifies ECDSA signatures by the batch on threads of their own: handing one signature to Node's pool costs a third of verifying it.
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { messageOf, PlombeError } from '@plombe/kit';

/** A thread's whole program, as text, so that it is the same from source, in the bundle and in the executable. Answers how many hold before one does not. */
const threadProgram = `
const { createPublicKey, verify } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
const key = createPublicKey({ key: Buffer.from(workerData), format: 'der', type: 'spki' });
function holds(bytes, signature) {
  try {
    return verify('sha256', bytes, key, signature) === true;
  } catch {
    return false;
  }
}
parentPort.on('message', ({ number, bytes, ends }) => {
  let [holding, from] = [0, 0];
  for (let i = 0; i < ends.length; i += 2) {
    if (!holds(bytes.subarray(from, ends[i]), bytes.subarray(ends[i], ends[i + 1]))) break;
    from = ends[i + 1];
    holding += 1;
  }
  parentPort.postMessage({ number, bytes, holding }, [bytes.buffer]);
});
`;

/** A batch goes out when it has so many signatures, 8 ms of work, or so many bytes. */
const batchSignatures = 128;
const batchBytes = 256 * 1024;

/** Batches a thread may have before it: enough for it to have work while the file is read on. */
const batchesAhead = 3;

/** A thread has a few objects per signature and no others; what it verifies lies outside its heap. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** What is asked of a thread: per signature, where the bytes that it covers end, and where it ends. */
interface Question {
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
}

interface Answer {
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly holding: number;
}

interface Thread {
  readonly worker: Worker;
  /** Batches that it has not answered, by their number. */
  readonly asked: Map<number, readonly Place[]>;
}

/** Where a signature is in what is verified. */
export interface Place {
  readonly line: number;
  readonly link: string;
}

/** What becomes of the signatures. */
export interface Listener {
  /** Called for the first signature of a batch that does not hold. */
  forged(place: Place): void;
  /** Called after each batch, and when a thread has failed. */
  progress(): void;
}

/**
 * Threads that verify signatures by one key. Whoever has made it must `close` it. A thread that ends or fails by itself is a failure of all: `throwIfFailed`
 * throws it, and until then nothing counts as done that was not answered.
 */
export class SignatureThreads {
  readonly #listener: Listener;
  readonly #threads: Thread[] = [];
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #failure: PlombeError | undefined;
  #closed = false;
  #number = 0;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(batchBytes);
  #length = 0;
  #ends: number[] = [];
  #places: Place[] = [];

  /** `program` is another one only where it is to be seen what becomes of threads that fail. */
  constructor(key: KeyObject, count: number, listener: Listener, program = threadProgram) {
    this.#listener = listener;
    const workerData = new Uint8Array(key.export({ format: 'der', type: 'spki' }));
    try {
      while (this.#threads.length < count) this.#threads.push(this.#start(program, workerData));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #start(program: string, workerData: Uint8Array): Thread {
    const worker = new Worker(program, { eval: true, workerData, resourceLimits, env: {}, execArgv: [] });
    const thread: Thread = { worker, asked: new Map() };
    worker.on('message', (answer: Answer) => this.#take(thread, answer));
    worker.on('error', (thrown) => this.#fail(thrown));
    worker.on('messageerror', (thrown) => this.#fail(thrown));
    worker.on('exit', (code) => this.#fail(new Error(`it ended with ${code}`)));
    return thread;
  }

  /** Puts a signature into the batch at hand. The bytes are copied. */
  add(bytes: Uint8Array, signature: Uint8Array, place: Place): void {
    const added = bytes.length + signature.length;
    if (this.#length > 0 && this.#length + added > batchBytes) this.flush();
    // A predicate may be as long as 1 MiB.
    if (added > this.#bytes.length) this.#bytes = new Uint8Array(added);
    this.#bytes.set(bytes, this.#length);
    this.#bytes.set(signature, this.#length + bytes.length);
    this.#ends.push(this.#length + bytes.length, this.#length + added);
    this.#length += added;
    this.#places.push(place);
    if (this.#places.length === batchSignatures) this.flush();
  }

  /** Hands the batch at hand to the thread that has least to do. */
  flush(): void {
    if (this.#places.length === 0 || this.#failure !== undefined) return;
    const thread = this.#threads.reduce((best, one) => (one.asked.size < best.asked.size ? one : best));
    const number = this.#number++;
    thread.asked.set(number, this.#places);
    const question: Question = { number, bytes: this.#bytes, ends: this.#ends };
    thread.worker.postMessage(question, [this.#bytes.buffer]);
    this.#bytes = this.#spare.pop() ?? new Uint8Array(batchBytes);
    this.#length = 0;
    this.#ends = [];
    this.#places = [];
  }

  #take({ asked }: Thread, { number, bytes, holding }: Answer): void {
    const places = asked.get(number);
    if (places === undefined || !Number.isSafeInteger(holding) || holding < 0 || holding > places.length) {
      this.#fail(new Error('its answer is none'));
      return;
    }
    asked.delete(number);
    const forged = places[holding];
    if (forged !== undefined) this.#listener.forged(forged);
    if (bytes.length === batchBytes) this.#spare.push(bytes);
    this.#listener.progress();
  }

  #fail(thrown: unknown): void {
    if (this.#closed) return;
    this.#failure ??= new PlombeError(
      'internal/bug',
      `A thread that verifies signatures failed: ${messageOf(thrown)}`,
      {
        cause: thrown,
      },
    );
    this.#listener.progress();
  }

  /** Batches that are not answered. */
  get #unanswered(): number {
    return this.#threads.reduce((sum, { asked }) => sum + asked.size, 0);
  }

  /** True where the threads have enough to do. */
  get isFull(): boolean {
    return this.#failure !== undefined || this.#unanswered >= this.#threads.length * batchesAhead;
  }

  /** True where each signature that was added has been verified. */
  get isDone(): boolean {
    return this.#places.length === 0 && this.#unanswered === 0;
  }

  /** Throws `internal/bug` where a thread has failed. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the threads, whatever they have to do. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }
}
