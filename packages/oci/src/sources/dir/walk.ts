// Walks a directory of this machine as if it were a layer: every entry once, in a fixed order, no link followed.
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntryConsumer, FileHeader, FileType, TreeProblem } from '@plombe/model';
import { chunkBytes, compareText, decodePath, encodePath, type LayerLimits } from '@plombe/kit';
import { ruleOfMount } from './mounts.ts';
import { feedFile } from './wanted-file.ts';

export interface WalkOptions {
  readonly signal: AbortSignal;
  readonly limits: Pick<LayerLimits, 'entries' | 'pathBytes' | 'pathDepth'>;
  /** Folders that are offered, but not entered. */
  readonly skipsFolder?: (path: string) => boolean;
}

/** Entries or chunks after which other work gets its turn and a cancellation is seen: about 5 ms apart. */
const entriesPerTurn = 1024;
const bytesPerTurn = 16 * chunkBytes;

/** Problems kept; a tree with more is unreadable as a whole, and the last problem says how many were left out. */
const maxProblems = 1000;

/**
 * Offers every entry below `root` (a real path) to the consumer: the entries of a directory sorted by name, then its
 * directories. Files are read only where the consumer wants them, devices, FIFOs and sockets never. Returns what could not be read.
 */
export async function walkTree(
  root: string,
  consumer: EntryConsumer,
  options: WalkOptions,
): Promise<readonly TreeProblem[]> {
  const walk = new TreeWalk(root, consumer, options);
  await walk.run();
  return walk.problems();
}

type Feed = ReturnType<typeof feedFile>;

interface Directory {
  readonly path: string;
  readonly device: number;
  readonly depth: number;
}

class TreeWalk {
  readonly #root: string;
  readonly #consumer: EntryConsumer;
  readonly #options: WalkOptions;
  readonly #problems: TreeProblem[] = [];
  readonly #pending: Directory[];
  readonly #buffer = Buffer.allocUnsafeSlow(chunkBytes);
  #leftOut = 0;
  #entries = 0;
  #entriesThisTurn = 0;
  #bytesThisTurn = 0;

  constructor(root: string, consumer: EntryConsumer, options: WalkOptions) {
    this.#root = root === '/' ? '' : root;
    this.#consumer = consumer;
    this.#options = options;
    this.#pending = [{ path: '', device: lstatSync(root).dev, depth: 0 }];
  }

  problems(): readonly TreeProblem[] {
    if (this.#leftOut === 0) return this.#problems;
    return [...this.#problems, { path: '', cause: `${this.#leftOut} more files or folders could not be read` }];
  }

  async run(): Promise<void> {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      if (!(await this.#enter(next))) return;
    }
  }

  /** Returns false where the walk must stop. */
  async #enter(directory: Directory): Promise<boolean> {
    let names: readonly string[];
    try {
      names = readNames(this.#hostPath(directory.path));
    } catch (thrown) {
      this.#problem(directory.path, thrown);
      return true;
    }
    const below: Directory[] = [];
    for (const name of names) {
      this.#options.signal.throwIfAborted();
      if (++this.#entries > this.#options.limits.entries) {
        this.#note(
          directory.path,
          `the tree has more than ${this.#options.limits.entries} entries; the rest was not read`,
        );
        return false;
      }
      if (++this.#entriesThisTurn >= entriesPerTurn || this.#bytesThisTurn >= bytesPerTurn) await this.#giveTurn();
      const path = directory.path === '' ? name : `${directory.path}/${name}`;
      try {
        const feed = this.#visit(path, directory, below);
        if (feed !== undefined) await this.#read(path, feed);
      } catch (thrown) {
        this.#problem(path, thrown);
      }
    }
    for (let i = below.length - 1; i >= 0; i--) this.#pending.push(below[i] as Directory);
    return true;
  }

  /** Offers one entry; returns the reading of its bytes where they are wanted. */
  #visit(path: string, parent: Directory, below: Directory[]): Feed | undefined {
    const host = this.#hostPath(path);
    const stats = lstatSync(host);
    const type = fileType(stats);
    if (type === undefined) return undefined;
    if (type === 'directory') {
      if (!this.#mayEnter(path, host, stats, parent)) return undefined;
      if (this.#options.skipsFolder?.(path) !== true) below.push({ path, device: stats.dev, depth: parent.depth + 1 });
    }
    const sink = this.#consumer.entry(header(path, type, stats, host));
    return sink === undefined || type !== 'file' ? undefined : feedFile(host, stats, sink, this.#buffer);
  }

  async #read(path: string, feed: Feed): Promise<void> {
    for (let step = feed.next(); ; step = feed.next()) {
      if (step.done) {
        if (step.value !== undefined) this.#note(path, step.value);
        return;
      }
      this.#bytesThisTurn += step.value;
      if (this.#bytesThisTurn >= bytesPerTurn) await this.#giveTurn();
    }
  }

  #mayEnter(path: string, host: string | Buffer, stats: Stats, parent: Directory): boolean {
    const { pathBytes, pathDepth } = this.#options.limits;
    if (parent.depth + 1 > pathDepth || path.length > pathBytes) {
      this.#note(path, `is deeper than ${pathDepth} folders or longer than ${pathBytes} bytes`);
      return false;
    }
    if (stats.dev === parent.device) return true;
    const rule = ruleOfMount(host);
    if (typeof rule === 'object') this.#note(path, rule.cause);
    return rule === 'walk';
  }

  async #giveTurn(): Promise<void> {
    this.#entriesThisTurn = 0;
    this.#bytesThisTurn = 0;
    await nextTurn();
    this.#options.signal.throwIfAborted();
  }

  #hostPath(path: string): string | Buffer {
    const full = path === '' ? this.#root || '/' : `${this.#root}/${path}`;
    return path.isWellFormed() ? full : Buffer.from(encodePath(full));
  }

  /** A file that went away since its directory was read is no problem: it is not there. */
  #problem(path: string, thrown: unknown): void {
    if (!(thrown instanceof Error) || !('syscall' in thrown) || !('code' in thrown)) throw thrown;
    if (thrown.code !== 'ENOENT') this.#note(path, `could not be read (${String(thrown.code)})`);
  }

  #note(path: string, cause: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push({ path, cause });
    else this.#leftOut += 1;
  }
}

/** Names of a directory, sorted by code unit. Read again as bytes where one is not UTF-8. */
function readNames(path: string | Buffer): string[] {
  let names = readdirSync(path);
  if (names.some((name) => name.includes('\ufffd'))) names = readdirSync(path, 'buffer').map(decodePath);
  return names.sort(compareText);
}

function fileType(stats: Stats): FileType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? undefined : 'device';
}

function header(path: string, type: FileType, stats: Stats, host: string | Buffer): FileHeader {
  const { uid, gid } = stats;
  const entry = { path, type, sizeBytes: type === 'file' ? stats.size : 0, mode: stats.mode & 0o7777, uid, gid };
  return type === 'symlink' ? { ...entry, linkTarget: decodePath(readlinkSync(host, 'buffer')) } : entry;
}
