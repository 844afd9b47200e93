// The list of checks that a verification fills, and the verdict that follows from it.
import { inert } from '@plombe/kit';
import type { Verdict, VerificationCheck } from '@plombe/model';

/** The steps of verifying a Sigstore or cosign signature, by the names that results carry. */
export type CheckId =
  | 'format'
  | 'signature'
  | 'certificate-chain'
  | 'certificate-log'
  | 'identity'
  | 'key'
  | 'log-entry'
  | 'log-inclusion'
  | 'log-promise'
  | 'log-threshold'
  | 'timestamp'
  | 'timestamp-threshold'
  | 'subject'
  | 'predicate-type'
  | 'annotations';

/** Collects checks. What could not be decided outranks nothing: one failed check rejects whatever else is unknown. */
export class Checks {
  readonly #list: VerificationCheck[] = [];
  #failed = false;
  #undecided = false;

  /** The checks so far, in the order they were made. */
  get list(): readonly VerificationCheck[] {
    return this.#list;
  }

  /** True as long as nothing failed and nothing was undecidable. */
  get holds(): boolean {
    return !this.#failed && !this.#undecided;
  }

  /** `rejected` where a check failed, else `undecidable` where one could not be made, else `verified`. */
  get verdict(): Verdict {
    if (this.#failed) return 'rejected';
    return this.#undecided ? 'undecidable' : 'verified';
  }

  pass(id: CheckId, message: string): void {
    this.#add(id, 'pass', message);
  }

  skip(id: CheckId, message: string): void {
    this.#add(id, 'skip', message);
  }

  fail(id: CheckId, message: string): void {
    this.#failed = true;
    this.#add(id, 'fail', message);
  }

  /** A failed check that says nothing against the signature: a limit, or evidence that is missing. */
  undecided(id: CheckId, message: string): void {
    this.#undecided = true;
    this.#add(id, 'fail', message);
  }

  /** The refusal of a parser: malformed fails, a limit is undecidable. */
  refuse(id: CheckId, refusal: { readonly kind: 'malformed' | 'limit'; readonly message: string }): void {
    if (refusal.kind === 'malformed') this.fail(id, refusal.message);
    else this.undecided(id, refusal.message);
  }

  #add(id: CheckId, outcome: VerificationCheck['outcome'], message: string): void {
    const text = inert(message);
    this.#list.push({ id, outcome, message: text.length > 1000 ? `${text.slice(0, 1000)}…` : text });
  }
}
