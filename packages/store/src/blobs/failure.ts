// What the system says when a file cannot be read or written, in words of the store.
import { inert, messageOf, PlombeError } from '@plombe/kit';

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
  // Extended codes have the kind in the lowest byte.
  const isUnusable = sqliteUnusable.has((sqliteCode(error) ?? 0) & 0xff);
  return isUnusable
    ? new PlombeError('store/unusable', `The database ${inert(path)} cannot be used: ${messageOf(error)}`, {
        cause: error,
      })
    : orFull(error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
