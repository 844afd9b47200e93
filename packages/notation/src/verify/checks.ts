// Collects the checks of one verification and turns what failed into a verdict.
import { inert } from '@plombe/kit';
import type { Verdict, VerificationCheck } from '@plombe/model';
import type { ValidationAction } from '../trust-policy/policy.ts';

/** How a step ended. `unknown`: it could not be decided: a revocation state nobody answered, or a limit that was reached. */
export interface StepResult {
  readonly kind: 'pass' | 'fail' | 'unknown' | 'skip';
  readonly message: string;
}

/** The checks made so far. */
export interface Checks {
  readonly list: readonly VerificationCheck[];
  /** True once an enforced step failed: what follows is not asked of any server. */
  readonly failed: boolean;
  /** Notes a step under an action; `log` turns a failure into a warning, `skip` into a step not made. Returns true where it passed. */
  add(id: string, action: ValidationAction, result: StepResult): boolean;
  verdict(): Verdict;
}

/** Returns an empty collection. */
export function newChecks(): Checks {
  const list: VerificationCheck[] = [];
  let rejected = false;
  let undecided = false;
  return {
    list,
    get failed() {
      return rejected || undecided;
    },
    add(id, action, { kind, message }) {
      const bad = kind === 'fail' || kind === 'unknown';
      const enforced = bad && action === 'enforce';
      if (enforced && kind === 'fail') rejected = true;
      if (enforced && kind === 'unknown') undecided = true;
      const outcome = !bad ? kind : action === 'enforce' ? 'fail' : action === 'log' ? 'warn' : 'skip';
      list.push({ id, outcome, message: inert(message.slice(0, maxMessageLength)) });
      return kind === 'pass';
    },
    verdict: () => (rejected ? 'rejected' : undecided ? 'undecidable' : 'verified'),
  };
}

/** A message names at most a few certificates; ten subjects of 200 characters fit. */
const maxMessageLength = 4000;

export function pass(message: string): StepResult {
  return { kind: 'pass', message };
}

export function fail(message: string): StepResult {
  return { kind: 'fail', message };
}

export function skip(message: string): StepResult {
  return { kind: 'skip', message };
}
