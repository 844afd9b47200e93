// One server per folder: a lock of the operating system that ends with the process, however it ends.
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inert, messageOf, PlombeError } from '@plombe/kit';

export interface FolderLock {
  release(): void;
}

/** Locks by an exclusive transaction on a database of its own. Throws `store/unusable` where another process holds it. */
export function lockFolder(path: string): FolderLock {
  try {
    closeSync(openSync(path, 'a', 0o600));
    const sqlite = new DatabaseSync(path, { timeout: 0 });
    try {
      // In memory: the lock leaves no journal behind.
      sqlite.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      sqlite.close();
      throw error;
    }
    return { release: () => sqlite.close() };
  } catch (cause) {
    const isHeld = cause instanceof Error && 'errcode' in cause && cause.errcode === 5;
    const reason = isHeld ? 'another server runs on it' : messageOf(cause);
    throw new PlombeError('store/unusable', `The folder ${inert(dirname(path))} cannot be used: ${reason}.`, { cause });
  }
}
