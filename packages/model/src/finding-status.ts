// The statuses that findings can be left out by: those of the model, and two more that vendors tell in a word beside it.
import type { Finding } from './finding.ts';

/** Each of them. */
export const findingStatuses = [
  'affected',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
  'under_investigation',
  'not_affected',
  'fixed',
] as const;

/** A word for the status of a finding. */
export type FindingStatus = (typeof findingStatuses)[number];

/** Debian `postponed`, Ubuntu `deferred`, Red Hat `Fix deferred`. */
const deferred = /^(?:postponed|(?:fix )?deferred)\b/i;
/** Debian `end-of-life`, Ubuntu `ignored: end of life` and `… end of standard support`, Red Hat `Out of support scope`. */
const ended =
  /^(?:ignored: *)?(?:end[ -]of[ -](?:life|(?:standard |extended )?support)|out of (?:standard |extended )?support)\b/i;

/**
 * True where the finding is of that status. `affected` is one that has no fixed version: what an upgrade takes away is never left out by its status. `fix_deferred` and
 * `end_of_life` are what the vendor's word says, whichever status of the model that is.
 */
export function isStatus({ status, statusNote = '', fixedVersions }: Finding, asked: FindingStatus): boolean {
  if (asked === 'fix_deferred') return deferred.test(statusNote);
  if (asked === 'end_of_life') return ended.test(statusNote);
  return status === asked && (asked !== 'affected' || fixedVersions.length === 0);
}
