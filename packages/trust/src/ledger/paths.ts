// Checks audit paths of one tree, and hashes only what the paths before did not prove already.
import { hash } from 'node:crypto';
import { widthBelow } from './merkle.ts';

/** Proved nodes are kept down to this depth: 2^18 of them in the end, some 20 MiB. Below it, a tree of a million leaves has three levels. */
const keptDepth = 17;

/** Up to here a map holds them: a single proof is not to pay for the list of a million. */
const fewNodes = 4096;

/** The one base64 of 32 bytes. */
const hashText = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * Checks inclusion in one tree. A path is given as in RFC 6962, 2.1.1, in base64. What a path proves near the root is kept, and compared as text with
 * the paths after it; each leaf costs a few hashes instead of one per level.
 */
export class InclusionChecker {
  readonly #size: number;
  /** Base64 by number: the root is 1, and n has 2n to its left and 2n + 1 to its right below it. Where a node is in here, so is the one beside it. */
  #proved: ProvedNodes = new Map<number, string>();
  /** Of the leaf at hand, by depth: whether the way from the root goes to the right there. */
  readonly #turns: boolean[] = [];
  readonly #pair = Buffer.alloc(65, 1);

  constructor(size: number, root: Buffer) {
    this.#size = size;
    this.#proved.set(1, root.toString('base64'));
  }

  /** True where the path proves that the leaf is at that index of the tree. */
  holds(index: number, leaf: Buffer, path: readonly string[]): boolean {
    const depth = this.#findTurns(index);
    if (path.length !== depth || index < 0 || index >= this.#size) return false;
    // Down along what is proved, to the lowest node of the way that is.
    let known = 0;
    let at = 1;
    for (; known < depth; known++) {
      const next = at * 2 + Number(this.#turns[known]);
      const beside = this.#proved.get(next ^ 1);
      if (beside === undefined) break;
      if (beside !== path[depth - 1 - known]) return false;
      at = next;
    }
    // Up to it from the leaf.
    const nodes: string[] = [];
    let node = leaf.toString('latin1');
    for (let d = depth; d > known; d--) {
      if (d <= keptDepth) nodes[d] = node;
      const sibling = path[depth - d] as string;
      if (!hashText.test(sibling)) return false;
      node = this.#above(node, sibling, this.#turns[d - 1] === true);
    }
    if (this.#proved.get(at) !== btoa(node)) return false;
    for (let d = known + 1; d <= Math.min(depth, keptDepth); d++) {
      at = at * 2 + Number(this.#turns[d - 1]);
      this.#proved.set(at, btoa(nodes[d] as string));
      this.#proved.set(at ^ 1, copyOf(path[depth - d] as string));
    }
    if (this.#proved instanceof Map && this.#proved.size > fewNodes)
      this.#proved = new NodeList(this.#size, this.#proved);
    return true;
  }

  /** Hashes as RFC 6962, 2.1: SHA-256(0x01 || left || right), of a node as binary text and the one beside it as base64. */
  #above(node: string, sibling: string, isRight: boolean): string {
    this.#pair.write(node, isRight ? 33 : 1, 32, 'latin1');
    this.#pair.write(sibling, isRight ? 1 : 33, 32, 'base64');
    return hash('sha256', this.#pair, 'binary');
  }

  /** Notes the turns from the root to a leaf and returns how many they are. */
  #findTurns(index: number): number {
    let depth = 0;
    let [from, to] = [0, this.#size];
    while (to - from > 1) {
      const middle = from + widthBelow(to - from);
      const isRight = index >= middle;
      this.#turns[depth++] = isRight;
      if (isRight) from = middle;
      else to = middle;
    }
    return depth;
  }
}

interface ProvedNodes {
  get(number: number): string | undefined;
  set(number: number, node: string): unknown;
}

/** A flat list, filled at once with room for all there may be. */
class NodeList implements ProvedNodes {
  readonly #nodes: (string | undefined)[];

  constructor(size: number, few: ReadonlyMap<number, string>) {
    const depth = Math.min(keptDepth, Math.ceil(Math.log2(size)));
    this.#nodes = Array.from<string | undefined>({ length: 2 ** (depth + 1) });
    for (const [number, node] of few) this.set(number, node);
  }

  get(number: number): string | undefined {
    return this.#nodes[number];
  }

  set(number: number, node: string): void {
    this.#nodes[number] = node;
  }
}

/** A text of its own: one cut out of a line keeps the line in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
