// Results of subjects and of saved reports alike: what commands take that compare or show what is known already.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { AdvisoryDatabase } from '@plombe/advisories';
import { leaveOutOf, scanInventory, treeFolder, withLines } from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { Context, Inventory, ScanResult } from '@plombe/model';
import { readTreeFile } from '@plombe/oci';
import type { Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { openAdvisories } from './database.ts';
import { leftOut } from './left-out.ts';
import { readSavedReport } from './saved-report.ts';
import { openSubject } from './subject.ts';

/**
 * Yields the result of each image that the subject names, or the saved report: `report:FILE` (`-`: standard input), or a file that begins as one. Throws what
 * sources, database and reports throw.
 */
export async function* openResults(subject: string, values: Settings, ctx: Context): AsyncIterable<ScanResult> {
  const saved = savedReport(subject);
  if (saved !== undefined) {
    yield leaveOutOf(readSavedReport(saved), leftOut(values));
    return;
  }
  const database = openAdvisories(values, ctx);
  try {
    for await (const inventory of openSubject(subject, values, ctx)) yield scanOpened(inventory, database, values, ctx);
  } finally {
    database.close();
  }
}

/** Scans an inventory whose source is still there: of a source tree with the lines of its lock files. */
export function scanOpened(
  inventory: Inventory,
  database: AdvisoryDatabase,
  values: Settings,
  ctx: Context,
): ScanResult {
  const result = scanInventory(
    inventory,
    { database, version, excludeDevelopment: values.excludeDev === true, leaveOut: leftOut(values) },
    ctx,
  );
  const folder = treeFolder(inventory);
  if (folder === undefined) return result;
  return withLines(result, (path, maxBytes) => readTreeFile(folder, path, maxBytes));
}

/** Returns the one result. Throws `config/invalid` with `--all-platforms`, and as `openResults`. */
export async function openResult(subject: string, values: Settings, ctx: Context): Promise<ScanResult> {
  if (values.allPlatforms === true) {
    throw new PlombeError('config/invalid', 'One platform is compared with one: name it with --platform.');
  }
  for await (const result of openResults(subject, values, ctx)) return result;
  throw new PlombeError('subject/unresolved', 'The subject names no image.');
}

/** The path of the report that the subject is; undefined for every other subject. */
function savedReport(subject: string): string | undefined {
  if (subject.startsWith('report:')) return subject.slice('report:'.length);
  if (statSync(subject, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const head = Buffer.alloc(256);
  const file = openSync(subject, 'r');
  try {
    const read = readSync(file, head);
    return /^\ufeff?\s*\{\s*"schemaVersion"/.test(head.toString('utf8', 0, read)) ? subject : undefined;
  } finally {
    closeSync(file);
  }
}
