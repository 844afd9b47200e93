// The list of a dry run: references, one in a line, and saved reports of scans.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inert, mebibyte, messageOf, PlombeError } from '@plombe/kit';
import type { PolicyEvidence } from '@plombe/policy';
import { readSmallFile } from '../trust/files.ts';
import { evidenceOfReport } from './report.ts';

/** A report of an image with ten thousand findings has some 60 MB. */
const maxReportBytes = 256 * mebibyte;
/** 100,000 images: more than the registries of a company hold. */
const maxSubjects = 100_000;

/** One subject of the list. */
export type FleetEntry =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'report'; readonly evidence: PolicyEvidence };

/**
 * Reads a list: a report, a folder of reports (`*.json`), or a text with a reference or the path of a report in each line; `#` starts a
 * comment. Throws `source/…` and `policy/invalid`.
 */
export function* readFleet(path: string): Iterable<FleetEntry> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    const names = foldedNames(path);
    if (names.length === 0) throw nothingIn(path);
    for (const name of names) yield* readFleet(join(path, name));
    return;
  }
  const text = readSmallFile(path, 'The list', maxReportBytes).toString('utf8');
  const report = text.trimStart().startsWith('{') ? evidenceOfReport(text, path) : undefined;
  if (report !== undefined) {
    yield { kind: 'report', evidence: report };
    return;
  }
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s)#.*$/, '').trim());
  const subjects = lines.filter((line) => line !== '');
  if (subjects.length === 0) throw nothingIn(path);
  if (subjects.length > maxSubjects)
    throw new PlombeError('policy/invalid', `${inert(path)} lists more than ${maxSubjects} subjects.`);
  for (const line of subjects) {
    const file = resolve(dirname(path), line);
    if (line.endsWith('.json') && existsSync(file)) {
      const evidence = evidenceOfReport(readSmallFile(file, 'The report', maxReportBytes).toString('utf8'), file);
      if (evidence === undefined)
        throw new PlombeError('policy/invalid', `${inert(line)} is not a report of plombe scan.`);
      yield { kind: 'report', evidence };
    } else yield { kind: 'reference', reference: line };
  }
}

/** Whoever judges nothing must not be told that nobody would break. */
function nothingIn(path: string): PlombeError {
  return new PlombeError('source/unreadable', `${inert(path)} names no subject, so nothing was judged.`, {
    remedy: 'Write a reference or the path of a report in each line, or give a folder of reports.',
  });
}

function foldedNames(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (cause) {
    throw new PlombeError('source/unreadable', `The folder ${inert(path)} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
