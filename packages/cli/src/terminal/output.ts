// Where reports go: `-o FORMAT` to standard output, `-o FORMAT=FILE` to a file, written whole or not at all.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { inert, messageOf, PlombeError } from '@plombe/kit';

export interface OutputTarget {
  readonly format: string;
  /** Absent: standard output. */
  readonly path?: string;
}

/** Parses `-o` values. Throws `config/invalid` for an unknown format or two reports on standard output. */
export function parseOutputs(
  values: readonly string[],
  formats: readonly string[],
  fallback: string,
): readonly OutputTarget[] {
  const targets = (values.length === 0 ? [fallback] : values).map((value): OutputTarget => {
    const equals = value.indexOf('=');
    const format = equals < 0 ? value : value.slice(0, equals);
    const path = equals < 0 ? '' : value.slice(equals + 1);
    if (!formats.includes(format)) {
      throw new PlombeError(
        'config/invalid',
        `There is no output format ${inert(format)}. Choose from: ${formats.join(', ')}.`,
      );
    }
    if (equals >= 0 && path === '') throw new PlombeError('config/invalid', `-o ${inert(value)} names no file.`);
    return equals < 0 ? { format } : { format, path };
  });
  if (targets.filter((target) => target.path === undefined).length > 1) {
    throw new PlombeError(
      'config/invalid',
      'Only one report can go to standard output; name a file for the others: -o FORMAT=FILE.',
    );
  }
  return targets;
}

/** Pieces are joined up to this size before they are written. */
const pieceLength = 64 * 1024;

/** Writes the report; a file appears under its name only once it is whole. Throws `report/write`. */
export function writeReport(target: OutputTarget, pieces: Iterable<string>): void {
  if (target.path === undefined) {
    writePieces(1, pieces);
    return;
  }
  const temporary = `${target.path}.part`;
  try {
    const file = openSync(temporary, 'w', 0o644);
    try {
      writePieces(file, pieces);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target.path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw new PlombeError(
      'report/write',
      `The report cannot be written to ${inert(target.path)}: ${messageOf(thrown)}`,
      { cause: thrown },
    );
  }
}

function writePieces(file: number, pieces: Iterable<string>): void {
  let pending = '';
  for (const piece of pieces) {
    pending += piece;
    if (pending.length < pieceLength) continue;
    writeAll(file, pending);
    pending = '';
  }
  if (pending !== '') writeAll(file, pending);
}

/** Writes everything, also to a pipe that is full for now; a reader that went away (`| head`) ends the report silently. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at);
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === 'EPIPE' && file === 1) return;
      if (code !== 'EAGAIN') throw thrown;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}
