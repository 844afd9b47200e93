// Packages of Elixir and Erlang as lock files declare them.
import type { RawFile } from '@plombe/model';
import type { DeclaredPackages } from '../declared-packages.ts';
import { byBaseName, declaring } from '../declaring.ts';
import { baseName, folderOf, lockFile, manifestFile, textOf } from '../read.ts';
import { askedIn, readMixLock } from './mix-lock.ts';
import { readRebarLock } from './rebar-lock.ts';

/** mix.lock with the mix.exs that it is for, and rebar.lock. */
export const hexLockCataloger = declaring(
  'hex-lock',
  byBaseName({ 'mix.lock': lockFile, 'mix.exs': manifestFile, 'rebar.lock': lockFile }),
  read,
);

function read(files: readonly RawFile[], into: DeclaredPackages): void {
  const locks = files.filter(({ path }) => baseName(path) === 'mix.lock');
  const asked = new Map(locks.map(({ path }) => [folderOf(path), new Map<string, boolean>()]));
  for (const file of files) {
    if (baseName(file.path) === 'rebar.lock') readRebarLock(file, into);
    // The applications of an umbrella share the lock file above them.
    else if (baseName(file.path) === 'mix.exs' && !file.truncated) {
      const own = above(folderOf(file.path), asked);
      if (own !== undefined) askedIn(textOf(file), own);
    }
  }
  for (const file of locks) readMixLock(file, asked.get(folderOf(file.path)) ?? new Map(), into);
}

function above<T>(folder: string, known: ReadonlyMap<string, T>): T | undefined {
  for (let at = folder; ; at = folderOf(at)) {
    const found = known.get(at);
    if (found !== undefined || at === '') return found;
  }
}
