// One rpm database file: its packages, the files they own, and what could not be read.
import { readRpmDatabase, rpmTags, type RpmHeader } from '@plombe/formats';
import { compareText } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';
import { isOwnable } from '../ownable.ts';
import type { RpmFields } from './package.ts';

/** The largest distribution has about 80,000 packages in all its repositories together. */
const maxPackages = 100_000;

/** A full workstation owns 60,000 paths that are ownable. Bounds the memory that a crafted file list can take. */
const maxOwned = 1_000_000;

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
  let ownedCount = 0;
  for (const header of readRpmDatabase(file.content, { onProblem, ...(wal && { wal: wal.content }) })) {
    if (fields.length === maxPackages) {
      onProblem(`there are more than ${maxPackages} packages`);
      break;
    }
    if (header.text(rpmTags.name) === 'gpg-pubkey') continue;
    const rpm = fieldsOf(header, file.path);
    if (rpm === undefined) {
      onProblem('a package has no name, version or release');
      continue;
    }
    const paths = ownedCount < maxOwned ? ownablePaths(header, maxOwned - ownedCount) : [];
    ownedCount += paths.length;
    fields.push(rpm);
    owned.push(paths);
  }
  if (ownedCount >= maxOwned) onProblem(`the packages own more than ${maxOwned} programs`);
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

function ownablePaths(header: RpmHeader, max: number): readonly string[] {
  const paths: string[] = [];
  for (const path of header.paths()) {
    if (!isOwnable(path)) continue;
    paths.push(path);
    if (paths.length === max) break;
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
