// What the system says when a file cannot be read or written, in words of the store.
import { PlombeError } from '@plombe/kit';

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

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}
