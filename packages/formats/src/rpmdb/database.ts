// An rpm database of any of its three formats, told apart by content and read in memory only.
import type { ProblemSink } from '../problem.ts';
import { readHashValues } from '../bdb/hash.ts';
import { readNdbBlobs } from '../ndb/packages.ts';
import { isSqlite } from '../sqlite/pages.ts';
import { readSqliteTable } from '../sqlite/table.ts';
import { parseRpmHeader, type RpmHeader } from './header.ts';

export interface RpmDatabaseOptions {
  /** The write-ahead log beside a SQLite database (`rpmdb.sqlite-wal`), if there is one. */
  readonly wal?: Uint8Array;
  /** Told a sentence for each thing that could not be read; called while the headers are iterated. */
  readonly onProblem: ProblemSink;
}

/**
 * Yields the headers of an rpm database: Berkeley DB hash (`Packages`), NDB (`Packages.db`) or SQLite (`rpmdb.sqlite`). Never throws
 * on any bytes: what cannot be read is told to `onProblem` and the rest is yielded. Time and memory are linear in the input,
 * because no page or blob is read twice. (T13, T14: no SQL engine, no file.)
 */
export function* readRpmDatabase(bytes: Uint8Array, options: RpmDatabaseOptions): Iterable<RpmHeader> {
  for (const blob of readBlobs(bytes, options)) {
    const header = parseRpmHeader(blob);
    if (header === undefined) {
      options.onProblem('a package header is not valid');
      continue;
    }
    if (header.truncated) options.onProblem('a package header ends early');
    yield header;
  }
}

const hashMagic = 0x00061561;
const ndbMagic = 0x506d7052;

function* readBlobs(bytes: Uint8Array, { wal, onProblem }: RpmDatabaseOptions): Iterable<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isSqlite(bytes) || (bytes.length === 0 && wal !== undefined && wal.length > 0)) {
    for (const row of readSqliteTable(bytes, 'Packages', { onProblem, ...(wal && { wal }) })) {
      const blob = row.values[1];
      if (blob instanceof Uint8Array) yield blob;
      else onProblem('a row of the table Packages holds no blob');
    }
  } else if (bytes.length >= 16 && view.getUint32(0, true) === ndbMagic) {
    yield* readNdbBlobs(bytes, onProblem);
  } else if (bytes.length >= 16 && (view.getUint32(12, true) === hashMagic || view.getUint32(12) === hashMagic)) {
    yield* readHashValues(bytes, onProblem);
  } else {
    onProblem('the file is neither a Berkeley DB hash, an NDB nor a SQLite database');
  }
}
