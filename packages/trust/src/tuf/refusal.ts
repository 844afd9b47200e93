// How the TUF client says no: which file, which check, and why.
import { inert } from '@plombe/kit';
import type { Attempt } from '../parse/refused.ts';

/** The steps of the client workflow that can fail (TUF specification 1.0, section 5). */
export type TufCheck =
  | 'format'
  | 'limit'
  | 'signatures'
  | 'version'
  | 'rollback'
  | 'expiry'
  | 'hash'
  | 'length'
  | 'absent'
  | 'anchor';

/** Why a repository was refused. Inert text. */
export interface TufRefusal {
  /** The file as the repository names it: `timestamp.json`. */
  readonly file: string;
  readonly check: TufCheck;
  readonly message: string;
}

/** Thrown inside the workflow and caught at its border. */
export class TufRefused extends Error {
  readonly refusal: TufRefusal;

  constructor(file: string, check: TufCheck, message: string) {
    super(message);
    this.name = 'TufRefused';
    this.refusal = { file: inert(file), check, message: inert(message) };
  }
}

/** Returns what was parsed; refuses the file otherwise. */
export function parsedOrRefused<T>(file: string, attempt: Attempt<T>): T {
  if (attempt.kind === 'parsed') return attempt.value;
  throw new TufRefused(file, attempt.kind === 'limit' ? 'limit' : 'format', attempt.message);
}
