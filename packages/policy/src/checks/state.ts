// The scan got as far as demanded: nothing that was not compared looks like nothing found.
import { inert } from '@plombe/kit';
import type { State } from '@plombe/model';
import type { PolicySpec } from '../document/policy-schema.ts';
import type { PolicySubject } from '../evidence.ts';
import { defineCheck, one, unknown } from './check.ts';

/** States that each demand accepts. */
const accepted: Readonly<Record<NonNullable<PolicySpec['requireState']>, readonly State[]>> = {
  assessed: ['assessed'],
  partial: ['assessed', 'partial'],
  stale: ['assessed', 'partial', 'stale'],
};

/** The states that a policy accepts; without a demand only `assessed`. */
export function acceptedStates({ requireState }: PolicySpec): readonly State[] {
  return accepted[requireState ?? 'assessed'];
}

/** The command that tells all that a scan found. */
export function scanCommand({ reference, isHeldBack = false }: PolicySubject): string {
  return isHeldBack ? 'plombe scan, where it was built' : `plombe scan ${inert(reference)}`;
}

export const state = defineCheck<readonly State[]>({
  id: 'state',
  needs: ['scan'],
  parameters: (spec) => one(spec.requireState === undefined ? undefined : acceptedStates(spec)),
  check(subject, { scan }, states) {
    const remedy = () => `Give the scan what it lacks; each cause: ${scanCommand(subject)}`;
    if (scan === undefined) return unknown('The image was not scanned.', 'nothing', remedy);
    const isAccepted = states.includes(scan.state);
    const causes = scan.causes.slice(0, 3).map(inert).join(' ');
    const message = `The scan is ${scan.state}; ${states.join(' or ')} is accepted.${causes === '' ? '' : ` ${causes}`}`;
    return {
      violations: isAccepted ? [] : [{ message }],
      unknowns: [],
      passed: message,
      lookedAt: 'the state of the scan',
      remedy,
    };
  },
});
