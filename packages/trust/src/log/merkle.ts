// Inclusion proofs of RFC 6962 trees: index, size and number of hashes must fit exactly, so that no other index passes (T40).
import { createHash } from 'node:crypto';

/** Returns the hash of a leaf: SHA-256 of 0x00 and the entry (RFC 6962, 2.1). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(leafPrefix).update(entry).digest();
}

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

/**
 * Returns the root that a proof leads to, or undefined where index, size and hashes do not fit (RFC 9162, 2.1.3.2). Numbers are safe
 * integers, so the index is halved by division: bit operations of JavaScript end at 32 bits.
 */
export function rootOfInclusion(
  leaf: Uint8Array,
  index: number,
  treeSize: number,
  hashes: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0 || index >= treeSize) return undefined;
  let node = index;
  let last = treeSize - 1;
  let root = leaf;
  for (const hash of hashes) {
    if (hash.length !== 32 || last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, hash);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : undefined;
}
