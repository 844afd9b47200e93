// What Debian says of one source package, one vulnerability and one release, and how it becomes part of an advisory.
import type { AffectedPackage, RangeEvent, Severity } from '@plombe/model';
import { debianEcosystem } from './releases.ts';
import { severityWord } from '../../normal/cvss.ts';

export interface Row {
  /** Codename. */
  readonly release: string;
  /**
   * `fixed`: vulnerable before `version`. `open`: vulnerable, no fix in this release (in unstable at `unstableVersion` where that is
   * known). `never`: not vulnerable in any version. `undetermined`: nobody has looked.
   */
  readonly state: 'fixed' | 'open' | 'never' | 'undetermined';
  readonly version?: string;
  readonly unstableVersion?: string;
  /** Debian's word (`ignored`, `postponed`, `no-dsa`, `end-of-life`, `removed` …), with its reason after a colon. */
  readonly note?: string;
  /** Debian's urgency as written. */
  readonly urgency?: string;
}

/** Joins Debian's word for a state with the reason given for it. */
export function noteOf(word: string, reason: string | undefined): string {
  return reason === undefined || reason === '' ? word : `${word}: ${reason}`;
}

function severityOf(urgency: string | undefined): Severity | undefined {
  const word = severityWord(urgency?.replace(/\*+$/, ''));
  return word === undefined ? undefined : { author: 'debian', word };
}

function eventsOf(row: Row): readonly RangeEvent[] {
  const from: RangeEvent = { introduced: '0' };
  if (row.state === 'fixed' && row.version !== undefined) return [from, { fixed: row.version }];
  if (row.state === 'open' && row.unstableVersion !== undefined) return [from, { limit: row.unstableVersion }];
  return [from];
}

/** Returns the part of an advisory for one row; undefined where Debian has not determined anything, or does not number the release. */
export function affectedOf(name: string, row: Row): AffectedPackage | undefined {
  const ecosystem = debianEcosystem(row.release);
  if (ecosystem === undefined || row.state === 'undetermined') return undefined;
  const unsupported = row.urgency === 'end-of-life' || row.note?.startsWith('end-of-life') === true;
  const note = row.note ?? (unsupported ? 'end-of-life' : undefined);
  const wontFix = row.state === 'open' && (unsupported || row.note?.startsWith('ignored') === true);
  const severity = severityOf(row.urgency);
  return {
    ecosystem,
    name,
    ranges: [{ scheme: 'deb', events: eventsOf(row) }],
    versions: [],
    status: row.state === 'never' ? 'not_affected' : wontFix ? 'will_not_fix' : 'affected',
    ...(note === undefined ? {} : { statusNote: note }),
    ...(severity === undefined ? {} : { severity }),
  };
}
