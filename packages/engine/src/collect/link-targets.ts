// Which hard links of a layer may lead to a lower one: their targets as hashes, since a layer may have millions of links.
import { hashPath, hasHash } from './path-set.ts';

/** What an entry of a set of numbers takes. */
const bytesPerTarget = 48;

/**
 * The targets of hard links that only a lower layer can say something of. Nearly all lead to a file of their own layer that is of no
 * interest, and a layer may have millions of them, so only hashes are held, once for each target. (T07)
 */
export class LinkTargets {
  readonly #hashes = new Set<number>();
  readonly #late = new Set<number>();

  /** What it costs to add this target: nothing for a known one. */
  costOf(target: string): number {
    return this.#hashes.has(hashPath(target)) ? 0 : bytesPerTarget;
  }

  add(target: string): void {
    this.#hashes.add(hashPath(target));
  }

  /** An entry with this hash of its path comes behind the links so far. */
  pass(hash: number): void {
    if (this.#hashes.has(hash)) this.#late.add(hash);
  }

  get sizeBytes(): number {
    return this.#hashes.size * bytesPerTarget;
  }

  /** Hashes of the targets that are not in this layer, or perhaps not before the link. */
  missing(nonDirectories: Float64Array): readonly number[] {
    return [...this.#hashes].filter((hash) => this.#late.has(hash) || !hasHash(nonDirectories, hash));
  }
}
