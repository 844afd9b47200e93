// The accounts of a server's folder, as its commands open them: the server may run or not.
import { chmodSync, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { inert, makeFolder, messageOf, PlombeError } from '@plombe/kit';
import { accountMigrations, type Author } from '@plombe/server';
import { openDatabase, type Database } from '@plombe/store';
import type { Flags } from './ledger.ts';

/**
 * Opens `state.db` of `--data DIR` for `work`, and flushes what it wrote. With `create`, folder and database are made where there are none.
 * Throws `config/invalid`, `store/unusable`.
 */
export async function withAccounts<T>(
  flags: Flags,
  work: (database: Database, author: Author) => T,
  options: { readonly create?: boolean } = {},
): Promise<T> {
  const folder = String(flags['data']);
  const path = join(folder, 'state.db');
  if (options.create === true) make(folder);
  else if (!existsSync(path)) {
    throw new PlombeError('config/invalid', `--data ${inert(folder)} is no folder of a server: it has no state.db.`, {
      remedy: 'Name the folder that plombe serve --data names.',
    });
  }
  const database = openDatabase(path, accountMigrations);
  try {
    const result = work(database, { actor: `command:${userName()}`, clock: { nowMs: () => Date.now() } });
    await database.durable();
    return result;
  } finally {
    database.close();
  }
}

/** Times are ISO 8601 at the border. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function make(folder: string): void {
  if (existsSync(folder)) return;
  try {
    makeFolder(folder);
    // As the server makes it: accounts are nobody else's to read.
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw new PlombeError('store/unusable', `--data ${inert(folder)} cannot be made: ${messageOf(cause)}`, { cause });
  }
}

/** A container may run as a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
