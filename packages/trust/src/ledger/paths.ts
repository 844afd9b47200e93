// Checks audit paths of one tree, and hashes only what the paths before did not prove already.
import { nodeHash, widthBelow } from './merkle.ts';

/** Proved nodes are kept down to this depth: 2^17 of them in the end, some 20 MiB. Below it, a tree of a million leaves has four levels. */
const keptDepth = 16;

/** One step from the root down: the node on the way and the one beside it, by number; and which of them is the right one. */
interface Step {
  readonly node: number;
  readonly beside: number;
  readonly isRight: boolean;
}

/** Nodes by first leaf and depth. */
function numberOf(from: number, depth: number): number {
  return from * 64 + depth;
}

/**
 * Checks inclusion in one tree. A path is given as in RFC 6962, 2.1.1, in base64. What a path proves near the root is kept, and compared as text with
 * the paths after it; each leaf costs a few hashes instead of one per level.
 */
export class InclusionChecker {
  readonly #size: number;
  /** Where a node is in here, so are the node beside it and all those above. */
  readonly #proved: Map<number, string>;

  constructor(size: number, root: Buffer) {
    this.#size = size;
    this.#proved = new Map([[numberOf(0, 0), root.toString('base64')]]);
  }

  /** True where the path proves that the leaf is at that index of the tree. */
  holds(index: number, leaf: Buffer, path: readonly string[]): boolean {
    const steps = this.#steps(index);
    const depth = steps.length;
    if (path.length !== depth || index < 0 || index >= this.#size) return false;
    let known = 0;
    for (; known < depth; known++) {
      const { node, beside } = steps[known] as Step;
      if (!this.#proved.has(node)) break;
      if (this.#proved.get(beside) !== path[depth - 1 - known]) return false;
    }
    const nodes: string[] = [];
    let node = leaf;
    for (let d = depth; d > known; d--) {
      nodes[d] = node.toString('base64');
      const text = path[depth - d] as string;
      const sibling = Buffer.from(text, 'base64');
      if (sibling.length !== 32 || sibling.toString('base64') !== text) return false;
      node = (steps[d - 1] as Step).isRight ? nodeHash(sibling, node) : nodeHash(node, sibling);
    }
    const at = known === 0 ? numberOf(0, 0) : (steps[known - 1] as Step).node;
    if (this.#proved.get(at) !== node.toString('base64')) return false;
    for (let d = known + 1; d <= Math.min(depth, keptDepth); d++) {
      const step = steps[d - 1] as Step;
      this.#proved.set(step.node, nodes[d] as string);
      this.#proved.set(step.beside, path[depth - d] as string);
    }
    return true;
  }

  #steps(index: number): readonly Step[] {
    const steps: Step[] = [];
    let [from, to] = [0, this.#size];
    while (to - from > 1) {
      const middle = from + widthBelow(to - from);
      const isRight = index >= middle;
      const depth = steps.length + 1;
      const [left, right] = [numberOf(from, depth), numberOf(middle, depth)];
      steps.push(isRight ? { node: right, beside: left, isRight } : { node: left, beside: right, isRight });
      if (isRight) from = middle;
      else to = middle;
    }
    return steps;
  }
}
