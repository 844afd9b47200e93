// How much of an image a fingerprint may hold in memory; what is beyond ends it as `partial`, never silently.

/** The limits of a fingerprint, over all layers together. */
export interface FingerprintLimits {
  readonly entries: number;
  /** Characters of all paths and link targets. */
  readonly textLength: number;
}

/**
 * 500,000 entries: seven times a fat image of 70,000 files, held in some 200 MiB. 80 Mi characters: 160 for each of them, twice what real
 * paths have.
 */
export const fingerprintLimits: FingerprintLimits = { entries: 500_000, textLength: 80 * 1024 * 1024 };

/** Counts what is taken; once something does not fit, nothing more is. */
export class FingerprintBudget {
  exhausted = false;
  readonly #limits: FingerprintLimits;
  #entries: number;
  #text: number;

  constructor(limits: FingerprintLimits) {
    this.#limits = limits;
    this.#entries = limits.entries;
    this.#text = limits.textLength;
  }

  /** False, from then on, where an entry is over the limit. */
  take(path: string, linkTarget = ''): boolean {
    this.#entries -= 1;
    this.#text -= path.length + linkTarget.length;
    this.exhausted = this.#entries < 0 || this.#text < 0;
    return !this.exhausted;
  }

  /** The same for characters alone. */
  takeText(length: number): boolean {
    this.#text -= length;
    this.exhausted ||= this.#text < 0;
    return !this.exhausted;
  }

  /** Which limit it is, for people. */
  get message(): string {
    const { entries, textLength } = this.#limits;
    return `There are more than ${entries} entries or ${textLength} characters of paths; the rest was not read.`;
  }
}
