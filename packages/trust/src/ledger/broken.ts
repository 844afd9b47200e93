// Why an export is rejected: the first link that is broken or missing.

/** Where a file breaks: line from 1 (0: the file itself), which link of the chain, which check, and what was found. */
export interface BrokenLink {
  readonly line: number;
  /** `header`, `trust root`, `checkpoint`, `genesis`, `map root`, `history`, `record 3 of sha256:…`, `map proof of sha256:…`, `seal`, `end`. */
  readonly link: string;
  /** `encoding`, `format`, `key`, `signature`, `inclusion`, `consistency`, `freshness`, `sequence`, `chain`, `time`, `completeness`, `seal`, `size`, `end`. */
  readonly check: string;
  readonly message: string;
}

/** Ends a verification; never leaves this folder. */
export class Broken extends Error {
  readonly check: string;
  /** Absent: the link being read. */
  readonly link: string | undefined;
  /** How many lines before the one being read it is. */
  readonly linesBefore: number;

  constructor(check: string, message: string, link?: string, linesBefore = 0) {
    super(message);
    this.check = check;
    this.link = link;
    this.linesBefore = linesBefore;
  }
}
