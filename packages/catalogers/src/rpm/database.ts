// One rpm database file: its packages, the files they own, and what could not be read.
import { readRpmDatabase, rpmTags, type RpmHeader } from '@plombe/formats';
import { compareText, mebibyte } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';
import { isOwnable } from '../ownable.ts';
import type { RpmFields } from './package.ts';

/** The largest distribution has about 80,000 packages in all its repositories together. */
const maxPackages = 100_000;

/**
 * Characters of all fields and owned paths that are kept: 80,000 packages have 16 million. Of all paths that are looked at: a full
 * workstation has 70 million. Both bound what a database can take whose tags all point at the same bytes.
 */
const maxKept = 64 * mebibyte;
const maxSeen = 256 * mebibyte;

export interface DatabaseContent {
  readonly fields: readonly RpmFields[];
  /** For each of `fields`, the ownable paths of its file list. */
  readonly owned: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
}

/** Reads a database with the log beside it, if any. */
export function readDatabase(file: RawFile, wal: RawFile | undefined): DatabaseContent {
  const problems = new Map<string, number>();
  const onProblem = (sentence: string): undefined => void problems.set(sentence, (problems.get(sentence) ?? 0) + 1);
  const fields: RpmFields[] = [];
  const owned: (readonly string[])[] = [];
  const budget: Budget = { kept: maxKept, seen: maxSeen };
  for (const header of readRpmDatabase(file.content, { onProblem, ...(wal && { wal: wal.content }) })) {
    if (fields.length === maxPackages || budget.kept <= 0) {
      onProblem(`there are more than ${maxPackages} packages, or more than ${maxKept} characters in them`);
      break;
    }
    if (header.text(rpmTags.name) === 'gpg-pubkey') continue;
    const rpm = fieldsOf(header, file.path);
    if (rpm === undefined) {
      onProblem('a package has no name, version or release');
      continue;
    }
    for (const value of Object.values(rpm)) if (typeof value === 'string') budget.kept -= value.length;
    fields.push(rpm);
    owned.push(ownablePaths(header, budget));
  }
  if (budget.seen <= 0) onProblem('the file lists are larger than the limit and were read in part');
  return {
    fields,
    owned,
    diagnostics: diagnosticsOf(file, problems),
    complete: problems.size === 0 && !file.truncated,
  };
}

function fieldsOf(header: RpmHeader, path: string): RpmFields | undefined {
  const name = header.text(rpmTags.name);
  const version = header.text(rpmTags.version);
  const release = header.text(rpmTags.release);
  if (!name || !version || !release) return undefined;
  const optional = {
    architecture: header.text(rpmTags.architecture),
    sourceRpm: header.text(rpmTags.sourceRpm),
    vendor: header.text(rpmTags.vendor),
    licence: header.text(rpmTags.licence),
    modularity: header.text(rpmTags.modularityLabel),
  };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value)) as Partial<RpmFields>;
  return { name, versionRelease: `${version}-${release}`, epoch: header.number(rpmTags.epoch) ?? 0, ...present, path };
}

/** Characters that may still be kept and looked at. */
interface Budget {
  kept: number;
  seen: number;
}

function ownablePaths(header: RpmHeader, budget: Budget): readonly string[] {
  const paths: string[] = [];
  if (budget.seen <= 0) return paths;
  for (const path of header.paths()) {
    budget.seen -= path.length + 1;
    if (budget.seen <= 0 || budget.kept <= 0) break;
    if (!isOwnable(path)) continue;
    budget.kept -= path.length;
    paths.push(path);
  }
  return paths;
}

function diagnosticsOf(file: RawFile, problems: ReadonlyMap<string, number>): readonly Diagnostic[] {
  const { path, layerIndex, truncated } = file;
  const common = { code: 'package/database-corrupt', level: 'error', path, layerIndex } as const;
  const told = [...problems].map(([sentence, count]) => (count === 1 ? sentence : `${sentence} (${count} times)`));
  if (truncated) told.push('the file is larger than the limit and was read in part');
  return told.sort(compareText).map((sentence) => ({ ...common, message: `rpm database /${path}: ${sentence}` }));
}
