// Checks audit paths one after another and computes only what the path before it did not prove already.
import { nodeHash, widthBelow } from './merkle.ts';

interface Checked {
  readonly index: number;
  /** From the root down: what the node on the path is, and its sibling. Base64; the sibling of the root is absent. */
  readonly nodes: readonly string[];
  readonly siblings: readonly (string | undefined)[];
}

/**
 * Checks inclusion in one tree. A path is given as in RFC 6962, 2.1.1, in base64. Neighbouring leaves share most of their paths: the shared
 * part is compared as text, the rest is hashed, some two hashes per leaf where every leaf is checked.
 */
export class InclusionChecker {
  readonly #size: number;
  #last: Checked;

  constructor(size: number, root: Buffer) {
    this.#size = size;
    this.#last = { index: -1, nodes: [root.toString('base64')], siblings: [undefined] };
  }

  /** True where the path proves that the leaf is at that index of the tree. */
  holds(index: number, leaf: Buffer, path: readonly string[]): boolean {
    const { rights, shared } = this.#walk(index);
    const depth = rights.length;
    if (path.length !== depth || index >= this.#size) return false;
    const last = this.#last;
    const siblings: (string | undefined)[] = [undefined];
    for (let d = 1; d <= depth; d++) siblings.push(path[depth - d]);
    for (let d = 1; d < shared; d++) if (siblings[d] !== last.siblings[d]) return false;
    const forks = last.index >= 0 && shared <= depth && shared > 0;
    if (forks && siblings[shared] !== last.nodes[shared]) return false;
    const known = forks ? shared : Math.max(0, shared - 1);
    const expected = forks ? last.siblings[shared] : last.nodes[known];
    const nodes: string[] = last.nodes.slice(0, known);
    let node = leaf;
    for (let d = depth; d > known; d--) {
      nodes[d] = node.toString('base64');
      const sibling = Buffer.from(siblings[d] ?? '', 'base64');
      if (sibling.length !== 32 || sibling.toString('base64') !== siblings[d]) return false;
      node = rights[d - 1] === true ? nodeHash(sibling, node) : nodeHash(node, sibling);
    }
    nodes[known] = node.toString('base64');
    if (nodes[known] !== expected) return false;
    this.#last = { index, nodes, siblings };
    return true;
  }

  /** For each step down, whether it goes right; and the depth at which the way parts from that of the last leaf. */
  #walk(index: number): { readonly rights: readonly boolean[]; readonly shared: number } {
    const rights: boolean[] = [];
    const before = this.#last.index;
    let [from, to] = [0, this.#size];
    let together = before >= 0;
    let shared = together ? 1 : 0;
    while (to - from > 1) {
      const middle = from + widthBelow(to - from);
      const right = index >= middle;
      rights.push(right);
      if (together && before >= middle !== right) together = false;
      else if (together) shared += 1;
      if (right) from = middle;
      else to = middle;
    }
    return { rights, shared };
  }
}
