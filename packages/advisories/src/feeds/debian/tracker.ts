// The security tracker's JSON: package → vulnerability → releases.
import type { JsonObject } from '@plombe/kit';
import { field, isObject, objectField, textField } from '@plombe/kit';
import { noteOf, type Row } from './row.ts';
import { clipText, parseId, parseToken } from '../../normal/ids.ts';

/** What the tracker says of one package and vulnerability. */
export interface TrackerEntry {
  readonly id: string;
  readonly description?: string;
  readonly bug?: string;
  readonly rows: readonly Row[];
}

/** Returns the entries of one package, and the keys of those that are not in the documented shape. */
export function parseTrackerPackage(value: unknown): { entries: TrackerEntry[]; bad: string[] } {
  const entries: TrackerEntry[] = [];
  const bad: string[] = [];
  for (const [key, entry] of Object.entries(isObject(value) ? value : {})) {
    const id = parseId(key);
    const releases = isObject(entry) ? objectField(entry, 'releases') : undefined;
    if (id === undefined || releases === undefined || !isObject(entry)) {
      bad.push(key);
      continue;
    }
    const rows: Row[] = [];
    for (const [release, value] of Object.entries(releases)) {
      const row = isObject(value) ? parseRow(release, value) : undefined;
      if (row === undefined) bad.push(`${key} in ${release}`);
      else rows.push(row);
    }
    const description = clipText(textField(entry, 'description'));
    const bug = field(entry, 'debianbug');
    entries.push({
      id,
      rows: boundByUnstable(rows),
      ...(description === undefined ? {} : { description }),
      ...(typeof bug === 'number' ? { bug: String(bug) } : {}),
    });
  }
  return { entries, bad };
}

/** What is open in a release ends, without a fix there, at the version that is fixed in unstable: images may mix releases. */
function boundByUnstable(rows: readonly Row[]): Row[] {
  const unstable = rows.find(({ release, state }) => release === 'sid' && state === 'fixed')?.version;
  return rows.map((row) =>
    unstable === undefined || row.state !== 'open' ? row : { ...row, unstableVersion: unstable },
  );
}

function parseRow(release: string, value: JsonObject): Row | undefined {
  const urgency = textField(value, 'urgency');
  const base = { release, ...(urgency === undefined ? {} : { urgency }) };
  const status = textField(value, 'status');
  if (status === 'undetermined') return { ...base, state: 'undetermined' };
  const version = parseToken(field(value, 'fixed_version'));
  if (status === 'resolved') {
    if (version === undefined) return undefined;
    return version === '0' ? { ...base, state: 'never' } : { ...base, state: 'fixed', version };
  }
  if (status !== 'open') return undefined;
  const nodsa = textField(value, 'nodsa');
  const reason = textField(value, 'nodsa_reason');
  if (nodsa === undefined && reason === undefined) return { ...base, state: 'open' };
  return { ...base, state: 'open', note: noteOf(reason ? reason : 'no-dsa', clipText(nodsa, 120)) };
}
