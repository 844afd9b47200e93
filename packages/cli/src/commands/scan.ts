// `plombe scan`: inventory, findings, state, reports, exit code; and, where asked for, attestations and custody records.
import { exitCodeOf, type Language } from '@plombe/engine';
import { openSession } from '../compose/context.ts';
import { openAdvisories } from '../compose/database.ts';
import { leftOut } from '../compose/left-out.ts';
import { reportTargets, writeReports } from '../compose/reports.ts';
import { scanOpened } from '../compose/results.ts';
import { openSubject } from '../compose/subject.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Returns the worst exit code of the images scanned. `recording`: the flags of `--attest` and `--record`, where one was given. Throws what sources and database throw, and, once every report is written, the first
 * failure to attest or record.
 */
export async function scanCommand(
  subject: string,
  values: Settings,
  recording: Readonly<Record<string, unknown>> | undefined,
  language: Language = 'en',
): Promise<number> {
  const targets = await reportTargets(values, 'table');
  // A mistake in the list is told before the work.
  leftOut(values);
  const { ctx, progress } = openSession(values);
  const recorder =
    recording === undefined
      ? undefined
      : await (await import('../compose/attesting.ts')).openScanRecorder(subject, values, recording, ctx);
  const database = openAdvisories(values, ctx);
  let exitCode = 0;
  const failures: unknown[] = [];
  try {
    // What is attested or recorded is said of the image's bytes, so all of them are read.
    const verify = values.verify ?? (recorder === undefined ? 'auto' : 'full');
    for await (const inventory of openSubject(subject, { ...values, verify }, ctx)) {
      const result = scanOpened(inventory, database, values, ctx);
      progress.clear();
      writeReports(result, targets, values, language);
      const { failOn, allow = [] } = values;
      exitCode = Math.max(exitCode, exitCodeOf(result, { allow, ...(failOn === undefined ? {} : { failOn }) }));
      await recorder?.take(result).catch((thrown: unknown) => failures.push(thrown));
    }
  } finally {
    progress.clear();
    database.close();
    recorder?.close();
  }
  if (failures.length > 0) throw failures[0];
  return exitCode;
}
