// `plombe scan`: inventory, findings, state, reports, exit code; and, where asked for, attestations and custody records.
import { distributionSupport, exitCodeOf, type ExitOptions, type Language } from '@plombe/engine';
import { inert } from '@plombe/kit';
import type { ScanResult } from '@plombe/model';
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
      exitCode = Math.max(exitCode, exitCodeOf(result, exitOptions(values)));
      if (values.failOnEol === true) tellSupport(result);
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

function exitOptions({ failOn, failOnEol, allow = [] }: Settings): ExitOptions {
  return {
    allow,
    ...(failOn === undefined ? {} : { failOn }),
    ...(failOnEol === undefined ? {} : { failOnEndOfLife: failOnEol }),
  };
}

/** The report says what has ended; that nobody knows is said here, beside the exit code. */
function tellSupport(result: ScanResult): void {
  const { distribution } = result.inventory;
  if (distribution === undefined || distributionSupport(result) !== 'unknown') return;
  const name = inert([distribution.id, distribution.versionId].filter(Boolean).join(' '));
  process.stderr.write(`plombe: the database does not know when the support of ${name} ends (--fail-on-eol).\n`);
}
