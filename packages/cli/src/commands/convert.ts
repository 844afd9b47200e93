// `plombe convert`: renders a saved JSON report again, in every format that a scan has.
import { leaveOutOf, type Language } from '@plombe/engine';
import { leftOut } from '../compose/left-out.ts';
import { readSavedReport } from '../compose/saved-report.ts';
import { reportTargets, writeReports } from '../compose/reports.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/**
 * Writes the report in each format asked for. `path` may be `-`, standard input. Returns 0: what the report says of its subject was judged when it was made.
 * Throws `source/unreadable`, `report/malformed`, `report/template` and `config/invalid`.
 */
export async function convertCommand(path: string, { values }: LoadedSettings, language: Language): Promise<number> {
  const targets = await reportTargets(values, 'table');
  writeReports(leaveOutOf(readSavedReport(path), leftOut(values)), targets, values, language);
  return exitCodes.fine;
}
