// Compares what was approved with what is there: both lists in order, one pass, every difference named.
import { comparePaths, type FingerprintEntry } from './entry.ts';

/** What differs of an entry that is on both sides. `owner`: uid or gid. */
export type ChangedField = 'type' | 'content' | 'mode' | 'owner' | 'linkTarget' | 'capabilities';

/** One difference. `expected` is the fingerprint's side. */
export interface FingerprintDifference {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Empty unless `changed`. */
  readonly fields: readonly ChangedField[];
  readonly expected?: FingerprintEntry;
  readonly actual?: FingerprintEntry;
}

/** The outcome. `undecidable`: no difference was seen, but not everything could be read. */
export interface FingerprintComparison {
  readonly verdict: 'same' | 'differs' | 'undecidable';
  /** Entries that are on both sides and were compared. */
  readonly compared: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Entries that patterns left out, on either side. */
  readonly ignored: number;
  /** Entries of which nothing can be said, because one side could not be read there. */
  readonly unread: number;
  /** The first of them in order of their paths. */
  readonly differences: readonly FingerprintDifference[];
  /** Differences beyond the limit, counted only. */
  readonly unlisted: number;
}

/** How the two sides are to be read. */
export interface CompareOptions {
  /** Whether a path may differ; what is below an ignored path is ignored too. */
  isIgnored(path: string): boolean;
  /** False: what is missing in the fingerprint may have been in the image. */
  readonly expectedComplete: boolean;
  /** False: something may be there that was not seen. */
  readonly actualComplete: boolean;
  /** Whether a path that was not found on the actual side may be there all the same. */
  mayBeUnread(path: string): boolean;
  /** False where the actual side cannot tell file capabilities (a folder of this machine). */
  readonly capabilities: boolean;
}

/** Differences listed: whoever changed more than 10,000 entries has another image, and the counts say so. */
const maxListed = 10_000;

/** Compares two lists, both sorted by `comparePaths`. What `expected` throws is thrown on. */
export function compareEntries(
  expected: Iterable<FingerprintEntry>,
  actual: Iterable<FingerprintEntry>,
  options: CompareOptions,
): FingerprintComparison {
  const tally = new Tally(options);
  const ignore = [new Ignored(options), new Ignored(options)] as const;
  const [left, right] = [expected[Symbol.iterator](), actual[Symbol.iterator]()];
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : comparePaths(a.value.path, b.value.path);
    if (order <= 0 && a.done !== true && ignore[0].covers(a.value.path)) {
      tally.ignored += 1;
      a = left.next();
    } else if (order >= 0 && b.done !== true && ignore[1].covers(b.value.path)) {
      tally.ignored += 1;
      b = right.next();
    } else if (order < 0 && a.done !== true) {
      tally.missing(a.value);
      a = left.next();
    } else if (order > 0 && b.done !== true) {
      tally.extra(b.value);
      b = right.next();
    } else if (a.done !== true && b.done !== true) {
      tally.both(a.value, b.value);
      a = left.next();
      b = right.next();
    }
  }
  return tally.result();
}

/** Whether a path or a directory above it is ignored; paths come in order, so one directory is remembered. */
class Ignored {
  readonly #options: CompareOptions;
  #below: string | undefined;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  covers(path: string): boolean {
    if (this.#below !== undefined && path.startsWith(this.#below)) return true;
    if (!this.#options.isIgnored(path)) return false;
    this.#below = `${path}/`;
    return true;
  }
}

class Tally {
  compared = 0;
  ignored = 0;
  readonly #options: CompareOptions;
  readonly #counts = { added: 0, removed: 0, changed: 0 };
  readonly #differences: FingerprintDifference[] = [];
  #unread = 0;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  missing(expected: FingerprintEntry): void {
    if (this.#options.mayBeUnread(expected.path)) this.#unread += 1;
    else this.#add({ path: expected.path, kind: 'removed', fields: [], expected });
  }

  extra(actual: FingerprintEntry): void {
    if (!this.#options.expectedComplete) this.#unread += 1;
    else this.#add({ path: actual.path, kind: 'added', fields: [], actual });
  }

  both(expected: FingerprintEntry, actual: FingerprintEntry): void {
    const fields = changedFields(expected, actual, this.#options);
    if (fields.length > 0) {
      this.#add({ path: expected.path, kind: 'changed', fields, expected, actual });
    } else if (expected.type === 'file' && (expected.sha256 ?? actual.sha256) !== undefined) {
      if (expected.sha256 === actual.sha256) this.compared += 1;
      else this.#unread += 1;
    } else if (expected.type === 'file') this.#unread += 1;
    else this.compared += 1;
  }

  result(): FingerprintComparison {
    const { added, removed, changed } = this.#counts;
    const total = added + removed + changed;
    const whole = this.#unread === 0 && this.#options.expectedComplete && this.#options.actualComplete;
    return {
      verdict: total > 0 ? 'differs' : whole ? 'same' : 'undecidable',
      compared: this.compared,
      added,
      removed,
      changed,
      ignored: this.ignored,
      unread: this.#unread,
      differences: this.#differences,
      unlisted: total - this.#differences.length,
    };
  }

  #add(difference: FingerprintDifference): void {
    this.#counts[difference.kind] += 1;
    if (difference.kind === 'changed') this.compared += 1;
    if (this.#differences.length < maxListed) this.#differences.push(difference);
  }
}

/** A symlink has no mode of its own, and a content that was not read on one side is no change. */
function changedFields(a: FingerprintEntry, b: FingerprintEntry, options: CompareOptions): ChangedField[] {
  if (a.type !== b.type) return ['type'];
  const fields: ChangedField[] = [];
  const known = a.sha256 !== undefined && b.sha256 !== undefined;
  if (a.sizeBytes !== b.sizeBytes || (known && a.sha256 !== b.sha256)) fields.push('content');
  if (a.type !== 'symlink' && a.mode !== b.mode) fields.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) fields.push('owner');
  if (a.linkTarget !== b.linkTarget) fields.push('linkTarget');
  if (options.capabilities && a.capabilities !== b.capabilities) fields.push('capabilities');
  return fields;
}
