// A compact set of paths, so that a layer of millions of files says what it hides in a few bytes per file.

/**
 * Hashes a path to 53 bits. An accidental collision among 3 million entries and 100,000 questions has a chance of 3 in 100,000;
 * a deliberate one gains nothing over a whiteout, which hides a file just as well.
 */
export function hashPath(path: string): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca6b;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return 4294967296 * (b & 0x1fffff) + (a >>> 0);
}

/** Collects path hashes; `finish` gives them sorted. Grows by doubling: 8 bytes a path, 16 while growing. */
export class PathSetBuilder {
  #hashes = new Float64Array(1024);
  #size = 0;

  /** Returns the path's hash. */
  add(path: string): number {
    if (this.#size === this.#hashes.length) {
      const larger = new Float64Array(this.#hashes.length * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    const hash = hashPath(path);
    this.#hashes[this.#size++] = hash;
    return hash;
  }

  finish(): Float64Array {
    const used = this.#hashes.subarray(0, this.#size).sort();
    // A copy would cost most where there are most.
    return used.length * 2 > this.#hashes.length ? used : used.slice();
  }
}

/** True where the sorted hashes hold the path's. */
export function hasPath(sorted: Float64Array, path: string): boolean {
  return hasHash(sorted, hashPath(path));
}

/** True where the sorted hashes hold this one. */
export function hasHash(sorted: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] as number;
    if (value === wanted) return true;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
