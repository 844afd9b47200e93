// The embedded database: SQLite in write-ahead mode, shared by the server and short-lived commands, with commits that are grouped on disk.
import { closeSync, fsync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { orUnusable } from '../blobs/failure.ts';

/** One step of a module's tables. Steps of a module run once each, in order of `version` (1, 2, …), and are never changed afterwards. */
export interface Migration {
  /** The module that owns the tables: `registry`, `accounts`, `gate`. */
  readonly module: string;
  readonly version: number;
  readonly sql: string;
}

export type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

/**
 * A database. All calls are synchronous and take tens of microseconds; only `durable` waits for the disk. They throw `store/full`, and `store/unusable`
 * where the file cannot be read or written, or another process holds it for too long.
 */
export interface Database {
  /** Returns the first row, or undefined. Statements are prepared once per text. */
  get<R = Row>(sql: string, ...values: readonly SQLInputValue[]): R | undefined;
  all<R = Row>(sql: string, ...values: readonly SQLInputValue[]): readonly R[];
  iterate<R = Row>(sql: string, ...values: readonly SQLInputValue[]): Iterable<R>;
  /** Returns how many rows changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  /** Runs `work` as one transaction that takes the write lock at once; what it throws rolls everything back. `work` is synchronous. */
  transaction<T>(work: () => T): T;
  /** Resolves once everything committed before the call is on disk. Calls at the same time share one flush. */
  durable(): Promise<void>;
  /** Changes whenever another process has committed; cheap enough to be asked before each use of something remembered. */
  dataVersion(): number;
  close(): void;
}

/** How long another process (a command that writes an account) may hold the write lock. */
const busyTimeoutMs = 10_000;

/** Opens, or creates with mode 0600, the database and brings its tables up to date. Throws `store/unusable`. */
export function openDatabase(path: string, migrations: readonly Migration[]): Database {
  let sqlite: DatabaseSync;
  try {
    closeSync(openSync(path, 'a', 0o600));
    sqlite = new DatabaseSync(path, { timeout: busyTimeoutMs });
    // NORMAL leaves the flush of the log to `durable`; a killed process loses nothing, the checksums of the log end it after a power cut.
    sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;',
    );
    migrate(sqlite, migrations);
  } catch (cause) {
    throw new PlombeError('store/unusable', `The database ${inert(path)} cannot be used: ${messageOf(cause)}`, {
      cause,
    });
  }
  // Held open: the log keeps its inode for as long as any connection is open.
  const log = openSync(`${path}-wal`, 'r');
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = sqlite.prepare(sql)));
    return statement;
  };
  const told = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw orUnusable(error, path);
    }
  };
  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      fsync(log, (failure) => (failure === null ? resolve() : reject(failure)));
    });
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let depth = 0;
  return {
    get: <R>(sql: string, ...values: readonly SQLInputValue[]) =>
      told(() => prepare(sql).get(...values) as R | undefined),
    all: <R>(sql: string, ...values: readonly SQLInputValue[]) =>
      told(() => prepare(sql).all(...values) as unknown as readonly R[]),
    iterate: function* <R>(sql: string, ...values: readonly SQLInputValue[]) {
      // The statement is this caller's alone: another may ask the same while rows of it are read.
      const rows = told(() => sqlite.prepare(sql).iterate(...values) as unknown as IterableIterator<R>);
      try {
        for (let row = told(() => rows.next()); row.done !== true; row = told(() => rows.next())) yield row.value;
      } finally {
        rows.return?.();
      }
    },
    run: (sql, ...values) => told(() => Number(prepare(sql).run(...values).changes)),
    transaction: (work) => {
      if (depth > 0) return work();
      told(() => sqlite.exec('BEGIN IMMEDIATE'));
      depth += 1;
      try {
        const result = work();
        told(() => sqlite.exec('COMMIT'));
        return result;
      } catch (thrown) {
        if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
        throw thrown;
      } finally {
        depth -= 1;
      }
    },
    durable: () => {
      // A flush that runs already may have begun before the caller's commit: wait for the one after it.
      if (running === undefined) {
        running = flush().finally(() => (running = undefined));
        return running;
      }
      next ??= running.then(
        () => start(),
        () => start(),
      );
      return next;
    },
    dataVersion: () => Number(prepare('PRAGMA data_version').get()?.['data_version'] ?? 0),
    close: () => {
      sqlite.close();
      closeSync(log);
    },
  };

  function start(): Promise<void> {
    next = undefined;
    running = flush().finally(() => (running = undefined));
    return running;
  }
}

function migrate(sqlite: DatabaseSync, migrations: readonly Migration[]): void {
  sqlite.exec('BEGIN IMMEDIATE');
  sqlite.exec(
    'CREATE TABLE IF NOT EXISTS migrations (module TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (module, version)) STRICT',
  );
  const done = sqlite.prepare('SELECT 1 FROM migrations WHERE module = ? AND version = ?');
  const note = sqlite.prepare('INSERT INTO migrations (module, version) VALUES (?, ?)');
  for (const { module, version, sql } of migrations.toSorted((a, b) => a.version - b.version)) {
    if (done.get(module, version) !== undefined) continue;
    sqlite.exec(sql);
    note.run(module, version);
  }
  sqlite.exec('COMMIT');
}
