// What the system says when a file cannot be read or written, in words of the store.
import { inert, makeFolder, messageOf, PlombeError } from '@plombe/kit';

/** True where there is no such file. */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Returns the error; as `store/full` where the disk, the quota or the database is full. */
export function orFull(error: unknown): unknown {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '') || sqliteCode(error) === sqliteFull;
  return isFull
    ? new PlombeError('store/full', 'The disk that holds the registry is full; nothing was stored.', { cause: error })
    : error;
}

const sqliteFull = 13;
/** Busy and locked for longer than is waited, read-only, input and output, damaged, not to be opened, no database (sqlite3.h, "Result Codes"). */
const sqliteUnusable: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 14, 26]);

/** As `orFull` for a database; as `store/unusable` where the file is the cause, and not what was asked of it. */
export function orUnusable(error: unknown, path: string): unknown {
  // Extended codes have the kind in the lowest byte. What is asked is fixed, so a table or column that is not there is the file's fault.
  const code = sqliteCode(error) ?? 0;
  const isUnusable = sqliteUnusable.has(code & 0xff) || (code === 1 && messageOf(error).startsWith('no such '));
  return isUnusable
    ? new PlombeError('store/unusable', `The database ${inert(path)} cannot be used: ${messageOf(error)}`, {
        cause: error,
      })
    : orFull(error);
}

/** What lies where a folder should be, or may not be written. */
const folderUnusable: ReadonlySet<string> = new Set([
  'EEXIST',
  'ENOTDIR',
  'EISDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'ELOOP',
]);

/** Makes a folder of the registry's state and those above it. Throws `store/unusable` and `store/full`. */
export function makeStateFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw orUnusableFolder(error, path);
  }
}

/** Returns the error; as `store/unusable` where something else is at the place of a folder or file of the state, as `store/full` where that is it. */
export function orUnusableFolder(error: unknown, path: string): unknown {
  if (!folderUnusable.has(codeOf(error) ?? '')) return orFull(error);
  const message = `The folder ${inert(path)} of the registry's state cannot be used: ${messageOf(error)}`;
  return new PlombeError('store/unusable', message, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
