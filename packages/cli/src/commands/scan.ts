// `plombe scan`: inventory, findings, state, reports, exit code.
import { exitCodeOf, reportFormats, scanInventory } from '@plombe/engine';
import { openSession } from '../compose/context.ts';
import { openAdvisories } from '../compose/database.ts';
import { reportTargets, writeReports } from '../compose/reports.ts';
import { openSubject } from '../compose/subject.ts';
import type { Settings } from '../settings/settings.ts';
import { version } from '../version.ts';

/** Returns the worst exit code of the images scanned. Throws what sources and database throw. */
export async function scanCommand(subject: string, values: Settings): Promise<number> {
  const targets = reportTargets(
    values,
    reportFormats.map(({ id }) => id),
    'table',
  );
  const { ctx, progress } = openSession(values);
  const database = openAdvisories(values, ctx);
  let exitCode = 0;
  try {
    for await (const inventory of openSubject(subject, values, ctx)) {
      const result = scanInventory(inventory, { database, version }, ctx);
      progress.clear();
      writeReports(result, targets, values);
      const { failOn, allow = [] } = values;
      exitCode = Math.max(exitCode, exitCodeOf(result, { allow, ...(failOn === undefined ? {} : { failOn }) }));
    }
  } finally {
    progress.clear();
    database.close();
  }
  return exitCode;
}
