// What one streamed archive may cost, together with all archives inside it.
import { mebibyte } from '@plombe/kit';

/** EAR, WAR, JAR and a shaded one inside: real software nests four deep. */
export const maxDepth = 8;
/** Inflated bytes of nested archives per byte read: an archive compresses to a tenth where it stores its classes plain (T05). */
const maxRatio = 100;
const freeBytes = 64 * mebibyte;
/** Bytes of kept entries: the metadata of a product with 3,000 jars inside one file has 12 MiB. */
const maxKeptBytes = 32 * mebibyte;
/** Archives inside, at any depth; the largest product known to us has 3,000. */
const maxArchives = 20_000;
/** Entries in all directories; a tenth of that is in the largest. */
const maxEntries = 8_000_000;
export const maxProblems = 20;

/** Shared by all archives in one file. Each `take` answers false where the limit is reached. */
export class ZipBudget {
  #inflated = freeBytes;
  #kept = maxKeptBytes;
  #archives = maxArchives;
  #entries = maxEntries;

  /** Tells how much of the outermost archive was read. */
  read(bytes: number): void {
    this.#inflated += maxRatio * bytes;
  }

  takeInflated(bytes: number): boolean {
    this.#inflated -= bytes;
    return this.#inflated >= 0;
  }

  takeKept(bytes: number): boolean {
    this.#kept -= bytes;
    return this.#kept >= 0;
  }

  takeArchive(): boolean {
    this.#archives -= 1;
    return this.#archives >= 0;
  }

  takeEntry(): boolean {
    this.#entries -= 1;
    return this.#entries >= 0;
  }
}
