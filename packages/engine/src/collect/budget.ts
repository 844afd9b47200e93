// How much of an image may be held in memory, counted over all its layers while they are read.
import type { LayerLimits } from '@plombe/kit';
import type { LayerRecord } from './record.ts';

/**
 * What a kept file costs beside its bytes, from here to the inventory: 2 KiB were measured on a layer of nothing but empty ones. With
 * `keptBytes` this allows for 90,000, nearly twice the largest tree of node_modules known to us, in 220 MiB.
 */
const bytesPerFile = 3584;

/**
 * What is left of `keptBytes` and `entries`. Both limits are one layer's and the whole image's: a thousand layers just below them would
 * fill the memory all the same. (T07, T25)
 */
export class Budget {
  #bytes: number;
  #entries: number;

  constructor({ keptBytes, entries }: Pick<LayerLimits, 'keptBytes' | 'entries'>) {
    this.#bytes = keptBytes;
    this.#entries = entries;
  }

  /** Takes the bytes of something kept; false, and nothing taken, where they are not there any more. */
  takeBytes(sizeBytes: number): boolean {
    if (sizeBytes > this.#bytes) return false;
    this.#bytes -= sizeBytes;
    return true;
  }

  /** Gives back what was held for a while only. */
  returnBytes(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  /** Takes what a kept file costs beside its content. */
  takeFile(path: string, linkTarget: string): boolean {
    return this.takeBytes(bytesPerFile + 2 * (path.length + linkTarget.length));
  }

  /** Takes the name of a whiteout. */
  takeName(path: string): boolean {
    return this.takeBytes(64 + 2 * path.length);
  }

  /** A budget that takes from this one and can give all of it back: for an attempt that may come to nothing. */
  loan(): Loan {
    return new Loan(this);
  }

  /** Gives back entries that were counted and are read again. */
  returnEntries(count: number): void {
    this.#entries += count;
  }

  takeEntry(): boolean {
    this.#entries -= 1;
    return this.#entries >= 0;
  }

  /** Takes all that a record from the cache holds. */
  takeRecord(record: LayerRecord): boolean {
    this.#entries -= record.nonDirectories.length + record.directories.length;
    return (
      this.#entries >= 0 &&
      record.files.every(
        (file) => this.takeFile(file.path, file.linkTarget ?? '') && this.takeBytes(file.content.length),
      ) &&
      [...record.whiteouts, ...record.opaques].every((path) => this.takeName(path))
    );
  }
}

/** What was taken of another budget and may be given back. */
export class Loan extends Budget {
  readonly #lender: Budget;
  #takenBytes = 0;
  #takenEntries = 0;

  constructor(lender: Budget) {
    super({ keptBytes: 0, entries: 0 });
    this.#lender = lender;
  }

  override takeBytes(sizeBytes: number): boolean {
    const taken = this.#lender.takeBytes(sizeBytes);
    if (taken) this.#takenBytes += sizeBytes;
    return taken;
  }

  override returnBytes(sizeBytes: number): void {
    this.#lender.returnBytes(sizeBytes);
    this.#takenBytes -= sizeBytes;
  }

  override takeEntry(): boolean {
    this.#takenEntries += 1;
    return this.#lender.takeEntry();
  }

  /** Ends the attempt: nothing of it counts. */
  giveBack(): void {
    this.#lender.returnBytes(this.#takenBytes);
    this.#lender.returnEntries(this.#takenEntries);
    this.#takenBytes = 0;
    this.#takenEntries = 0;
  }
}
