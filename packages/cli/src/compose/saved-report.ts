// Saved reports as files: read whole, but never more than a report can have.
import { readFileSync } from 'node:fs';
import { parseReport } from '@plombe/engine';
import { inert, mebibyte, messageOf, PlombeError, readBounded } from '@plombe/kit';
import type { ScanResult } from '@plombe/model';

/** A report of a hundred thousand packages has some 100 MB; a text of 512 MiB is the longest there can be. */
const maxReportBytes = 384 * mebibyte;

/** Returns the result that a report was made of. `-` is standard input. Throws `source/unreadable` and `report/malformed`. */
export function readSavedReport(path: string): ScanResult {
  const name = path === '-' ? 'standard input' : path;
  let text: string;
  try {
    text = (path === '-' ? readFileSync(0) : readBounded(path, maxReportBytes)).toString('utf8');
  } catch (thrown) {
    throw new PlombeError('source/unreadable', `The report ${inert(name)} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  return parseReport(text, name);
}
