// Takes the parts of a SEQUENCE in order, with optional ones, and refuses what is left over.
import { malformed, type DerNode } from './reader.ts';

/** A cursor over the children of a node. All methods throw `pki/malformed`; `what` names the structure in messages. */
export class Fields {
  readonly #nodes: readonly DerNode[];
  readonly #what: string;
  #at = 0;

  constructor(node: DerNode, what: string, tag = 0x30) {
    if (node.tag !== tag) throw malformed(`${what} has tag ${node.tag}, not ${tag}`);
    this.#nodes = node.children;
    this.#what = what;
  }

  /** The next part, of any type. */
  any(): DerNode {
    const node = this.#nodes[this.#at++];
    if (node === undefined) throw malformed(`${this.#what} ends early`);
    return node;
  }

  /** The next part, which must have this tag. */
  take(tag: number): DerNode {
    const node = this.any();
    if (node.tag !== tag) throw malformed(`${this.#what} has tag ${node.tag} where ${tag} belongs`);
    return node;
  }

  /** The next part if it has this tag. */
  optional(tag: number): DerNode | undefined {
    const node = this.#nodes[this.#at];
    if (node?.tag !== tag) return undefined;
    this.#at++;
    return node;
  }

  /** The tag of the next part, if any. */
  get next(): number | undefined {
    return this.#nodes[this.#at]?.tag;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#at < this.#nodes.length) throw malformed(`${this.#what} has unknown parts`);
  }
}

/** The one value inside an explicit tag. Throws `pki/malformed`. */
export function inner(node: DerNode, what: string): DerNode {
  const child = node.children[0];
  if (child === undefined || node.children.length !== 1) throw malformed(`${what} does not hold exactly one value`);
  return child;
}
