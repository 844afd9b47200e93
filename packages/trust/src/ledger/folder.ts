// A ledger in a folder: temporary file, fsync, rename, fsync of the folder; and SQLite's file lock for the one writer.
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inert, makeFolder, messageOf, PlombeError } from '@plombe/kit';
import type { LedgerStore, StoredFile } from './store.ts';

/** Name of the lock file. Nothing but SQLite may open it: POSIX locks of a process end when it closes any handle of the file. */
const lockName = 'lock';

/** Open handles for reading ranges; two are in use at a time, the index and a segment of the journal. */
const maxHandles = 8;

interface Handle {
  readonly file: number;
  readonly inode: number;
}

/** Returns the store of a folder. Failing I/O throws `source/unreadable`. */
export function folderStore(root: string): LedgerStore {
  const handles = new Map<string, Handle>();
  const at = (path: string): string => join(root, path);
  /** Inode of the lock, while this store has it. */
  let held: number | undefined;

  /** A folder that was moved, or whose volume is gone, would begin again here without all that was in it. */
  const requirePlace = (): void => {
    if (held === undefined || held === inodeOf(at(lockName))) return;
    throw new Error('the folder was moved or replaced while it was being written');
  };

  /** Kept open for the next range, unless another file has taken the name meanwhile. */
  const handle = (path: string): number | undefined => {
    const now = statSync(at(path), { throwIfNoEntry: false });
    const known = handles.get(path);
    if (known !== undefined && known.inode === now?.ino) return known.file;
    const [name, oldest] = known === undefined ? ([...handles][0] ?? []) : [path, known];
    if (name !== undefined && oldest !== undefined && (known !== undefined || handles.size >= maxHandles)) {
      closeSync(oldest.file);
      handles.delete(name);
    }
    const file = now === undefined ? undefined : orAbsent(() => openSync(at(path), 'r'));
    if (file !== undefined) handles.set(path, { file, inode: fstatSync(file).ino });
    return file;
  };

  return {
    name: inert(root),
    read: (path) => wrap(root, () => orAbsent(() => readFileSync(at(path)))),
    readRange: (path, offset, length) =>
      wrap(root, () => {
        const file = handle(path);
        return file === undefined ? Buffer.alloc(0) : readAt(file, offset, length);
      }),
    sizeOf: (path) => wrap(root, () => statSync(at(path), { throwIfNoEntry: false })?.size ?? 0),
    write: (files) =>
      wrap(root, () => {
        requirePlace();
        writeFiles(files.map((file) => ({ ...file, path: at(file.path) })));
      }),
    append: (path, offset, bytes) =>
      wrap(root, () => {
        requirePlace();
        const isNew = statSync(at(path), { throwIfNoEntry: false }) === undefined;
        if (isNew) makeDurable(dirname(at(path)));
        const file = openSync(at(path), constants.O_RDWR | constants.O_CREAT, 0o644);
        try {
          if (fstatSync(file).size > offset) ftruncateSync(file, offset);
          writeAt(file, bytes, offset);
          fdatasyncSync(file);
        } finally {
          closeSync(file);
        }
        if (isNew) syncFolder(dirname(at(path)));
      }),
    remove: (paths) =>
      wrap(root, () => {
        for (const path of paths) rmSync(at(path), { force: true });
      }),
    list: (folder) =>
      wrap(root, () =>
        (orAbsent(() => readdirSync(at(folder), { recursive: true, withFileTypes: true })) ?? [])
          .filter((entry) => !entry.isDirectory())
          .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
          .sort(),
      ),
    lock: () =>
      wrap(root, () => {
        const release = takeLock(root);
        held = inodeOf(at(lockName));
        return () => {
          held = undefined;
          release();
        };
      }),
  };
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function takeLock(root: string): () => void {
  makeDurable(root);
  const database = new DatabaseSync(join(root, lockName), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (thrown) {
    database.close();
    throw new PlombeError('ledger/locked', `The ledger ${inert(root)} is being written by another process.`, {
      cause: thrown,
      retryable: true,
    });
  }
  return () => database.close();
}

function wrap<T>(root: string, action: () => T): Promise<T> {
  try {
    return Promise.resolve(action());
  } catch (thrown) {
    if (thrown instanceof PlombeError) return Promise.reject(thrown);
    const message = `The ledger ${inert(root)} cannot be read or written: ${messageOf(thrown)}`;
    return Promise.reject(new PlombeError('source/unreadable', message, { cause: thrown }));
  }
}

function orAbsent<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw thrown;
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, offset + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}

function writeAt(file: number, bytes: Uint8Array, offset: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(file, bytes, written, bytes.length - written, offset + written);
  }
}

/** All temporary files first, then all names, then each folder once: a batch costs one pass of the disk's cache per file and folder. */
function writeFiles(files: readonly StoredFile[]): void {
  for (const { path, bytes, secret } of files) {
    makeDurable(dirname(path));
    const file = openSync(`${path}.part`, 'w', secret === true ? 0o600 : 0o644);
    try {
      writeAt(file, bytes, 0);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  for (const { path } of files) renameSync(`${path}.part`, path);
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) syncFolder(folder);
}

/** Makes a folder; new ones are in their parents for good before anything is put into them. */
function makeDurable(folder: string): void {
  const missing: string[] = [];
  for (let path = folder; statSync(path, { throwIfNoEntry: false }) === undefined; path = dirname(path))
    missing.push(path);
  if (missing.length === 0) return;
  makeFolder(folder);
  for (const path of missing) syncFolder(dirname(path));
}

function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
