// The server's side of its scanner processes: hands out work, and takes the end of a process for the end of its tasks, never of the server.
import { spawn, type ChildProcess } from 'node:child_process';
import { PlombeError } from '@plombe/kit';
import type { Context, Digest, Inventory } from '@plombe/model';
import type { ScannerAnswer, ScannerRequest } from './protocol.ts';

/** How a scanner process is started, and how many of them. */
export interface PoolOptions {
  /** Program and arguments; it gets Node's channel as file 3. */
  readonly command: readonly string[];
  readonly processes: number;
}

/** Heap of a process in MiB; files that are kept lie outside of it and have limits of their own. */
const heapMiB = 512;
/** Processes that end at once each time are not started for ever. */
const restartMs = 1000;

type Task = Extract<ScannerRequest, { kind: 'layer' | 'image' }>;

interface Asked {
  readonly task: Task;
  resolve(answer: ScannerAnswer): void;
  reject(thrown: unknown): void;
}

/** Thrown for a task whose process ended: the image took more than there was, or the program has a fault. */
class ScannerEnded extends Error {}

class Scanner {
  readonly asked = new Map<number, Asked>();
  /** Layers that are read and not kept yet: what is told once they are. */
  readonly #keeping = new Map<number, () => void>();
  #child: ChildProcess | undefined;
  #startedMs = -Infinity;
  readonly #options: PoolOptions;
  readonly #ctx: Context;
  #closed = false;

  constructor(options: PoolOptions, ctx: Context) {
    this.#options = options;
    this.#ctx = ctx;
  }

  start(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const [program = '', ...args] = this.#options.command;
    this.#startedMs = this.#ctx.clock.nowMs();
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      // Nothing of the server's environment: no secret of it is in a process that reads hostile images (T66).
      env: { NODE_OPTIONS: `--max-old-space-size=${heapMiB}` },
    });
    this.#child = child;
    child.on('message', (answer: ScannerAnswer) => this.#take(answer));
    const ended = (cause: unknown): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#closed) this.#ctx.log.warn('gate.scanner-ended', { tasks: this.asked.size, cause: String(cause) });
      const lost = [...this.asked.values()];
      this.asked.clear();
      for (const id of this.#keeping.keys()) this.#kept(id);
      for (const task of lost) task.reject(new ScannerEnded('the scanner process ended'));
    };
    child.on('error', ended);
    child.on('exit', (code, signal) => ended(signal ?? code));
    child.unref();
    child.channel?.unref();
    return child;
  }

  send(request: ScannerRequest): void {
    // A message to a process that just ended fails; its end was or will be told.
    this.start().send(request, () => undefined);
  }

  ask(asked: Asked): void {
    const isRestart = this.#child === undefined && this.#ctx.clock.nowMs() - this.#startedMs < restartMs;
    this.asked.set(asked.task.id, asked);
    if (isRestart) setTimeout(() => this.send(asked.task), restartMs).unref();
    else this.send(asked.task);
  }

  /** Resolves when every process can use the layer, or nothing will come of it. */
  kept(id: number): Promise<void> {
    return new Promise((resolve) => this.#keeping.set(id, resolve));
  }

  #kept(id: number): void {
    this.#keeping.get(id)?.();
    this.#keeping.delete(id);
  }

  #take(answer: ScannerAnswer): void {
    if (answer.kind === 'ready') return;
    if (answer.kind === 'kept') return this.#kept(answer.id);
    if (answer.kind === 'layer' && answer.digest === undefined) this.#kept(answer.id);
    const asked = this.asked.get(answer.id);
    this.asked.delete(answer.id);
    asked?.resolve(answer);
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
  }
}

/** An image for a scanner, without what the pool adds. */
export type ImageTask = Omit<Extract<ScannerRequest, { kind: 'image' }>, 'kind' | 'id'>;

/** A layer that a scanner has read. */
export interface ReadLayer {
  readonly digest: Digest;
  /** The scanner that needs it read no more. */
  readonly scanner: number;
  /** Resolves when no scanner does, which is soon after the first image of it, or when it is asked for by `keep`. */
  readonly kept: Promise<void>;
  keep(): void;
}

/** A layer that is read while it comes. */
export interface LayerTask {
  /** Resolves with nothing where it is no layer or could not be read whole. Never rejects. */
  readonly read: Promise<ReadLayer | undefined>;
  ended(complete: boolean): void;
}

export interface ScannerPool {
  layer(path: string): LayerTask;
  /** `scanner`: by that one. Throws `registry/…` as reading the image does, and `archive/limit` where it ended the process twice. */
  inventory(task: ImageTask, scanner?: number): Promise<Inventory>;
  /** Tasks that are not answered. */
  waiting(): number;
  close(): void;
}

/** Images that a process merges at the same time: more only take its memory from each other. */
const imagesAtOnce = 2;

/** Opens the pool and starts its processes. */
export function openScannerPool(options: PoolOptions, ctx: Context): ScannerPool {
  const scanners = Array.from({ length: options.processes }, () => new Scanner(options, ctx));
  for (const scanner of scanners) scanner.start();
  let nextId = 1;
  const idlest = (): Scanner => scanners.reduce((best, one) => (one.asked.size < best.asked.size ? one : best));
  const ask = (scanner: Scanner, task: Task): Promise<ScannerAnswer> =>
    new Promise((resolve, reject) => scanner.ask({ task, resolve, reject }));

  let free = options.processes * imagesAtOnce;
  const queue: (() => void)[] = [];

  async function inventory(task: ImageTask, scanner?: number): Promise<Inventory> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await make(task, scanner);
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }

  async function make(task: ImageTask, wanted: number | undefined): Promise<Inventory> {
    for (let attempt = 1; ; attempt++) {
      try {
        const scanner = wanted === undefined ? undefined : scanners[wanted];
        const answer = await ask(scanner ?? idlest(), { kind: 'image', id: nextId++, ...task });
        if (answer.kind === 'image') return answer.inventory;
        const { code, message } = answer.kind === 'failed' ? answer : { code: undefined, message: 'no answer' };
        if (code === 'registry/manifest-invalid') throw new PlombeError('registry/manifest-invalid', message);
        throw new PlombeError('source/unreadable', `The image ${task.digest} cannot be read: ${message}`);
      } catch (thrown) {
        if (!(thrown instanceof ScannerEnded)) throw thrown;
        // Once may have been somebody else's layer beside it.
        if (attempt === 2)
          throw new PlombeError('archive/limit', `The image ${task.digest} takes more memory than a scan may have.`);
      }
    }
  }

  return {
    inventory,
    waiting: () => scanners.reduce((sum, { asked }) => sum + asked.size, 0),
    layer: (path) => {
      const scanner = idlest();
      const id = nextId++;
      const kept = scanner.kept(id);
      const read = ask(scanner, { kind: 'layer', id, path }).then(
        (answer) => {
          if (answer.kind !== 'layer' || answer.digest === undefined) return undefined;
          const keep = (): void => scanner.send({ kind: 'keep', id });
          return { digest: answer.digest, scanner: scanners.indexOf(scanner), kept, keep };
        },
        () => undefined,
      );
      return { read, ended: (complete) => scanner.send({ kind: 'ended', id, complete }) };
    },
    close: () => {
      for (const scanner of scanners) scanner.close();
    },
  };
}
