// The Merkle map {digest → (head, count)}: a binary trie by the bits of SHA-256(digest), in flat arrays, hashed when its root is asked for.
import type { Digest } from '@plombe/model';
import { nodeHash, sha256 } from './merkle.ts';

/** Where a digest's chain ends: the leaf hash of its last record, and how many records there are. */
export interface MapValue {
  readonly head: Buffer;
  readonly count: number;
}

/** Proof for one key: siblings from the root down, and where the path ends at another key's leaf, that leaf. */
export interface MapPath {
  /** An empty buffer stands for an empty subtree. */
  readonly siblings: readonly Buffer[];
  readonly other?: MapValue & { readonly key: Buffer };
}

const emptyHash = Buffer.alloc(32);
const noBytes = Buffer.alloc(0);

/** Returns the key of a digest in the map. Hashing makes keys of both digest algorithms equally long and spreads them evenly. */
export function mapKey(digest: Digest): Buffer {
  return sha256(Buffer.from(digest));
}

/** Returns the hash of a leaf: SHA-256(0x00 || key || head || count as eight bytes, big-endian). */
function mapLeaf(key: Buffer, { head, count }: MapValue): Buffer {
  const input = Buffer.alloc(73);
  input.set(key, 1);
  input.set(head, 33);
  input.writeBigUInt64BE(BigInt(count), 65);
  return sha256(input);
}

function bitOf(key: Buffer, depth: number): 0 | 1 {
  return (((key[depth >> 3] as number) >> (7 - (depth & 7))) & 1) as 0 | 1;
}

/** Returns the root that a path gives for a key with that value, or without one. Undefined where the path cannot be of that key. */
export function mapRootOf(key: Buffer, value: MapValue | undefined, { siblings, other }: MapPath): Buffer | undefined {
  if (siblings.length > 256 || (value !== undefined && other !== undefined)) return undefined;
  if (other !== undefined && (other.key.equals(key) || !sharesBits(key, other.key, siblings.length))) return undefined;
  const end = value === undefined ? (other === undefined ? emptyHash : mapLeaf(other.key, other)) : mapLeaf(key, value);
  let node = end;
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const given = siblings[depth] as Buffer;
    const sibling = given.length === 0 ? emptyHash : given;
    node = bitOf(key, depth) === 1 ? nodeHash(sibling, node) : nodeHash(node, sibling);
  }
  return node;
}

function sharesBits(a: Buffer, b: Buffer, count: number): boolean {
  for (let depth = 0; depth < count; depth++) if (bitOf(a, depth) !== bitOf(b, depth)) return false;
  return true;
}

/** References: 0 nothing, positive an inner node, negative a leaf (−1 − slot). */
type Ref = number;

/** The whole map in memory, some 200 bytes per digest. */
export class MerkleMap {
  #slots = new Map<string, number>();
  #keys = Buffer.alloc(32 * 64);
  #heads = Buffer.alloc(32 * 64);
  #counts: number[] = [];
  #indexes: number[] = [];
  /** Two references per inner node; node 0 is not used. */
  #children: Ref[] = [0, 0];
  #hashes: (Buffer | undefined)[] = [undefined];
  #root: Ref = 0;

  get size(): number {
    return this.#counts.length;
  }

  get(key: Buffer): MapValue | undefined {
    const slot = this.#slots.get(key.toString('latin1'));
    return slot === undefined ? undefined : this.#value(slot);
  }

  /** The index of the leaf that a key's head is the hash of, as it was set. */
  indexOf(key: Buffer): number | undefined {
    const slot = this.#slots.get(key.toString('latin1'));
    return slot === undefined ? undefined : this.#indexes[slot];
  }

  /** Sets what a key holds; `index` is where the head is in the log and is not hashed. */
  set(key: Buffer, { head, count }: MapValue, index: number): void {
    const name = key.toString('latin1');
    const found = this.#slots.get(name);
    const slot = found ?? this.#counts.length;
    if (found === undefined) {
      this.#slots.set(name, slot);
      if (this.#keys.length < 32 * (slot + 1)) {
        this.#keys = Buffer.concat([this.#keys], this.#keys.length * 2);
        this.#heads = Buffer.concat([this.#heads], this.#heads.length * 2);
      }
      this.#keys.set(key, slot * 32);
    }
    this.#heads.set(head, slot * 32);
    this.#counts[slot] = count;
    this.#indexes[slot] = index;
    this.#root = this.#place(this.#root, key, slot, 0);
  }

  #value(slot: number): MapValue {
    return { head: this.#heads.subarray(slot * 32, slot * 32 + 32), count: this.#counts[slot] as number };
  }

  #key(slot: number): Buffer {
    return this.#keys.subarray(slot * 32, slot * 32 + 32);
  }

  /** Puts a leaf below a reference and returns what is there now; every inner node on the way has to be hashed again. */
  #place(at: Ref, key: Buffer, slot: number, depth: number): Ref {
    if (at === 0 || at === -1 - slot) return -1 - slot;
    if (at < 0) {
      const node = this.#hashes.length;
      this.#hashes.push(undefined);
      this.#children.push(0, 0);
      this.#children[node * 2 + bitOf(this.#key(-1 - at), depth)] = at;
      return this.#place(node, key, slot, depth);
    }
    this.#hashes[at] = undefined;
    const child = at * 2 + bitOf(key, depth);
    this.#children[child] = this.#place(this.#children[child] as Ref, key, slot, depth + 1);
    return at;
  }

  /** Returns the root; 32 zero bytes for the empty map. */
  root(): Buffer {
    return this.#hash(this.#root);
  }

  #hash(at: Ref): Buffer {
    if (at === 0) return emptyHash;
    if (at < 0) return mapLeaf(this.#key(-1 - at), this.#value(-1 - at));
    const known = this.#hashes[at];
    if (known !== undefined) return known;
    const hashed = nodeHash(this.#hash(this.#children[at * 2] as Ref), this.#hash(this.#children[at * 2 + 1] as Ref));
    this.#hashes[at] = hashed;
    return hashed;
  }

  /** Returns the path that proves what the map holds for a key, or that it holds nothing. */
  prove(key: Buffer): MapPath {
    const siblings: Buffer[] = [];
    let at = this.#root;
    for (let depth = 0; at > 0; depth++) {
      const bit = bitOf(key, depth);
      const sibling = this.#children[at * 2 + 1 - bit] as Ref;
      siblings.push(sibling === 0 ? noBytes : this.#hash(sibling));
      at = this.#children[at * 2 + bit] as Ref;
    }
    if (at === 0 || this.#key(-1 - at).equals(key)) return { siblings };
    return { siblings, other: { key: this.#key(-1 - at), ...this.#value(-1 - at) } };
  }
}
