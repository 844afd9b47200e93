// How a parser of this package says no: one error that never leaves the package and becomes a failed check at its border.
import { inert } from '@plombe/kit';

/** `malformed`: not what the format allows, a rejection. `limit`: larger than we read, undecidable. */
export type RefusalKind = 'malformed' | 'limit';

/** Thrown by the parsers in this package, caught by `attempt`. Its message is inert. */
export class Refused extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.name = 'Refused';
    this.kind = kind;
  }
}

/** Throws that something is not what its format allows. */
export function malformed(message: string): never {
  throw new Refused('malformed', inert(message));
}

/** Throws that something is larger than its limit. */
export function overLimit(message: string): never {
  throw new Refused('limit', inert(message));
}

/** What parsing answers: the value, or why there is none. */
export type Attempt<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: RefusalKind; readonly message: string };

/** Runs a parser and answers its value or its refusal; anything else it throws is a bug and passes through. */
export function attempt<T>(parse: () => T): Attempt<T> {
  try {
    return { kind: 'parsed', value: parse() };
  } catch (thrown) {
    if (thrown instanceof Refused) return { kind: thrown.kind, message: thrown.message };
    throw thrown;
  }
}
