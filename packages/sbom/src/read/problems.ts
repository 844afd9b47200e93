// What is wrong with a document: errors that end reading, and gaps that are recorded beside what could be read.
import { inert, PlombeError, type ErrorCode } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';

/** Thrown by the readers of one format; `readSbom` gives it the name of the file. */
export class SbomProblem extends Error {
  readonly limit: boolean;

  constructor(message: string, limit = false) {
    super(message);
    this.limit = limit;
  }
}

/** The error for a person: `sbom/malformed`, or `sbom/limit` where a limit was reached. */
export function sbomError(name: string, problem: SbomProblem): PlombeError {
  return new PlombeError(problem.limit ? 'sbom/limit' : 'sbom/malformed', `${inert(name)} ${problem.message}.`, {
    cause: problem,
  });
}

/** Names in one message: as many as one can look at. */
const maxNames = 3;
/** Longer names are cut. */
const maxNameLength = 80;

/** Entries of one kind that could not be taken as they are, told as one diagnostic. */
export class Gap {
  #count = 0;
  readonly #names: string[] = [];

  add(name: string): void {
    this.#count += 1;
    if (this.#names.length < maxNames) this.#names.push(shown(name));
  }

  /** None where nothing was added. `text` gets the number. */
  diagnostics(code: ErrorCode, level: Diagnostic['level'], text: (count: number) => string): Diagnostic[] {
    if (this.#count === 0) return [];
    const rest = this.#count - this.#names.length;
    const more = rest > 0 ? ` and ${rest} more` : '';
    return [{ code, level, message: `${text(this.#count)}: ${this.#names.join(', ')}${more}.` }];
  }
}

/** `2 components`, `1 component`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Text of the document for a message. */
export function shown(text: string): string {
  const cut = text.length > maxNameLength ? `${text.slice(0, maxNameLength).toWellFormed()}…` : text;
  return inert(cut === '' ? '(no name)' : cut);
}
