import { expect, it } from 'vitest';
import { findingStatuses, isStatus, type FindingStatus } from './finding-status.ts';
import type { Finding } from './finding.ts';

const fixable = ['1.2.3'];

it.each<[Pick<Finding, 'status' | 'statusNote' | 'fixedVersions'>, readonly FindingStatus[]]>([
  [{ status: 'affected', fixedVersions: [] }, ['affected']],
  // What an upgrade takes away is not left out by its status.
  [{ status: 'affected', fixedVersions: fixable }, []],
  [{ status: 'will_not_fix', statusNote: 'ignored: minor', fixedVersions: [] }, ['will_not_fix']],
  // Debian.
  [
    { status: 'affected', statusNote: 'postponed: next point release', fixedVersions: [] },
    ['affected', 'fix_deferred'],
  ],
  [{ status: 'will_not_fix', statusNote: 'end-of-life', fixedVersions: [] }, ['will_not_fix', 'end_of_life']],
  [{ status: 'affected', statusNote: 'no-dsa: Minor issue', fixedVersions: [] }, ['affected']],
  // Ubuntu.
  [{ status: 'affected', statusNote: 'deferred: 2024-01-01', fixedVersions: [] }, ['affected', 'fix_deferred']],
  [
    { status: 'will_not_fix', statusNote: 'ignored: end of standard support, was needed', fixedVersions: [] },
    ['will_not_fix', 'end_of_life'],
  ],
  // Red Hat.
  [{ status: 'affected', statusNote: 'Fix deferred', fixedVersions: [] }, ['affected', 'fix_deferred']],
  [{ status: 'will_not_fix', statusNote: 'Out of support scope', fixedVersions: [] }, ['will_not_fix', 'end_of_life']],
  [{ status: 'under_investigation', statusNote: 'needs-triage', fixedVersions: [] }, ['under_investigation']],
])('%j is %j', (finding, words) => {
  const statuses = findingStatuses.filter((word) => isStatus(finding as Finding, word));
  expect([...statuses].sort()).toEqual([...words].sort());
});
