// Receives the entries of one layer: hashes every file, puts each entry into the tree, and keeps the layer's own leaves.
import { createHash, hash, type Hash } from 'node:crypto';
import { inert, type ErrorCode } from '@plombe/kit';
import type { ContentSink, EntryConsumer, FileHeader } from '@plombe/model';
import { formatEntry, layerRoot, lineLeaf } from '@plombe/trust';
import type { FingerprintBudget } from './limits.ts';
import type { MergedTree, Refusal, TreeNode } from './tree.ts';

/** Something that could not be taken in. */
export interface FingerprintProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Problems listed of one layer; the rest is counted. */
const maxProblems = 20;

const refusals: Readonly<Record<Refusal, string>> = {
  'not a directory': 'lies below something that is no directory',
  'too many links': 'lies behind too many symlinks',
  'too long': 'leads to a path that is too long or too deep',
  'no target': 'is a hard link to nothing that is there',
  'over the limit': 'has a path over the limit of all together',
};

/** SHA-256 of nothing. */
const emptySha256 = hash('sha256', '');

/** Hashes one layer. After the walk `root` and `entries` are ready. */
export class LayerHasher implements EntryConsumer {
  entries = 0;
  readonly problems: FingerprintProblem[] = [];
  readonly #tree: MergedTree;
  readonly #layer: number;
  readonly #budget: FingerprintBudget;
  #leaves = Buffer.allocUnsafe(32 * 1024);
  #leafCount = 0;
  #unlisted = 0;

  constructor(tree: MergedTree, layer: number, budget: FingerprintBudget) {
    this.#tree = tree;
    this.#layer = layer;
    this.#budget = budget;
  }

  entry(header: FileHeader): ContentSink | undefined {
    if (this.#budget.exhausted) return undefined;
    this.entries += 1;
    if (!this.#budget.take(header.path, header.linkTarget)) {
      this.#problem('archive/limit', this.#budget.message);
      return undefined;
    }
    const { type, path } = header;
    if (type === 'whiteout' || type === 'opaque') {
      if (type === 'whiteout') this.#tree.whiteout(path, this.#layer);
      else this.#tree.opaque(path, this.#layer);
      this.#leaf(header);
      return undefined;
    }
    const node = this.#tree.apply(header, this.#layer);
    if (typeof node === 'string')
      this.#problem('archive/corrupt', `${inert(path)} ${refusals[node]}; it was left out.`);
    if (type === 'file') return this.#content(header, typeof node === 'string' ? undefined : node);
    this.#leaf(header);
    return undefined;
  }

  /** Returns the Merkle root of all lines so far. */
  root(): string {
    return layerRoot(this.#leaves.subarray(0, this.#leafCount * 32));
  }

  /** Returns all problems, the last one saying how many more there were. */
  allProblems(): readonly FingerprintProblem[] {
    if (this.#unlisted === 0) return this.problems;
    const message = `${this.#unlisted} more entries of the layer could not be taken in.`;
    return [...this.problems, { code: 'archive/corrupt', message }];
  }

  #content(header: FileHeader, node: TreeNode | undefined): ContentSink {
    return new HashSink(header.sizeBytes, (sha256) => {
      if (node !== undefined) node.sha256 = sha256;
      this.#leaf(header, sha256);
    });
  }

  #leaf({ path, type, mode, uid, gid, sizeBytes, linkTarget, capabilities }: FileHeader, sha256?: string): void {
    const line = formatEntry({
      path,
      type,
      mode,
      uid,
      gid,
      ...(type === 'file' ? { sizeBytes } : {}),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(linkTarget === undefined ? {} : { linkTarget }),
      ...(capabilities === undefined ? {} : { capabilities }),
    });
    if (this.#leafCount * 32 === this.#leaves.length) this.#leaves = Buffer.concat([this.#leaves, this.#leaves]);
    lineLeaf(line).copy(this.#leaves, this.#leafCount * 32);
    this.#leafCount += 1;
  }

  #problem(code: ErrorCode, message: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ code, message });
    else this.#unlisted += 1;
  }
}

/** Most files come in one piece, for which no hash object is made: that is three times as fast for small ones. */
class HashSink implements ContentSink {
  readonly #sizeBytes: number;
  readonly #done: (sha256: string) => void;
  #hash: Hash | undefined;
  #whole: string | undefined;

  constructor(sizeBytes: number, done: (sha256: string) => void) {
    this.#sizeBytes = sizeBytes;
    this.#done = done;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#hash === undefined && chunk.length === this.#sizeBytes) this.#whole = hash('sha256', chunk);
    else (this.#hash ??= createHash('sha256')).update(chunk);
    return true;
  }

  end(): void {
    this.#done(this.#whole ?? this.#hash?.digest('hex') ?? emptySha256);
  }
}
