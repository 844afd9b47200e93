// Packages of Haskell as stack.yaml.lock and cabal.project.freeze declare them (docs.haskellstack.org, "Lock files"; cabal.readthedocs.io, "cabal freeze").
import { field, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { tellUnended } from '../lost.ts';
import { baseName, lockFile, textOf, yamlOf } from '../read.ts';

/** stack.yaml.lock and cabal.project.freeze. */
export const haskellLockCataloger = declaring(
  'haskell-lock',
  byBaseName({ 'stack.yaml.lock': lockFile, 'cabal.project.freeze': lockFile }),
  (files, into) => {
    for (const file of files) {
      if (baseName(file.path) === 'cabal.project.freeze') readFreeze(file, into);
      else {
        const lock = yamlOf(file, into);
        if (lock !== undefined) readStackLock(file, lock, into);
      }
    }
  },
);

const name = '[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*';
const version = String.raw`\d{1,9}(?:\.\d{1,9}){0,20}`;
const pinned = new RegExp(`^(?:any\\.)?(${name}) *==(${version})$`);
const hackage = new RegExp(`^(${name})-(${version})(?:@.*)?$`);

/** `constraints: any.aeson ==2.1.0.0, …`, on as many lines as there are. Flags and `installed` are no versions. */
function readFreeze(file: RawFile, into: DeclaredPackages): void {
  const text = file.truncated ? '' : textOf(file).replaceAll(/^[ \t]*--[^\n]*$/gm, '');
  const constraints = /^constraints:([^]*?)(?=^[a-z-]+:|(?![^]))/m.exec(text)?.[1];
  if (constraints === undefined) return into.unreadable(file, 'has no constraints');
  tellUnended(file, into);
  // cabal that writes repositories before the constraints writes the state of the index behind them.
  const isOpen = /,\s*$/.test(constraints) || /^active-repositories:/m.test(text);
  if (isOpen && !/^index-state: *\S/m.test(text)) into.unreadable(file, 'was cut off: its constraints have no end');
  for (const written of constraints.split(',')) {
    const constraint = written.trim().slice(0, 400);
    const [, found, at] = pinned.exec(constraint) ?? [];
    if (found !== undefined && at !== undefined) into.add(file, { type: 'hackage', name: found, version: at });
    else if (/[<>*^]/.test(constraint)) into.open(file, constraint);
  }
}

/** What is in the snapshot is not in the file, only what is asked for beside it. */
function readStackLock(file: RawFile, lock: JsonObject, into: DeclaredPackages): void {
  if (!Array.isArray(field(lock, 'packages'))) return into.unreadable(file, 'is no lock file of stack');
  // Behind the packages, and empty where the resolver is a compiler alone.
  if (!Array.isArray(field(lock, 'snapshots'))) into.unreadable(file, 'was cut off: it has no "snapshots"');
  for (const entry of objectsField(lock, 'packages')) {
    const completed = objectField(entry, 'completed') ?? {};
    const [, released, at] = hackage.exec(textField(completed, 'hackage') ?? '') ?? [];
    if (released !== undefined && at !== undefined) {
      into.add(file, { type: 'hackage', name: released, version: at });
      continue;
    }
    const own = textField(completed, 'name');
    const ownVersion = textField(completed, 'version');
    const repository = textField(completed, 'git') ?? textField(completed, 'hg');
    const address = repository ?? textField(completed, 'url') ?? '';
    if (own === undefined || ownVersion === undefined) {
      into.unreadable(file, 'has a package without name and version');
      continue;
    }
    const commit = textField(completed, 'commit');
    const facts = {
      resolved: address.slice(0, 1024),
      ...(commit === undefined ? {} : { commit: commit.slice(0, 100) }),
    };
    into.add(file, {
      type: 'hackage',
      name: own,
      version: ownVersion,
      origin: repository === undefined ? 'archive' : 'vcs',
      facts,
    });
  }
  if (objectsField(lock, 'snapshots').length > 0)
    into.missing(
      file,
      'package/dependencies-open',
      'takes the versions of a snapshot of Stackage, which is not in the tree',
    );
}
